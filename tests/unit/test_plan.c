/* The ceiling of a plan: tables and prices together, with and without a clock, second by second. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "balance/balancer.h"

#define HOUR INT64_C(3600000)

static struct timetable table;
static struct price_slot slots[24];
static const struct prices prices = {.slots = slots, .count = 24};

/* 1 December, 0:00 UTC */
static const instant begin = INT64_C(1796083200000);

/* Prices that fall until 3:00 and rise again; 11 kWh by 7:00. */
static struct plan_settings settings_of(const char *lines, bool by_price)
{
	struct plan_settings s = {.table = lines ? &table : NULL, .by_price = by_price};
	const char *wrong;
	unsigned line;

	for (int i = 0; i < 24; i++)
		slots[i] = (struct price_slot){begin + i * HOUR, begin + (i + 1) * HOUR,
		                               (20 + (i > 3 ? i - 3 : 3 - i)) * (PRICE_ONE / 100)};
	if (lines)
		assert_int_equal(timetable_parse(&table, lines, strlen(lines), &line, &wrong), 0);
	s.goal = (struct charge_goal_settings){.prices = &prices, .until = 420, .energy = 11000};
	return s;
}

static void without_plan_or_clock(void **state)
{
	struct plan_settings s = settings_of("00:00-24:00 6\n", true);
	struct balance_plan p;

	(void)state;
	plan_start(&p, NULL);
	assert_int_equal(plan_step(&p, 0, begin, 0, 11000), CURRENT_NONE);
	assert_int_equal(plan_unchanged(&p), INT64_MAX);
	plan_start(&p, &s);
	assert_int_equal(plan_step(&p, 0, INSTANT_NONE, 0, 11000), CURRENT_NONE);
	assert_int_equal(plan_step(&p, 1000, 3600000, 0, 11000), CURRENT_NONE); /* 1970 */
	assert_int_equal(plan_unchanged(&p), INT64_MAX);
	assert_string_equal(p.reason, "");
	assert_int_equal(plan_step(&p, 2000, begin, 0, 11000), 0);
}

static void a_table_alone(void **state)
{
	struct plan_settings s = settings_of("00:10-01:00 10\n", false);
	struct balance_plan p;

	(void)state;
	plan_start(&p, &s);
	assert_int_equal(plan_step(&p, 0, begin, 0, 11000), CURRENT_NONE);
	assert_int_equal(plan_unchanged(&p), 599);
	plan_hold(&p, 599);
	assert_int_equal(p.now, 599000);
	assert_int_equal(p.clock, begin + 599000);
	assert_int_equal(p.holds, 1000);
	assert_int_equal(plan_unchanged(&p), 0);
	assert_int_equal(p.limit, CURRENT_NONE);
	assert_int_equal(plan_step(&p, 600000, begin + 600000, 0, 11000), 10000);
	assert_string_equal(p.reason, "limited by the plan until 01:00");
	assert_int_equal(plan_step(&p, 601000, begin + HOUR, 0, 11000), CURRENT_NONE);
	assert_string_equal(p.reason, "");
}

static void prices_alone(void **state)
{
	struct plan_settings s = settings_of(NULL, true);
	struct balance_plan p;
	int64_t charged = 0;
	instant first = 0;

	(void)state;
	plan_start(&p, &s);
	assert_int_equal(plan_step(&p, 0, begin, 0, 11000), 0);
	assert_string_equal(p.reason, "waiting for cheaper hours until 03:00");
	for (int64_t t = 1000; t <= 7 * HOUR; t += 1000) {
		int64_t car = p.limit == CURRENT_NONE ? 48000 : 0; /* 16 A on three phases */

		plan_step(&p, t, begin + t, car, 11000);
		charged += car * 230 / 1000;
		first = !first && car ? begin + t : first;
	}
	assert_int_equal((first - begin) / HOUR, 3);
	assert_in_range(charged / 3600, 10990, 11010);
	/* nobody knows what the car drew in a long gap */
	plan_step(&p, 8 * HOUR, begin + 8 * HOUR, 48000, 11000);
	assert_int_equal(p.goal.taken, INT64_C(48000) * 230 * 10);
	/* the next day's plan has begun, and waits for the end of the list */
	assert_int_equal(p.goal.deadline, begin + 31 * HOUR);
}

static void the_lower_of_both_counts(void **state)
{
	struct plan_settings s = settings_of("00:00-24:00 10\n", true);
	struct balance_plan p;

	(void)state;
	plan_start(&p, &s);
	assert_int_equal(plan_step(&p, 0, begin, 0, 11000), 0);
	assert_string_equal(p.reason, "waiting for cheaper hours until 03:00");
	assert_int_equal(plan_step(&p, 1000, begin + 3 * HOUR, 0, 11000), 10000);
	assert_string_equal(p.reason, "limited by the plan until 00:00");
	p.goal.taken = INT64_C(11000) * 3600000;
	assert_int_equal(plan_step(&p, 2000, begin + 3 * HOUR + 1000, 0, 11000), 0);
	assert_string_equal(p.reason, "charged as planned: paused until 07:00");
}

/* Strides as long as they may be give the same as seconds. */
static void strides(void **state)
{
	struct plan_settings s = settings_of("02:00-03:30 10\n", true);
	struct balance_plan seconds, other;
	int64_t t = 0, long_ones = 0;

	(void)state;
	plan_start(&seconds, &s);
	plan_start(&other, &s);
	for (int64_t i = 0; i <= 7 * 3600; i++) {
		int64_t car = seconds.limit == CURRENT_NONE ? 48000 : 0, more;

		plan_step(&seconds, i * 1000, begin + i * 1000, i ? car : 0, 11000);
		if (i < t)
			continue;
		plan_step(&other, i * 1000, begin + i * 1000, i ? car : 0, 11000);
		more = seconds.limit == other.limit ? plan_unchanged(&other) : 0;
		if (other.limit == CURRENT_NONE && car == 0)
			more = 0; /* the car starts */
		if (other.limit != CURRENT_NONE && car)
			more = 0; /* it stops */
		more = more < 7 * 3600 - i ? more : 7 * 3600 - i;
		plan_hold(&other, more);
		long_ones += more > 100;
		t = i + more + 1;
	}
	assert_int_equal(seconds.goal.taken, other.goal.taken);
	assert_int_equal(seconds.limit, other.limit);
	assert_true(long_ones > 5);
}

static int32_t step(struct balancer *b, int64_t now, instant clock)
{
	static const int32_t currents[BALANCE_PHASES] = {1000, 1000, 1000},
			     car[BALANCE_PHASES] = {0, 0, 0};

	balancer_step(b, &(struct balance_input){.now = now,
	                                         .currents = currents,
	                                         .car = car,
	                                         .car_time = now,
	                                         .in_force = b->limit,
	                                         .most = CURRENT_NONE,
	                                         .clock = clock});
	return b->limit;
}

/* The plan is one of the ceilings of a limit, which an override lifts. */
static void a_ceiling_among_others(void **state)
{
	static struct balancer b;
	struct plan_settings plan = settings_of("00:10-00:20 0\n00:20-01:00 10.9\n", false);
	struct balance_settings settings = balance_defaults();
	struct fuse fuse;
	int64_t now = 0;

	(void)state;
	settings.restart_wait = 0;
	assert_int_equal(fuse_init(&fuse, FUSE_ANY, 25000), 0);
	balancer_start(&b, ALGORITHM_HEADROOM, &settings, &fuse, false);
	ceilings_plan(&b.ceilings, &plan);
	for (; now < 599000; now += 1000)
		step(&b, now, begin + now);
	assert_int_equal(b.limit, 16000);
	assert_int_equal(b.ceilings.values[CEILING_PLAN], CURRENT_NONE);
	assert_int_equal(step(&b, 600000, begin + 600000), 0);
	assert_int_equal(b.ceilings.values[CEILING_PLAN], 0);
	assert_string_equal(balancer_reason(&b), "limited by the plan until 00:20");
	assert_int_equal(step(&b, 601000, begin + 1200000), 10000); /* whole amperes */
	assert_int_equal(step(&b, 602000, begin + HOUR), 16000);
	assert_string_equal(balancer_reason(&b), "maximum reached");
	assert_int_equal(step(&b, 603000, begin + 600000), 0);
	b.settings.override_limit = 16000;
	assert_int_equal(step(&b, 604000, begin + 601000), 16000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_plan_or_clock),
		cmocka_unit_test(a_table_alone),
		cmocka_unit_test(prices_alone),
		cmocka_unit_test(strides),
		cmocka_unit_test(the_lower_of_both_counts),
		cmocka_unit_test(a_ceiling_among_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
