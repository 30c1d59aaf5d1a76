/* What the controller may still believe: each rule at its bound, and one beyond. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/freshness.h"

static struct freshness f;

static int setup(void **state)
{
	(void)state;
	freshness_start(&f);
	return 0;
}

static int missing(int32_t l1, int32_t l2, int32_t l3, int phases)
{
	return freshness_missing(&f, (const int32_t[]){l1, l2, l3}, phases);
}

/* The meter's clock is ahead of ours by so many ms. */
enum { AHEAD = 5000000 };

/* A telegram every second from `from` to before `to`, each that late; the lag of all. */
static int64_t steady(int64_t from, int64_t to, int64_t late)
{
	int64_t lag = 0;

	for (int64_t now = from; now < to; now += 1000) {
		int64_t one = freshness_lag(&f, now, now + AHEAD - late);

		if (now > from)
			assert_int_equal(one, lag);
		lag = one;
	}
	return lag;
}

static void a_telegram_in_time_is_not_late(void **state)
{
	(void)state;
	assert_int_equal(steady(0, 100000, 0), 0);
	/* nor is one of a machine that is up for ten days, with a clock at the epoch */
	setup(NULL);
	assert_int_equal(freshness_lag(&f, INT64_C(864000000), 0), 0);
	assert_int_equal(freshness_lag(&f, INT64_C(864001000), 1000), 0);
}

/* Clocks tell whole seconds: a second and a half is in time. Ours may be fast by 1 ms a second. */
static void more_than_a_second_and_a_half_is_lag(void **state)
{
	(void)state;
	steady(0, 10000, 0);
	assert_int_equal(freshness_lag(&f, 10000, 10000 + AHEAD - 1501), 0);
	assert_int_equal(freshness_lag(&f, 11000, 11000 + AHEAD - 1503), 1);
	assert_int_equal(freshness_lag(&f, 12000, 12000 + AHEAD - 40003), 38500);
	assert_int_equal(freshness_lag(&f, 13000, 13000 + AHEAD), 0);
}

/* The telegram that was fastest counts: a start with late telegrams is found out. */
static void lag_counts_from_the_fastest_telegram(void **state)
{
	(void)state;
	assert_int_equal(steady(0, 10000, 2500), 0);
	assert_int_equal(freshness_lag(&f, 10000, 10000 + AHEAD), 0); /* 2.5 s: no jump */
	assert_int_equal(freshness_lag(&f, 11000, 11000 + AHEAD - 2500), 999);
}

/* Five telegrams that agree, over at least four seconds. */
static void a_clock_that_jumps_forward_is_doubtful_until_it_runs(void **state)
{
	(void)state;
	steady(0, 10000, 2501);
	assert_int_equal(steady(10000, 14000, 0), FRESHNESS_DOUBTFUL);
	assert_int_equal(steady(14000, 20000, 0), 0);
	assert_int_equal(freshness_lag(&f, 20000, 20000 + AHEAD - 2501), 1000);
	setup(NULL); /* faster ones take as long */
	steady(0, 10000, 3000);
	for (int64_t now = 10000; now < 14000; now += 200)
		assert_int_equal(freshness_lag(&f, now, now + AHEAD), FRESHNESS_DOUBTFUL);
	assert_int_equal(freshness_lag(&f, 14000, 14000 + AHEAD), 0);
	setup(NULL); /* of slower ones it takes as many */
	steady(0, 10000, 3000);
	for (int64_t now = 10000; now < 50000; now += 10000)
		assert_int_equal(freshness_lag(&f, now, now + AHEAD), FRESHNESS_DOUBTFUL);
	assert_int_equal(freshness_lag(&f, 50000, 50000 + AHEAD), 0);
}

/* Telegrams 2 s apart agree, those that are further apart do not. */
static void a_clock_that_keeps_jumping_stays_doubtful(void **state)
{
	(void)state;
	steady(0, 10000, 0);
	for (int64_t now = 10000; now < 100000; now += 1000)
		assert_int_equal(
			freshness_lag(&f, now, now + AHEAD + (now / 1000 % 2 ? 5000 : 7001)),
			FRESHNESS_DOUBTFUL);
	for (int64_t now = 100000; now < 103000; now += 1000)
		assert_int_equal(
			freshness_lag(&f, now, now + AHEAD + (now / 1000 % 2 ? 5000 : 7000)),
			FRESHNESS_DOUBTFUL);
	assert_int_equal(freshness_lag(&f, 103000, 103000 + AHEAD + 5000), 0);
}

/* A single wrong clock changes nothing. */
static void a_clock_that_jumps_back_again_is_believed_at_once(void **state)
{
	(void)state;
	steady(0, 10000, 0);
	assert_int_equal(steady(10000, 14000, -100000), FRESHNESS_DOUBTFUL);
	assert_int_equal(steady(14000, 20000, 0), 0);
	/* the four before it are forgotten */
	assert_int_equal(steady(20000, 24000, -100000), FRESHNESS_DOUBTFUL);
}

static void a_clock_that_was_set_back_is_lag_for_ten_minutes(void **state)
{
	(void)state;
	steady(0, 10000, 0);
	assert_int_equal(freshness_lag(&f, 10000, 10000 + AHEAD - 3600000), 3598499);
	for (int64_t now = 11000; now < 610000; now += 1000)
		assert_in_range(freshness_lag(&f, now, now + AHEAD - 3600000), 3597899, 3598499);
	assert_int_equal(freshness_lag(&f, 610000, 610000 + AHEAD - 3600000), 0);
	assert_int_equal(steady(611000, 700000, 3600000), 0);
}

/* Our clock may be fast: the base follows by a thousandth, and the lag that is left is none. */
static void a_slow_clock_is_not_late(void **state)
{
	(void)state;
	for (int64_t now = 0; now < 100000000; now += 1000)
		assert_int_equal(freshness_lag(&f, now, AHEAD + now - now / 1000), 0);
	setup(NULL); /* and a fast one does not jump */
	for (int64_t now = 0; now < 100000000; now += 1000)
		assert_int_equal(freshness_lag(&f, now, AHEAD + now + now / 1000), 0);
}

/* Telegrams that pile up somewhere: each comes later than the one before, without end. */
static void a_backlog_that_grows_is_never_believed(void **state)
{
	int64_t before = 0;

	(void)state;
	for (int64_t now = 0; now < 7200000; now += 1000) {
		int64_t lag = freshness_lag(&f, now, AHEAD + now / 2);

		assert_true(lag >= before);
		assert_true(lag >= now / 2 - now / 1000 - 1500);
		before = lag;
	}
}

static bool frozen(int64_t now, instant clock)
{
	freshness_lag(&f, now, clock);
	return freshness_frozen(&f, now);
}

static void a_clock_that_stands_still_is_frozen_after_three_seconds(void **state)
{
	(void)state;
	assert_false(frozen(50000, 1000));
	assert_false(frozen(53000, 1000));
	assert_true(frozen(53001, 1000));
	assert_true(frozen(90000, 1000)); /* for as long as it lasts */
	assert_true(freshness_frozen(&f, 90001));
}

/* A meter whose clock keeps each value for 8 s, say, is frozen after 11 s. */
static void three_seconds_count_from_the_longest_that_it_kept_a_value(void **state)
{
	(void)state;
	for (int64_t now = 0; now < 30000; now += 1000)
		assert_false(frozen(now, now / 2000 * 2000));
	assert_false(frozen(30000, 30000)); /* it kept 28 s for 2 s */
	assert_false(frozen(35000, 30000));
	assert_true(frozen(35001, 30000));
	assert_false(frozen(40000, 40000)); /* that it was frozen teaches nothing */
	assert_false(frozen(45000, 40000));
	assert_false(frozen(45000, 41000)); /* 5 s do, because it was not frozen yet */
	assert_false(frozen(53000, 41000));
	assert_true(frozen(53001, 41000));
}

static void a_clock_that_moves_is_never_frozen(void **state)
{
	(void)state;
	for (int64_t now = 0; now < 100000; now += 1000)
		assert_false(frozen(now, now));
	/* telegrams 10 s apart, each with another second */
	for (int64_t now = 100000; now < 200000; now += 10000)
		assert_false(frozen(now, now));
}

static void a_frozen_clock_that_moves_again_is_believed_at_once(void **state)
{
	(void)state;
	frozen(0, 1000);
	assert_true(frozen(4000, 1000));
	assert_false(frozen(4001, 2000));
	assert_false(frozen(7001, 2000)); /* its time begins anew */
	assert_true(frozen(7002, 2000));
	assert_false(frozen(7003, 1000)); /* backwards is a move, too */
}

static void a_meter_without_a_clock_is_believed(void **state)
{
	(void)state;
	assert_false(freshness_frozen(&f, 0)); /* nothing came yet */
	for (int64_t now = 0; now < 60000; now += 1000) {
		assert_int_equal(freshness_lag(&f, now, INSTANT_NONE), 0);
		assert_false(freshness_frozen(&f, now));
	}
	assert_false(frozen(70000, 1000)); /* it has one after all */
	assert_true(frozen(73001, 1000));
	assert_true(frozen(73002, INSTANT_NONE)); /* one that has just vanished is missed */
	assert_true(frozen(83000, INSTANT_NONE));
	assert_false(frozen(83001, INSTANT_NONE)); /* after ten seconds no longer */
	assert_false(frozen(99000, INSTANT_NONE));
	assert_false(frozen(100000, 2000));
	assert_false(frozen(103000, 2000)); /* the time without it was not kept */
	assert_true(frozen(103001, 2000));
}

/* Telegrams without a clock are doubtful for ten seconds, and for as long as others have one. */
static void a_clock_that_vanishes(void **state)
{
	(void)state;
	steady(0, 10000, 0);
	assert_false(f.clockless);
	for (int64_t now = 10000; now < 19000; now += 1000)
		assert_int_equal(freshness_lag(&f, now, INSTANT_NONE), FRESHNESS_DOUBTFUL);
	assert_true(f.clockless);
	assert_int_equal(freshness_lag(&f, 19000, INSTANT_NONE), 0);
	assert_int_equal(freshness_lag(&f, 20000, INSTANT_NONE), 0);
	assert_int_equal(freshness_lag(&f, 21000, 5000), 0); /* another clock begins anew */
	assert_true(f.clockless);
	for (int64_t now = 22000; now < 60000; now += 1000) {
		assert_in_range(freshness_lag(&f, now, 5000), 0, now - 22000);
		assert_int_equal(freshness_lag(&f, now + 500, INSTANT_NONE), FRESHNESS_DOUBTFUL);
		assert_int_equal(freshness_frozen(&f, now), now > 25000);
	}
	freshness_lag(&f, 69499, 48000);
	assert_true(f.clockless);
	freshness_lag(&f, 69500, 48000);
	assert_false(f.clockless);
}

static void the_first_clock_counts_from_when_it_came(void **state)
{
	(void)state;
	/* a machine that is up for days, and a clock at the epoch */
	assert_false(frozen(INT64_C(864000000), 0));
	assert_false(frozen(INT64_C(864003000), 0));
	assert_true(frozen(INT64_C(864003001), 0));
}

static void the_first_phase_that_is_not_told_is_missing(void **state)
{
	(void)state;
	assert_int_equal(missing(1, 2, 3, 3), -1);
	assert_int_equal(missing(1, 2, CURRENT_NONE, 3), 2);
	assert_int_equal(missing(CURRENT_NONE, 2, 3, 3), 0);
	assert_int_equal(missing(1, CURRENT_NONE, 3, 3), 1);
	assert_int_equal(missing(1, CURRENT_NONE, CURRENT_NONE, 3), 1);
	assert_int_equal(missing(CURRENT_NONE, 2, CURRENT_NONE, 3), 0);
	assert_int_equal(missing(CURRENT_NONE, CURRENT_NONE, CURRENT_NONE, 3), 0);
	assert_int_equal(missing(0, 0, 0, 3), -1);
}

/* Told before or not: what is not told is not known. */
static void a_phase_that_was_never_told_is_missing(void **state)
{
	(void)state;
	assert_int_equal(missing(1, CURRENT_NONE, CURRENT_NONE, 3), 1);
	assert_true(f.phases[0]);
	assert_false(f.phases[1]);
	assert_false(f.phases[2]);
	assert_int_equal(missing(1, CURRENT_NONE, 3, 3), 1);
	assert_true(f.phases[2]);
	assert_int_equal(missing(1, 2, CURRENT_NONE, 3), 2);
	assert_true(f.phases[1]);
	assert_true(f.phases[2]); /* once told is told */
}

static void phases_that_do_not_count_are_not_missing(void **state)
{
	(void)state;
	assert_int_equal(missing(1, 2, 3, 1), -1);
	assert_int_equal(missing(1, CURRENT_NONE, CURRENT_NONE, 1), -1);
	assert_int_equal(missing(1, 2, CURRENT_NONE, 2), -1);
	assert_int_equal(missing(1, CURRENT_NONE, 3, 2), 1);
	assert_int_equal(missing(CURRENT_NONE, 2, 3, 1), 0);
	assert_false(f.phases[2]); /* nor does it count that they were told */
}

static void the_car_is_known_for_as_long_as_its_currents_are_fresh(void **state)
{
	struct charger_state c = {.car = {5000, 6000, 7000}, .car_read = 10000};

	(void)state;
	assert_ptr_equal(freshness_car(&c, 10000, 3000), c.car);
	assert_ptr_equal(freshness_car(&c, 13000, 3000), c.car);
	assert_null(freshness_car(&c, 13001, 3000));
	assert_ptr_equal(freshness_car(&c, 9999, 3000), c.car); /* read after the step began */
	c.car_read = CHARGER_NEVER;
	assert_null(freshness_car(&c, 10000, 3000));
}

static void a_charger_is_lost_when_its_own_timeout_is_over(void **state)
{
	struct charger_state c = {.silent_since = 10000};

	(void)state;
	assert_false(freshness_lost(&c, 10000, 60000));
	assert_false(freshness_lost(&c, 69999, 60000));
	assert_true(freshness_lost(&c, 70000, 60000));
	c.silent_since = CHARGER_NEVER;
	assert_false(freshness_lost(&c, INT64_MAX, 60000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, setup)
		TEST(a_telegram_in_time_is_not_late),
		TEST(more_than_a_second_and_a_half_is_lag),
		TEST(lag_counts_from_the_fastest_telegram),
		TEST(a_clock_that_jumps_forward_is_doubtful_until_it_runs),
		TEST(a_clock_that_keeps_jumping_stays_doubtful),
		TEST(a_clock_that_jumps_back_again_is_believed_at_once),
		TEST(a_clock_that_was_set_back_is_lag_for_ten_minutes),
		TEST(a_slow_clock_is_not_late),
		TEST(a_backlog_that_grows_is_never_believed),
		TEST(a_clock_that_stands_still_is_frozen_after_three_seconds),
		TEST(three_seconds_count_from_the_longest_that_it_kept_a_value),
		TEST(a_clock_that_moves_is_never_frozen),
		TEST(a_frozen_clock_that_moves_again_is_believed_at_once),
		TEST(a_meter_without_a_clock_is_believed),
		TEST(a_clock_that_vanishes),
		TEST(the_first_clock_counts_from_when_it_came),
		TEST(the_first_phase_that_is_not_told_is_missing),
		TEST(a_phase_that_was_never_told_is_missing),
		TEST(phases_that_do_not_count_are_not_missing),
		TEST(the_car_is_known_for_as_long_as_its_currents_are_fresh),
		TEST(a_charger_is_lost_when_its_own_timeout_is_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
