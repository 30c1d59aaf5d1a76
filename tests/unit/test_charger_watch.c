/*
 * What is made of the readings of a charger: every second one, with times of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "control/charger_watch.h"

enum { NO = CURRENT_NONE };

static struct charger_watch watch;
static int64_t now;
static unsigned again; /* looks that asked for the set-point again */

static int setup(void **state)
{
	(void)state;
	memset(&watch, 0, sizeof watch);
	charger_watch_start(&watch);
	now = 100000;
	again = 0;
	return 0;
}

static void tell(int32_t current)
{
	charger_watch_told(&watch, now, current, false);
}

/* So many looks, one a second: all that they reported. */
static unsigned look(int seconds, int32_t set_point, int32_t limit, int32_t most, int32_t car)
{
	struct watch_reading seen = {set_point, limit, most, car};
	unsigned events = 0, one;

	for (; seconds; seconds--, now += 1000) {
		one = charger_watch_look(&watch, now, &seen, false);
		again += (one & WATCH_AGAIN) != 0;
		events |= one & ~(unsigned)WATCH_AGAIN;
	}
	return events;
}

static void what_holds_is_left_alone(void **state)
{
	(void)state;
	assert_int_equal(look(10, 32000, 32000, 32000, 16000), 0); /* nothing was told */
	tell(10000);
	assert_int_equal(look(20, 10000, 10000, 32000, 10000), 0);
	assert_int_equal(look(20, 10050, 9950, 32000, 10000), 0); /* rounded */
	assert_int_equal(look(20, 10000, 6000, 32000, 6000), 0);  /* temperature, its own affair */
	assert_int_equal(again, 0);
}

static void another_master_is_told_of_once(void **state)
{
	(void)state;
	tell(10000);
	look(1, 10000, 10000, NO, NO);
	assert_int_equal(look(1, 16000, 16000, NO, NO), WATCH_CHANGED);
	assert_int_equal(again, 1);
	assert_int_equal(look(1, 10000, 10000, NO, NO), 0);
	assert_int_equal(look(1, 16000, 16000, NO, NO), 0); /* the same quarrel */
	assert_int_equal(again, 2);
	assert_int_equal(look(5, 10000, 10000, NO, NO), 0);
	assert_int_equal(look(1, 10000, 10000, NO, NO), WATCH_WELL);
	assert_int_equal(look(5, 10000, 10000, NO, NO), 0);
	assert_int_equal(look(1, 8000, 8000, NO, NO), WATCH_CHANGED); /* lower, too */
	assert_int_equal(again, 3);
}

/* A limit in force above the set-point is a quarrel even when the set-point reads back well. */
static void a_limit_above_the_set_point(void **state)
{
	(void)state;
	tell(10000);
	look(2, 10000, 10000, NO, NO);
	assert_int_equal(look(1, 10000, 10101, NO, NO), WATCH_CHANGED);
	assert_int_equal(again, 1);
}

static void a_charger_that_does_not_obey(void **state)
{
	(void)state;
	tell(10000);
	look(2, 10000, 10000, NO, NO);
	tell(8000);
	assert_int_equal(look(6, 10000, 10000, NO, NO), 0);
	assert_int_equal(look(1, 10000, 10000, NO, NO), WATCH_DEAF);
	assert_int_equal(look(3, 10000, 10000, NO, NO), 0);
	tell(7000);
	assert_int_equal(look(20, 10000, 10000, NO, NO), 0);
	assert_int_equal(again, 30);
	assert_int_equal(look(5, 7000, 7000, NO, NO), 0);
	assert_int_equal(look(1, 7000, 7000, NO, NO), WATCH_WELL);
	tell(6000);
	assert_int_equal(look(7, 7000, 7000, NO, NO), WATCH_DEAF);
}

/* New set-points give a charger that never applied the first one no new time. */
static void a_charger_that_ignores_a_restless_controller(void **state)
{
	(void)state;
	tell(10000);
	assert_int_equal(look(3, 16000, 16000, NO, NO), 0);
	tell(9000);
	assert_int_equal(look(3, 16000, 16000, NO, NO), 0);
	tell(8000);
	assert_int_equal(look(1, 16000, 16000, NO, NO), WATCH_DEAF);
}

/* It applies each set-point five seconds later: late is not deaf. */
static void a_late_charger(void **state)
{
	(void)state;
	tell(10000);
	assert_int_equal(look(4, 16000, 16000, NO, NO), 0);
	tell(9000);
	assert_int_equal(look(1, 16000, 16000, NO, NO), 0);
	assert_int_equal(look(4, 10000, 10000, NO, NO), 0);
	assert_int_equal(look(5, 9000, 9000, NO, NO), 0);
	assert_int_equal(again, 9);
}

static void its_own_maximum_is_no_quarrel(void **state)
{
	(void)state;
	tell(16000);
	assert_int_equal(look(20, 16000, 12000, 12000, 12000), 0);
	assert_int_equal(look(20, 12000, 12000, 12000, 12000), 0); /* some cut what reads back */
	assert_int_equal(again, 0);
	assert_int_equal(look(1, 11000, 11000, 12000, NO), WATCH_CHANGED);
}

static void without_readings_nothing_is_judged(void **state)
{
	(void)state;
	tell(10000);
	assert_int_equal(look(20, NO, NO, NO, NO), 0);
	assert_int_equal(again, 0);
	assert_false(watch.held);
}

/* Only the limit in force reads back: a lower one gets the set-point again, without a word. */
static void a_limit_alone(void **state)
{
	(void)state;
	tell(10000);
	assert_int_equal(look(10, NO, 6000, NO, NO), 0);
	assert_int_equal(again, 0);
	assert_int_equal(look(15, NO, 6000, NO, NO), 0);
	assert_int_equal(again, 2);
	assert_int_equal(look(1, NO, 16000, NO, NO), WATCH_CHANGED);
	assert_int_equal(again, 3);
}

static void settings_that_somebody_changed(void **state)
{
	struct watch_reading seen = {NO, NO, NO, NO};

	(void)state;
	assert_int_equal(charger_watch_look(&watch, now, &seen, true), WATCH_CHANGED);
	assert_int_equal(charger_watch_look(&watch, now + 1000, &seen, true), 0);
	assert_int_equal(charger_watch_look(&watch, now + 2000, &seen, false), 0);
	assert_int_equal(charger_watch_look(&watch, now + 7000, &seen, false), WATCH_WELL);
}

static void a_pause_that_the_car_ignores(void **state)
{
	(void)state;
	charger_watch_told(&watch, now, 0, true);
	assert_int_equal(look(4, NO, 16000, NO, 9000), 0); /* it stops slowly */
	assert_int_equal(look(4, NO, 16000, NO, 0), 0);
	assert_int_equal(again, 0);
	assert_int_equal(look(1, NO, 16000, NO, 9000), WATCH_CHANGED); /* somebody resumed it */
	assert_int_equal(again, 1);
	setup(NULL);
	charger_watch_told(&watch, now, 0, true);
	assert_int_equal(look(6, NO, 16000, NO, 9000), 0);
	assert_int_equal(again, 0);
	assert_int_equal(look(1, NO, 16000, NO, 9000), WATCH_DEAF);
	assert_int_equal(again, 1);
}

/* 10 % and 1 A above the limit, for more than 10 s. */
static void a_car_that_draws_too_much(void **state)
{
	(void)state;
	tell(10000);
	assert_int_equal(look(30, 10000, 10000, NO, 12000), 0);
	assert_int_equal(look(10, 10000, 10000, NO, 12001), 0);
	assert_int_equal(look(1, 10000, 10000, NO, 10000), 0);
	assert_int_equal(look(11, 10000, 10000, NO, 12001), 0);
	assert_int_equal(look(1, 10000, 10000, NO, 12001), WATCH_GREEDY);
	assert_int_equal(look(30, 10000, 10000, NO, 12001), 0);
	assert_int_equal(look(30, 10000, 10000, NO, 10000), 0);
	assert_int_equal(look(30, 10000, 10000, NO, 12001), 0); /* the same trouble */
	assert_int_equal(look(62, 10000, 10000, NO, 10000), 0);
	assert_int_equal(look(12, 10000, 10000, NO, 12001), WATCH_GREEDY);
	assert_int_equal(again, 0);
}

static void a_new_connection_begins_anew(void **state)
{
	(void)state;
	tell(10000);
	look(2, 10000, 10000, NO, NO);
	charger_watch_start(&watch);
	assert_int_equal(look(5, 32000, 32000, NO, NO), 0);
	assert_int_equal(again, 0);
	tell(10000);
	assert_int_equal(look(3, 32000, 32000, NO, NO), 0);
	assert_int_equal(again, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_holds_is_left_alone, setup),
		cmocka_unit_test_setup(another_master_is_told_of_once, setup),
		cmocka_unit_test_setup(a_limit_above_the_set_point, setup),
		cmocka_unit_test_setup(a_charger_that_does_not_obey, setup),
		cmocka_unit_test_setup(a_charger_that_ignores_a_restless_controller, setup),
		cmocka_unit_test_setup(a_late_charger, setup),
		cmocka_unit_test_setup(its_own_maximum_is_no_quarrel, setup),
		cmocka_unit_test_setup(without_readings_nothing_is_judged, setup),
		cmocka_unit_test_setup(a_limit_alone, setup),
		cmocka_unit_test_setup(settings_that_somebody_changed, setup),
		cmocka_unit_test_setup(a_pause_that_the_car_ignores, setup),
		cmocka_unit_test_setup(a_car_that_draws_too_much, setup),
		cmocka_unit_test_setup(a_new_connection_begins_anew, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
