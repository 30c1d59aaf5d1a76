/*
 * The load of the house beside a car: exact while the car is steady, and never less than it was
 * because the car moves, whatever is late, and whatever the charger tells.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "balance/house_load.h"

enum { CALM = 23 /* s after which all that moved is judged */ };

static const bool all[BALANCE_PHASES] = {true, true, true};

/* Currents are mA. */
static struct {
	struct house_load h;
	int64_t now; /* ms */
	int32_t house[BALANCE_PHASES];
	int32_t limit;
	int32_t car[BALANCE_PHASES];  /* that the car draws, on the charger's phases */
	int32_t told[BALANCE_PHASES]; /* that the charger tells */
	bool measured;
} b;

static void start(int32_t phases, int32_t order)
{
	memset(&b, 0, sizeof b);
	house_load_start(&b.h, phases, order);
	b.house[0] = 5000;
	b.house[1] = 3000;
	b.house[2] = 1000;
	b.measured = true;
}

static int setup(void **state)
{
	(void)state;
	start(3, 123);
	return 0;
}

static void draw(int32_t l1, int32_t l2, int32_t l3)
{
	const int32_t car[BALANCE_PHASES] = {l1, l2, l3};

	memcpy(b.car, car, sizeof b.car);
	memcpy(b.told, car, sizeof b.told);
}

static void second(void)
{
	int32_t grid[BALANCE_PHASES];

	b.now += 1000;
	for (int i = 0; i < BALANCE_PHASES; i++)
		grid[i] = b.house[i] + b.car[i];
	house_load_limit(&b.h, b.now, b.limit, b.limit);
	house_load_car(&b.h, b.now, b.measured ? b.told : NULL);
	house_load_grid(&b.h, b.now, grid);
}

static int32_t worst(void)
{
	return house_load_worst(&b.h, all);
}

static void live(int seconds)
{
	while (seconds--)
		second();
}

/* Seconds in which the load must stay within those bounds. */
static void live_within(int seconds, int32_t least, int32_t most)
{
	while (seconds--) {
		second();
		assert_in_range(worst(), least, most);
	}
}

static void charging(int32_t current)
{
	b.limit = current;
	draw(current, current, current);
	live(CALM + 1);
	assert_true(house_load_calm(&b.h, b.now));
}

static void beside_a_steady_car_the_load_is_exact(void **state)
{
	(void)state;
	charging(10000);
	live_within(1, 5000, 5000);
	b.house[0] = 12345;
	live_within(1, 12345, 12345); /* at once */
	b.house[0] = 2000;
	live_within(1, 3000, 3000); /* L2 */
	b.house[2] = -500;
	b.house[1] = -7000;
	b.house[0] = -6000;
	live_within(1, -500, -500); /* export */
	draw(10000, 10000, 10500);  /* half an ampere is no movement */
	live(1);
	assert_true(house_load_calm(&b.h, b.now));
	live_within(1, -500, -500);
	draw(10000, 10000, 10501);
	live(1);
	assert_false(house_load_calm(&b.h, b.now));
}

static void it_is_calm_22_seconds_after_a_movement(void **state)
{
	(void)state;
	charging(10000);
	draw(12000, 10000, 10000);
	for (int i = 0; i <= 22; i++) {
		second();
		assert_false(house_load_calm(&b.h, b.now));
	}
	second();
	assert_true(house_load_calm(&b.h, b.now));
	b.limit = 15000; /* a limit is a movement, too */
	for (int i = 0; i <= 22; i++) {
		second();
		assert_false(house_load_calm(&b.h, b.now));
	}
	second();
	assert_true(house_load_calm(&b.h, b.now));
}

/* The car follows a new limit by 2 A/s; charger and meter tell it that many s late. */
static void ramp(int32_t from, int32_t to, int charger_late, int meter_late)
{
	for (int t = -10; t < 40; t++) {
		int32_t step = to > from ? 2000 : -2000;
		int32_t seen[2];

		b.limit = t < -1 ? from : to;

		for (int i = 0; i < 2; i++) {
			int late = t - (i ? charger_late : meter_late);
			int32_t moved = late < 0 ? 0 : late > 5 ? 10000 : late * 2000;

			seen[i] = from + (step > 0 ? moved : -moved);
		}
		draw(seen[0], seen[0], seen[0]);
		b.told[0] = b.told[1] = b.told[2] = seen[1];
		second();
		assert_in_range(worst(), 5000, 5000);
	}
}

/* The car's own ramp is no load, and what it draws less is not subtracted twice. */
static void a_ramp_of_the_car_is_no_load(void **state)
{
	(void)state;
	for (int late = 0; late <= 2; late++) {
		setup(NULL);
		charging(6000);
		ramp(6000, 16000, late, 0);
		ramp(16000, 6000, late, 0);
		setup(NULL);
		charging(6000);
		ramp(6000, 16000, 0, late);
		ramp(16000, 6000, 0, late);
	}
}

/* A meter that is up to 8 s late is found out by what it shows of the first ramps. */
static void learnt_delays_of_any_length_are_no_load(void **state)
{
	(void)state;
	for (int late = -8; late <= 8; late++) {
		setup(NULL);
		charging(6000);
		for (int i = 0; i < 4; i++) {
			int32_t from = i % 2 ? 16000 : 6000;

			for (int t = 0; t < 60; t++) {
				int shown = late > 0 ? t - late : t, told = late < 0 ? t + late : t;
				int32_t grid = shown >= 0 ? 22000 - from : from;

				b.limit = 22000 - from;
				draw(grid, grid, grid);
				grid = told >= 0 ? 22000 - from : from;
				b.told[0] = b.told[1] = b.told[2] = grid;
				second();
				if (i >= 2)
					assert_in_range(worst(), 5000, 5000);
			}
		}
		assert_in_range(-late, b.h.alignment.earliest, b.h.alignment.latest);
	}
}

/* While the car moves a load that is more than the car can explain counts at once. */
static void a_house_that_moves_with_the_car_counts(void **state)
{
	(void)state;
	charging(16000);
	b.limit = 6000;
	b.house[0] = 20000;
	second(); /* the car draws 16 A still */
	assert_in_range(worst(), 20000, 30000);
	draw(6000, 6000, 6000);
	live_within(CALM, 20000, 20000);
	live_within(CALM, 20000, 20000);
}

/* A house that goes on by less is known when the car is calm, at the latest. */
static void a_house_that_falls_with_the_car_is_known_when_it_is_calm(void **state)
{
	(void)state;
	b.house[0] = 15000;
	charging(6000);
	b.limit = 16000;
	draw(16000, 16000, 16000);
	b.house[0] = 5000;
	live_within(CALM, 5000, 15000);
	live(2);
	live_within(1, 5000, 5000);
}

static void an_unknown_car_draws_its_limit(void **state)
{
	(void)state;
	b.measured = false;
	live_within(10, 5000, 5000); /* limit 0: all is the house's */
	b.limit = 16000;
	draw(16000, 16000, 16000);
	live_within(20, 5000, 5000);
	draw(0, 0, 0); /* it has stopped: 16 A are subtracted all the same */
	live_within(1, -11000, -11000);
}

/* Ten times the truth, while the limit permits 16 A: the car is taken for its limit. */
static void readings_above_the_limit_are_not_used(void **state)
{
	(void)state;
	charging(16000);
	b.told[0] = b.told[1] = b.told[2] = 160000;
	for (int i = 0; i < 60; i++) {
		live_within(1, 5000, 5000);
		assert_false(house_load_believes(&b.h));
	}
	for (int i = 0; i < 6; i++) { /* right again: the car has to show it */
		int32_t current = i % 2 ? 16000 : 10000;

		draw(current, current, current);
		live(20);
		if (!house_load_believes(&b.h))
			assert_int_equal(worst(), 5000 - (16000 - current));
	}
	assert_true(house_load_believes(&b.h));
	for (int phase = 0; phase < BALANCE_PHASES; phase++) {
		setup(NULL);
		charging(16000);
		b.told[phase] = 18600; /* a tenth and 1 A above */
		live(1);
		assert_true(house_load_believes(&b.h));
		b.told[phase] = 18601;
		live(1);
		assert_false(house_load_believes(&b.h));
		b.told[phase] = 18600;
		live(1);
		assert_true(house_load_believes(&b.h));
	}
}

/* A car that follows a lower limit late is believed for 12 s. */
static void a_limit_that_has_just_fallen_is_not_exceeded(void **state)
{
	(void)state;
	charging(16000);
	b.limit = 6000;
	for (int i = 0; i < 12; i++) {
		live_within(1, 5000, 15000);
		assert_true(house_load_believes(&b.h));
	}
	live_within(1, 15000, 15000); /* 6 A of 21 A */
	assert_false(house_load_believes(&b.h));
}

/* Zero while the car draws: what it draws is a load. */
static void readings_of_zero_take_nothing_away(void **state)
{
	(void)state;
	b.limit = 16000;
	draw(16000, 16000, 16000);
	b.told[0] = b.told[1] = b.told[2] = 0;
	live_within(100, 21000, 21000);
}

/* The charger repeats 16 A for ever; the car follows a limit of 6 A. */
static void frozen_readings_do_not_hide_the_house(void **state)
{
	(void)state;
	charging(16000);
	b.limit = 6000;
	draw(6000, 6000, 6000);
	b.told[0] = b.told[1] = b.told[2] = 16000;
	live(13);
	assert_false(house_load_believes(&b.h));
	b.house[0] = 19000;
	live_within(CALM, 19000, 19000);
}

/* The car on L1 of its charger: which phase of the grid that is, is not known. */
static void an_unknown_order_is_the_worst(void **state)
{
	static const bool first[BALANCE_PHASES] = {true, false, false};

	(void)state;
	start(3, 0);
	b.limit = 16000;
	draw(10000, 0, 0);
	live(CALM);
	assert_int_equal(house_load_order(&b.h), 0);
	assert_int_equal(house_load_worst(&b.h, first), 5000); /* 5, 3 or 1 A */
	b.house[1] = 18000;                                    /* 8 A if the car is there */
	live(1);
	assert_int_equal(house_load_worst(&b.h, first), 8000);
	start(3, 213); /* it is known to be L2 */
	b.limit = 16000;
	draw(0, 10000, 0);
	b.told[0] = 10000;
	b.told[1] = 0;
	live(CALM + 1);
	assert_int_equal(house_load_worst(&b.h, first), 3000);
	assert_int_equal(house_load_order(&b.h), 213);
	start(1, 0); /* the others are not measured: no reason for the maximum */
	draw(0, 10000, 0);
	b.limit = 16000;
	live(CALM + 1);
	assert_int_equal(house_load_worst(&b.h, (const bool[]){false, true, false}), 5000);
	assert_int_equal(house_load_order(&b.h), 123);
}

static void the_most_that_the_car_can_have_drawn(void **state)
{
	(void)state;
	charging(16000);
	assert_int_equal(house_load_car_most(&b.h, b.now), 16000);
	b.limit = 6000;
	second();
	assert_int_equal(house_load_car_most(&b.h, b.now), 16000);
	draw(6000, 6000, 6000);
	live(30);
	assert_int_equal(house_load_car_most(&b.h, b.now), 6000);
}

/* A second in which the reading of the car is 0.9 s older than the telegram. */
static void second_with_an_older_reading(void)
{
	int32_t grid[BALANCE_PHASES];

	b.now += 1000;
	for (int i = 0; i < BALANCE_PHASES; i++)
		grid[i] = b.house[i] + b.car[i];
	house_load_limit(&b.h, b.now, b.limit, b.limit);
	house_load_car(&b.h, b.now - 900, b.told);
	house_load_grid(&b.h, b.now, grid);
}

/* A rise while the car may start is the house's as soon as the car is read not to have started. */
static void later_readings_tell_what_a_telegram_meant(void **state)
{
	(void)state;
	charging(16000);
	charging(0);
	assert_int_equal(worst(), 5000);
	b.limit = 16000;
	second_with_an_older_reading();
	b.house[0] += 8000;
	second_with_an_older_reading();
	assert_in_range(worst(), 5000, 13000);
	second_with_an_older_reading();
	second_with_an_older_reading();
	assert_int_equal(worst(), 13000);
}

/* A charger that applies a lower limit late permits no rise. */
static void a_limit_that_falls_slowly_is_no_rise(void **state)
{
	(void)state;
	charging(16000);
	draw(10000, 10000, 10000);
	b.limit = 20000;
	live(CALM + 1);
	for (int32_t in_force = 20000; in_force >= 18000; in_force -= 1000) {
		b.now += 1000;
		house_load_limit(&b.h, b.now, 9000, in_force);
		house_load_car(&b.h, b.now - 900, b.told);
		house_load_grid(&b.h, b.now,
		                (const int32_t[]){in_force == 18000 ? 29000 : 15000, 13000, 11000});
	}
	assert_in_range(worst(), 19000, 20000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, setup)
		TEST(beside_a_steady_car_the_load_is_exact),
		TEST(it_is_calm_22_seconds_after_a_movement),
		TEST(a_ramp_of_the_car_is_no_load),
		TEST(learnt_delays_of_any_length_are_no_load),
		TEST(a_house_that_moves_with_the_car_counts),
		TEST(a_house_that_falls_with_the_car_is_known_when_it_is_calm),
		TEST(an_unknown_car_draws_its_limit),
		TEST(readings_above_the_limit_are_not_used),
		TEST(a_limit_that_has_just_fallen_is_not_exceeded),
		TEST(readings_of_zero_take_nothing_away),
		TEST(frozen_readings_do_not_hide_the_house),
		TEST(an_unknown_order_is_the_worst),
		TEST(the_most_that_the_car_can_have_drawn),
		TEST(later_readings_tell_what_a_telegram_meant),
		TEST(a_limit_that_falls_slowly_is_no_rise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
