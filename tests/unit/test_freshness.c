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

static void a_clock_that_stands_still_is_frozen_after_three_seconds(void **state)
{
	(void)state;
	assert_false(freshness_frozen(&f, 50000, 1000));
	assert_false(freshness_frozen(&f, 53000, 1000));
	assert_true(freshness_frozen(&f, 53001, 1000));
	assert_true(freshness_frozen(&f, 90000, 1000)); /* for as long as it lasts */
}

static void a_clock_that_moves_is_never_frozen(void **state)
{
	(void)state;
	for (int64_t now = 0; now < 100000; now += 1000)
		assert_false(freshness_frozen(&f, now, now));
	/* telegrams 10 s apart, each with another second */
	for (int64_t now = 100000; now < 200000; now += 10000)
		assert_false(freshness_frozen(&f, now, now));
}

static void a_frozen_clock_that_moves_again_is_believed_at_once(void **state)
{
	(void)state;
	freshness_frozen(&f, 0, 1000);
	assert_true(freshness_frozen(&f, 4000, 1000));
	assert_false(freshness_frozen(&f, 4001, 2000));
	assert_false(freshness_frozen(&f, 7001, 2000)); /* its time begins anew */
	assert_true(freshness_frozen(&f, 7002, 2000));
	assert_false(freshness_frozen(&f, 7003, 1000)); /* backwards is a move, too */
}

static void a_meter_without_a_clock_is_believed(void **state)
{
	(void)state;
	for (int64_t now = 0; now < 60000; now += 1000)
		assert_false(freshness_frozen(&f, now, INSTANT_NONE));
	assert_false(freshness_frozen(&f, 70000, 1000)); /* it has one after all */
	assert_true(freshness_frozen(&f, 73001, 1000));
}

static void the_first_clock_counts_from_when_it_came(void **state)
{
	(void)state;
	/* a machine that is up for days, and a clock at the epoch */
	assert_false(freshness_frozen(&f, INT64_C(864000000), 0));
	assert_false(freshness_frozen(&f, INT64_C(864003000), 0));
	assert_true(freshness_frozen(&f, INT64_C(864003001), 0));
}

static void a_phase_that_was_told_is_missing_when_it_is_not(void **state)
{
	(void)state;
	assert_int_equal(missing(1, 2, 3, 3), -1);
	assert_int_equal(missing(1, 2, CURRENT_NONE, 3), 2);
	assert_int_equal(missing(CURRENT_NONE, 2, 3, 3), 0);
	assert_int_equal(missing(1, CURRENT_NONE, 3, 3), 1);
	assert_int_equal(missing(CURRENT_NONE, CURRENT_NONE, CURRENT_NONE, 3), 2);
	assert_int_equal(missing(1, 2, 3, 3), -1);
}

static void a_phase_that_was_never_told_is_not_missing(void **state)
{
	(void)state;
	assert_int_equal(missing(1, CURRENT_NONE, CURRENT_NONE, 3), -1);
	assert_int_equal(missing(1, 2, CURRENT_NONE, 3), -1);
	assert_int_equal(missing(1, CURRENT_NONE, CURRENT_NONE, 3), 1);
}

static void phases_that_do_not_count_are_not_missing(void **state)
{
	(void)state;
	assert_int_equal(missing(1, 2, 3, 1), -1);
	assert_int_equal(missing(1, CURRENT_NONE, CURRENT_NONE, 1), -1);
	/* nor were they sent while they did not count */
	assert_int_equal(missing(1, CURRENT_NONE, CURRENT_NONE, 3), -1);
	assert_int_equal(missing(CURRENT_NONE, 2, 3, 1), 0);
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
		cmocka_unit_test_setup(a_clock_that_stands_still_is_frozen_after_three_seconds,
	                               setup),
		cmocka_unit_test_setup(a_clock_that_moves_is_never_frozen, setup),
		cmocka_unit_test_setup(a_frozen_clock_that_moves_again_is_believed_at_once, setup),
		cmocka_unit_test_setup(a_meter_without_a_clock_is_believed, setup),
		cmocka_unit_test_setup(the_first_clock_counts_from_when_it_came, setup),
		cmocka_unit_test_setup(a_phase_that_was_told_is_missing_when_it_is_not, setup),
		cmocka_unit_test_setup(a_phase_that_was_never_told_is_not_missing, setup),
		cmocka_unit_test_setup(phases_that_do_not_count_are_not_missing, setup),
		cmocka_unit_test(the_car_is_known_for_as_long_as_its_currents_are_fresh),
		cmocka_unit_test(a_charger_is_lost_when_its_own_timeout_is_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
