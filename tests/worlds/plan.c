/* Draws a world from a seed. */
#include "worlds.h"

#include <inttypes.h>
#include <stdio.h>

const struct fault_row fault_rows[FAULTS] = {
#define FAULT(name, number, shape, blind, text) {#name, text, number, shape, blind},
#include "faults.def"
#undef FAULT
};

#define CHOOSE(r, ...)                                                                            \
	((const int32_t[]){__VA_ARGS__})[random_below(r, sizeof((const int32_t[]){__VA_ARGS__}) / \
	                                                         sizeof(int32_t))]

bool world_has(const struct world_plan *plan, enum fault_kind kind)
{
	for (int i = 0; i < plan->count; i++)
		if (plan->events[i].kind == kind)
			return true;
	return false;
}

/* ms that a fault of that kind lasts */
static int64_t lasts(struct random *r, enum fault_kind kind)
{
	switch (kind) {
	case FAULT_master:
	case FAULT_clock_set:
	case FAULT_arming: return STEP;
	case FAULT_reboot: return random_chance(r, 50) ? STEP : 3000;
	case FAULT_ignores: return random_chance(r, 30) ? 14000 : random_between(r, 20, 200) * 1000;
	case FAULT_refuses: return random_between(r, 3, 200) * 1000;
	case FAULT_burst: return 9000;
	case FAULT_stopped: return random_between(r, 3, 40) * 1000;
	case FAULT_exchanged: return random_between(r, 31, 120) * 1000;
	case FAULT_unreachable: return random_between(r, 3, 100) * 1000;
	default: return random_between(r, 10, 120) * 1000;
	}
}

static int32_t value(struct random *r, enum fault_kind kind)
{
	switch (kind) {
	case FAULT_master: return CHOOSE(r, 0, 6000, 13000, 16000, 20000, 32000);
	case FAULT_ignores:
		return random_between(r, 0, 1); /* 1: as before when it is asked again */
	case FAULT_lossy: return random_between(r, 20, 70); /* % */
	case FAULT_clock_set: return random_between(r, -3, 3) * 1000;
	case FAULT_phase_gone: return random_between(r, 0, 2);
	default: return 0;
	}
}

static void add(struct world_plan *p, struct random *r, enum fault_kind kind)
{
	struct fault_event *e = &p->events[p->count];
	int windows = 0;

	if (world_has(p, kind) || p->count == EVENTS)
		return;
	for (int i = 0; i < p->count; i++)
		windows += fault_rows[p->events[i].kind].shape == WINDOW;
	*e = (struct fault_event){.kind = kind, .to = LENGTH, .value = value(r, kind)};
	if (fault_rows[kind].shape == WINDOW) {
		e->from = (windows ? 330000 : 90000) + random_between(r, 0, 60000 / STEP) * STEP;
		e->to = e->from + lasts(r, kind);
	}
	p->count++;
}

static void draw_faults(struct world_plan *p, struct random *r, int only)
{
	int how_many = random_chance(r, 15) ? 0 : random_chance(r, 65) ? 1 : 2;

	if (only >= 0 && only < FAULTS)
		add(p, r, (enum fault_kind)only);
	for (int i = 0; only < 0 && i < how_many; i++) {
		enum fault_kind kind = (enum fault_kind)random_below(r, FAULTS);

		if (kind != FAULT_only_l1 || i == 0)
			add(p, r, kind);
		if (kind == FAULT_only_l1)
			return;
	}
}

static void draw_settings(struct world_plan *p, struct random *r)
{
	struct controller_options *o = &p->options;
	struct balance_settings *s = &o->settings;
	int32_t rated = CHOOSE(r, 16000, 20000, 25000, 25000, 25000, 32000, 35000, 40000);

	*o = (struct controller_options){.algorithm = ALGORITHM_HEADROOM};
	o->charger_timeout = CHOOSE(r, 30000, 60000);
	*s = balance_defaults();
	s->max_current = CHOOSE(r, 10000, 16000, 16000, 16000, 25000, 32000);
	if (s->max_current > rated)
		s->max_current = 16000;
	s->fallback_limit = CHOOSE(r, 0, 6000, 6000, 6000, 8000);
	s->fallback_wait = CHOOSE(r, 5, 10, 15, 30);
	s->quiet_wait = CHOOSE(r, 3, 5, 10, 15);
	s->ride_wait = CHOOSE(r, 3, 4, 8);
	s->restart_wait = CHOOSE(r, 3, 5, 10);
	if (world_has(p, FAULT_high_settings)) {
		rated = CHOOSE(r, 13000, 16000, 20000, 25000);
		s->max_current = 32000;
		s->fallback_limit = 30000;
	}
	s->phases = random_chance(r, 15) && !world_has(p, FAULT_rotated) &&
	                            !world_has(p, FAULT_only_l1) && !world_has(p, FAULT_phase_gone)
	                    ? 1
	                    : 3;
	fuse_init(&o->fuse, FUSE_ANY, rated);
}

static void draw_house(struct world_plan *p, struct random *r, bool calm)
{
	int style = (int)random_below(r, 3);

	p->noise = CHOOSE(r, 50, 50, 50, 300);
	p->solar = random_chance(r, 25);
	p->first_change = random_between(r, 20, 60) * 1000;
	p->gap_least = style == 0 ? 3000 : style == 1 ? 20000 : 180000;
	p->gap_most = style == 0 ? 40000 : style == 1 ? 120000 : 600000;
	if (!calm)
		return;
	p->noise = 50;
	p->first_change = 120000;
	p->gap_least = 180000;
	p->gap_most = 600000;
}

static void draw_car(struct world_plan *p, struct random *r)
{
	p->car_phases = p->options.settings.phases == 1 ? 1 : CHOOSE(r, 1, 2, 3, 3, 3);
	p->car_most = CHOOSE(r, 10000, 13000, 16000, 16000, 16000, 32000);
	p->car_dead = random_between(r, 300, 1500) / STEP * STEP;
	p->car_restart = random_between(r, 1000, 3000);
	p->car_up = random_between(r, 2000, 6000);
	p->car_down = 8000;
	p->car_full = random_chance(r, 10) ? random_between(r, 200, 500) * 1000 : 2 * LENGTH;
	p->car_starts = 0;
}

static void draw_order(struct world_plan *p, struct random *r)
{
	static const int orders[6][BALANCE_PHASES] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
	                                              {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
	size_t n = world_has(p, FAULT_rotated) ? 1 + random_below(r, 5) : 0;

	for (int i = 0; i < BALANCE_PHASES; i++)
		p->order[i] = orders[n][i];
	if (random_chance(r, 50)) /* told; else the controller has to learn it */
		p->options.settings.phase_order = 100 * (p->order[0] + 1) + 10 * (p->order[1] + 1) +
		                                  p->order[2] + 1;
}

static void draw_charger(struct world_plan *p, struct random *r)
{
	draw_order(p, r);
	p->maximum = CHOOSE(r, 16000, 32000, 32000, 32000);
	if (world_has(p, FAULT_low_maximum))
		p->maximum = random_between(r, 7000, p->options.settings.max_current - 500);
	p->start_limit = CHOOSE(r, 0, 6000, 6000, 16000, 32000);
	p->exchange_least = 10;
	p->exchange_most = random_between(r, 20, 200);
	if (world_has(p, FAULT_late_apply))
		p->apply_after = random_between(r, 500, 5000);
	if (world_has(p, FAULT_car_late) || world_has(p, FAULT_both_late))
		p->car_late = random_between(r, 500, 8000);
}

static void draw_meter(struct world_plan *p, struct random *r, bool calm)
{
	struct balance_settings *s = &p->options.settings;
	bool clock = random_chance(r, 90) || world_has(p, FAULT_stopped) ||
	             world_has(p, FAULT_clock_set);

	p->interval = CHOOSE(r, 1000, 1000, 1000, 1070);
	p->resolution = CHOOSE(r, 1000, 100, 100, 10);
	if (calm && p->resolution == 1000)
		p->resolution = 100;
	if (world_has(p, FAULT_prompt))
		p->interval = 1070;
	if (world_has(p, FAULT_slow_meter)) {
		p->interval = 10000;
		s->fallback_wait = 30;
	}
	if (world_has(p, FAULT_meter_late) || world_has(p, FAULT_both_late)) {
		p->lag = random_between(r, 500, 9000) / STEP * STEP;
		s->fallback_wait = s->fallback_wait < 15 ? 15 : s->fallback_wait;
	}
	clock = clock && !world_has(p, FAULT_still);
	for (int i = 0; i < p->count; i++)
		clock = clock || (fault_rows[p->events[i].kind].blind != HONEST &&
		                  p->events[i].kind != FAULT_still);
	p->unit = CHOOSE(r, 0, 1000, 1000, 1000, 10000);
	if (!p->unit && (world_has(p, FAULT_still) || world_has(p, FAULT_clock_gone)))
		p->unit = 1000;
	p->clock = clock ? INT64_C(1700000000000) + random_between(r, 0, 100000) * INT64_C(1000)
	                 : INSTANT_NONE;
}

/* The car charges from the start, with a limit that fits beside a house that is still low. */
static void start_charging(struct world_plan *p, struct random *r)
{
	int32_t most = p->options.settings.max_current < p->maximum
	                       ? p->options.settings.max_current
	                       : p->maximum;

	if (most > p->options.fuse.rated - 6000)
		most = (p->options.fuse.rated - 6000) / 1000 * 1000;
	p->start_limit = random_between(r, 6, most / 1000) * 1000;
	p->car_starts = p->start_limit < p->car_most ? p->start_limit : p->car_most;
	p->first_change = 60000;
}

void world_draw(struct world_plan *p, uint64_t seed, int only)
{
	struct random r = random_seed(seed + ((uint64_t)(only + 1) << 32));
	bool calm = only == FAULTS;

	*p = (struct world_plan){.seed = seed};
	draw_faults(p, &r, only);
	draw_settings(p, &r);
	draw_house(p, &r, calm);
	draw_car(p, &r);
	draw_charger(p, &r);
	draw_meter(p, &r, calm);
	if (world_has(p, FAULT_charging_start))
		start_charging(p, &r);
	if (calm) {
		p->options.settings.quiet_wait = p->options.settings.restart_wait = 10;
		p->car_full = 2 * LENGTH;
		if (p->car_most < 16000)
			p->car_most = 16000;
	}
}

void world_print(const struct world_plan *p)
{
	const struct balance_settings *s = &p->options.settings;

	printf("  faults:");
	for (int i = 0; i < p->count; i++)
		printf(" %s %.1f..%.1f s value %d,", fault_rows[p->events[i].kind].name,
		       (double)p->events[i].from / 1e3, (double)p->events[i].to / 1e3,
		       p->events[i].value);
	printf("%s\n  settings: fuse %d max %d phases %d order %d fallback %d after %d s, quiet %d, "
	       "ride %d, restart %d s, charger falls back after %.0f s\n",
	       p->count ? "" : " none", p->options.fuse.rated, s->max_current, s->phases,
	       s->phase_order, s->fallback_limit, s->fallback_wait, s->quiet_wait, s->ride_wait,
	       s->restart_wait, (double)p->options.charger_timeout / 1e3);
	printf("  house: noise %d, changes each %.0f..%.0f s%s\n", p->noise,
	       (double)p->gap_least / 1e3, (double)p->gap_most / 1e3, p->solar ? ", solar" : "");
	printf("  car: %d phases, most %d, dead %.2f s, restart %.1f s, up %d down %d mA/s, full at "
	       "%.0f s, starts with %d\n",
	       p->car_phases, p->car_most, (double)p->car_dead / 1e3, (double)p->car_restart / 1e3,
	       p->car_up, p->car_down, (double)p->car_full / 1e3, p->car_starts);
	printf("  charger: L1, L2, L3 on %d%d%d, maximum %d, starts with %d, applies after %.2f s, "
	       "currents %.2f s late, exchange %d..%d ms\n",
	       p->order[0] + 1, p->order[1] + 1, p->order[2] + 1, p->maximum, p->start_limit,
	       (double)p->apply_after / 1e3, (double)p->car_late / 1e3, (int)p->exchange_least,
	       (int)p->exchange_most);
	printf("  meter: each %.2f s, resolution %d, lag %.2f s, registers of %.0f Wh%s\n",
	       (double)p->interval / 1e3, p->resolution, (double)p->lag / 1e3,
	       (double)p->unit / 1e3, p->clock == INSTANT_NONE ? ", no clock" : "");
}
