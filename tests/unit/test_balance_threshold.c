/* The five-state machine against the worked traces of its description. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "balance/threshold.h"

struct rig {
	struct threshold t;
	struct balance_settings s;
	int now;
};

/* As the code of the firmware has it: the lower wait is 5 s there. */
static struct rig rig(bool quirks)
{
	struct rig r = {.s = balance_defaults()};

	r.s.lower_wait = 5;
	threshold_start(&r.t, quirks);
	return r;
}

/* Ticks up to and with second `until`; amps < 0: no telegram. */
static void run(struct rig *r, int until, double amps)
{
	int32_t mA = (int32_t)(amps * 1000), currents[] = {mA, 2000, 1000};

	for (; r->now <= until; r->now++)
		threshold_tick(&r->t, &r->s, amps < 0 ? NULL : currents);
}

static void expect(struct rig *r, int until, double amps, int limit, int state)
{
	run(r, until, amps);
	assert_int_equal(r->t.limit, limit);
	assert_int_equal(r->t.state, state);
}

static void cold_start(void **state)
{
	(void)state;
	for (int quirks = 0; quirks < 2; quirks++) {
		struct rig r = rig(quirks);

		expect(&r, 0, 3, 0, STATE_LOWER);
		expect(&r, 4, 3, 0, STATE_LOWER);
		expect(&r, 5, 3, 1000, STATE_LOWER);
		expect(&r, 10, 3, 1000, STATE_LOWER);
		expect(&r, 11, 3, 2000, STATE_LOWER);
		expect(&r, 95, 3, 16000, STATE_LOWER);
		expect(&r, 96, 3, 16000, STATE_NORMAL);
	}
}

static void upper_then_alarm(void **state)
{
	struct rig r = rig(true);

	(void)state;
	run(&r, 104, 2);
	expect(&r, 105, 23, 16000, STATE_UPPER);
	expect(&r, 110, 23, 15000, STATE_UPPER);
	expect(&r, 116, 23, 14000, STATE_UPPER);
	expect(&r, 129, 23, 12000, STATE_UPPER);
	expect(&r, 130, 25, 12000, STATE_ALARM);
	expect(&r, 135, 25, 0, STATE_ALARM);
	expect(&r, 155, 20, 0, STATE_NORMAL); /* the dead band holds, even at 0 */
	expect(&r, 156, 19, 0, STATE_LOWER);
	expect(&r, 161, 19, 1000, STATE_LOWER);
}

static void lost_data(void **state)
{
	struct rig r = rig(true), exact = rig(false);

	(void)state;
	r.s.fallback_limit = exact.s.fallback_limit = 6000;
	run(&r, 99, 2);
	expect(&r, 127, -1, 16000, STATE_NORMAL);
	expect(&r, 128, -1, 16000, STATE_FALLBACK);
	expect(&r, 157, -1, 16000, STATE_FALLBACK);
	expect(&r, 158, -1, 6000, STATE_FALLBACK);
	run(&exact, 99, 2);
	expect(&exact, 128, -1, 16000, STATE_NORMAL);
	expect(&exact, 129, -1, 6000, STATE_FALLBACK); /* exactly the configured time */
	expect(&exact, 135, 2, 7000, STATE_LOWER);
}

static void overrides(void **state)
{
	struct rig r = rig(true);

	(void)state;
	run(&r, 109, 4);
	r.s.override_limit = 8000;
	expect(&r, 110, 4, 8000, STATE_NORMAL); /* judged before the clamp */
	expect(&r, 130, 4, 8000, STATE_LOWER);
	r.s.override_limit = 0;
	expect(&r, 141, 4, 0, STATE_LOWER);
	r.s.override_limit = 16000;
	expect(&r, 142, 4, 0, STATE_LOWER);
	expect(&r, 146, 4, 1000, STATE_LOWER); /* the wait went on */
	expect(&r, 152, 4, 2000, STATE_LOWER);
}

static void quirks_of_currents(void **state)
{
	struct rig r = rig(true), exact = rig(false);

	(void)state;
	expect(&r, 0, 24.99, 0, STATE_UPPER); /* 24 A */
	assert_int_equal(r.t.used, 24000);
	run(&r, 1, 66);
	assert_int_equal(r.t.used, 2000); /* 66 A wraps to 0.464 A, phase 2 decides */
	expect(&exact, 0, 24.99, 0, STATE_ALARM);
	assert_int_equal(exact.t.used, 24990);
	exact.s.phases = 1;
	threshold_tick(&exact.t, &exact.s, (int32_t[]){-9000, 0, 0});
	assert_int_equal(exact.t.used, -9000);
}

static void wait_of_zero_is_one(void **state)
{
	struct rig zero = rig(true), one = rig(true);

	(void)state;
	zero.s.lower_wait = 0;
	one.s.lower_wait = 1;
	for (int t = 0; t < 40; t++) {
		run(&zero, t, 3);
		run(&one, t, 3);
		assert_int_equal(zero.t.limit, one.t.limit);
	}
}

static void boot_without_meter(void **state)
{
	struct rig r = rig(false);

	(void)state;
	r.s.fallback_limit = 6000;
	expect(&r, 28, -1, 0, STATE_FALLBACK);
	expect(&r, 29, -1, 6000, STATE_FALLBACK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cold_start),         cmocka_unit_test(upper_then_alarm),
		cmocka_unit_test(lost_data),          cmocka_unit_test(overrides),
		cmocka_unit_test(quirks_of_currents), cmocka_unit_test(wait_of_zero_is_one),
		cmocka_unit_test(boot_without_meter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
