/* The car behind a charger: its properties row by row, and each of them at work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "balance/car.h"
#include "base/error.h"
#include "base/text.h"

/* Name, digits behind the point of its unit, bounds and default as they are kept. */
static const struct {
	const char *name;
	int digits;
	int32_t least, most, preset;
	size_t offset;
} rows[] = {
#define AT(field) offsetof(struct car_settings, field)
	{"min", 3, 1000, 63000, 6000, AT(least)},
	{"max", 3, 1000, 63000, 16000, AT(most)},
	{"phases", 0, 1, 3, 3, AT(phases)},
	{"first", 0, 1, 3, 1, AT(first)},
	{"dead", 0, 0, 15, 2, AT(dead)},
	{"up", 3, 100, 63000, 1000, AT(up)},
	{"down", 3, 100, 63000, 8000, AT(down)},
	{"restart", 0, 0, 3600, 20, AT(restart)},
	{"loss", 0, 0, 2000, 250, AT(loss)},
	{"battery", 3, 0, 1000000, 0, AT(battery)},
	{"charge", 0, 0, 100, 20, AT(charge)},
	{"taper", 0, 1, 100, 80, AT(taper)},
	{"sleeps_after", 0, 0, 1000, 0, AT(sleeps_after)},
	{"daily", 3, 0, 1000000, 0, AT(daily)},
};

enum { ROWS = sizeof rows / sizeof *rows };

static int parse(struct car_settings *c, size_t row, int32_t value)
{
	struct text text = {0};
	int error;

	text_printf(&text, "%s=", rows[row].name);
	text_decimal(&text, decimal_i64(value, -rows[row].digits));
	error = car_parse(c, text_string(&text), text.length);
	text_free(&text);
	return error;
}

static void each_property(void **state)
{
	(void)state;
	assert_int_equal(sizeof(struct car_settings),
	                 ROWS * sizeof(int32_t) + sizeof(struct hours));
	for (size_t i = 0; i < ROWS; i++) {
		struct car_settings c = car_defaults(), wanted = c;
		int32_t *kept = (int32_t *)(void *)((char *)&wanted + rows[i].offset);

		assert_int_equal(*kept, rows[i].preset);
		*kept = rows[i].least;
		assert_int_equal(parse(&c, i, rows[i].least), 0);
		assert_memory_equal(&c, &wanted, sizeof c);
		*kept = rows[i].most;
		assert_int_equal(parse(&c, i, rows[i].most), 0);
		assert_memory_equal(&c, &wanted, sizeof c);
		assert_int_equal(parse(&c, i, rows[i].least - 1), EM_RANGE);
		assert_int_equal(parse(&c, i, rows[i].most + 1), EM_RANGE);
		assert_memory_equal(&c, &wanted, sizeof c);
	}
}

static void what_is_no_property(void **state)
{
	struct car_settings c;

	(void)state;
	assert_int_equal(car_parse(&c, "wheels=4", 8), EM_UNKNOWN);
	assert_int_equal(car_parse(&c, "mi=4", 4), EM_UNKNOWN);
	assert_int_equal(car_parse(&c, "min", 3), EM_SYNTAX);
	assert_int_equal(car_parse(&c, "min=", 4), EM_SYNTAX);
	assert_int_equal(car_parse(&c, "max=x", 5), EM_SYNTAX);
	assert_int_equal(car_parse(&c, "min=7,max=8", 5), 0); /* no further than told */
	assert_int_equal(c.least, 7000);
}

static struct car_settings c;
static struct car car;

static int setup(void **state)
{
	(void)state;
	c = car_defaults();
	c.dead = c.restart = 0;
	car_start(&car);
	return 0;
}

static bool offer(int seconds, int32_t limit)
{
	bool changes = false;

	while (seconds--)
		changes = car_tick(&car, &c, limit);
	return changes;
}

static void charge(int32_t limit)
{
	offer(100, limit);
	assert_int_equal(car.current, limit < c.most ? limit : c.most);
}

static void a_limit_of_zero_means_no_car(void **state)
{
	(void)state;
	offer(1000, 0);
	assert_int_equal(car.current, 0);
	assert_int_equal(car.energy, 0);
	assert_int_equal(car.pauses, 0); /* it never charged */
	charge(16000);
	offer(1, 0);
	assert_int_equal(car.current, 0);
	assert_int_equal(car.pauses, 1);
}

static void below_its_minimum_it_pauses(void **state)
{
	(void)state;
	offer(1, 5999);
	assert_int_equal(car.current, 0);
	offer(1, 6000);
	assert_int_equal(car.current, 6000);
	offer(10, 5999);
	assert_int_equal(car.current, 0);
	assert_int_equal(car.pauses, 1); /* one, however long */
}

static void it_rises_slowly_and_falls_fast(void **state)
{
	(void)state;
	offer(1, 16000);
	for (int32_t current = 6000; current < 16000; current += 1000) {
		assert_int_equal(car.current, current);
		offer(1, 16000);
	}
	assert_int_equal(car.current, 16000);
	offer(1, 32000); /* no more than it takes */
	assert_int_equal(car.current, 16000);
	offer(1, 6500);
	assert_int_equal(car.current, 8000);
	offer(1, 6500);
	assert_int_equal(car.current, 6500);
}

static void it_follows_after_its_dead_time(void **state)
{
	(void)state;
	for (c.dead = 0; c.dead <= CAR_DEAD_MOST; c.dead++) {
		car_start(&car);
		offer(c.dead, 16000);
		assert_int_equal(car.current, 0);
		offer(1, 16000);
		assert_int_equal(car.current, 6000);
		charge(16000);
		offer(c.dead, 0);
		assert_int_equal(car.current, 16000);
		offer(1, 0);
		assert_int_equal(car.current, 0);
	}
}

static void it_takes_a_while_to_start_again(void **state)
{
	(void)state;
	c.restart = 20;
	offer(20, 16000);
	assert_int_equal(car.current, 0);
	offer(1, 16000);
	assert_int_equal(car.current, 6000);
	offer(1, 0);
	offer(20, 16000);
	assert_int_equal(car.current, 0);
	offer(1, 16000);
	assert_int_equal(car.current, 6000);
	offer(1, 0);
	offer(15, 16000); /* an offer that goes away begins the wait anew */
	offer(1, 0);
	offer(20, 16000);
	assert_int_equal(car.current, 0);
	offer(1, 16000);
	assert_int_equal(car.current, 6000);
}

static void it_sleeps_after_too_many_pauses(void **state)
{
	(void)state;
	c.sleeps_after = 2;
	charge(16000);
	offer(1, 0);
	charge(16000);
	offer(1, 0);
	assert_int_equal(car.pauses, 2);
	offer(10000, 16000);
	assert_int_equal(car.current, 0);
}

/* 16 A at 230 V on three phases; 250 W of it are lost while it charges, none while it does not. */
static void what_it_takes_and_what_it_stores(void **state)
{
	int64_t energy, stored;

	(void)state;
	charge(16000);
	energy = car.energy;
	stored = car.stored;
	offer(10, 16000);
	assert_int_equal(car.energy - energy, INT64_C(16000) * 230 * 3 * 10);
	assert_int_equal(car.stored - stored, INT64_C(16000) * 230 * 3 * 10 - 250000 * 10);
	energy = car.energy;
	stored = car.stored;
	car_hold(&car, &c, 100); /* the same in one stride */
	assert_int_equal(car.energy - energy, INT64_C(16000) * 230 * 3 * 100);
	assert_int_equal(car.stored - stored, INT64_C(16000) * 230 * 3 * 100 - 250000 * 100);
	offer(1, 0);
	energy = car.energy;
	stored = car.stored;
	offer(100, 0);
	assert_int_equal(car.energy, energy);
	assert_int_equal(car.stored, stored);
}

/* 80 % take all; 81 % take 19/20 of 16 A, 90 % half; never below the minimum; 100 % nothing. */
static void it_takes_less_while_the_last_part_fills(void **state)
{
	static const struct {
		int percent;
		int32_t current;
	} rates[] = {{20, 16000}, {80, 16000}, {81, 15200}, {90, 8000}, {95, 6000}, {99, 6000}};

	(void)state;
	c.battery = 60000;
	for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
		car_start(&car);
		c.charge = rates[i].percent;
		offer(20, 16000);
		assert_int_equal(car.current, rates[i].current);
	}
	c.charge = 100;
	car_start(&car);
	offer(20, 16000);
	assert_int_equal(car.current, 0);
	assert_true(car.full);
}

/* 1 kWh of which 99 % are there: 10 Wh at 6 A, less 250 W, take 36000 / 3890 s. */
static void it_ends_when_the_battery_is_full(void **state)
{
	(void)state;
	c.battery = 1000;
	c.charge = 99;
	offer(10, 16000);
	assert_int_equal(car.current, 6000);
	assert_false(car.full);
	offer(1, 16000);
	assert_int_equal(car.current, 0);
	assert_true(car.full);
	assert_int_equal(car.pauses, 0); /* no pause: it has what it wanted */
	offer(1, 0);
	offer(100, 16000);
	assert_int_equal(car.current, 0);
}

static void the_phases_that_it_uses(void **state)
{
	(void)state;
	car.current = 7000;
	for (c.phases = 1; c.phases <= 3; c.phases++)
		for (c.first = 1; c.first <= 3; c.first++)
			for (int phase = 0; phase < 3; phase++) {
				bool used = false;

				for (int n = 0; n < c.phases; n++)
					used = used || (c.first - 1 + n) % 3 == phase;
				assert_int_equal(car_phase(&car, &c, phase), used ? 7000 : 0);
			}
}

/* Whether the next second could differ: simulations stride over those that do not. */
static void a_second_tells_when_nothing_will_change(void **state)
{
	(void)state;
	c.dead = 2;
	assert_true(offer(1, 16000));
	charge(16000);
	assert_false(offer(1, 16000));
	assert_true(offer(1, 12000)); /* not there yet, but it will be */
	assert_true(offer(2, 12000));
	assert_false(offer(1, 12000));
	c.battery = 60000;
	assert_false(offer(1, 12000)); /* a battery fills, but that takes time */
	assert_true(car_lasts(&car, &c) > 3600);
}

/* A car ticks as long as car_lasts() tells, and not a second longer, like one that is held. */
static void a_battery_tells_how_long_seconds_are_alike(void **state)
{
	static const struct {
		int32_t battery, charge, taper, loss, offered, phases, least;
	} cases[] = {{2300, 20, 50, 0, 10000, 1, 10000}, /* 36 s a percent, to the millijoule */
	             {1000, 20, 80, 250, 16000, 3, 0},   {7777, 55, 70, 100, 13000, 1, 0},
	             {3000, 0, 1, 0, 9000, 2, 0},        {1000, 80, 100, 250, 16000, 3, 0},
	             {2500, 80, 80, 2000, 16000, 3, 0},  {1000, 20, 100, 1000, 16000, 1, 0}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct car other;
		int strides = 0, seconds = 0;

		c = car_defaults();
		c.battery = cases[i].battery;
		c.charge = cases[i].charge;
		c.taper = cases[i].taper;
		c.loss = cases[i].loss;
		c.phases = cases[i].phases;
		c.least = cases[i].least ? cases[i].least : c.least;
		car_start(&car);
		car_start(&other);
		while (!other.full && seconds < 100000) {
			bool changes = car_tick(&car, &c, cases[i].offered);
			int64_t more = changes ? 0 : car_lasts(&car, &c);

			car_tick(&other, &c, cases[i].offered);
			assert_int_equal(car.current, other.current);
			assert_int_equal(car.most, other.most);
			assert_true(more < INT64_MAX || car.current == 0);
			for (int64_t k = more; k > 0; k--) {
				car_tick(&other, &c, cases[i].offered);
				assert_int_equal(car.current, other.current);
				assert_int_equal(car.most, other.most);
			}
			car_hold(&car, &c, more);
			assert_int_equal(car.content, other.content);
			assert_int_equal(car.stored, other.stored);
			assert_int_equal(car.energy, other.energy);
			assert_int_equal(car.full, other.full);
			strides += more > 0;
			seconds += 1 + (int)more;
		}
		assert_true(other.full);
		assert_in_range(strides, 1, 110);
		assert_int_equal(car.pauses, 0);
	}
}

static void a_car_that_drives_has_a_battery_and_is_away_by_day(void **state)
{
	(void)state;
	car_settle(&c);
	assert_true(c.battery == 0 && c.home.count == 0);
	c.daily = 12000;
	car_settle(&c);
	assert_true(c.battery == 60000 && c.home.count == 1);
	assert_int_equal(hours_outside(&c.home), 11 * 3600);
	c.battery = 40000;
	assert_int_equal(car_parse(&c, "home=7-17", 9), 0);
	car_settle(&c);
	assert_true(c.battery == 40000 && c.home.windows[0].from == 7 * 3600);
}

/* Another car at the same charger begins anew; the sums go on. */
static void cars_come_and_go(void **state)
{
	(void)state;
	c.battery = 1000;
	c.sleeps_after = 1;
	charge(16000);
	offer(1, 0);
	offer(100, 16000);
	assert_int_equal(car.current, 0); /* it sleeps */
	assert_int_equal(car.pauses, 1);
	car_unplug(&car);
	car_plug(&car, 0);
	assert_int_equal(car.pauses, 1);
	assert_int_equal(car_charge(&c, car.content), INT64_C(200) * 3600000);
	offer(1, 16000);
	assert_int_equal(car.current, 6000); /* it has not slept yet */
	car_unplug(&car);
	assert_int_equal(car.current, 0);
	assert_int_equal(car.pauses, 1); /* it left: no pause */
	car_plug(&car, INT64_C(800) * 3600000);
	offer(100, 16000);
	assert_int_equal(car.current, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_property),
		cmocka_unit_test(what_is_no_property),
		cmocka_unit_test_setup(a_limit_of_zero_means_no_car, setup),
		cmocka_unit_test_setup(below_its_minimum_it_pauses, setup),
		cmocka_unit_test_setup(it_rises_slowly_and_falls_fast, setup),
		cmocka_unit_test_setup(it_follows_after_its_dead_time, setup),
		cmocka_unit_test_setup(it_takes_a_while_to_start_again, setup),
		cmocka_unit_test_setup(it_sleeps_after_too_many_pauses, setup),
		cmocka_unit_test_setup(what_it_takes_and_what_it_stores, setup),
		cmocka_unit_test_setup(it_takes_less_while_the_last_part_fills, setup),
		cmocka_unit_test_setup(it_ends_when_the_battery_is_full, setup),
		cmocka_unit_test_setup(the_phases_that_it_uses, setup),
		cmocka_unit_test_setup(a_second_tells_when_nothing_will_change, setup),
		cmocka_unit_test_setup(a_battery_tells_how_long_seconds_are_alike, setup),
		cmocka_unit_test_setup(a_car_that_drives_has_a_battery_and_is_away_by_day, setup),
		cmocka_unit_test_setup(cars_come_and_go, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
