#include "balance/house_load.h"

#include <string.h>

enum {
	RESPONSE = 3000, /* ms in which a car begins to follow a new limit */
	FOLLOWS = 3000,  /* ms in which a car has followed a new limit */
	CALM = 22000,    /* ms after a movement: all samples of it are judged, whatever is late */
	MOVED = 500,     /* mA: less is no movement of the car */
	SLACK = 1000,    /* mA and a tenth: what a charger may tell above its limit */
	DRAWS = 3000,    /* mA on some phase: the car is charging */
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
	h->measured = h->known = h->beyond = false;
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

/* Widens a span by what may have been in force. */
static void cover_limits(const struct house_load *h, int64_t from, int64_t to,
                         struct current_span *span)
{
	history_widen(&h->limits, LIMIT_LEAST, from, to, span);
	history_widen(&h->limits, LIMIT_MOST, from, to, span);
}

/* The greatest limit that was in force since `from`; INT32_MAX: none is known. */
static int32_t limit_most(const struct house_load *h, int64_t from, int64_t to)
{
	struct current_span span = {INT32_MAX, INT32_MIN};

	cover_limits(h, from, to, &span);
	return span.most == INT32_MIN ? INT32_MAX : span.most;
}

static int32_t with_slack(int32_t limit)
{
	return limit > INT32_MAX / 2 ? INT32_MAX : limit + limit / 10 + SLACK;
}

void house_load_car(struct house_load *h, int64_t now, const int32_t *car)
{
	int32_t most = with_slack(limit_most(h, now - ALIGNMENT_MOST * 1000 - RESPONSE, now));

	h->measured = car != NULL;
	h->beyond = false;
	if (!car)
		return;
	history_add(&h->car, now, car);
	for (int i = 0; i < BALANCE_PHASES; i++) {
		h->beyond = h->beyond || car[i] > most;
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
	const struct history_sample *read = history_back(&h->car, 0), *limit;
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
	return car[phase] < MOVED && (car[0] >= DRAWS || car[1] >= DRAWS || car[2] >= DRAWS);
}

/* Between which currents the car was on the charger's phase in a telegram. */
static struct current_span measured_span(const struct house_load *h, int phase, int64_t at)
{
	const struct alignment *a = &h->alignment;
	const struct history_sample *limit = history_back(&h->limits, 0);
	int64_t from = at + earliest(a) * 1000 - HALF, to = at + a->latest * 1000 + HALF;
	struct current_span span = {INT32_MAX, INT32_MIN};
	const int32_t *now = history_back(&h->car, 0)->currents;

	if (house_load_calm(h, at))
		return (struct current_span){now[phase], now[phase]};
	history_cover(&h->car, phase, from, to, &span);
	if (limit && !is_spared(now, phase))
		widen_by_limits(h, phase, at, &span);
	if (limit && limit->currents[LIMIT_LEAST] < span.least)
		span.least = limit->currents[LIMIT_LEAST];
	return span;
}

/* A car that nobody measures, or whose charger is not believed, draws its limit. */
static struct current_span assumed_span(const struct house_load *h, int64_t at)
{
	struct current_span span = {INT32_MAX, INT32_MIN};

	cover_limits(h, at - FOLLOWS, INT64_MAX, &span);
	return span.most == INT32_MIN ? (struct current_span){0, 0} : span;
}

/* most: the greatest limit that may still count */
static struct current_span car_span(const struct house_load *h, int phase, int64_t at, int32_t most)
{
	struct current_span span = house_load_sees(h) ? measured_span(h, phase, at)
	                                              : assumed_span(h, at);

	if (span.most > with_slack(most))
		span.most = most;
	if (span.least > span.most)
		span.least = span.most;
	return span;
}

static int32_t within(int32_t value, int32_t least, int32_t most)
{
	return value < least ? least : value > most ? most : value;
}

/* In the first telegram there is no load to keep: the reading counts, not the limit set since then. */
static int32_t first_current(const struct house_load *h, int phase, int64_t at, int32_t least)
{
	return house_load_sees(h) ? history_at(&h->car, phase, at) : least;
}

/* Moves each guess of the load no further than a telegram asks for. */
static void narrow(struct house_load *h, int32_t loads[][BALANCE_PHASES], bool known,
                   const struct history_sample *telegram)
{
	const int32_t *grid = telegram->currents;
	struct current_span spans[BALANCE_PHASES];
	int32_t most = limit_most(h, telegram->time - ALIGNMENT_MOST * 1000 - RESPONSE, INT64_MAX);

	h->car_most = 0;
	for (int i = 0; i < BALANCE_PHASES; i++) {
		spans[i] = car_span(h, i, telegram->time, most);
		h->car_most = spans[i].most > h->car_most ? spans[i].most : h->car_most;
	}
	for (int order = 0; order < ALIGNMENT_ORDERS; order++) {
		if (!(h->alignment.allowed & 1u << order))
			continue;
		for (int i = 0; i < BALANCE_PHASES; i++) {
			int phase = alignment_orders[order][i];
			int32_t *load = &loads[order][phase];
			*load = known ? within(*load, grid[phase] - spans[i].most,
			                       grid[phase] - spans[i].least)
			              : grid[phase] -
			                        first_current(h, i, telegram->time, spans[i].least);
		}
	}
}

/* Whether no later reading can tell more about what the car drew in a telegram of that time. */
static bool is_settled(const struct house_load *h, int64_t at)
{
	return house_load_calm(h, at) ||
	       at + h->alignment.latest * 1000 + HALF <= history_back(&h->car, 0)->time;
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
	for (; h->open > 1 && is_settled(h, history_back(&h->grid, h->open - 1)->time); h->open--) {
		narrow(h, h->settled, h->known, history_back(&h->grid, h->open - 1));
		h->known = true;
	}
}

/*
 * A telegram may come before the readings that belong to it. So the loads of the telegrams that have
 * all of theirs are kept, and the later telegrams are judged anew each time.
 */
void house_load_grid(struct house_load *h, int64_t at, const int32_t grid[BALANCE_PHASES])
{
	uint32_t count = h->grid.count;

	history_add(&h->grid, at, grid);
	h->open += h->grid.count - count; /* 0 when it replaces the last one */
	if (!house_load_calm(h, at))
		alignment_judge(&h->alignment, &h->grid, &h->car);
	settle(h, count > 0);
	memcpy(h->loads, h->settled, sizeof h->loads);
	for (uint32_t back = h->open; back-- > 0;)
		narrow(h, h->loads, h->known || back < h->open - 1, history_back(&h->grid, back));
}

/* INT32_MIN: the car uses no phase that is measured. */
static int32_t worst_used(const struct house_load *h, const bool *used)
{
	int32_t worst = INT32_MIN;

	for (int order = 0; order < ALIGNMENT_ORDERS; order++) {
		for (int i = 0; (h->alignment.orders & 1u << order) && i < BALANCE_PHASES; i++) {
			int phase = alignment_orders[order][i];

			if (used[i] && phase < h->phases && h->loads[order][phase] > worst)
				worst = h->loads[order][phase];
		}
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
