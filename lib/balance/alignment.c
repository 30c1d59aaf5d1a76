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
	*a = (struct alignment){.earliest = -ALIGNMENT_MOST,
	                        .latest = ALIGNMENT_MOST,
	                        .believed = true,
	                        .alike = true};
	for (int i = 0; i < ALIGNMENT_ORDERS; i++)
		if (possible(i, phases, order))
			a->allowed |= 1u << i;
	a->orders = a->allowed;
	find_places(a);
}

static int32_t least_of(int32_t a, int32_t b)
{
	return a < b ? a : b;
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

/* What a guess leaves of the movement between two telegrams. */
struct rest {
	int32_t still; /* if the car does not move */
	bool alike;    /* as in struct alignment */
	int32_t orders[ALIGNMENT_ORDERS][ALIGNMENT_SCORES];
};

/* A car that moves by that much on all phases leaves the same, whatever the order. */
static void move_alike(struct rest *rest, int delay, const int32_t *grid, int32_t car)
{
	int32_t left = 0;

	for (int phase = 0; phase < BALANCE_PHASES; phase++)
		left += capped((int64_t)grid[phase] - car);
	rest->orders[0][delay] = capped(left);
}

/* A delay by which the car moves so much. */
static void move(struct rest *rest, int delay, const int32_t *grid, const int32_t *car)
{
	int32_t left[BALANCE_PHASES][BALANCE_PHASES]; /* [n][p]: car's phase n on the grid's p */

	for (int i = 0; i < BALANCE_PHASES; i++)
		for (int phase = 0; phase < BALANCE_PHASES; phase++)
			left[i][phase] = capped((int64_t)grid[phase] - car[i]);
	for (int order = 0; order < ALIGNMENT_ORDERS; order++) {
		const uint8_t *on = alignment_orders[order];

		rest->orders[order][delay] = capped(left[0][on[0]] + left[1][on[1]] +
		                                    left[2][on[2]]);
	}
}

/* How the car moved between two telegrams, for each delay. Returns whether on all phases alike. */
static bool find_moves(const struct history *car, int64_t from, int64_t to,
                       int32_t moved[][BALANCE_PHASES])
{
	int32_t currents[ALIGNMENT_DELAYS + 1][BALANCE_PHASES];
	int32_t before[ALIGNMENT_DELAYS][BALANCE_PHASES];
	int32_t(*old)[BALANCE_PHASES] = currents, (*new)[BALANCE_PHASES] = currents + 1;
	bool alike = true;

	history_each_second(car, to + ALIGNMENT_MOST * 1000, ALIGNMENT_DELAYS + 1, currents);
	if (to - from != 1000) {
		history_each_second(car, from + ALIGNMENT_MOST * 1000, ALIGNMENT_DELAYS, before);
		old = before;
	}
	for (int delay = 0; delay < ALIGNMENT_DELAYS; delay++) {
		int32_t *m = moved[delay];

		for (int i = 0; i < BALANCE_PHASES; i++)
			m[i] = new[delay][i] - old[delay][i];
		alike = alike && m[0] == m[1] && m[1] == m[2];
	}
	return alike;
}

static void find_rest(struct rest *rest, const struct history_sample *from,
                      const struct history_sample *to, const struct history *car)
{
	int32_t moved[ALIGNMENT_DELAYS][BALANCE_PHASES];
	int32_t grid[BALANCE_PHASES], still = 0;

	for (int i = 0; i < BALANCE_PHASES; i++) {
		grid[i] = to->currents[i] - from->currents[i];
		still += capped(grid[i]);
	}
	rest->still = capped(still);
	rest->alike = find_moves(car, from->time, to->time, moved);
	for (int order = 0; order < (rest->alike ? 1 : ALIGNMENT_ORDERS); order++) {
		for (int delay = 0; delay < ALIGNMENT_SCORES; delay++)
			rest->orders[order][delay] = rest->still;
		rest->orders[order][ALIGNMENT_DELAYS] = CAP;
	}
	for (int delay = 0; delay < ALIGNMENT_DELAYS; delay++) {
		const int32_t *m = moved[delay];

		if (rest->alike && m[0])
			move_alike(rest, delay, grid, m[0]);
		else if (m[0] || m[1] || m[2])
			move(rest, delay, grid, m);
	}
}

static int32_t faded(int32_t score, int32_t left)
{
	return score + left - score / FADE;
}

/* The first score of a row counts for all orders until a movement tells them apart. */
static void tell_apart(struct alignment *a)
{
	for (int order = 1; a->alike && order < ALIGNMENT_ORDERS; order++)
		memcpy(a->scores[order], a->scores[0], sizeof a->scores[0]);
	a->alike = false;
}

/* How many orders have scores of their own. */
static int rows(const struct alignment *a)
{
	return a->alike ? 1 : ALIGNMENT_ORDERS;
}

static void judge_pair(struct alignment *a, const struct history_sample *from,
                       const struct history_sample *to, const struct history *car)
{
	struct rest rest;

	find_rest(&rest, from, to, car);
	if (!rest.alike)
		tell_apart(a);
	a->still = faded(a->still, rest.still);
	for (int order = 0; order < rows(a); order++) {
		const int32_t *left = rest.orders[rest.alike ? 0 : order];

		for (int delay = 0; delay < ALIGNMENT_SCORES; delay++)
			a->scores[order][delay] = faded(a->scores[order][delay], left[delay]);
	}
}

/* Of those orders the ones to look at: the first one alone, if all have the same scores. */
static uint32_t telling(const struct alignment *a, uint32_t orders)
{
	return a->alike ? orders & -orders : orders;
}

static const int32_t *scores_of(const struct alignment *a, int order)
{
	return a->scores[a->alike ? 0 : order];
}

/* The lowest score of the possible orders. */
static int32_t best_score(const struct alignment *a)
{
	uint32_t orders = telling(a, a->allowed);
	int32_t best = INT32_MAX;

	for (int order = 0; order < ALIGNMENT_ORDERS; order++)
		for (int delay = 0; (orders & 1u << order) && delay < ALIGNMENT_SCORES; delay++)
			best = least_of(best, scores_of(a, order)[delay]);
	return best;
}

/* The guesses that are not refuted. */
struct kept {
	uint32_t orders;
	int earliest, latest;
};

static bool is_kept(const struct kept *kept, int order, int delay)
{
	int seconds = delay - ALIGNMENT_MOST;

	return (kept->orders & 1u << order) && seconds >= kept->earliest && seconds <= kept->latest;
}

/* Whether the first of the best guesses is kept. */
static bool keeps_best(const struct kept *kept, const struct alignment *a, int32_t best)
{
	uint32_t orders = telling(a, a->allowed);

	for (int order = 0; order < ALIGNMENT_ORDERS; order++)
		for (int delay = 0; (orders & 1u << order) && delay < ALIGNMENT_DELAYS; delay++)
			if (scores_of(a, order)[delay] == best)
				return is_kept(kept, order, delay);
	return false;
}

/* Keeps those of the guesses that are about as good as the best one. */
static void keep_good(struct alignment *a, const struct kept *of, int32_t best)
{
	uint32_t orders = telling(a, of->orders), kept = 0;

	a->earliest = ALIGNMENT_MOST;
	a->latest = -ALIGNMENT_MOST;
	for (int order = 0; order < ALIGNMENT_ORDERS; order++) {
		for (int s = of->earliest; (orders & 1u << order) && s <= of->latest; s++) {
			if (scores_of(a, order)[s + ALIGNMENT_MOST] > best + REFUTED)
				continue;
			kept |= 1u << order;
			a->earliest = s < a->earliest ? s : a->earliest;
			a->latest = s > a->latest ? s : a->latest;
		}
	}
	kept = a->alike && kept ? of->orders : kept;
	if (kept == a->orders)
		return;
	a->orders = kept;
	find_places(a);
}

/*
 * What was refuted once stays so as long as the best guess was not: a load of the house that moves
 * together with the car makes all guesses bad.
 */
static void conclude(struct alignment *a)
{
	const struct kept all = {a->allowed, -ALIGNMENT_MOST, ALIGNMENT_MOST};
	const struct kept before = {a->orders, a->earliest, a->latest};
	int32_t best = best_score(a);

	keep_good(a, keeps_best(&before, a, best) ? &before : &all, best);
	for (int order = 0; order < rows(a); order++)
		for (int delay = 0; delay < ALIGNMENT_SCORES; delay++)
			a->scores[order][delay] = least_of(a->scores[order][delay], best + WORST);
	a->still = least_of(a->still, best + WORST);
	a->believed = best <= a->still + (a->believed ? CONTRADICTS : AGREES);
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
		const struct history_sample *to = history_held(grid, back);
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
