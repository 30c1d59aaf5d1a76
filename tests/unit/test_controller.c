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
} b;

static struct controller_options plain(enum balance_algorithm algorithm)
{
	struct controller_options o = {.algorithm = algorithm,
	                               .settings = balance_defaults(),
	                               .tick = 1000,
	                               .charger_timeout = 60000};

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
	b.clock = INT64_C(1700000000000);
	b.charger = (struct charger_state){.link = CHARGER_READY,
	                                   .car_read = CHARGER_NEVER,
	                                   .silent_since = CHARGER_NEVER,
	                                   .set_point = CURRENT_NONE};
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
		b.clock += 1000;
	return controller_telegram(&b.controller, b.now, (const int32_t[]){l1, l2, l3}, b.clock);
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

static void a_telegram_without_currents_is_no_data(void **state)
{
	(void)state;
	assert_int_equal(tell(CURRENT_NONE, CURRENT_NONE, CURRENT_NONE), 0);
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
	assert_int_equal(live(3, 25000), 0); /* several telegrams may carry the same second */
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
	assert_int_equal(live(4, 3000), CONTROLLER_FROZEN);
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
	for (int i = 0; i < 30; i++) {
		assert_int_equal(tell(3000, CURRENT_NONE, CURRENT_NONE), 0);
		step();
	}
	assert_int_equal(b.wanted.set_point, 16000);
}

static void the_chargers_own_fallback_is_within_its_maximum(void **state)
{
	struct balance_settings *s = &b.controller.balancer.settings;

	(void)state;
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

static void start_headroom(int64_t tick)
{
	struct controller_options o = plain(ALGORITHM_HEADROOM);

	o.tick = tick;
	begin(&o);
	for (int i = 0; i < 30; i++) {
		read_charger(i < 8 ? 0 : 10000);
		live(1, i < 8 ? 2000 : 12000);
	}
	assert_int_equal(b.wanted.set_point, 16000);
	assert_int_equal(room(), 22500); /* 25 - 0.5 - (12 - 10) */
}

static void measured_currents_of_the_car_count_while_they_are_fresh(void **state)
{
	(void)state;
	start_headroom(1000);
	live(2, 20000);
	assert_int_equal(room(), 14500); /* 25 - 0.5 - (20 - 10) */
	live(1, 20000);
	assert_int_equal(room(), 14500); /* 3 s old */
	live(1, 20000);
	assert_int_not_equal(room(), 14500); /* too old: the car is thought to follow the limit */
}

static void patience_grows_with_the_tick(void **state)
{
	(void)state;
	start_headroom(2000);
	live(6, 20000);
	assert_int_equal(room(), 14500); /* 6 s old */
	live(1, 20000);
	assert_int_not_equal(room(), 14500);
	start_headroom(100); /* short ticks: 3 s all the same */
	live(3, 20000);
	assert_int_equal(room(), 14500);
	live(1, 20000);
	assert_int_not_equal(room(), 14500);
}

static void a_lost_charger_draws_nothing(void **state)
{
	(void)state;
	start_headroom(1000);
	b.charger.link = CHARGER_AWAY;
	b.charger.car_read = CHARGER_NEVER;
	b.charger.silent_since = b.now;
	for (int i = 0; i < 60; i++) {
		live(1, 12000);
		assert_int_not_equal(room(), 12500); /* it may still be charging */
	}
	live(1, 12000);
	assert_int_equal(room(), 12500); /* all 12 A are the house's */
}

static void the_charger_is_told_again_when_it_holds_something_else(void **state)
{
	(void)state;
	silence(1);
	assert_false(controller_differs(&b.controller, &b.charger)); /* nothing is wanted yet */
	live(30, 3000);
	b.charger.set_point = 16000;
	assert_false(controller_differs(&b.controller, &b.charger));
	b.charger.set_point = 8000;
	assert_true(controller_differs(&b.controller, &b.charger));
	b.charger.set_point = CURRENT_NONE;
	assert_true(controller_differs(&b.controller, &b.charger));
	b.charger.link = CHARGER_AWAY;
	assert_false(controller_differs(&b.controller, &b.charger));
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

static void what_is_not_known_is_null_in_the_record(void **state)
{
	static const char *const unknown[] = {"used", "set_point", "car_l1", "car_l2", "car_l3"};

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
	read_charger(7000);
	b.charger.car[1] = 7100;
	b.charger.car[2] = 0;
	describe();
	assert_int_equal(number("used", -3), 3000);
	assert_int_equal(number("limit", -3), 9000);
	assert_int_equal(number("override_limit", -3), 9000);
	assert_int_equal(number("set_point", -3), 16000);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_charger_is_left_alone_until_the_fallback_is_due, setup),
		cmocka_unit_test_setup(the_first_telegram_ends_that, setup),
		cmocka_unit_test_setup(a_telegram_without_currents_is_no_data, setup),
		cmocka_unit_test_setup(the_limit_follows_the_house, setup),
		cmocka_unit_test_setup(the_last_telegram_before_a_step_counts, setup),
		cmocka_unit_test_setup(the_fallback_is_due_after_its_wait_without_telegrams, setup),
		cmocka_unit_test_setup(a_frozen_meter_is_no_meter, setup),
		cmocka_unit_test_setup(a_phase_that_is_gone_is_no_data, setup),
		cmocka_unit_test_setup(a_clock_that_goes_on_without_a_phase_is_told_as_both, setup),
		cmocka_unit_test_setup(each_phase_is_missed, setup),
		cmocka_unit_test_setup(a_meter_of_one_phase_is_whole, setup),
		cmocka_unit_test_setup(the_chargers_own_fallback_is_within_its_maximum, setup),
		cmocka_unit_test(measured_currents_of_the_car_count_while_they_are_fresh),
		cmocka_unit_test(patience_grows_with_the_tick),
		cmocka_unit_test(a_lost_charger_draws_nothing),
		cmocka_unit_test_setup(the_charger_is_told_again_when_it_holds_something_else,
	                               setup),
		cmocka_unit_test_setup(what_is_not_known_is_null_in_the_record, setup),
		cmocka_unit_test_setup(the_record_tells_decision_and_observation_apart, setup),
		cmocka_unit_test_setup(each_state_of_the_link_has_its_word, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
