/*
 * What the movements of a car tell: how late meter and charger are against each other, which grid
 * phases the car hangs on, and whether the charger can be believed. Whatever the house does, the
 * truth must not be refuted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "balance/alignment.h"

enum { START = 20 /* s: the car moves first */ };

/* A house, a car, a meter and a charger; currents are mA, times s. */
static struct {
	struct alignment a;
	struct history grid, car;
	int order;        /* of the phases, 0..5 */
	int delay;        /* s: the truth */
	int phases;       /* that the car uses */
	int rate;         /* mA a second of its ramp */
	int resolution;   /* of the meter, mA */
	int32_t factor;   /* of what the charger tells */
	int32_t house[3]; /* of the house */
	int32_t now;
} b;

static void begin(int order, int delay, int phases)
{
	b.order = order;
	b.delay = delay;
	b.phases = phases;
	b.rate = 5000;
	b.resolution = 10;
	b.factor = 1;
	b.house[0] = 5430;
	b.house[1] = 3210;
	b.house[2] = 1870;
	b.now = 0;
	alignment_start(&b.a, BALANCE_PHASES, 0);
	history_start(&b.grid);
	history_start(&b.car);
}

static int32_t at_most(int32_t value, int32_t most)
{
	return value < most ? value : most;
}

/* 6 A, and from START on up to 16 A and down again, every two minutes. */
static int32_t drawn(int32_t t)
{
	int32_t phase = t < START ? 0 : (t - START) % 120;

	return phase < 60 ? 6000 + at_most(phase * b.rate, 10000)
	                  : 16000 - at_most((phase - 60) * b.rate, 10000);
}

/* What the meter shows of the car, which it tells late when the delay is negative. */
static int32_t shown(void)
{
	return drawn(b.delay < 0 ? b.now + b.delay : b.now);
}

/* What the charger tells, late when the delay is positive. */
static int32_t told(void)
{
	return b.factor * drawn(b.delay > 0 ? b.now - b.delay : b.now);
}

static void read_car(void)
{
	int32_t car[BALANCE_PHASES] = {0};

	for (int i = 0; i < b.phases; i++)
		car[i] = told();
	history_add(&b.car, b.now * 1000, car);
}

static void read_meter_at(int64_t ms)
{
	int32_t grid[BALANCE_PHASES] = {b.house[0], b.house[1], b.house[2]};

	for (int i = 0; i < b.phases; i++)
		grid[alignment_orders[b.order][i]] += shown();
	for (int i = 0; i < BALANCE_PHASES; i++)
		grid[i] = grid[i] / b.resolution * b.resolution;
	history_add(&b.grid, ms, grid);
}

static void read_meter(void)
{
	read_meter_at(b.now * INT64_C(1000));
}

static bool truth_is_kept(void)
{
	return b.a.orders & 1u << b.order && b.a.earliest <= b.delay && b.delay <= b.a.latest;
}

/* A second after which nothing need be right. */
static void doubtful(void)
{
	b.now++;
	read_car();
	read_meter();
	alignment_judge(&b.a, &b.grid, &b.car);
}

static void live(int seconds)
{
	while (seconds--) {
		doubtful();
		assert_true(truth_is_kept());
	}
}

/* Orders that put a car that draws the same on each of its phases on the same grid phases. */
static uint32_t like(int order, int phases)
{
	const uint8_t *grid = alignment_orders[order];
	uint32_t orders = 0;

	for (int i = 0; i < ALIGNMENT_ORDERS; i++) {
		const uint8_t *other = alignment_orders[i];

		if (phases == 3 || (phases == 2 && other[2] == grid[2]) ||
		    (phases == 1 && other[0] == grid[0]))
			orders |= 1u << i;
	}
	return orders;
}

static void each_order_and_delay(int phases, int resolution, int rate, int width)
{
	for (int order = 0; order < ALIGNMENT_ORDERS; order++) {
		for (int delay = -ALIGNMENT_MOST; delay <= ALIGNMENT_MOST; delay++) {
			begin(order, delay, phases);
			b.resolution = resolution;
			b.rate = rate;
			live(START);
			assert_int_equal(b.a.orders, 63);
			assert_int_equal(b.a.earliest, -ALIGNMENT_MOST);
			assert_int_equal(b.a.latest, ALIGNMENT_MOST);
			live(200);
			assert_true(b.a.believed);
			assert_in_range(b.a.latest - b.a.earliest, 0, width);
			assert_int_equal(b.a.orders, like(order, phases));
		}
	}
}

static void each_order_and_delay_is_learnt(void **state)
{
	(void)state;
	for (int resolution = 10; resolution <= 1000; resolution *= 10)
		for (int phases = 1; phases <= BALANCE_PHASES; phases++)
			each_order_and_delay(phases, resolution, 5000, 0);
}

/* A second more or less makes little of a slow ramp, and much of one that is a step. */
static void slow_ramps_tell_less_than_fast_ones(void **state)
{
	(void)state;
	for (int phases = 1; phases <= BALANCE_PHASES; phases++) {
		each_order_and_delay(phases, 1000, 1000, phases == 1 ? 6 : 3);
		each_order_and_delay(phases, 1000, 10000, 0);
	}
}

/* L1 moves by 10 A, L2 by 5 A: then no order is like another. */
static void phases_that_move_differently_tell_the_order(void **state)
{
	(void)state;
	for (int order = 0; order < ALIGNMENT_ORDERS; order++) {
		begin(order, 2, 1);
		b.rate = 10000;
		for (; b.now < 200; b.now++) {
			int32_t car[] = {told(), told() / 2, 0}, grid[] = {4000, 3000, 2000};

			grid[alignment_orders[order][0]] += shown();
			grid[alignment_orders[order][1]] += shown() / 2;
			history_add(&b.car, b.now * 1000, car);
			history_add(&b.grid, b.now * 1000, grid);
			alignment_judge(&b.a, &b.grid, &b.car);
			assert_true(truth_is_kept());
		}
		assert_int_equal(b.a.orders, 1u << order);
		assert_int_equal(b.a.earliest, 2);
		assert_int_equal(b.a.latest, 2);
	}
}

/* Readings every 2 s, telegrams every 1.07 s, or every 10 s. */
static void other_rhythms_keep_the_truth(void **state)
{
	static const int every[] = {1070, 10000};

	(void)state;
	for (int n = 0; n < 2; n++) {
		begin(3, 4, 2);
		for (int64_t ms = 0; ms < 240000; ms += 10) {
			b.now = (int32_t)(ms / 1000);
			if (ms % 2000 == 0)
				read_car();
			if (ms % every[n])
				continue;
			read_meter_at(ms);
			alignment_judge(&b.a, &b.grid, &b.car);
			assert_true(truth_is_kept());
			assert_true(b.a.believed);
		}
		assert_int_equal(b.a.orders, like(3, 2));
	}
}

static void an_order_that_is_given_stays(void **state)
{
	static const int32_t given[] = {123, 132, 213, 231, 312, 321};

	(void)state;
	for (int order = 0; order < ALIGNMENT_ORDERS; order++) {
		begin(order, -3, 1);
		alignment_start(&b.a, BALANCE_PHASES, given[order]);
		assert_int_equal(b.a.orders, 1u << order);
		live(200);
		assert_int_equal(b.a.orders, 1u << order);
		assert_int_equal(b.a.earliest, -3);
		assert_int_equal(b.a.latest, -3);
		assert_true(b.a.believed);
	}
	begin(0, 0, 1); /* even if it is wrong */
	alignment_start(&b.a, BALANCE_PHASES, 231);
	for (int i = 0; i < 200; i++) {
		doubtful();
		assert_int_equal(b.a.orders, 8);
	}
}

static void phases_that_are_not_measured_stay_where_they_are(void **state)
{
	(void)state;
	alignment_start(&b.a, 1, 0);
	assert_int_equal(b.a.orders, 1); /* 123 */
	alignment_start(&b.a, 2, 0);
	assert_int_equal(b.a.orders, 1 | 4); /* 123, 213 */
	alignment_start(&b.a, 3, 0);
	assert_int_equal(b.a.orders, 63);
	for (int order = 0; order <= 2; order += 2) {
		begin(order, 1, 1);
		alignment_start(&b.a, 2, 0);
		live(200);
		assert_int_equal(b.a.orders, 1u << order);
	}
}

static void a_car_that_does_not_move_tells_nothing(void **state)
{
	(void)state;
	begin(4, 5, 1);
	for (int i = 0; i < 1000; i++) {
		b.house[i % 3] = i * 7 % 20000;
		b.now = 0; /* of the car */
		read_car();
		b.now = i;
		history_add(&b.car, i * 1000, history_back(&b.car, 0)->currents);
		history_add(&b.grid, i * 1000, b.house);
		alignment_judge(&b.a, &b.grid, &b.car);
		assert_int_equal(b.a.orders, 63);
		assert_true(b.a.believed);
		assert_int_equal(b.a.still, 0);
	}
}

/* Movements that are ten times those that the meter shows, or that it does not show at all. */
static void readings_that_contradict_are_not_believed(void **state)
{
	(void)state;
	for (int phases = 1; phases <= BALANCE_PHASES; phases++) {
		begin(0, 0, phases);
		b.rate = 2000;
		live(START + 50);
		assert_true(b.a.believed);
		b.factor = 10;
		for (int i = 0; i < 250; i++)
			doubtful();
		assert_false(b.a.believed);
		b.factor = 1;
		for (int i = 0; i < 400; i++)
			doubtful();
		assert_true(b.a.believed);
		assert_true(truth_is_kept());
		for (int i = 0; i < 250; i++) { /* a charger that tells what another car does */
			b.now++;
			read_car();
			history_add(&b.grid, b.now * 1000, b.house);
			alignment_judge(&b.a, &b.grid, &b.car);
		}
		assert_false(b.a.believed);
	}
}

/* One step of the house, of any size, on any phase, before, with and after the car's first one. */
static void a_step_of_the_house_refutes_no_truth(void **state)
{
	static const int delays[] = {-9, -4, 0, 3, 9};

	(void)state;
	for (int32_t step = -15000; step <= 15000; step += 5000) {
		for (int at = START - 19; at <= START + 19; at++) {
			for (int n = 0; n < 15; n++) {
				begin(2, delays[n % 5], 1 + n % 3);
				b.rate = 10000;
				b.house[n % 2] += 15000;
				live(at);
				b.house[n % 2] += step;
				live(START + 40 - at);
				assert_true(b.a.believed);
			}
		}
	}
}

/* A telegram is judged when the readings of all delays are there. */
static void judgement_waits_for_all_readings(void **state)
{
	(void)state;
	begin(0, 0, 3);
	b.rate = 10000;
	live(START + 1 + ALIGNMENT_MOST - 1);
	assert_int_equal(b.a.judged, b.grid.count - ALIGNMENT_MOST);
	for (int i = 0; i < 20; i++) { /* the charger does not answer any more */
		b.now++;
		read_meter();
		alignment_judge(&b.a, &b.grid, &b.car);
	}
	assert_int_equal(b.a.judged, b.grid.count - ALIGNMENT_MOST - 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_order_and_delay_is_learnt),
		cmocka_unit_test(slow_ramps_tell_less_than_fast_ones),
		cmocka_unit_test(phases_that_move_differently_tell_the_order),
		cmocka_unit_test(other_rhythms_keep_the_truth),
		cmocka_unit_test(an_order_that_is_given_stays),
		cmocka_unit_test(phases_that_are_not_measured_stay_where_they_are),
		cmocka_unit_test(a_car_that_does_not_move_tells_nothing),
		cmocka_unit_test(readings_that_contradict_are_not_believed),
		cmocka_unit_test(a_step_of_the_house_refutes_no_truth),
		cmocka_unit_test(judgement_waits_for_all_readings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
