/* The controller between a made-up meter and a made-up charger, tick by tick. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "control/controller.h"
#include "record/record.h"

/* A second between ticks, 30 s until data are too old, 60 s until the charger falls back. */
static struct bench {
	struct controller controller;
	struct charger_state charger;
	struct controller_wanted wanted;
	int64_t now;      /* ms */
	bool clock_stops; /* of the meter */
	instant clock;
	int64_t ahead; /* ms by which that clock is ahead of ours */
} b;

static struct controller_options plain(enum balance_algorithm algorithm)
{
	struct controller_options o = {
		.algorithm = algorithm, .settings = balance_defaults(), .charger_timeout = 60000};

	assert_int_equal(fuse_init(&o.fuse, FUSE_ANY, 25000), 0);
	o.settings.fallback_limit = 6000;
	o.settings.lower_step = 4000;
	o.settings.quiet_wait = o.settings.ride_wait = o.settings.restart_wait = 5;
	return o;
}

static void begin(const struct controller_options *o)
{
	memset(&b, 0, sizeof b);
	controller_start(&b.controller, o);
	b.now = 5000;
	b.ahead = INT64_C(1700000000000);
	b.charger = (struct charger_state){.link = CHARGER_READY,
	                                   .car_read = CHARGER_NEVER,
	                                   .silent_since = CHARGER_NEVER,
	                                   .set_point = CURRENT_NONE,
	                                   .ordered = CURRENT_NONE,
	                                   .applied = CURRENT_NONE,
	                                   .applied_read = CHARGER_NEVER,
	                                   .most = CURRENT_NONE};
}

static int setup(void **state)
{
	const struct controller_options o = plain(ALGORITHM_THRESHOLD);

	(void)state;
	begin(&o);
	return 0;
}

static unsigned tell(int32_t l1, int32_t l2, int32_t l3)
{
	if (!b.clock_stops)
		b.clock = b.now + b.ahead;
	return controller_telegram(
		&b.controller, b.now,
		&(struct grid_reading){.currents = {l1, l2, l3}, .clock = b.clock, .id = "M"});
}

static void step(void)
{
	b.wanted = controller_step(&b.controller, b.now, &b.charger);
	b.now += 1000;
}

/* `ticks` seconds with that current on L1; the events of all telegrams. */
static unsigned live(int ticks, int32_t l1)
{
	unsigned events = 0;

	while (ticks--) {
		events |= tell(l1, 2000, 1000);
		step();
	}
	return events;
}

static void silence(int ticks)
{
	while (ticks--)
		step();
}

/* A charger that was just read and a car that draws that much on each phase. */
static void read_charger(int32_t current)
{
	for (int i = 0; i < BALANCE_PHASES; i++)
		b.charger.car[i] = current;
	b.charger.car_read = b.now;
	b.charger.silent_since = CHARGER_NEVER;
}

static void a_charger_is_left_alone_until_the_fallback_is_due(void **state)
{
	(void)state;
	for (int i = 1; i < 30; i++) {
		silence(1);
		assert_int_equal(b.wanted.set_point, CURRENT_NONE);
	}
	silence(1);
	assert_int_equal(b.wanted.set_point, 6000);
}

static void the_first_telegram_ends_that(void **state)
{
	(void)state;
	silence(3);
	assert_int_equal(b.wanted.set_point, CURRENT_NONE);
	live(1, 3000);
	assert_int_equal(b.wanted.set_point, 0); /* the limit rises from there */
	live(2, 3000);
	assert_int_equal(b.wanted.set_point, 4000);
	silence(1); /* known once is known: the charger stays steered */
	assert_int_not_equal(b.wanted.set_point, CURRENT_NONE);
}

static void a_pause_needs_no_telegram(void **state)
{
	(void)state;
	silence(3);
	assert_int_equal(b.wanted.set_point, CURRENT_NONE);
	balancer_pause(&b.controller.balancer, true);
	silence(1);
	assert_int_equal(b.wanted.set_point, 0);
	assert_int_equal(b.wanted.fallback, 6000);
	balancer_pause(&b.controller.balancer, false);
	silence(1);
	assert_int_equal(b.wanted.set_point, CURRENT_NONE);
	live(40, 3000);
	balancer_pause(&b.controller.balancer, true);
	silence(40);
	assert_int_equal(b.wanted.set_point, 0);
}

static void a_telegram_without_currents_is_no_data(void **state)
{
	(void)state;
	assert_int_equal(tell(CURRENT_NONE, CURRENT_NONE, CURRENT_NONE), CONTROLLER_PARTIAL);
	assert_int_equal(b.controller.missing, 0);
	step();
	assert_int_equal(b.wanted.set_point, CURRENT_NONE);
	assert_false(b.controller.known);
}

static void the_limit_follows_the_house(void **state)
{
	(void)state;
	live(30, 3000);
	assert_int_equal(b.wanted.set_point, 16000);
	live(2, 25000);
	assert_int_equal(b.wanted.set_point, 3500); /* alarm: 12.5 A at once */
}

static void the_last_telegram_before_a_step_counts(void **state)
{
	(void)state;
	live(30, 3000);
	tell(25000, 2000, 1000);
	tell(3000, 2000, 1000);
	step();
	assert_int_equal(b.controller.balancer.used, 3000);
}

static void the_fallback_is_due_after_its_wait_without_telegrams(void **state)
{
	(void)state;
	live(30, 3000);
	silence(29);
	assert_int_equal(b.wanted.set_point, 16000);
	silence(1);
	assert_int_equal(b.wanted.set_point, 6000);
	assert_int_equal(b.controller.balancer.state, STATE_FALLBACK);
	live(2, 3000);
	assert_int_equal(b.controller.balancer.state, STATE_LOWER);
}

static void a_frozen_meter_is_no_meter(void **state)
{
	unsigned events;

	(void)state;
	live(30, 3000);
	b.clock_stops = true;
	assert_int_equal(live(4, 25000), 0); /* several telegrams may carry the same second */
	assert_int_equal(b.controller.balancer.state, STATE_ALARM);
	events = live(1, 3000); /* frozen: that current does not count */
	assert_int_equal(events, CONTROLLER_FROZEN);
	assert_int_equal(b.controller.balancer.used, 25000);
	assert_int_equal(live(28, 3000), 0); /* said once */
	assert_int_not_equal(b.controller.balancer.state, STATE_FALLBACK);
	live(1, 3000);
	assert_int_equal(b.controller.balancer.state, STATE_FALLBACK);
	assert_int_equal(b.wanted.set_point, 6000);
	b.clock_stops = false;
	assert_int_equal(live(1, 3000), CONTROLLER_MOVES);
	assert_int_equal(b.controller.balancer.state, STATE_LOWER);
}

static void a_phase_that_is_gone_is_no_data(void **state)
{
	(void)state;
	live(30, 3000);
	for (int i = 0; i < 30; i++) {
		assert_int_equal(tell(9000, 2000, CURRENT_NONE), i ? 0 : CONTROLLER_PARTIAL);
		assert_int_equal(b.controller.missing, 2);
		step();
		assert_int_equal(b.controller.balancer.used, 3000);
		assert_int_equal(b.wanted.set_point, i < 29 ? 16000 : 6000);
	}
	assert_int_equal(tell(9000, 2000, 1000), CONTROLLER_WHOLE);
	step();
	assert_int_equal(b.controller.balancer.used, 9000);
}

static void a_clock_that_goes_on_without_a_phase_is_told_as_both(void **state)
{
	(void)state;
	live(2, 3000);
	b.clock_stops = true;
	assert_int_equal(live(5, 3000), CONTROLLER_FROZEN);
	b.clock_stops = false;
	assert_int_equal(tell(3000, CURRENT_NONE, 1000), CONTROLLER_MOVES | CONTROLLER_PARTIAL);
	assert_int_equal(b.controller.missing, 1);
}

static void each_phase_is_missed(void **state)
{
	(void)state;
	for (int phase = 0; phase < BALANCE_PHASES; phase++) {
		int32_t currents[] = {3000, 2000, 1000};

		live(1, 3000);
		currents[phase] = CURRENT_NONE;
		assert_int_equal(tell(currents[0], currents[1], currents[2]), CONTROLLER_PARTIAL);
		assert_int_equal(b.controller.missing, phase);
		assert_int_equal(tell(3000, 2000, 1000), CONTROLLER_WHOLE);
		assert_int_equal(b.controller.missing, -1);
	}
}

static void a_meter_of_one_phase_is_whole(void **state)
{
	(void)state;
	b.controller.balancer.settings.phases = 1;
	for (int i = 0; i < 30; i++) {
		assert_int_equal(tell(3000, CURRENT_NONE, CURRENT_NONE), 0);
		step();
	}
	assert_int_equal(b.wanted.set_point, 16000);
	setup(NULL); /* of a house with three phases two are not known */
	for (int i = 0; i < 30; i++) {
		assert_int_equal(tell(3000, CURRENT_NONE, CURRENT_NONE),
		                 i ? 0 : CONTROLLER_PARTIAL);
		assert_int_equal(b.controller.missing, 1);
		step();
	}
	assert_int_equal(b.wanted.set_point, 6000);
}

static void the_chargers_own_fallback_is_within_its_maximum(void **state)
{
	struct balance_settings *s = &b.controller.balancer.settings;

	(void)state;
	assert_int_equal(b.controller.wanted.fallback, 6000); /* it may be armed before a step */
	assert_int_equal(b.controller.wanted.set_point, CURRENT_NONE);
	silence(1);
	assert_int_equal(b.wanted.fallback, 6000);
	s->fallback_limit = 20000;
	silence(1);
	assert_int_equal(b.wanted.fallback, 16000);
	s->max_current = 10000; /* a client of the register table saved it */
	silence(1);
	assert_int_equal(b.wanted.fallback, 10000);
}

static int32_t room(void)
{
	return b.controller.balancer.headroom.room;
}

static void begin_headroom(void)
{
	const struct controller_options o = plain(ALGORITHM_HEADROOM);

	begin(&o);
}

/* `ticks` seconds with that current of the house on L1 and that of a car on all phases. */
static void live_with_car(int ticks, int32_t house, int32_t car)
{
	while (ticks--) {
		tell(house + car, 2000 + car, 1000 + car);
		step();
	}
}

/* A car that draws 10 A beside 2 A of the house. */
static void start_headroom(void)
{
	begin_headroom();
	for (int i = 0; i < 60; i++) {
		read_charger(i < 8 ? 0 : 10000);
		live_with_car(1, 2000, i < 8 ? 0 : 10000);
	}
	assert_int_equal(b.wanted.set_point, 16000);
	assert_int_equal(room(), 22500); /* 25 - 0.5 - (12 - 10) */
}

static void measured_currents_of_the_car_count_while_they_are_fresh(void **state)
{
	(void)state;
	start_headroom();
	live_with_car(2, 10000, 10000);
	assert_int_equal(room(), 14500); /* 25 - 0.5 - (20 - 10) */
	live_with_car(1, 10000, 10000);
	assert_int_equal(room(), 14500); /* 3 s old */
	live_with_car(1, 10000, 10000);
	assert_int_equal(room(), 18500); /* too old: it is thought to draw its limit, now 14 A */
}

/* Up to then it may still be charging; what may still have been in force comes on top. */
static void a_lost_charger_draws_nothing(void **state)
{
	(void)state;
	start_headroom();
	b.charger.link = CHARGER_AWAY;
	b.charger.car_read = CHARGER_NEVER;
	b.charger.silent_since = b.now;
	live_with_car(60, 2000, 10000);
	assert_int_equal(room(), 28500); /* 16 A of 12 A */
	live_with_car(1, 2000, 10000);
	assert_int_equal(room(), 28500);
	live_with_car(9, 2000, 10000);
	assert_int_equal(room(), 12500); /* all 12 A are the house's */
}

static void the_charger_is_told_again_when_it_holds_something_else(void **state)
{
	(void)state;
	silence(1);
	assert_false(controller_differs(&b.controller, &b.charger)); /* nothing is wanted yet */
	live(30, 3000);
	b.charger.ordered = 16000;
	b.charger.set_point = 15000; /* as its register rounds it */
	assert_false(controller_differs(&b.controller, &b.charger));
	b.charger.ordered = 8000;
	assert_true(controller_differs(&b.controller, &b.charger));
	b.charger.ordered = CURRENT_NONE;
	assert_true(controller_differs(&b.controller, &b.charger));
	b.charger.link = CHARGER_AWAY;
	assert_false(controller_differs(&b.controller, &b.charger));
}

/* Events of the last step. */
static unsigned said(void)
{
	return b.wanted.events;
}

static void begin_both(int n)
{
	const struct controller_options o = plain((enum balance_algorithm)n);

	begin(&o);
}

static void old_data_are_said_once_and_fresh_ones_too(void **state)
{
	(void)state;
	for (int n = ALGORITHM_THRESHOLD; n <= ALGORITHM_HEADROOM; n++) {
		begin_both(n);
		for (int i = 1; i <= 40; i++) {
			step();
			assert_int_equal(said(), i == 30 ? CONTROLLER_OLD : 0);
		}
		live(1, 3000);
		assert_int_equal(said(), CONTROLLER_FRESH);
		for (int i = 0; i < 40; i++) {
			step();
			assert_int_equal(said(), i == 29 ? CONTROLLER_OLD : 0);
		}
		live(1, 3000);
		assert_int_equal(said(), CONTROLLER_FRESH);
		live(1, 3000);
		assert_int_equal(said(), 0);
	}
}

/* The wait is time, however often a step comes, and however long the machine was suspended. */
static void the_fallback_is_due_after_seconds_not_steps(void **state)
{
	(void)state;
	for (int n = ALGORITHM_THRESHOLD; n <= ALGORITHM_HEADROOM; n++) {
		begin_both(n);
		live(30, 3000);
		b.now -= 1000; /* the last step */
		for (int64_t end = b.now + 29900; b.now < end;) {
			step();
			b.now -= 900;
			assert_int_equal(b.wanted.set_point, 16000);
		}
		b.now += 100;
		step();
		assert_int_equal(b.wanted.set_point, 6000);
		assert_int_equal(said(), CONTROLLER_OLD);
		begin_both(n);
		live(30, 3000);
		b.now += 28000;
		step();
		assert_int_equal(b.wanted.set_point, 16000);
		begin_both(n);
		live(30, 3000);
		b.now += 29000;
		step();
		assert_int_equal(b.wanted.set_point, 6000);
	}
}

static void late_telegrams_are_no_data(void **state)
{
	(void)state;
	for (int n = ALGORITHM_THRESHOLD; n <= ALGORITHM_HEADROOM; n++) {
		begin_both(n);
		live(30, 3000);
		b.ahead -= 31400; /* 29.9 s: not late yet */
		assert_int_equal(live(1, 5000), 0);
		assert_int_equal(b.controller.balancer.used, 5000);
		assert_in_range(b.controller.lag, 29890, 29900);
		b.ahead -= 200;
		assert_int_equal(live(1, 9000), CONTROLLER_LATE);
		assert_in_range(b.controller.lag, 30000, 30100);
		assert_int_equal(live(29, 9000), 0); /* said once */
		assert_int_equal(b.controller.balancer.state, STATE_FALLBACK);
		assert_int_equal(b.wanted.set_point, 6000);
		b.ahead += 31600;
		assert_int_equal(live(1, 9000), 0);
		assert_int_equal(said(), CONTROLLER_FRESH);
		assert_int_equal(b.controller.lag, 0);
		assert_int_equal(b.controller.balancer.used, 9000);
		b.ahead -= 31600;
		assert_int_equal(live(1, 9000), CONTROLLER_LATE);
	}
}

/* The wait that can be set is the bound of what is late. */
static void a_longer_fallback_wait_is_more_patience(void **state)
{
	(void)state;
	b.controller.balancer.settings.fallback_wait = 60;
	live(2, 3000);
	b.ahead -= 50000;
	assert_int_equal(live(1, 3000), 0);
	b.ahead -= 20000;
	assert_int_equal(live(1, 3000), CONTROLLER_LATE);
}

static void a_clock_that_jumps_is_no_data_until_it_runs(void **state)
{
	(void)state;
	for (int n = ALGORITHM_THRESHOLD; n <= ALGORITHM_HEADROOM; n++) {
		begin_both(n);
		live(30, 3000);
		b.ahead += 100000;
		for (int i = 0; i < 4; i++) {
			assert_int_equal(live(1, 9000), i ? 0 : CONTROLLER_JUMPED);
			assert_int_equal(b.controller.balancer.used, 3000);
			assert_int_equal(balancer_age(&b.controller.balancer), i + 1);
		}
		assert_int_equal(live(1, 9000), 0);
		assert_int_equal(b.controller.balancer.used, 9000);
		assert_int_equal(b.controller.lag, 0);
		b.ahead += 100000;
		assert_int_equal(live(1, 9000), CONTROLLER_JUMPED);
	}
}

static void charging(int32_t current, int32_t applied)
{
	read_charger(current);
	b.charger.applied = applied;
	b.charger.applied_read = b.now;
}

static void a_car_that_charges_at_the_start_goes_on(void **state)
{
	(void)state;
	for (int n = ALGORITHM_THRESHOLD; n <= ALGORITHM_HEADROOM; n++) {
		begin_both(n);
		charging(10000, 12000);
		step();
		assert_int_equal(said(), CONTROLLER_ADOPTED);
		assert_int_equal(b.controller.balancer.limit, 12000);
		assert_int_equal(b.wanted.set_point, CURRENT_NONE); /* nothing is known yet */
		charging(10000, 12000);
		tell(11000, 14000, 11000);
		step();
		assert_int_equal(said(), 0);
		assert_int_equal(b.wanted.set_point, 12000);
		charging(10000, 12000);
		tell(11000, 26000, 11000); /* beside it 14 A, if it has followed */
		step();
		assert_int_equal(b.wanted.set_point, n == ALGORITHM_HEADROOM ? 10000 : 12000);
	}
}

/* The fallback is due all the same when no telegram comes. */
static void what_was_adopted_is_not_for_ever(void **state)
{
	(void)state;
	for (int n = ALGORITHM_THRESHOLD; n <= ALGORITHM_HEADROOM; n++) {
		begin_both(n);
		charging(10000, 12000);
		silence(29);
		assert_int_equal(b.wanted.set_point, CURRENT_NONE);
		silence(1);
		assert_int_equal(b.wanted.set_point, 6000);
	}
}

static unsigned first_step(int32_t current, int32_t applied, enum charger_link link)
{
	begin_headroom();
	charging(current, applied);
	b.charger.link = link;
	live(1, 3000);
	return said();
}

static void only_a_car_that_charges_is_adopted(void **state)
{
	(void)state;
	assert_int_equal(first_step(1000, 12000, CHARGER_READY), CONTROLLER_ADOPTED);
	assert_int_equal(first_step(999, 12000, CHARGER_READY), 0);
	assert_int_equal(b.wanted.set_point, 0);
	assert_int_equal(first_step(6000, 6000, CHARGER_READY), CONTROLLER_ADOPTED);
	assert_int_equal(first_step(6000, 5999, CHARGER_READY) & CONTROLLER_ADOPTED,
	                 0); /* on its way to a pause */
	assert_int_equal(first_step(6000, CURRENT_NONE, CHARGER_READY) & CONTROLLER_ADOPTED, 0);
	assert_int_equal(first_step(10000, 12000, CHARGER_ABSENT), CONTROLLER_ADOPTED);
	for (int phase = 0; phase < BALANCE_PHASES; phase++) { /* on any phase */
		begin_headroom();
		charging(0, 12000);
		b.charger.car[phase] = 1000;
		live(1, 3000);
		assert_int_equal(said(), CONTROLLER_ADOPTED);
	}
	begin_headroom(); /* currents that were never read */
	charging(10000, 12000);
	b.charger.car_read = CHARGER_NEVER;
	live(1, 3000);
	assert_int_equal(said(), 0);
}

/* A charger that cannot be reached at the start is looked at when it can; once. */
static void adoption_waits_for_the_charger(void **state)
{
	(void)state;
	assert_int_equal(first_step(10000, 12000, CHARGER_AWAY), 0);
	assert_int_equal(b.wanted.set_point, CURRENT_NONE);
	charging(10000, 12000);
	b.charger.link = CHARGER_READY;
	live(1, 3000);
	assert_int_equal(said(), CONTROLLER_ADOPTED);
	assert_int_equal(b.wanted.set_point, 12000);
	b.charger.link = CHARGER_AWAY;
	live(1, 3000);
	b.charger.link = CHARGER_READY;
	charging(10000, 12000);
	live(1, 3000);
	assert_int_equal(said(), 0);
	assert_int_equal(first_step(10000, 12000, CHARGER_REFUSED), 0);
	assert_int_equal(b.wanted.set_point, CURRENT_NONE);
	begin_headroom(); /* a car that came later is no reason */
	live(1, 3000);
	charging(10000, 12000);
	live(1, 3000);
	assert_int_equal(said(), 0);
}

/* More than the limit permits is not believed. */
static void a_charger_that_tells_too_much_is_not_believed(void **state)
{
	(void)state;
	start_headroom();
	b.controller.balancer.settings.max_current = 10000;
	b.charger.applied = 10000;
	for (int i = 0; i < 13; i++) {
		read_charger(10000);
		live_with_car(1, 2000, 10000);
	}
	for (int i = 0; i < 3; i++) {
		read_charger(12000); /* 10 A, a tenth and 1 A */
		live_with_car(1, 2000, 12000);
		assert_int_equal(said(), 0);
	}
	for (int i = 0; i < 3; i++) {
		read_charger(12001);
		live_with_car(1, 2000, 12000);
		assert_int_equal(said(), i ? 0 : CONTROLLER_DISBELIEVES);
	}
	read_charger(12000);
	live_with_car(1, 2000, 12000);
	assert_int_equal(said(), CONTROLLER_BELIEVES);
}

static void the_firmwares_states_do_not_ask_the_charger(void **state)
{
	(void)state;
	live(1, 14000);
	b.charger.applied = 10000;
	for (int i = 0; i < 60; i++) {
		read_charger(160000);
		live(1, 14000);
		assert_int_equal(said(), 0);
	}
	assert_int_equal(b.controller.order, 0);
}

/* A car on L1 of its charger, which hangs on L2 of the grid, ramps up and down. */
static unsigned ramps(int seconds)
{
	unsigned events = 0;

	for (int i = 0; i < seconds; i++) {
		int32_t car = 6000 + 500 * (i % 40 < 20 ? i % 40 : 40 - i % 40);

		charging(0, 16000);
		b.charger.car[0] = car;
		tell(1000, 2000 + car, 3000);
		step();
		events |= said();
	}
	return events;
}

static void a_phase_order_that_is_learnt_is_said_once(void **state)
{
	struct controller_options o = plain(ALGORITHM_HEADROOM);
	struct balance_settings *s = &o.settings;

	(void)state;
	s->phases = 2; /* L3 stays L3 */
	begin(&o);
	assert_int_equal(ramps(100) & ~(unsigned)CONTROLLER_ADOPTED, CONTROLLER_LEARNT);
	assert_int_equal(b.controller.order, 213);
	assert_int_equal(ramps(100), 0);
	s->phase_order = 213; /* known before */
	begin(&o);
	assert_int_equal(ramps(100), CONTROLLER_ADOPTED);
	assert_int_equal(b.controller.order, 213);
}

static void the_chargers_own_maximum_bounds_the_limit(void **state)
{
	(void)state;
	for (int n = ALGORITHM_THRESHOLD; n <= ALGORITHM_HEADROOM; n++) {
		begin_both(n);
		b.charger.most = 10000;
		live(60, 3000);
		assert_int_equal(b.wanted.set_point, 10000);
		b.charger.most = CURRENT_NONE;
		live(60, 3000);
		assert_int_equal(b.wanted.set_point, 16000);
	}
}

static struct record record;

static void describe(void)
{
	controller_describe(&b.controller, b.now, &b.charger, &record);
	assert_false(record.failed);
	assert_string_equal(record.type, "balance");
}

/* The value as mA or as a whole number; -1: null. */
static int64_t number(const char *name, int exponent)
{
	const struct value *v = record_find(&record, name);
	int64_t n = -2;

	assert_non_null(v);
	if (v->kind == VALUE_NULL)
		return -1;
	assert_int_equal(v->kind, VALUE_DECIMAL);
	assert_int_equal(decimal_scaled(v->as.decimal, exponent, &n), 0);
	return n;
}

static void word_is(const char *name, const char *word)
{
	const struct value *v = record_find(&record, name);

	assert_non_null(v);
	assert_int_equal(v->kind, VALUE_TEXT);
	assert_int_equal(v->as.text.length, strlen(word));
	assert_memory_equal(v->as.text.data, word, strlen(word));
}

/* The first ceiling, mA; -1: null. */
static int64_t ceiling_of_the_fuse(void)
{
	const struct value *v = record_find(&record, "ceilings");
	int64_t n = -2;

	assert_non_null(v);
	assert_int_equal(v->kind, VALUE_OBJECT);
	assert_string_equal(v[1].name, "fuse");
	if (v[1].kind == VALUE_NULL)
		return -1;
	assert_int_equal(decimal_scaled(v[1].as.decimal, -3, &n), 0);
	return n;
}

static void what_is_not_known_is_null_in_the_record(void **state)
{
	static const char *const unknown[] = {"used",    "set_point", "car_l1",  "car_l2", "car_l3",
	                                      "applied", "grid_l1",   "grid_l2", "grid_l3"};

	(void)state;
	b.charger.link = CHARGER_AWAY;
	silence(1);
	describe();
	for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
		assert_int_equal(number(unknown[i], -3), -1);
	assert_int_equal(number("limit", -3), 0);
	assert_int_equal(number("age", 0), 1);
	word_is("charger", "away");
	word_is("state", "fallback");
	word_is("reason", "no meter data yet");
}

static void the_record_tells_decision_and_observation_apart(void **state)
{
	(void)state;
	live(30, 3000);
	b.controller.balancer.settings.override_limit = 9000;
	live(1, 3000);
	b.charger.set_point = 16000;
	b.charger.applied = 8000;
	read_charger(7000);
	b.charger.car[1] = 7100;
	b.charger.car[2] = 0;
	describe();
	assert_int_equal(number("used", -3), 3000);
	assert_int_equal(number("limit", -3), 9000);
	assert_int_equal(number("override_limit", -3), 9000);
	assert_int_equal(number("set_point", -3), 16000);
	assert_int_equal(number("applied", -3), 8000);
	assert_int_equal(number("grid_l1", -3), 3000);
	assert_int_equal(number("grid_l2", -3), 2000);
	assert_int_equal(number("grid_l3", -3), 1000);
	assert_int_equal(ceiling_of_the_fuse(), -1); /* the firmware's states know none */
	assert_int_equal(number("car_l1", -3), 7000);
	assert_int_equal(number("car_l2", -3), 7100);
	assert_int_equal(number("car_l3", -3), 0);
	assert_int_equal(number("state_code", 0), b.controller.balancer.state);
	assert_int_equal(number("age", 0), 0);
	word_is("charger", "ready");
	word_is("lamp", balance_lamp(b.controller.balancer.state));
	b.now += 3001;
	describe();
	assert_int_equal(number("car_l1", -3), -1); /* too old to be shown */
	start_headroom();
	describe();
	assert_int_equal(ceiling_of_the_fuse(), 22500);
	assert_int_equal(number("limit", -3), 16000);
}

static void each_state_of_the_link_has_its_word(void **state)
{
	static const char *const words[] = {"none", "away", "ready", "refused"};

	(void)state;
	for (int i = CHARGER_ABSENT; i <= CHARGER_REFUSED; i++) {
		b.charger.link = (enum charger_link)i;
		describe();
		word_is("charger", words[i]);
	}
	record_free(&record);
}

/* Said once: --phases 1 beside a meter that tells a current on another phase. */
static void a_phase_that_does_not_count_is_said(void **state)
{
	(void)state;
	b.controller.balancer.settings.phases = 1;
	assert_int_equal(tell(3000, 0, CURRENT_NONE), 0);
	assert_int_equal(b.controller.phases, 1);
	assert_int_equal(tell(3000, 0, 100), CONTROLLER_UNCOUNTED);
	assert_int_equal(b.controller.phases, 3);
	assert_int_equal(tell(3000, 5000, 100), 0);
}

/* A telegram of a meter without a clock that tells 3.6 kW. */
static unsigned tell_of(const char *id, int32_t l1, uint64_t registers)
{
	struct grid_reading reading = {
		.currents = {l1, 2000, 1000}, .clock = INSTANT_NONE, .id = id};
	unsigned events;

	reading.still = (struct standstill_reading){
		.content = registers, .registers = registers, .power = 3600000, .unit = 1000};
	events = controller_telegram(&b.controller, b.now, &reading);
	step();
	return events;
}

static void registers_that_stand_still_are_no_data(void **state)
{
	unsigned events = 0;

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_int_equal(tell_of("M", 3000, 1), 0);
	for (int i = 0; i < 40; i++)
		events |= tell_of("M", 3000, 1);
	assert_int_equal(events, CONTROLLER_STANDS);
	assert_int_equal(b.controller.balancer.state, STATE_FALLBACK);
	assert_int_equal(tell_of("M", 3000, 2), CONTROLLER_ADVANCES);
	assert_int_not_equal(b.controller.balancer.state, STATE_FALLBACK);
}

/* The clock of a meter that is slow may keep a value for 12 s; its registers prove it after 10 s. */
static void a_clock_that_stands_still_is_nothing_new(void **state)
{
	struct grid_reading reading = {.currents = {3000, 2000, 1000}, .id = "M"};
	unsigned events = 0;

	(void)state;
	for (int i = 0; i < 40; i++) {
		uint64_t content = i < 3 ? 0 : i < 9 ? 3 : i < 18 ? 9 : 18; /* since that second */

		reading.clock = (instant)content * 1000;
		reading.still = (struct standstill_reading){
			.content = content, .registers = content, .power = 3600000, .unit = 1000};
		events |= controller_telegram(&b.controller, b.now, &reading);
		step();
	}
	assert_int_equal(events, CONTROLLER_STANDS | CONTROLLER_FROZEN);
}

static void another_meter_is_not_looked_at(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 20; i++) {
		assert_int_equal(tell_of("M", 3000, i), 0);
		assert_int_equal(tell_of("N", 30000, i), i ? 0 : CONTROLLER_OTHER);
		assert_int_equal(b.controller.currents[0], 3000);
	}
	assert_string_equal(b.controller.other, "N");
	assert_int_equal(b.controller.identity.ignored, 20);
	silence(40);
	assert_int_equal(tell_of("N", 30000, 30), 0);
	assert_int_equal(tell_of("O", 4000, 31), CONTROLLER_EXCHANGED);
	assert_int_equal(b.controller.currents[0], 4000);
}

static void a_clock_that_vanishes_is_said(void **state)
{
	unsigned events = 0;

	(void)state;
	assert_int_equal(live(10, 3000), 0);
	b.clock_stops = true;
	b.clock = INSTANT_NONE;
	for (int i = 0; i < 9; i++) {
		events |= tell(20000, 2000, 1000);
		step();
		assert_int_equal(b.controller.currents[0], 3000);
	}
	assert_int_equal(events, CONTROLLER_CLOCKLESS);
	assert_int_equal(live(20, 20000), 0);
	assert_int_equal(b.controller.currents[0], 20000);
	b.clock_stops = false;
	assert_int_equal(live(20, 20000), CONTROLLER_CLOCK);
}

static void a_jump_behind_a_telegram_without_clock_is_said(void **state)
{
	(void)state;
	live(30, 3000);
	b.clock_stops = true;
	b.clock = INSTANT_NONE;
	assert_int_equal(live(1, 9000), CONTROLLER_CLOCKLESS);
	b.clock_stops = false;
	b.ahead += 100000;
	assert_int_equal(live(1, 9000), CONTROLLER_JUMPED);
	assert_int_equal(b.controller.currents[0], 3000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, setup)
		TEST(registers_that_stand_still_are_no_data),
		TEST(a_clock_that_stands_still_is_nothing_new),
		TEST(another_meter_is_not_looked_at),
		TEST(a_phase_that_does_not_count_is_said),
		TEST(a_clock_that_vanishes_is_said),
		TEST(a_jump_behind_a_telegram_without_clock_is_said),
		TEST(a_charger_is_left_alone_until_the_fallback_is_due),
		TEST(the_first_telegram_ends_that),
		TEST(a_pause_needs_no_telegram),
		TEST(a_telegram_without_currents_is_no_data),
		TEST(the_limit_follows_the_house),
		TEST(the_last_telegram_before_a_step_counts),
		TEST(the_fallback_is_due_after_its_wait_without_telegrams),
		TEST(a_frozen_meter_is_no_meter),
		TEST(a_phase_that_is_gone_is_no_data),
		TEST(a_clock_that_goes_on_without_a_phase_is_told_as_both),
		TEST(each_phase_is_missed),
		TEST(a_meter_of_one_phase_is_whole),
		TEST(the_chargers_own_fallback_is_within_its_maximum),
		TEST(measured_currents_of_the_car_count_while_they_are_fresh),
		TEST(a_lost_charger_draws_nothing),
		TEST(the_charger_is_told_again_when_it_holds_something_else),
		TEST(old_data_are_said_once_and_fresh_ones_too),
		TEST(the_fallback_is_due_after_seconds_not_steps),
		TEST(late_telegrams_are_no_data),
		TEST(a_longer_fallback_wait_is_more_patience),
		TEST(a_clock_that_jumps_is_no_data_until_it_runs),
		TEST(a_car_that_charges_at_the_start_goes_on),
		TEST(what_was_adopted_is_not_for_ever),
		TEST(only_a_car_that_charges_is_adopted),
		TEST(adoption_waits_for_the_charger),
		TEST(a_charger_that_tells_too_much_is_not_believed),
		TEST(the_firmwares_states_do_not_ask_the_charger),
		TEST(a_phase_order_that_is_learnt_is_said_once),
		TEST(the_chargers_own_maximum_bounds_the_limit),
		TEST(what_is_not_known_is_null_in_the_record),
		TEST(the_record_tells_decision_and_observation_apart),
		TEST(each_state_of_the_link_has_its_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
