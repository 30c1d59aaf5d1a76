/* What a record of any meter means for a fuse: totals, powers without currents, inverted meters. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "balance/settings.h"
#include "control/grid_reading.h"

static struct record record;
static struct grid_reading last;
static char id[IDENTITY_TEXT];
static int32_t phases;
static struct grid_rules rules;

static int setup(void **state)
{
	(void)state;
	phases = 3;
	rules = (struct grid_rules){.power_factor = 950, .phases = &phases};
	record_begin(&record, "test");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	record_free(&record);
	memset(&record, 0, sizeof record);
	return 0;
}

static void tell(const char *name, double n)
{
	record_f64(&record, name, NULL, n);
}

/* Reads the record, compares its currents, and begins the next one. */
static void gives(int32_t l1, int32_t l2, int32_t l3, unsigned estimated)
{
	grid_reading_of(&last, id, &record, &rules);
	assert_int_equal(last.currents[0], l1);
	assert_int_equal(last.currents[1], l2);
	assert_int_equal(last.currents[2], l3);
	assert_int_equal(last.estimated, estimated);
	record_begin(&record, "test");
}

static void floats_and_decimals(void **state)
{
	(void)state;
	record_f32(&record, "current_l1", "A", 10.5f);
	record_decimal(&record, "current_l2", "A", decimal_i64(-225, -2));
	record_f64(&record, "current_l3", "A", 0.00004); /* noise is no missing phase */
	gives(10500, -2250, 0, 0);
	tell("current_l1", 1e300);
	tell("current_l2", NAN);
	record_null(&record, "current_l3");
	gives(CURRENT_NONE, CURRENT_NONE, CURRENT_NONE, 0);
}

/* P / (U * 0.95): what reactive current may add. */
static void powers_with_a_margin(void **state)
{
	(void)state;
	tell("power_l1", 2185);
	tell("voltage_l1", 230);
	tell("power_l2", -2185);
	tell("voltage_l2", 230);
	tell("power_import_l3", 437);
	tell("voltage_l3", 230);
	gives(10000, -10000, 2000, GRID_POWER_FACTOR);
	rules.power_factor = 1000;
	tell("power_l1", 2300);
	tell("voltage", 230); /* the mean of all phases */
	gives(10000, CURRENT_NONE, CURRENT_NONE, GRID_POWER_FACTOR);
}

/* Apparent or reactive power make a margin unnecessary. */
static void powers_that_tell_the_current(void **state)
{
	(void)state;
	tell("power_l1", 1840);
	tell("apparent_power_l1", 2300);
	tell("voltage_l1", 230);
	tell("power_l2", -1840);
	tell("reactive_power_import_l2", 0);
	tell("reactive_power_export_l2", 1380);
	tell("voltage_l2", 230);
	tell("power_l3", 0);
	tell("reactive_power_l3", -690);
	tell("voltage_l3", 230);
	gives(10000, -10000, 3000, 0);
	tell("power_l1", 2185);
	tell("apparent_power_l1", 100); /* contradicts */
	tell("voltage_l1", 230);
	gives(10000, CURRENT_NONE, CURRENT_NONE, GRID_POWER_FACTOR);
}

static void powers_without_voltage(void **state)
{
	(void)state;
	rules.power_factor = 1000;
	tell("power_l1", 2070);
	tell("power_l2", 2070);
	record_null(&record, "voltage_l2");
	tell("power_l3", 2070);
	tell("voltage_l3", 12); /* a phase that is dead */
	gives(10000, 10000, CURRENT_NONE, GRID_POWER_FACTOR | GRID_LOW_VOLTAGE);
}

/* A total says nothing about a phase, but in a house with a single one it is all. */
static void totals(void **state)
{
	(void)state;
	tell("power", 5000);
	tell("voltage_l1", 230);
	gives(CURRENT_NONE, CURRENT_NONE, CURRENT_NONE, 0);
	phases = 1;
	tell("power_import", 2185);
	tell("power_export", 0);
	tell("voltage_l1", 230);
	gives(10000, CURRENT_NONE, CURRENT_NONE, GRID_POWER_FACTOR);
	tell("current", 7);
	tell("power", -1600);
	gives(-7000, CURRENT_NONE, CURRENT_NONE, 0);
	tell("current", 7); /* of all phases: L2 is told */
	tell("current_l2", 3);
	gives(CURRENT_NONE, 3000, CURRENT_NONE, 0);
	rules.phases = NULL;
	tell("current", 7);
	gives(CURRENT_NONE, CURRENT_NONE, CURRENT_NONE, 0);
}

static void inverted(void **state)
{
	(void)state;
	rules.inverted = true;
	tell("current_l1", 10);
	tell("power_l1", 2300); /* exports */
	tell("current_l2", 10);
	tell("power_l2", -2300);
	tell("current_l3", -4);
	gives(-10000, 10000, 4000, 0);
	tell("power_l1", -1150);
	tell("voltage_l1", 230);
	rules.power_factor = 1000;
	gives(5000, CURRENT_NONE, CURRENT_NONE, GRID_POWER_FACTOR);
}

static void registers(void **state)
{
	struct standstill_reading before;

	(void)state;
	tell("power", -1200);
	record_decimal(&record, "energy_import", "Wh", decimal_i64(12, 3));
	record_decimal(&record, "energy_export", "Wh", decimal_i64(12, 1));
	gives(CURRENT_NONE, CURRENT_NONE, CURRENT_NONE, 0);
	assert_int_equal(last.still.power, 1200000);
	assert_int_equal(last.still.unit, 10000);
	before = last.still;
	rules.inverted = true; /* either register may count that */
	tell("power", -1200);
	record_decimal(&record, "energy_import", "Wh", decimal_i64(12, 3));
	record_decimal(&record, "energy_export", "Wh", decimal_i64(12, 1));
	gives(CURRENT_NONE, CURRENT_NONE, CURRENT_NONE, 0);
	assert_true(last.still.content == before.content);
	assert_int_equal(last.still.unit, 1000000);
	tell("power", -1200);
	record_decimal(&record, "energy_import", "Wh", decimal_i64(12, 3));
	gives(CURRENT_NONE, CURRENT_NONE, CURRENT_NONE, 0);
	assert_int_equal(last.still.unit, 0);
	assert_true(last.still.content != before.content);
	rules.inverted = false;
	tell("power", 1200);
	tell("energy_import", 12345);
	gives(CURRENT_NONE, CURRENT_NONE, CURRENT_NONE, 0);
	assert_int_equal(last.still.unit, 1000000); /* the digits of a float are not known */
	before = last.still;
	tell("power", 1200);
	tell("energy_import", 12345.5);
	gives(CURRENT_NONE, CURRENT_NONE, CURRENT_NONE, 0);
	assert_true(last.still.registers != before.registers);
}

/* Net power, demand, peak, register and clock, for ceilings beside the fuse. */
static void powers_beside_currents(void **state)
{
	const struct stamp noon = {
		.year = 2026, .month = 12, .day = 1, .hour = 12, .has_offset = true, .offset = 60};

	(void)state;
	grid_reading_of(&last, id, &record, &rules);
	assert_int_equal(last.powers.power, POWER_NONE);
	assert_int_equal(last.powers.demand, POWER_NONE);
	assert_int_equal(last.powers.peak, POWER_NONE);
	assert_int_equal(last.powers.import, POWER_NONE);
	assert_int_equal(last.powers.clock, INSTANT_NONE);
	record_decimal(&record, "power_import", "W", decimal_i64(1200, 0));
	record_decimal(&record, "power_export", "W", decimal_i64(1700, 0));
	record_decimal(&record, "demand_import", "W", decimal_i64(2345, 0));
	record_decimal(&record, "peak_demand_import", "W", decimal_i64(4500, 0));
	record_decimal(&record, "energy_import_t1", "Wh", decimal_i64(1000, 0));
	record_decimal(&record, "energy_import_t2", "Wh", decimal_i64(500, 0));
	record_time(&record, "meter_time", &noon);
	grid_reading_of(&last, id, &record, &rules);
	assert_int_equal(last.powers.power, -500000);
	assert_int_equal(last.powers.demand, 2345000);
	assert_int_equal(last.powers.peak, 4500000);
	assert_int_equal(last.powers.import, 1500000);
	assert_int_equal(last.powers.clock, stamp_instant(&noon));
	assert_int_equal(last.powers.zone, 60);
	record_begin(&record, "test");
	tell("power", -400);
	record_decimal(&record, "energy_import", "Wh", decimal_i64(7, 0));
	record_decimal(&record, "energy_import_t1", "Wh", decimal_i64(1000, 0));
	grid_reading_of(&last, id, &record, &rules);
	assert_int_equal(last.powers.power, -400000);
	assert_int_equal(last.powers.import, 7000);
	rules.inverted = true;
	grid_reading_of(&last, id, &record, &rules);
	assert_int_equal(last.powers.power, 400000);
	assert_int_equal(last.powers.import, POWER_NONE);
}

static void uses(void **state)
{
	(void)state;
	assert_int_equal(grid_reading_use("current_l2"), GRID_NEEDED);
	assert_int_equal(grid_reading_use("voltage"), GRID_NEEDED);
	assert_int_equal(grid_reading_use("power_export_l3"), GRID_NEEDED);
	assert_int_equal(grid_reading_use("energy_import"), GRID_NEEDED);
	assert_int_equal(grid_reading_use("reactive_power_l1"), GRID_SUBSTITUTE);
	assert_int_equal(grid_reading_use("frequency"), GRID_UNUSED);
	assert_int_equal(grid_reading_use("energy_import_l1"), GRID_UNUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(floats_and_decimals),
		TEST(powers_with_a_margin),
		TEST(powers_that_tell_the_current),
		TEST(powers_without_voltage),
		TEST(totals),
		TEST(inverted),
		TEST(registers),
		TEST(powers_beside_currents),
		TEST(uses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
