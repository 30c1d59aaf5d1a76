/* The course of a simulation in bounded memory: bins, rows of days, hours of the day. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "balance/household.h"
#include "balance/series.h"

enum { DAY = 86400 };

static struct series one, other;
static struct simulation sim;

static struct simulation_settings plain(void)
{
	struct simulation_settings s;

	memset(&s, 0, sizeof s);
	s.algorithm = ALGORITHM_HEADROOM;
	s.balance = balance_defaults_behind(25000);
	s.car = car_defaults();
	assert_int_equal(fuse_init(&s.fuse, FUSE_ANY, 25000), 0);
	return s;
}

static void observe(void *context, const struct simulation_tick *tick)
{
	series_add(context, tick);
}

static void simulate(struct series *s, const char *spec, bool strides)
{
	struct simulation_settings settings = plain();
	struct household_settings house_settings;
	struct household house;
	struct simulation_run run = {.override_limit = CURRENT_NONE, .telegram = true};

	settings.strides = strides;
	assert_int_equal(household_parse(&house_settings, spec), 0);
	household_start(&house, &house_settings);
	series_start(s, 25000);
	simulation_start(&sim, &settings, 0, observe, s);
	while ((run.seconds = household_next(&house, run.currents)) > 0)
		simulation_run(&sim, &run);
	simulation_finish(&sim);
}

static struct series_day sum(const struct series *s)
{
	struct series_day all = {0};

	for (int i = 0; i < s->rows; i++) {
		const struct series_day *d = &s->days[i];
		int64_t seconds = 0;

		for (int h = 0; h < SERIES_HOURS; h++)
			seconds += d->hours[h].seconds;
		assert_int_equal(seconds, d->seconds);
		all.car += d->car;
		all.solar += d->solar;
		all.import += d->import;
		all.seconds += d->seconds;
		all.over += d->over;
		all.charging += d->charging;
		all.highest = d->highest > all.highest ? d->highest : all.highest;
	}
	return all;
}

/* The rows of days say what the totals say. */
static void days_sum_up(void **state)
{
	struct series_day all;

	(void)state;
	simulate(&one, "seed=7,days=30,pv=6,heatpump=3", true);
	all = sum(&one);
	assert_int_equal(one.rows, 30);
	assert_int_equal(one.days_per_row, 1);
	assert_int_equal(all.seconds, 30 * DAY);
	assert_int_equal(all.seconds, sim.totals.seconds);
	assert_int_equal(all.car * CAR_VOLTAGE, sim.car.energy);
	assert_int_equal(all.solar * CAR_VOLTAGE, sim.totals.solar);
	assert_true(all.solar > 0);
	assert_int_equal(all.over, sim.totals.seconds_over);
	assert_int_equal(all.charging, sim.totals.charging);
	assert_int_equal(all.highest, sim.totals.max_current);
	assert_int_equal(series_seconds(&one), 30 * DAY);
}

/* An observer that takes strides sees the same as one that takes seconds. */
static void strides_tell_the_same(void **state)
{
	(void)state;
	simulate(&one, "seed=3,days=3,pv=4", false);
	simulate(&other, "seed=3,days=3,pv=4", true);
	assert_memory_equal(&one, &other, sizeof one);
}

static void add(struct series *s, int64_t t, int64_t seconds, int32_t house)
{
	static struct balancer balancer;
	const int32_t currents[] = {house, 0, 0}, car[] = {1000, 1000, 1000};
	const struct simulation_tick tick = {t, seconds, &balancer, currents, car, true};

	balancer.limit = 6000;
	series_add(s, &tick);
}

static void bins_are_bounded(void **state)
{
	int64_t seconds = 0, house = 0;

	(void)state;
	series_start(&one, 25000);
	for (int i = 0; i < 5000; i++)
		add(&one, i * 997, 997, i);
	assert_true(one.count <= SERIES_BINS && one.count > SERIES_BINS / 2);
	for (int i = 0; i < one.count; i++) {
		assert_true(i == one.count - 1 || one.bins[i].seconds == one.width);
		seconds += one.bins[i].seconds;
		house += one.bins[i].house;
	}
	assert_int_equal(seconds, 5000 * 997);
	assert_int_equal(house, INT64_C(997) * 5000 * 4999 / 2);
}

/* 401 days are weeks; ten years are rows of four weeks; nothing is lost. */
static void rows_become_longer(void **state)
{
	(void)state;
	series_start(&one, 25000);
	for (int day = 0; day < 3660; day++) {
		add(&one, (int64_t)day * DAY, DAY, 10000 + day);
		if (day == 399)
			assert_int_equal(one.days_per_row, 1);
		if (day == 400) {
			assert_int_equal(one.days_per_row, 7);
			assert_int_equal(one.rows, 58);
			assert_int_equal(one.days[57].seconds, 2 * DAY);
		}
	}
	assert_int_equal(one.days_per_row, 28);
	assert_int_equal(one.rows, 131);
	assert_int_equal(sum(&one).seconds, INT64_C(3660) * DAY);
	assert_int_equal(one.days[1].highest, 10000 + 55 + 1000);
}

/* Hours are those of the clock: a run from 22:30 for 3 h reaches the next day. */
static void hours_follow_the_clock(void **state)
{
	const struct series_clock clock = {CALENDAR_DATE, INT64_C(20000) * DAY + 22 * 3600 + 1800};

	(void)state;
	series_start(&one, 25000);
	one.clock = clock;
	add(&one, 0, 3 * 3600, 9000);
	assert_int_equal(one.day, 20000);
	assert_int_equal(one.rows, 2);
	assert_int_equal(one.days[0].hours[21].seconds, 0);
	assert_int_equal(one.days[0].hours[22].seconds, 1800);
	assert_int_equal(one.days[0].hours[23].seconds, 3600);
	assert_int_equal(one.days[1].hours[0].seconds, 3600);
	assert_int_equal(one.days[1].hours[1].seconds, 1800);
	assert_int_equal(one.days[1].hours[1].total, INT64_C(10000) * 1800);
}

/* Export: the highest current of a day can be negative, and what the car takes from it is solar. */
static void export_counts(void **state)
{
	(void)state;
	series_start(&one, 25000);
	add(&one, 0, 100, -10000);
	assert_int_equal(one.days[0].highest, 1000);
	assert_int_equal(one.days[0].import, 0);
	assert_int_equal(one.days[0].solar, 3000 * 100);
	add(&one, 100, 100, -2000);
	assert_int_equal(one.days[0].solar, 3000 * 100 + 2000 * 100);
	assert_int_equal(one.days[0].import, 1000 * 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_sum_up),
		cmocka_unit_test(strides_tell_the_same),
		cmocka_unit_test(bins_are_bounded),
		cmocka_unit_test(rows_become_longer),
		cmocka_unit_test(hours_follow_the_clock),
		cmocka_unit_test(export_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
