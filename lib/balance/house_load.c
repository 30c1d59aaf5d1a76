#include "balance/house_load.h"

#include <string.h>

#include "balance/input.h"

enum {
	RESPONSE = 3000, /* ms in which a car begins to follow a new limit */
	FOLLOWS = 3000,  /* ms in which a car has followed a new limit */
	CALM = 22000,    /* ms after a movement: all samples of it are judged, whatever is late */
	MOVED = 500,     /* mA: less is no movement of the car */
	HALF = 500,      /* ms: delays are known to the second */
	UNCERTAIN = 6,   /* s between possible delays: nothing is learnt yet */
	YOUNG = 2,       /* s */
	NEAR = 2000,     /* mA below its limit: a car that does not use more keeps itself down */
	OPEN = ALIGNMENT_MOST + 2, /* telegrams that are judged anew at most */
	SOON = 500,                /* ms: a reading is about as new as the telegram */
};

void house_load_start(struct house_load *h, int32_t phases, int32_t order)
{
	alignment_start(&h->alignment, phases, order);
	history_start(&h->grid);
	history_start(&h->car);
	history_start(&h->limits);
	h->phases = phases;
	h->order = order;
	h->moved = 0;
	h->measured = h->known = h->beyond = h->plain = false;
	memset(h->anchor, 0, sizeof h->anchor);
	h->open = 0;
	memset(h->loads, 0, sizeof h->loads);
	memset(h->settled, 0, sizeof h->settled);
}

enum { LIMIT_LEAST, LIMIT_MOST };

void house_load_limit(struct house_load *h, int64_t now, int32_t decided, int32_t in_force)
{
	const struct history_sample *last = history_back(&h->limits, 0);
	const int32_t limits[BALANCE_PHASES] = {
		[LIMIT_LEAST] = decided < in_force ? decided : in_force,
		[LIMIT_MOST] = decided > in_force ? decided : in_force,
	};

	if (last && !memcmp(last->currents, limits, sizeof limits))
		return;
	h->moved = now;
	history_add(&h->limits, now, limits);
}

/* What may have been in force between two times; SPAN_NONE: nothing is known. */
static struct current_span limits_in(const struct house_load *h, int64_t from, int64_t to)
{
	struct current_span spans[BALANCE_PHASES] = {SPAN_NONE, SPAN_NONE, SPAN_NONE};

	history_widen(&h->limits, from, to, spans);
	return (struct current_span){spans[LIMIT_LEAST].least, spans[LIMIT_MOST].most};
}

/* The greatest limit that was in force since `from`; INT32_MAX: none is known. */
static int32_t limit_most(const struct house_load *h, int64_t from, int64_t to)
{
	const struct history_sample *last = history_back(&h->limits, 0);

	if (!last)
		return INT32_MAX;
	return last->time <= from ? last->currents[LIMIT_MOST] : limits_in(h, from, to).most;
}

static int32_t least_of(int32_t a, int32_t b)
{
	return a < b ? a : b;
}

static int32_t greatest_of(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

/* A current that is above a limit by more than a charger may tell is not used: the limit is. */
static int32_t bounded(int32_t current, int32_t most)
{
	return current > car_most_at(most) ? most : current;
}

/* Whether a charger tells more than any limit of the last seconds permits. */
static bool is_beyond(const struct house_load *h, int64_t now, const int32_t *car)
{
	const struct history_sample *last = history_back(&h->limits, 0);
	int32_t told = greatest_of(greatest_of(car[0], car[1]), car[2]);

	if (!last || (last->time <= now && told <= last->currents[LIMIT_MOST]))
		return false;
	return told > car_most_at(limit_most(h, now - ALIGNMENT_MOST * 1000 - RESPONSE, now));
}

void house_load_car(struct house_load *h, int64_t now, const int32_t *car)
{
	h->measured = car != NULL;
	h->beyond = car && is_beyond(h, now, car);
	if (!car)
		return;
	history_add(&h->car, now, car);
	for (int i = 0; i < BALANCE_PHASES; i++) {
		if (car[i] - h->anchor[i] > MOVED || h->anchor[i] - car[i] > MOVED) {
			memcpy(h->anchor, car, sizeof h->anchor);
			h->moved = now;
		}
	}
}

bool house_load_believes(const struct house_load *h)
{
	return h->alignment.believed && !h->beyond;
}

bool house_load_sees(const struct house_load *h)
{
	return h->measured && house_load_believes(h);
}

bool house_load_calm(const struct house_load *h, int64_t now)
{
	return now - h->moved > CALM;
}

bool house_load_steady(const struct house_load *h)
{
	const struct history_sample *last = history_back(&h->grid, 0);

	return h->plain || (last && !house_load_sees(h) && house_load_calm(h, last->time));
}

static bool uncertain(const struct alignment *a)
{
	return a->latest - a->earliest > UNCERTAIN;
}

bool house_load_learnt(const struct house_load *h)
{
	return house_load_sees(h) && !uncertain(&h->alignment);
}

/*
 * What is not known is not taken for an excuse: a current of the car that would explain a telegram
 * must not be older than a few seconds, until the meter is known to be late.
 */
static int earliest(const struct alignment *a)
{
	return uncertain(a) && a->earliest < -YOUNG ? -YOUNG : a->earliest;
}

/*
 * A new limit moves a car down to it. When it permits more than before it moves the car up, if the
 * old one was what kept the car down.
 */
static void widen_by_limit(const struct history_sample *limit, const struct history_sample *before,
                           int32_t reading, struct current_span *span)
{
	int32_t least = limit->currents[LIMIT_LEAST], most = limit->currents[LIMIT_MOST];
	bool rises = !before || ((least > before->currents[LIMIT_LEAST] ||
	                          most > before->currents[LIMIT_MOST]) &&
	                         reading >= before->currents[LIMIT_LEAST] - NEAR);

	if (least < span->least)
		span->least = least;
	if (most > span->most && rises)
		span->most = most;
}

/*
 * Since the newest reading the car may have moved towards the limit, and to each limit that was in
 * force since then.
 */
static void widen_by_limits(const struct house_load *h, int phase, int64_t at,
                            struct current_span *span)
{
	int late = h->alignment.latest;
	const struct history_sample *read = history_held(&h->car, 0), *limit;
	int64_t shown = read->time - (late > 0 ? late : 0) * 1000;

	if (at + late * 1000 <= read->time + SOON)
		return;
	for (uint32_t back = 0; (limit = history_back(&h->limits, back)) != NULL; back++) {
		if (limit->time <= shown - 2 * RESPONSE)
			return;
		widen_by_limit(limit, history_back(&h->limits, back + 1), read->currents[phase],
		               span);
	}
}

/* Whether the car, which draws on other phases, does not on this one. */
static bool is_spared(const int32_t *car, int phase)
{
	return car[phase] < MOVED && car_charges(car);
}

/* Between which currents the car was on the charger's phases in a telegram. */
static void measured_spans(const struct house_load *h, int64_t at, struct current_span *spans)
{
	const struct alignment *a = &h->alignment;
	const struct history_sample *limit = history_back(&h->limits, 0);
	int64_t from = at + earliest(a) * 1000 - HALF, to = at + a->latest * 1000 + HALF;
	const int32_t *now = history_held(&h->car, 0)->currents;

	if (house_load_calm(h, at)) {
		for (int i = 0; i < BALANCE_PHASES; i++)
			spans[i] = (struct current_span){now[i], now[i]};
		return;
	}
	history_cover(&h->car, from, to, spans);
	for (int i = 0; limit && i < BALANCE_PHASES; i++) {
		if (!is_spared(now, i))
			widen_by_limits(h, i, at, &spans[i]);
		if (limit->currents[LIMIT_LEAST] < spans[i].least)
			spans[i].least = limit->currents[LIMIT_LEAST];
	}
}

/* A car that nobody measures, or whose charger is not believed, draws its limit. */
static void assumed_spans(const struct house_load *h, int64_t at, struct current_span *spans)
{
	struct current_span span = limits_in(h, at - FOLLOWS, INT64_MAX);

	for (int i = 0; i < BALANCE_PHASES; i++)
		spans[i] = span.most == INT32_MIN ? (struct current_span){0, 0} : span;
}

static void car_spans(const struct house_load *h, int64_t at, struct current_span *spans)
{
	int32_t most = limit_most(h, at - ALIGNMENT_MOST * 1000 - RESPONSE, INT64_MAX);

	if (house_load_sees(h))
		measured_spans(h, at, spans);
	else
		assumed_spans(h, at, spans);
	for (int i = 0; i < BALANCE_PHASES; i++) {
		spans[i].most = bounded(spans[i].most, most);
		spans[i].least = least_of(spans[i].least, spans[i].most);
	}
}

static int32_t within(int32_t value, int32_t least, int32_t most)
{
	return value < least ? least : value > most ? most : value;
}

/* In the first telegram there is no load to keep: the reading counts, not the limit set since then. */
static void first_spans(const struct house_load *h, int64_t at, struct current_span *spans)
{
	int32_t read[BALANCE_PHASES];

	history_at(&h->car, at, read);
	for (int i = 0; i < BALANCE_PHASES; i++)
		spans[i].least = spans[i].most = house_load_sees(h) ? read[i] : spans[i].least;
}

static int32_t most_of(const struct current_span *spans)
{
	int32_t most = 0;

	for (int i = 0; i < BALANCE_PHASES; i++)
		most = greatest_of(most, spans[i].most);
	return most;
}

/* Moves each guess of the load no further than a telegram asks for. */
static void narrow(struct house_load *h, int32_t loads[][BALANCE_PHASES], bool known,
                   const struct history_sample *telegram)
{
	const int32_t *grid = telegram->currents;
	struct current_span spans[BALANCE_PHASES] = {SPAN_NONE, SPAN_NONE, SPAN_NONE};

	car_spans(h, telegram->time, spans);
	h->car_most = most_of(spans);
	if (!known)
		first_spans(h, telegram->time, spans);
	for (int i = 0; i < BALANCE_PHASES; i++)
		for (int phase = 0; phase < BALANCE_PHASES; phase++)
			loads[i][phase] = within(loads[i][phase], grid[phase] - spans[i].most,
			                         grid[phase] - spans[i].least);
}

/* Whether no later reading can tell more about what the car drew in a telegram of that time. */
static bool is_settled(const struct house_load *h, int64_t at)
{
	return house_load_calm(h, at) ||
	       at + h->alignment.latest * 1000 + HALF <= history_held(&h->car, 0)->time;
}

/* Settles the telegrams that have all their readings, or all but the last one when there are none. */
static void settle(struct house_load *h, bool any)
{
	h->open = h->open < OPEN ? h->open : OPEN;
	if (any && !house_load_sees(h)) {
		memcpy(h->settled, h->loads, sizeof h->settled);
		h->known = true;
		h->open = 1;
	}
	for (; h->open > 1 && is_settled(h, history_held(&h->grid, h->open - 1)->time); h->open--) {
		narrow(h, h->settled, h->known, history_held(&h->grid, h->open - 1));
		h->known = true;
	}
}

/* Whether the next telegram is one of a steady car, like the last one. */
static bool is_plain(const struct house_load *h, const struct history_sample *last, int64_t at)
{
	return last && last->time < at && h->known && h->open == 1 && house_load_sees(h) &&
	       house_load_calm(h, last->time);
}

/* The telegram of a steady car tells the load, whatever it was before. */
static void take_plain(struct house_load *h)
{
	const int32_t *car = history_held(&h->car, 0)->currents;
	int32_t most = limit_most(h, INT64_MAX, INT64_MAX);

	h->plain = true;
	h->car_most = 0;
	for (int i = 0; i < BALANCE_PHASES; i++) {
		h->drawn[i] = car[i] > most ? bounded(car[i], most) : car[i];
		h->car_most = greatest_of(h->car_most, h->drawn[i]);
	}
}

/* The load of the house on a grid phase, if the charger's phase n hangs there. */
static int32_t load_on(const struct house_load *h, int n, int phase)
{
	return h->plain ? history_held(&h->grid, 0)->currents[phase] - h->drawn[n]
	                : h->loads[n][phase];
}

/* What plain telegrams left to be told: the loads in the last one, and before it. */
static void unfold(struct house_load *h)
{
	const struct history_sample *before = history_back(&h->grid, 1);

	for (int i = 0; h->plain && i < BALANCE_PHASES; i++) {
		for (int phase = 0; phase < BALANCE_PHASES; phase++) {
			h->loads[i][phase] = load_on(h, i, phase);
			if (before)
				h->settled[i][phase] = before->currents[phase] - h->drawn[i];
		}
	}
	h->plain = false;
}

/*
 * A telegram may come before the readings that belong to it. So the loads of the telegrams that have
 * all of theirs are kept, and the later telegrams are judged anew each time.
 */
void house_load_grid(struct house_load *h, int64_t at, const int32_t grid[BALANCE_PHASES])
{
	bool plain = is_plain(h, history_back(&h->grid, 0), at);
	uint32_t count = h->grid.count;

	if (!plain)
		unfold(h);
	history_add(&h->grid, at, grid);
	if (plain) {
		take_plain(h);
		return;
	}
	h->open += h->grid.count - count; /* 0 when it replaces the last one */
	if (!house_load_calm(h, at))
		alignment_judge(&h->alignment, &h->grid, &h->car);
	settle(h, count > 0);
	memcpy(h->loads, h->settled, sizeof h->loads);
	for (uint32_t back = h->open; back-- > 0;)
		narrow(h, h->loads, h->known || back < h->open - 1, history_held(&h->grid, back));
}

/* The highest of those phases' currents; INT32_MIN: none. */
static int32_t highest(const int32_t *currents, unsigned phases)
{
	int32_t most = INT32_MIN;

	for (int phase = 0; phase < BALANCE_PHASES; phase++)
		if (phases & 1u << phase && currents[phase] > most)
			most = currents[phase];
	return most;
}

/* INT32_MIN: the car uses no phase that is measured. */
static int32_t worst_used(const struct house_load *h, const bool *used)
{
	const int32_t *grid = h->plain ? history_held(&h->grid, 0)->currents : NULL;
	unsigned measured = (1u << h->phases) - 1, seen = 0;
	int32_t worst = INT32_MIN, drawn = 0;

	for (int i = 0; i < BALANCE_PHASES; i++) {
		unsigned places = used[i] ? h->alignment.places[i] & measured : 0;

		if (!places || (grid && places == seen && h->drawn[i] >= drawn))
			continue; /* like the one before it, which the car leaves more alone */
		seen = places;
		drawn = grid ? h->drawn[i] : 0;
		worst = greatest_of(worst, highest(grid ? grid : h->loads[i], places) - drawn);
	}
	return worst;
}

int32_t house_load_worst(const struct house_load *h, const bool used[BALANCE_PHASES])
{
	static const bool all[BALANCE_PHASES] = {true, true, true};
	int32_t worst = worst_used(h, used);

	return worst == INT32_MIN ? worst_used(h, all) : worst;
}

/* What the charger tells even when it is not believed, unless that is nothing. */
static int32_t told_most(const struct house_load *h)
{
	const struct history_sample *read = h->measured ? history_back(&h->car, 0) : NULL;
	int32_t most = 0;

	for (int i = 0; read && i < BALANCE_PHASES; i++)
		most = read->currents[i] > most ? read->currents[i] : most;
	return most < MOVED || house_load_believes(h) ? INT32_MAX : most;
}

int32_t house_load_car_most(const struct house_load *h, int64_t now)
{
	int seconds = h->alignment.earliest;
	int64_t late = seconds < 0 && !uncertain(&h->alignment) ? -seconds : 0;
	int32_t most = limit_most(h, now - late * 1000 - FOLLOWS, now), told = told_most(h);

	most = most < h->car_most ? most : h->car_most;
	return told < most ? told : most;
}

int32_t house_load_order(const struct house_load *h)
{
	for (int i = 0; i < ALIGNMENT_ORDERS; i++) {
		const uint8_t *grid = alignment_orders[i];

		if (h->alignment.orders == 1u << i)
			return 100 * (grid[0] + 1) + 10 * (grid[1] + 1) + grid[2] + 1;
	}
	return 0;
}
