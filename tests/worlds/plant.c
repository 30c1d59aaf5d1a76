/* The house and the car. */
#include "worlds.h"

enum { KETTLE = 8700, FLICKER = 1000 /* ms */, AT_ONCE = 1000000 /* mA/s */ };

static int counted(const struct world *w)
{
	return w->plan.options.settings.phases;
}

/* The most that the house may draw: it never trips the fuse alone. */
static int32_t most(const struct world *w)
{
	return w->plan.options.fuse.rated - 1000 - w->plan.noise;
}

static int32_t draw_level(struct world *w)
{
	struct random *r = &w->house.random;
	int32_t rated = w->plan.options.fuse.rated;
	size_t kind = random_below(r, 100);

	if (w->plan.solar && kind < 40)
		return random_between(r, -12000, 0);
	if (kind < 60)
		return random_between(r, 300, rated * 2 / 5);
	if (kind < 88)
		return random_between(r, rated * 3 / 10, rated - 7500);
	return random_between(r, rated - 7500, most(w));
}

void house_start(struct world *w)
{
	struct world_house *h = &w->house;

	*h = (struct world_house){.next = w->plan.first_change};
	h->random = random_seed(w->plan.seed ^ UINT64_C(0x5DEECE66D));
	for (int i = 0; i < BALANCE_PHASES; i++) {
		h->level[i] = h->base[i] = i < counted(w) ? random_between(&h->random, 500, 5000)
		                                          : 0;
		h->rate[i] = AT_ONCE;
		h->kettle_ends[i] = -1;
	}
}

static void set_level(struct world *w, int phase, bool ramp)
{
	w->house.level[phase] = draw_level(w);
	w->house.rate[phase] = ramp ? random_between(&w->house.random, 200, 2000) : AT_ONCE;
}

static void change(struct world *w)
{
	struct world_house *h = &w->house;
	struct random *r = &h->random;
	size_t kind = random_below(r, 100);
	int phase = (int)random_below(r, (size_t)counted(w));

	if (kind < 35) {
		set_level(w, phase, false);
	} else if (kind < 55) {
		for (int i = 0; i < counted(w); i++)
			set_level(w, i, false);
	} else if (kind < 75) {
		h->kettle[phase] = KETTLE;
		h->kettle_ends[phase] = w->now + random_between(r, 20, 120) * 1000;
	} else {
		for (int i = 0; i < counted(w); i++)
			set_level(w, i, true);
	}
	h->next = w->now + w->plan.gap_least +
	          (int64_t)(random_unit(r) * (double)(w->plan.gap_most - w->plan.gap_least));
}

static void approach(struct world_house *h, int phase)
{
	int32_t step = h->level[phase] - h->base[phase], most_step;

	most_step = h->rate[phase] >= AT_ONCE ? INT32_MAX : h->rate[phase] * STEP / 1000;
	h->base[phase] += step > most_step ? most_step : step < -most_step ? -most_step : step;
}

void house_step(struct world *w)
{
	struct world_house *h = &w->house;

	h->changed = false;
	if (w->now >= h->next)
		change(w);
	for (int i = 0; i < counted(w); i++) {
		int32_t quiet;

		if (h->kettle_ends[i] >= 0 && w->now >= h->kettle_ends[i]) {
			h->kettle[i] = 0;
			h->kettle_ends[i] = -1;
		}
		if (w->now % FLICKER == 0)
			h->flicker[i] = random_between(&h->random, -w->plan.noise, w->plan.noise);
		approach(h, i);
		quiet = h->base[i] + h->kettle[i];
		quiet = quiet > most(w) ? most(w) : quiet;
		h->changed = h->changed || quiet != h->quiet[i];
		h->quiet[i] = quiet;
		h->now[i] = quiet + h->flicker[i];
	}
}

int32_t house_fits(const struct world *w)
{
	int32_t highest = INT32_MIN;

	for (int i = 0; i < w->plan.car_phases; i++)
		if (w->house.now[w->plan.order[i]] > highest)
			highest = w->house.now[w->plan.order[i]];
	return w->plan.options.fuse.rated - highest;
}

int32_t house_fits_all(const struct world *w)
{
	int32_t highest = INT32_MIN;

	for (int i = 0; i < counted(w); i++)
		if (w->house.now[i] > highest)
			highest = w->house.now[i];
	return w->plan.options.fuse.rated - highest;
}

void car_begin(struct world_car *car, const struct world_plan *plan, int32_t offer)
{
	*car = (struct world_car){.current = plan->car_starts, .waiting = -1};
	for (int i = 0; i < DELAYS; i++)
		car->offers[i] = offer;
}

/* The most that the car takes: less and less in its last minute. */
static int32_t appetite(const struct world_plan *plan, int64_t now)
{
	int64_t left = plan->car_full - now, taken = plan->car_most;

	if (left <= 0)
		return 0;
	if (left < 60000)
		taken = taken * left / 60000;
	return taken < LEAST ? LEAST : (int32_t)taken;
}

void car_step(struct world_car *car, const struct world_plan *plan, int64_t now, int at,
              int32_t offer)
{
	int32_t wanted = appetite(plan, now), step;

	car->offers[at % DELAYS] = offer;
	offer = car->offers[(at + DELAYS - (int)(plan->car_dead / STEP)) % DELAYS];
	wanted = offer < wanted ? offer : wanted;
	if (wanted < LEAST) {
		car->pauses += car->current > 0;
		car->current = 0;
		car->waiting = -1;
		return;
	}
	if (car->current == 0) {
		if (car->waiting < 0)
			car->waiting = now;
		if (now - car->waiting >= plan->car_restart)
			car->current = LEAST;
		return;
	}
	step = wanted - car->current;
	if (step > plan->car_up * STEP / 1000)
		step = plan->car_up * STEP / 1000;
	if (step < -plan->car_down * STEP / 1000)
		step = -plan->car_down * STEP / 1000;
	car->current += step;
}

int32_t car_on(const struct world *w, int phase)
{
	for (int i = 0; i < w->plan.car_phases; i++)
		if (w->plan.order[i] == phase)
			return w->car.current;
	return 0;
}
