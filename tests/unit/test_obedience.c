/* A charger that does not do what it is told while the fuse needs it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/obedience.h"

static struct obedience o;
static struct charger_state charger;
static int32_t car[BALANCE_PHASES];
static int64_t now;

static int setup(void **state)
{
	(void)state;
	obedience_start(&o, 60000);
	charger = (struct charger_state){
		.link = CHARGER_READY, .applied = 16000, .most = CURRENT_NONE, .guarded = true};
	car[0] = car[1] = car[2] = 16000;
	now = 0;
	return 0;
}

/* So many seconds in which the fuse needs that it obeys; the events of all. */
static unsigned needs(int seconds, int32_t told)
{
	unsigned events = 0;

	for (int i = 0; i < seconds; i++, now += 1000)
		events |= obedience_step(&o, now, true, told, &charger, car);
	return events;
}

static unsigned rests(int seconds)
{
	unsigned events = 0;

	for (int i = 0; i < seconds; i++, now += 1000)
		events |= obedience_step(&o, now, false, 6000, &charger, car);
	return events;
}

static void nothing_is_sent_for_its_time_out_after_20_s(void **state)
{
	(void)state;
	assert_int_equal(needs(20, 6000), 0);
	assert_false(o.silent);
	assert_int_equal(needs(1, 6000), OBEDIENCE_SILENCE);
	assert_int_equal(o.length, 70000);
	assert_true(o.silent);
	assert_int_equal(needs(69, 6000), 0);
	assert_true(o.silent);
	needs(1, 6000);
	assert_false(o.silent);
}

static void what_it_is_told_may_move(void **state)
{
	unsigned events = 0;

	(void)state;
	for (int32_t told = 15000; told >= 5000; told -= 500)
		events |= needs(1, told);
	assert_int_equal(events, OBEDIENCE_SILENCE);
}

static void one_that_obeys_late_is_waited_for(void **state)
{
	(void)state;
	for (; charger.applied > 6500; charger.applied -= 500)
		assert_int_equal(needs(19, 6000), 0);
	charger.applied = 6500;
	car[0] = car[1] = car[2] = 6000;
	assert_int_equal(needs(100, 6000), 0);
	/* a car that follows slowly, too */
	for (car[1] = 32000; car[1] > 8000; car[1] -= 500)
		assert_int_equal(needs(19, 6000), 0);
	car[1] = 7600; /* a tenth and an ampere */
	assert_int_equal(needs(100, 6000), 0);
}

static void a_car_above_its_limit_counts_when_its_currents_are_believed(void **state)
{
	(void)state;
	charger.applied = 6000;
	assert_int_equal(obedience_step(&o, 0, true, 6000, &charger, car), 0);
	assert_int_equal(obedience_step(&o, 20000, true, 6000, &charger, car), OBEDIENCE_SILENCE);
	setup(NULL);
	charger.applied = 6000;
	obedience_step(&o, 0, true, 6000, &charger, NULL);
	assert_int_equal(obedience_step(&o, 90000, true, 6000, &charger, NULL), 0);
}

static void one_that_refuses_is_heard_and_one_that_cannot_be_reached_is_not(void **state)
{
	(void)state;
	charger.link = CHARGER_AWAY;
	assert_int_equal(needs(100, 6000), 0);
	charger.reached = true;
	assert_int_equal(needs(21, 6000), OBEDIENCE_SILENCE);
	setup(NULL);
	charger.link = CHARGER_ABSENT;
	assert_int_equal(needs(100, 6000), 0);
	charger.link = CHARGER_READY;
	assert_int_equal(needs(100, CURRENT_NONE), 0);
	charger.applied = CURRENT_NONE;
	car[0] = car[1] = car[2] = 0;
	assert_int_equal(needs(100, 6000), 0);
}

static void only_while_the_fuse_needs_it(void **state)
{
	(void)state;
	assert_int_equal(rests(100), 0);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(needs(20, 6000), 0);
		assert_int_equal(rests(1), 0);
	}
}

/* It falls back when it is left alone, and goes back to its old limit when it is asked. */
static void each_silence_that_helps_is_twice_as_long_up_to_an_hour(void **state)
{
	int64_t length = 70000;

	(void)state;
	for (int i = 0; i < 10; i++) {
		assert_int_equal(needs(21, 6000), OBEDIENCE_SILENCE);
		assert_int_equal(o.length, length);
		assert_int_equal(rests((int)(length / 1000) + 1), 0);
		length = 2 * length < 3600000 ? 2 * length : 3600000;
	}
	rests(600); /* obeyed, or not needed, for ten minutes */
	assert_int_equal(needs(21, 6000), OBEDIENCE_SILENCE);
	assert_int_equal(o.length, 70000);
}

/* Without a meter the fuse needs all the time that it obeys: the charger shows what helped. */
static void a_charger_that_fell_back_was_helped(void **state)
{
	(void)state;
	assert_int_equal(needs(21, 6000), OBEDIENCE_SILENCE);
	charger.link = CHARGER_AWAY;
	needs(69, 6000);
	assert_true(o.silent);
	needs(5, 6000);
	assert_false(o.silent);
	assert_true(o.vain);
	charger.link = CHARGER_READY;
	charger.applied = 6000;
	car[0] = car[1] = car[2] = 6000;
	assert_int_equal(needs(10, 6000), 0);
	charger.applied = 16000;
	assert_int_equal(needs(21, 6000), OBEDIENCE_SILENCE);
	assert_int_equal(o.length, 140000);
}

/* Its time-out may be longer than it tells, but not longer than ten minutes. */
static void one_that_does_not_help_is_said_and_tried_longer(void **state)
{
	int64_t length = 70000;

	(void)state;
	for (int i = 0; i < 6; i++) {
		assert_int_equal(needs(21, 6000),
		                 OBEDIENCE_SILENCE | (i ? (unsigned)OBEDIENCE_VAIN : 0));
		assert_int_equal(o.length, length);
		needs((int)(length / 1000) - 1, 6000);
		assert_true(o.silent);
		length = 2 * length < 610000 ? 2 * length : 610000;
	}
}

static void without_a_time_out_it_is_only_said(void **state)
{
	(void)state;
	charger.guarded = false;
	assert_int_equal(needs(21, 6000), OBEDIENCE_UNGUARDED);
	assert_int_equal(needs(1000, 6000), 0);
	assert_false(o.silent);
	rests(601);
	assert_int_equal(needs(21, 6000), OBEDIENCE_UNGUARDED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, setup)
		TEST(nothing_is_sent_for_its_time_out_after_20_s),
		TEST(what_it_is_told_may_move),
		TEST(one_that_obeys_late_is_waited_for),
		TEST(a_car_above_its_limit_counts_when_its_currents_are_believed),
		TEST(one_that_refuses_is_heard_and_one_that_cannot_be_reached_is_not),
		TEST(only_while_the_fuse_needs_it),
		TEST(each_silence_that_helps_is_twice_as_long_up_to_an_hour),
		TEST(a_charger_that_fell_back_was_helped),
		TEST(one_that_does_not_help_is_said_and_tried_longer),
		TEST(without_a_time_out_it_is_only_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
