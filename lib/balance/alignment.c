#include "balance/alignment.h"

#include <string.h>

/*
 * A delay is that of the charger's readings less that of the meter: the car's current in a telegram
 * of time t is the one that was read at t + delay.
 */
enum {
	NEXT = 1000,        /* ms to the next reading, which counts between two */
	MOVES = 1000,       /* mA: less is no movement to learn from */
	CAP = 8000,         /* mA that one telegram can add to a score */
	REFUTED = 9000,     /* mA above the best score: more than one telegram adds */
	WORST = 40000,      /* mA: no score is further above the best one */
	FADE = 64,          /* each movement fades the past by this part */
	CONTRADICTS = 9000, /* mA by which readings explain less than a car that stands still */
	AGREES = 2000,
};

const uint8_t alignment_orders[ALIGNMENT_ORDERS][BALANCE_PHASES] = {
	{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

static bool possible(int order, int phases, int32_t given)
{
	const uint8_t *grid = alignment_orders[order];

	if (given)
		return given == 100 * (grid[0] + 1) + 10 * (grid[1] + 1) + grid[2] + 1;
	for (int i = phases; i < BALANCE_PHASES; i++)
		if (grid[i] != i)
			return false;
	return true;
}

static void find_places(struct alignment *a)
{
	memset(a->places, 0, sizeof a->places);
	for (int order = 0; order < ALIGNMENT_ORDERS; order++)
		for (int i = 0; a->orders & 1u << order && i < BALANCE_PHASES; i++)
			a->places[i] |= (uint8_t)(1u << alignment_orders[order][i]);
}

void alignment_start(struct alignment *a, int phases, int32_t order)
{
	*a = (struct alignment){
		.earliest = -ALIGNMENT_MOST, .latest = ALIGNMENT_MOST, .believed = true};
	for (int i = 0; i < ALIGNMENT_ORDERS; i++)
		if (possible(i, phases, order))
			a->allowed |= 1u << i;
	a->orders = a->allowed;
	find_places(a);
}

static int32_t capped(int64_t current)
{
	int64_t size = current < 0 ? -current : current;

	return size < CAP ? (int32_t)size : CAP;
}

static bool moves(const struct history *car, int64_t from, int64_t to)
{
	struct current_span spans[BALANCE_PHASES] = {SPAN_NONE, SPAN_NONE, SPAN_NONE};

	history_widen(car, from, to, spans);
	for (int i = 0; i < BALANCE_PHASES; i++)
		if ((int64_t)spans[i].most - spans[i].least >= MOVES)
			return true;
	return false;
}

static void add(int32_t *score, int32_t left)
{
	*score += left - *score / FADE;
}

/* Scores of the orders at a delay: `car` is what the car moved, `still` what stays if it did not. */
static void judge_delay(const struct alignment *a, int32_t *scores, const int32_t *grid,
                        const int32_t *car, int32_t still)
{
	int32_t left[BALANCE_PHASES]
		    [BALANCE_PHASES]; /* of the car's phases, on those of the grid */
	bool moved = car[0] || car[1] || car[2];

	for (int i = 0; moved && i < BALANCE_PHASES; i++)
		for (int phase = 0; phase < BALANCE_PHASES; phase++)
			left[i][phase] = capped((int64_t)grid[phase] - car[i]);
	for (int order = 0; order < ALIGNMENT_ORDERS; order++) {
		const uint8_t *on = alignment_orders[order];

		if (a->allowed & 1u << order)
			add(&scores[order],
			    moved ? capped(left[0][on[0]] + left[1][on[1]] + left[2][on[2]])
			          : still);
	}
}

/* What each guess leaves of the movement between two telegrams. */
static void judge_pair(struct alignment *a, const struct history_sample *from,
                       const struct history_sample *to, const struct history *car)
{
	int32_t before[ALIGNMENT_DELAYS][BALANCE_PHASES], after[ALIGNMENT_DELAYS][BALANCE_PHASES];
	int32_t grid[BALANCE_PHASES], still = 0;

	history_each_second(car, from->time + ALIGNMENT_MOST * 1000, ALIGNMENT_DELAYS, before);
	history_each_second(car, to->time + ALIGNMENT_MOST * 1000, ALIGNMENT_DELAYS, after);
	for (int i = 0; i < BALANCE_PHASES; i++) {
		grid[i] = to->currents[i] - from->currents[i];
		still += capped(grid[i]);
	}
	still = capped(still);
	add(&a->still, still);
	for (int delay = 0; delay < ALIGNMENT_DELAYS; delay++) {
		for (int i = 0; i < BALANCE_PHASES; i++)
			after[delay][i] -= before[delay][i];
		judge_delay(a, a->scores[delay], grid, after[delay], still);
	}
}

struct guess {
	int order, delay;
	int32_t score;
};

static struct guess best_guess(const struct alignment *a)
{
	struct guess best = {.score = INT32_MAX};

	for (int order = 0; order < ALIGNMENT_ORDERS; order++)
		for (int delay = 0; (a->allowed & 1u << order) && delay < ALIGNMENT_DELAYS; delay++)
			if (a->scores[delay][order] < best.score)
				best = (struct guess){order, delay, a->scores[delay][order]};
	return best;
}

static void keep(struct alignment *a, int order, int delay)
{
	int seconds = delay - ALIGNMENT_MOST;

	a->orders |= 1u << order;
	a->earliest = seconds < a->earliest ? seconds : a->earliest;
	a->latest = seconds > a->latest ? seconds : a->latest;
}

static bool is_kept(const struct alignment *a, int order, int delay)
{
	int seconds = delay - ALIGNMENT_MOST;

	return (a->orders & 1u << order) && seconds >= a->earliest && seconds <= a->latest;
}

/*
 * Keeps the guesses that are about as good as the best one. What was refuted once stays so as long as
 * the best guess was not: a load of the house that moves together with the car makes all guesses bad.
 */
static void conclude(struct alignment *a)
{
	const struct alignment before = {
		.orders = a->orders, .earliest = a->earliest, .latest = a->latest};
	const struct guess best = best_guess(a);
	bool lasts = is_kept(&before, best.order, best.delay);

	a->orders = 0;
	a->earliest = ALIGNMENT_MOST;
	a->latest = -ALIGNMENT_MOST;
	for (int order = 0; order < ALIGNMENT_ORDERS; order++) {
		for (int delay = 0; (a->allowed & 1u << order) && delay < ALIGNMENT_DELAYS;
		     delay++) {
			int32_t *score = &a->scores[delay][order];

			*score = *score > best.score + WORST ? best.score + WORST : *score;
			if (*score <= best.score + REFUTED &&
			    (!lasts || is_kept(&before, order, delay)))
				keep(a, order, delay);
		}
	}
	find_places(a);
	a->still = a->still > best.score + WORST ? best.score + WORST : a->still;
	a->believed = best.score <= a->still + (a->believed ? CONTRADICTS : AGREES);
}

void alignment_judge(struct alignment *a, const struct history *grid, const struct history *car)
{
	const struct history_sample *last = history_back(grid, 0), *read = history_back(car, 0);
	uint32_t back = grid->count - a->judged;
	bool learnt = false;
	int64_t ready;

	if (!last || !read)
		return;
	ready = (last->time < read->time ? last->time : read->time) - ALIGNMENT_MOST * 1000;
	for (back = back < HISTORY_SAMPLES ? back : HISTORY_SAMPLES - 1; back-- > 0;
	     a->judged = grid->count - back) {
		const struct history_sample *to = history_back(grid, back);
		const struct history_sample *from = history_back(grid, back + 1);

		if (to->time > ready)
			break;
		if (!from || !moves(car, from->time - ALIGNMENT_MOST * 1000,
		                    to->time + ALIGNMENT_MOST * 1000 + NEXT))
			continue;
		judge_pair(a, from, to, car);
		learnt = true;
	}
	if (learnt)
		conclude(a);
}
