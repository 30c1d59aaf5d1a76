/* The meter of a load balancer: from the bytes of a telegram to three currents with sign. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "balance/settings.h"
#include "control/grid_meter.h"

static struct grid_meter *meter;
static struct grid_reading last;
static char id[64];
static int readings, refusals;

static void on_reading(void *context, const struct grid_reading *reading)
{
	assert_ptr_equal(context, &last);
	last = *reading;
	snprintf(id, sizeof id, "%s", reading->id);
	readings++;
}

static void on_refused(void *context, enum refusal refusal, const char *text)
{
	assert_ptr_equal(context, &last);
	assert_int_not_equal(refusal, REFUSED_NOT);
	assert_true(strlen(text) > 0);
	refusals++;
}

/* A meter of that kind; NULL: it is recognised. */
static struct grid_meter *meter_of(const char *kind, const struct grid_events *events)
{
	struct grid_source source;
	const struct grid_settings settings = {.source = &source, .rules.power_factor = 1000};

	grid_source_of(&source, kind, "-");
	return grid_meter_new(&settings, events);
}

static int setup(void **state)
{
	(void)state;
	readings = refusals = 0;
	meter = meter_of("p1", &(struct grid_events){on_reading, on_refused, &last});
	return meter ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	grid_meter_free(meter);
	return 0;
}

static void feed(const char *text)
{
	assert_int_equal(grid_meter_feed(meter, (const uint8_t *)text, strlen(text), false), 0);
}

/* A telegram without version and CRC, as meters before DSMR 4 send them. */
static void tell(const char *lines)
{
	feed("/EMT3\\TEST\r\n\r\n");
	feed(lines);
	feed("!\r\n");
}

static void currents_are(int32_t l1, int32_t l2, int32_t l3)
{
	assert_int_equal(last.currents[0], l1);
	assert_int_equal(last.currents[1], l2);
	assert_int_equal(last.currents[2], l3);
}

static void currents_in_milliamperes(void **state)
{
	(void)state;
	tell("1-0:31.7.0(016*A)\r\n1-0:51.7.0(002.34*A)\r\n1-0:71.7.0(000*A)\r\n");
	assert_int_equal(readings, 1);
	currents_are(16000, 2340, 0);
	assert_true(last.clock == INSTANT_NONE);
}

/* A current is negative when its own phase exports more than it imports. */
static void export_is_negative(void **state)
{
	(void)state;
	tell("1-0:31.7.0(010*A)\r\n1-0:51.7.0(010*A)\r\n1-0:71.7.0(010*A)\r\n"
	     "1-0:21.7.0(00.000*kW)\r\n1-0:22.7.0(02.300*kW)\r\n"
	     "1-0:41.7.0(02.300*kW)\r\n1-0:42.7.0(00.000*kW)\r\n"
	     "1-0:61.7.0(01.000*kW)\r\n1-0:62.7.0(01.000*kW)\r\n");
	currents_are(-10000, 10000, 10000);
	tell("1-0:31.7.0(010*A)\r\n1-0:51.7.0(010*A)\r\n1-0:71.7.0(-010*A)\r\n"
	     "1-0:42.7.0(02.300*kW)\r\n1-0:62.7.0(02.300*kW)\r\n");
	currents_are(10000, -10000, -10000);
}

static void a_phase_that_is_not_told_is_unknown(void **state)
{
	(void)state;
	tell("1-0:31.7.0(010*A)\r\n");
	currents_are(10000, CURRENT_NONE, CURRENT_NONE);
	tell("1-0:71.7.0(010*A)\r\n");
	currents_are(CURRENT_NONE, CURRENT_NONE, 10000);
}

/* P / U, rounded to the nearest mA, with the sign of the power; only where both are told. */
static void current_from_power_and_voltage(void **state)
{
	(void)state;
	tell("1-0:32.7.0(230.0*V)\r\n1-0:52.7.0(240.0*V)\r\n1-0:72.7.0(230.7*V)\r\n"
	     "1-0:21.7.0(02.300*kW)\r\n1-0:22.7.0(00.000*kW)\r\n"
	     "1-0:41.7.0(00.000*kW)\r\n1-0:42.7.0(03.600*kW)\r\n"
	     "1-0:61.7.0(01.000*kW)\r\n1-0:62.7.0(00.000*kW)\r\n");
	currents_are(10000, -15000, 4335); /* 1000 W / 230.7 V is 4.33463 A */
	tell("1-0:32.7.0(200.0*V)\r\n1-0:52.7.0(200.0*V)\r\n1-0:72.7.0(230.0*V)\r\n"
	     "1-0:21.7.0(00.0001*kW)\r\n1-0:42.7.0(00.0001*kW)\r\n1-0:41.7.0(0*kW)\r\n"
	     "1-0:61.7.0(00.000*kW)\r\n");
	currents_are(1, -1, 0); /* 0.5 mA are rounded away from 0 */
	tell("1-0:31.7.0(009*A)\r\n1-0:32.7.0(230.0*V)\r\n1-0:21.7.0(02.300*kW)\r\n"
	     "1-0:52.7.0(230.0*V)\r\n1-0:62.7.0(02.300*kW)\r\n1-0:72.7.0(230.0*V)\r\n");
	currents_are(9000, CURRENT_NONE, CURRENT_NONE); /* a current goes before its power */
	tell("1-0:36.7.0(-02.300*kW)\r\n1-0:32.7.0(230.0*V)\r\n1-0:21.7.0(01.000*kW)\r\n"
	     "1-0:56.7.0(-00.100*kW)\r\n1-0:51.7.0(003*A)\r\n1-0:76.7.0(00.100*kW)\r\n"
	     "1-0:71.7.0(003*A)\r\n1-0:62.7.0(01.000*kW)\r\n");
	currents_are(-10000, -3000, 3000); /* a power with sign goes before import and export */
	tell("1-0:32.7.0(000.0*V)\r\n1-0:21.7.0(02.300*kW)\r\n"
	     "1-0:52.7.0(099.9*V)\r\n1-0:41.7.0(02.300*kW)\r\n"
	     "1-0:72.7.0(230.0*V)\r\n1-0:61.7.0(999.000*kW)\r\n");
	currents_are(CURRENT_NONE, CURRENT_NONE, CURRENT_NONE); /* no voltage, too much power */
}

/* I >= P / U: a meter that tells less has a current that cannot be true. */
static void a_current_below_its_power_is_not_believed(void **state)
{
	(void)state;
	tell("1-0:31.7.0(000*A)\r\n1-0:32.7.0(230.0*V)\r\n1-0:21.7.0(04.600*kW)\r\n"
	     "1-0:51.7.0(000*A)\r\n1-0:41.7.0(05.060*kW)\r\n"
	     "1-0:71.7.0(000*A)\r\n1-0:72.7.0(000.0*V)\r\n1-0:61.7.0(00.253*kW)\r\n");
	currents_are(20000, 20000, 0); /* 253 V where none is told; 1 A may be cut off */
	tell("1-0:31.7.0(000*A)\r\n1-0:32.7.0(230.0*V)\r\n1-0:22.7.0(04.600*kW)\r\n"
	     "1-0:21.7.0(00.000*kW)\r\n"
	     "1-0:51.7.0(010*A)\r\n1-0:52.7.0(230.0*V)\r\n1-0:41.7.0(00.100*kW)\r\n"
	     "1-0:71.7.0(000*A)\r\n1-0:72.7.0(230.0*V)\r\n1-0:61.7.0(9999.000*kW)\r\n");
	currents_are(0, 10000, 0); /* no export, reactive current, no power */
}

/* Some meters print a sign, and not all of them the right one. */
static void the_power_is_right_about_the_direction(void **state)
{
	(void)state;
	tell("1-0:31.7.0(-010*A)\r\n1-0:21.7.0(02.300*kW)\r\n1-0:22.7.0(00.000*kW)\r\n"
	     "1-0:51.7.0(-010*A)\r\n1-0:56.7.0(02.300*kW)\r\n"
	     "1-0:71.7.0(-010*A)\r\n1-0:61.7.0(00.000*kW)\r\n1-0:62.7.0(00.000*kW)\r\n");
	currents_are(10000, 10000, -10000);
}

static void the_total_tells_no_phase(void **state)
{
	(void)state;
	tell("1-0:1.7.0(05.000*kW)\r\n1-0:2.7.0(00.000*kW)\r\n1-0:32.7.0(230.0*V)\r\n");
	assert_int_equal(readings, 1);
	currents_are(CURRENT_NONE, CURRENT_NONE, CURRENT_NONE);
}

static void currents_beyond_a_thousand_amperes_are_none(void **state)
{
	(void)state;
	tell("1-0:31.7.0(1000*A)\r\n1-0:51.7.0(1000.001*A)\r\n1-0:71.7.0(-1000*A)\r\n");
	currents_are(1000000, CURRENT_NONE, -1000000);
}

static void the_clock_of_the_meter(void **state)
{
	(void)state;
	tell("0-0:1.0.0(240101120000W)\r\n1-0:31.7.0(010*A)\r\n");
	assert_true(last.clock == INT64_C(1704106800000)); /* 12:00 in winter is 11:00 UTC */
}

static void what_is_damaged_is_refused_and_counted(void **state)
{
	(void)state;
	feed("/EMT5\\TEST\r\n\r\n1-3:0.2.8(50)\r\n1-0:31.7.0(010*A)\r\n!\r\n"); /* no CRC */
	feed("/EMT5\\TEST\r\n\r\n1-0:31.7.0(010*A)\r\n!0000\r\n");              /* a wrong one */
	tell("1-0:31.7.0(010*A)\r\n");
	assert_int_equal(refusals, 2);
	assert_int_equal(readings, 1);
	assert_int_equal(grid_meter_refused(meter), 2);
}

/* What was cut off by a lost connection is not joined with the next telegram. */
static void a_cut_telegram_is_lost(void **state)
{
	(void)state;
	feed("/EMT3\\TEST\r\n\r\n1-0:31.7.0(010*A)\r\n");
	assert_int_equal(grid_meter_cut(meter), 0);
	feed("1-0:51.7.0(020*A)\r\n!\r\n");
	assert_int_equal(readings, 0);
	tell("1-0:51.7.0(020*A)\r\n");
	assert_int_equal(readings, 1);
	currents_are(CURRENT_NONE, 20000, CURRENT_NONE);
}

/* Nobody has to listen to refusals. */
static void refusals_need_no_listener(void **state)
{
	struct grid_meter *deaf = meter_of("p1", &(struct grid_events){on_reading, NULL, &last});
	static const char text[] = "/EMT5\\TEST\r\n\r\n1-0:31.7.0(010*A)\r\n!0000\r\n";

	(void)state;
	assert_non_null(deaf);
	assert_int_equal(grid_meter_feed(deaf, (const uint8_t *)text, sizeof text - 1, false), 0);
	assert_int_equal(grid_meter_end(deaf), 0);
	assert_int_equal(grid_meter_refused(deaf), 1);
	grid_meter_free(deaf);
}

/* The meter's own identifier, not that of its gas meter; else the header. */
static void whose_telegram(void **state)
{
	(void)state;
	tell("0-0:96.1.1(4530303433)\r\n1-0:31.7.0(016*A)\r\n0-1:96.1.0(4730303332)\r\n");
	assert_string_equal(id, "E0043");
	tell("1-0:31.7.0(016*A)\r\n0-1:96.1.0(4730303332)\r\n");
	assert_string_equal(id, "EMT3\\TEST");
	tell("0-0:96.1.1(303132333435363738393031323334353637383930313233343536373839303132333435363738"
	     "393031323334353637383930)\r\n1-0:31.7.0(016*A)\r\n");
	assert_int_equal(strlen(id), 47);
}

/* What moves a register: the power of that direction, and the register's last digit. */
static void power_and_registers(void **state)
{
	struct standstill_reading a;

	(void)state;
	tell("1-0:1.8.1(001234.567*kWh)\r\n1-0:1.7.0(01.230*kW)\r\n1-0:2.7.0(00.000*kW)\r\n");
	assert_int_equal(last.still.power, 1230000);
	assert_int_equal(last.still.unit, 1000);
	a = last.still;
	tell("1-0:1.8.1(001234.567*kWh)\r\n1-0:1.7.0(01.231*kW)\r\n1-0:2.7.0(00.000*kW)\r\n");
	assert_true(last.still.content != a.content && last.still.registers == a.registers);
	tell("1-0:1.8.1(001234.568*kWh)\r\n1-0:1.7.0(01.230*kW)\r\n1-0:2.7.0(00.000*kW)\r\n");
	assert_true(last.still.content != a.content && last.still.registers != a.registers);
	tell("0-0:1.0.0(210101120000W)\r\n1-0:1.8.1(001234.567*kWh)\r\n1-0:1.7.0(01.230*kW)\r\n"
	     "1-0:2.7.0(00.000*kW)\r\n"); /* the clock does not count */
	assert_true(last.still.content == a.content);
	tell("1-0:1.8.0(001234.5*kWh)\r\n1-0:2.8.0(000001*kWh)\r\n1-0:1.7.0(00.000*kW)\r\n"
	     "1-0:2.7.0(03.000*kW)\r\n");
	assert_int_equal(last.still.power, 3000000);
	assert_int_equal(last.still.unit, 1000000);
	tell("1-0:1.8.0(001234.5*kWh)\r\n1-0:2.7.0(03.000*kW)\r\n"); /* no register for it */
	assert_int_equal(last.still.unit, 0);
	tell("1-0:31.7.0(016*A)\r\n");
	assert_int_equal(last.still.unit, 0);
	assert_int_equal(last.still.power, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(whose_telegram, setup, teardown),
		cmocka_unit_test_setup_teardown(power_and_registers, setup, teardown),
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(currents_in_milliamperes),
		TEST(export_is_negative),
		TEST(a_phase_that_is_not_told_is_unknown),
		TEST(current_from_power_and_voltage),
		TEST(a_current_below_its_power_is_not_believed),
		TEST(the_power_is_right_about_the_direction),
		TEST(the_total_tells_no_phase),
		TEST(currents_beyond_a_thousand_amperes_are_none),
		TEST(the_clock_of_the_meter),
		TEST(what_is_damaged_is_refused_and_counted),
		TEST(a_cut_telegram_is_lost),
		TEST(refusals_need_no_listener),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
