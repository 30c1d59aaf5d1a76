/* What a load balancer reports: the reason for each decision, and the lamp of each state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "balance/balancer.h"

static struct balancer b;

static void start(enum balance_algorithm algorithm)
{
	struct balance_settings s = balance_defaults();
	struct fuse fuse;

	s.fallback_limit = 6000;
	assert_int_equal(fuse_init(&fuse, FUSE_ANY, 25000), 0);
	balancer_start(&b, algorithm, &s, &fuse, false);
	assert_int_equal(b.limit, 0);
}

static void tick(int32_t l1)
{
	balancer_tick(&b, (const int32_t[]){l1, 0, 0}, NULL);
}

static void reason_is(const char *reason)
{
	assert_string_equal(balancer_reason(&b), reason);
}

static void reasons_while_there_is_room(void **state)
{
	(void)state;
	start(ALGORITHM_THRESHOLD);
	tick(3000);
	reason_is("at or below the lower limit: waiting");
	tick(3000);
	reason_is("at or below the lower limit: raised");
	tick(20000);
	reason_is("between the limits: held");
	for (int i = 0; i < 40; i++)
		tick(3000);
	assert_int_equal(b.limit, 16000);
	reason_is("maximum reached");
}

static void reasons_of_the_override(void **state)
{
	(void)state;
	start(ALGORITHM_THRESHOLD);
	for (int i = 0; i < 40; i++)
		tick(3000);
	b.settings.override_limit = 8000;
	tick(3000); /* judged before the cap */
	reason_is("capped by the override");
	tick(3000);
	reason_is("held by the override");
	b.settings.override_limit = 7000;
	tick(3000);
	reason_is("capped by the override");
	assert_int_equal(b.state, STATE_LOWER);
}

static void reasons_while_there_is_too_much(void **state)
{
	(void)state;
	start(ALGORITHM_THRESHOLD);
	for (int i = 0; i < 40; i++)
		tick(3000);
	tick(23000);
	reason_is("above the upper limit: waiting");
	for (int i = 0; i < 5; i++)
		tick(23000);
	reason_is("above the upper limit: lowered");
	for (int i = 0; i < 200; i++)
		tick(23000);
	reason_is("above the upper limit: nothing left to lower");
	for (int i = 0; i < 40; i++)
		tick(3000);
	tick(25000);
	reason_is("above the alarm limit: waiting");
	tick(25000);
	reason_is("above the alarm limit: lowered");
	for (int i = 0; i < 10; i++)
		tick(25000);
	reason_is("above the alarm limit: nothing left to lower");
}

static void reasons_without_data(void **state)
{
	(void)state;
	for (int n = ALGORITHM_THRESHOLD; n <= ALGORITHM_HEADROOM; n++) {
		start((enum balance_algorithm)n);
		for (int age = 1; age < 30; age++) {
			balancer_tick(&b, NULL, NULL);
			assert_int_equal(balancer_age(&b), age);
			reason_is("no meter data yet");
		}
		balancer_tick(&b, NULL, NULL);
		reason_is("meter data too old: fallback limit");
		assert_int_equal(b.limit, 6000);
	}
}

static void reasons_of_headroom(void **state)
{
	static const char *const reasons[] = {
		[HEADROOM_HELD] = "it fits: held",
		[HEADROOM_LOWERED] = "less fits: lowered",
		[HEADROOM_RAISED] = "more has fitted for the quiet time: raised",
		[HEADROOM_WAITING] = "more fits: waiting until it lasts",
		[HEADROOM_RIDING] = "short overload: held at the minimum",
		[HEADROOM_PAUSED] = "not even the minimum fits: paused",
		[HEADROOM_RESTARTED] = "the minimum has fitted long enough: restarted",
		[HEADROOM_CAPPED] = "capped below the minimum: paused",
		[HEADROOM_NO_DATA] = "no meter data yet",
	};

	(void)state;
	start(ALGORITHM_HEADROOM);
	b.headroom.paused = false;
	for (int i = HEADROOM_HELD; i <= HEADROOM_NO_DATA; i++) {
		b.headroom.reason = (uint8_t)i;
		reason_is(reasons[i]);
	}
	b.headroom.reason = HEADROOM_HELD;
	b.limit = 16000;
	reason_is("maximum reached");
	b.headroom.reason = HEADROOM_WAITING;
	b.headroom.paused = true;
	reason_is("room for a restart: waiting until it lasts");
}

static void names_and_lamps(void **state)
{
	static const char *const rows[][2] = {
		[STATE_NORMAL] = {"normal", "1 pulse every 1.4 s"},
		[STATE_LOWER] = {"lower", "2 pulses every 1.8 s"},
		[STATE_UPPER] = {"upper", "3 pulses every 2.2 s"},
		[STATE_ALARM] = {"alarm", "4 pulses every 2.6 s"},
		[STATE_FALLBACK] = {"fallback", "1 s on, 1 s off"},
	};

	(void)state;
	assert_int_equal(STATES, 5);
	for (unsigned i = 0; i < STATES; i++) {
		assert_string_equal(balance_state_names[i], rows[i][0]);
		assert_string_equal(balance_lamp(i), rows[i][1]);
	}
	assert_string_equal(balance_lamp(STATES), "dark");
	assert_string_equal(balance_algorithm_names[ALGORITHM_THRESHOLD], "threshold");
	assert_string_equal(balance_algorithm_names[ALGORITHM_HEADROOM], "headroom");
	assert_null(balance_algorithm_names[2]);
}

/* A step at that time, with a telegram of `l1` mA or, with CURRENT_NONE, without one. */
static bool step_at(int64_t now, int32_t l1, int32_t most)
{
	const int32_t currents[BALANCE_PHASES] = {l1, 0, 0};

	return balancer_step(
		&b, &(struct balance_input){.now = now,
	                                    .currents = l1 == CURRENT_NONE ? NULL : currents,
	                                    .car_time = now,
	                                    .in_force = CURRENT_NONE,
	                                    .most = most});
}

/* The firmware's states with a limit that rises by 1 mA every two ticks. */
static void start_counting(void)
{
	start(ALGORITHM_THRESHOLD);
	b.settings.lower_step = 1;
	b.settings.lower_wait = 1;
}

static void firmware_ticks_are_seconds(void **state)
{
	static const int every[] = {100, 250, 500, 900, 1000, 1070, 1499, 1500, 2000, 10000};

	(void)state;
	for (size_t i = 0; i < sizeof every / sizeof *every; i++) {
		start_counting();
		step_at(1000, 3000, CURRENT_NONE);
		for (int64_t now = 1000; now <= 300000; now += every[i]) {
			step_at(now, 3000, CURRENT_NONE);
			/* a telegram up to half a second before a tick is that tick */
			assert_in_range(b.limit, now / 1000 / 2, (now + 500) / 1000 / 2);
			assert_int_equal(balancer_age(&b), 0);
		}
		assert_in_range(b.limit, 145, 150);
	}
}

/* Between two ticks nothing happens, and a telegram waits for the next one. */
static void a_telegram_is_not_lost_between_two_ticks(void **state)
{
	(void)state;
	start_counting();
	step_at(1000, 3000, CURRENT_NONE);
	assert_int_equal(b.used, 3000);
	step_at(1300, 5000, CURRENT_NONE);
	assert_int_equal(b.used, 3000);
	step_at(1900, CURRENT_NONE, CURRENT_NONE);
	assert_int_equal(b.used, 3000);
	step_at(2000, CURRENT_NONE, CURRENT_NONE);
	assert_int_equal(b.used, 5000);
	assert_int_equal(balancer_age(&b), 0);
	step_at(2600, 7000, CURRENT_NONE); /* half a second before the tick: this is it */
	assert_int_equal(b.used, 7000);
	step_at(3000, CURRENT_NONE, CURRENT_NONE);
	assert_int_equal(balancer_age(&b), 0);
	step_at(4000, CURRENT_NONE, CURRENT_NONE);
	assert_int_equal(balancer_age(&b), 1);
}

static void a_pause_is_as_many_ticks_as_seconds(void **state)
{
	(void)state;
	start_counting();
	step_at(1000, 3000, CURRENT_NONE);
	step_at(41000, CURRENT_NONE, CURRENT_NONE);
	assert_int_equal(balancer_age(&b), 40);
	assert_int_equal(b.limit, 6000); /* the fallback */
	reason_is("meter data too old: fallback limit");
	start_counting();
	step_at(1000, 3000, CURRENT_NONE);
	step_at(30000, CURRENT_NONE, CURRENT_NONE);
	assert_int_equal(balancer_age(&b), 29);
	assert_int_equal(b.limit, 15);
	step_at(31000, 4000, CURRENT_NONE); /* just in time */
	assert_int_equal(balancer_age(&b), 0);
	assert_int_equal(b.used, 4000);
	assert_int_equal(b.limit, 15);
	start_counting();
	step_at(1000, 3000, CURRENT_NONE);
	step_at(41000, 4000, CURRENT_NONE); /* in the last of 40 ticks: 30 are the fallback's */
	assert_int_equal(balancer_age(&b), 0);
	assert_int_equal(b.used, 4000);
	assert_int_equal(b.limit, 6000);
}

/* The firmware knows neither fuse nor charger; without its quirks both bound the limit. */
static void fuse_and_charger_bound_the_states(void **state)
{
	(void)state;
	for (int quirks = 0; quirks < 2; quirks++) {
		start(ALGORITHM_THRESHOLD);
		b.settings.max_current = 32000;
		b.settings.lower_step = 5000;
		b.threshold.quirks = quirks;
		for (int i = 1; i <= 40; i++)
			step_at(i * 1000, 3000, CURRENT_NONE);
		assert_int_equal(b.limit, quirks ? 32000 : 25000);
		step_at(41000, 3000, 10000);
		assert_int_equal(b.limit, quirks ? 32000 : 10000);
		step_at(42000, 3000, 30000); /* the fuse is lower */
		step_at(43000, 3000, 30000);
		for (int i = 44; i <= 80; i++)
			step_at(i * 1000, 3000, 30000);
		assert_int_equal(b.limit, quirks ? 32000 : 25000);
		step_at(81000, 3000, 0);
		assert_int_equal(b.limit, quirks ? 32000 : 0);
	}
}

/* So many seconds with that current of the house on L1 and a car that draws what it may. */
static void charge(int seconds, int32_t house)
{
	for (int i = 0; i < seconds; i++) {
		const int32_t car[BALANCE_PHASES] = {b.limit, b.limit, b.limit};
		const int32_t grid[BALANCE_PHASES] = {house + b.limit, b.limit, b.limit};

		balancer_tick(&b, grid, car);
	}
}

static void start_headroom(void)
{
	start(ALGORITHM_HEADROOM);
	charge(400, 3000);
	assert_int_equal(b.limit, 16000);
}

static void the_user_pauses_at_once_and_until_he_ends_it(void **state)
{
	(void)state;
	for (int n = ALGORITHM_THRESHOLD; n <= ALGORITHM_HEADROOM; n++) {
		start((enum balance_algorithm)n);
		charge(400, 3000);
		assert_int_equal(b.limit, 16000);
		balancer_pause(&b, true);
		balancer_tick(&b, NULL, NULL); /* no telegram is needed */
		assert_int_equal(b.limit, 0);
		reason_is("paused by the user");
		charge(1000, 3000);
		assert_int_equal(b.limit, 0);
		for (int i = 0; i < 60; i++) /* the fallback does not lift it */
			balancer_tick(&b, NULL, NULL);
		assert_int_equal(b.limit, 0);
		reason_is("paused by the user");
		balancer_pause(&b, false);
		charge(400, 3000);
		assert_int_equal(b.limit, 16000);
		reason_is("maximum reached");
	}
}

/* A restart waits 180 s for 1 A more than the minimum, but not after the user's own pause. */
static void after_a_pause_the_minimum_suffices(void **state)
{
	static const struct {
		int32_t house;
		bool restarts;
	} cases[] = {{3000, true}, {18000, true}, {18400, true}, {18600, false}, {26000, false}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		start_headroom();
		balancer_pause(&b, true);
		charge(30, cases[i].house);
		assert_int_equal(b.limit, 0);
		balancer_pause(&b, false);
		charge(1, cases[i].house);
		assert_int_equal(b.limit >= 6000, cases[i].restarts);
		assert_int_equal(b.limit <= 25000 - 500 - cases[i].house || b.limit == 0, true);
	}
	charge(400, 18000); /* it did not fit then: the usual room and time count again */
	assert_int_equal(b.limit, 0);
	charge(179, 3000);
	assert_int_equal(b.limit, 0);
	charge(3, 3000);
	assert_in_range(b.limit, 6000, 16000);
}

/* In the first minutes, too: the wait that is left out began before the start. */
static void a_pause_in_the_first_seconds(void **state)
{
	(void)state;
	start(ALGORITHM_HEADROOM);
	balancer_pause(&b, true);
	charge(20, 3000);
	assert_int_equal(b.limit, 0);
	balancer_pause(&b, false);
	charge(1, 3000);
	assert_int_equal(b.limit, 6000);
}

/* Nobody else's pause ends earlier than it would. */
static void a_pause_that_never_was_ends_nothing(void **state)
{
	(void)state;
	start_headroom();
	charge(200, 26000);
	assert_int_equal(b.limit, 0);
	balancer_pause(&b, false);
	charge(10, 3000);
	assert_int_equal(b.limit, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reasons_while_there_is_room),
		cmocka_unit_test(reasons_of_the_override),
		cmocka_unit_test(reasons_while_there_is_too_much),
		cmocka_unit_test(reasons_without_data),
		cmocka_unit_test(reasons_of_headroom),
		cmocka_unit_test(names_and_lamps),
		cmocka_unit_test(firmware_ticks_are_seconds),
		cmocka_unit_test(a_telegram_is_not_lost_between_two_ticks),
		cmocka_unit_test(a_pause_is_as_many_ticks_as_seconds),
		cmocka_unit_test(fuse_and_charger_bound_the_states),
		cmocka_unit_test(the_user_pauses_at_once_and_until_he_ends_it),
		cmocka_unit_test(after_a_pause_the_minimum_suffices),
		cmocka_unit_test(a_pause_in_the_first_seconds),
		cmocka_unit_test(a_pause_that_never_was_ends_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
