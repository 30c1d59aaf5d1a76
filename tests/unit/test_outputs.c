/* Alarms, variables, metrics and the live table are tested with records, without files and clocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "output/alarm.h"
#include "output/exec.h"
#include "output/live.h"
#include "output/prometheus.h"

static struct record r;

static void begin(const char *type, int unit)
{
	record_begin(&r, type);
	r.time = 1612453000123;
	record_int(&r, "unit", unit);
}

static void add(const char *name, const char *text, const char *unit)
{
	struct decimal d;

	assert_int_equal(decimal_parse(&d, text, strlen(text)), 0);
	record_decimal(&r, name, unit, d);
}

static bool current(struct alarm *a, int unit, const char *value)
{
	begin("modbus", unit);
	add("current_l1", value, "A");
	return alarm_begins(a, &r);
}

static void alarms_begin_once(void **state)
{
	struct alarm *a;

	(void)state;
	assert_int_equal(alarm_new(&a, "current_l1>25"), 0);
	assert_false(current(a, 1, "24.9"));
	assert_false(current(a, 1, "25.000"));
	assert_true(current(a, 1, "25.001"));
	assert_false(current(a, 1, "30"));
	assert_true(current(a, 2, "26")); /* another device, another state */
	begin("modbus", 1);
	record_null(&r, "current_l1");
	assert_false(alarm_begins(a, &r)); /* unknown: neither an end nor a beginning */
	assert_false(current(a, 1, "26"));
	assert_false(current(a, 1, "-3"));
	assert_true(current(a, 1, "26"));
	alarm_free(a);
}

static bool on_float(const char *condition, float value)
{
	struct alarm *a;
	bool begins;

	assert_int_equal(alarm_new(&a, condition), 0);
	begin("x", 1);
	record_f32(&r, "p", "W", value);
	begins = alarm_begins(a, &r);
	alarm_free(a);
	return begins;
}

static bool on_word(const char *condition, const char *word)
{
	struct alarm *a;
	bool begins;

	assert_int_equal(alarm_new(&a, condition), 0);
	begin("x", 1);
	record_word(&r, "status", word);
	begins = alarm_begins(a, &r);
	alarm_free(a);
	return begins;
}

static void alarms_compare(void **state)
{
	static const char *const wrong[] = {"",     ">5",   "a",    "a>",     "a>b",
	                                    "a>>5", "a<>5", "a=>5", "a > 5 W"};
	struct alarm *a;

	(void)state;
	assert_true(on_float("p >= 1.5", 1.5F));
	assert_true(on_float("p<=1.5", 1.5F));
	assert_true(on_float("p==-2", -2));
	assert_false(on_float("p!=-2", -2));
	assert_false(on_float("p<0", NAN));
	assert_true(on_word("status=exception", "exception"));
	assert_false(on_word("status=exception", "ok"));
	assert_true(on_word("status!=ok", "no_response"));
	assert_false(on_word("status!=ok", NULL));
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_int_equal(alarm_new(&a, wrong[i]), EM_SYNTAX);
}

static bool has(const struct text *t, const char *line)
{
	size_t length = strlen(line);

	for (size_t i = 0; i + length <= t->length; i++)
		if (!memcmp(t->data + i, line, length) &&
		    (i == 0 || t->data[i - 1] == '\n' || !t->data[i - 1]) &&
		    (i + length == t->length || t->data[i + length] == '\n' ||
		     !t->data[i + length]))
			return true;
	return false;
}

static void variables_carry_the_values(void **state)
{
	static char longer[4098], fitting[12 + 4096 + 1];
	struct text out = {0};

	(void)state;
	memset(longer, 'x', sizeof longer - 1);
	snprintf(fitting, sizeof fitting, "EMTOOL_FITS=%s", longer + 1);
	begin("p1", 1);
	r.source = "10.0.0.1:2001";
	add("current_l1", "5.10", "A");
	record_null(&r, "power");
	record_text(&r, "type", "forged", 6);
	record_text(&r, "odd name-2", "a\nb\0c", 5);
	record_word(&r, "fits", longer + 1);
	record_word(&r, "longer", longer);
	exec_variables(&out, &r, "current_l1>5");
	assert_true(has(&out, "EMTOOL_CURRENT_L1=5.10"));
	assert_true(has(&out, "EMTOOL_POWER="));
	assert_true(has(&out, "EMTOOL_SOURCE=10.0.0.1:2001"));
	assert_true(has(&out, "EMTOOL_TIME=2021-02-04T15:36:40.123Z"));
	assert_true(has(&out, "EMTOOL_ODD_NAME_2=a\\x0Ab\\x00c"));
	assert_true(has(&out, "EMTOOL_ALARM=current_l1>5"));
	assert_true(has(&out, fitting));
	for (size_t i = 0; i < out.length;
	     i += strlen(out.data + i) + 1) /* none, rather than a part */
		assert_int_not_equal(strncmp(out.data + i, "EMTOOL_LONGER", 13), 0);
	assert_string_equal(out.data + out.length - 26, "EMTOOL_ALARM=current_l1>5");
	text_free(&out);
}

static void metrics_keep_the_newest(void **state)
{
	struct metrics *m = metrics_new();
	struct text out = {0};

	(void)state;
	begin("modbus", 1);
	record_text(&r, "meter", "a\"b\\", 4);
	add("function", "3", NULL);
	add("voltage_l1", "235.0", "V");
	add("energy_import", "1234567", "Wh");
	add("power", "7", "W");
	assert_int_equal(metrics_take(m, &r, 0), 0);
	begin("modbus", 2);
	add("voltage_l1", "230.5", "V");
	assert_int_equal(metrics_take(m, &r, 0), 0);
	begin("modbus", 1);
	record_text(&r, "meter", "a\"b\\", 4);
	add("voltage_l1", "236.1", "V");
	record_null(&r, "power");
	record_null(&r, "current");
	assert_int_equal(metrics_take(m, &r, 0), 0);
	metrics_print(m, &out);
	assert_true(has(&out,
	                "# HELP emtool_modbus_voltage_l1_volts voltage, phase 1 to neutral\n"
	                "# TYPE emtool_modbus_voltage_l1_volts gauge\n"
	                "emtool_modbus_voltage_l1_volts{unit=\"1\",meter=\"a\\\"b\\\\\"} 236.1\n"
	                "emtool_modbus_voltage_l1_volts{unit=\"2\"} 230.5"));
	assert_true(has(&out, "# TYPE emtool_modbus_energy_import_watt_hours counter"));
	assert_true(has(&out, "emtool_records_total{type=\"modbus\",unit=\"2\"} 1"));
	assert_true(has(
		&out,
		"emtool_last_record_timestamp_seconds{type=\"modbus\",unit=\"2\"} 1612453000.123"));
	assert_null(strstr(text_string(&out), "function"));
	assert_null(strstr(text_string(&out), "power"));
	text_free(&out);
	metrics_free(m);
}

/* A null takes back its own value, not those whose names only begin alike. */
static void metrics_forget_by_name(void **state)
{
	struct metrics *m = metrics_new();
	struct text out = {0};

	(void)state;
	begin("modbus", 1);
	add("power_l1", "5", "W");
	add("power", "7", "W");
	assert_int_equal(metrics_take(m, &r, 0), 0);
	begin("modbus", 1);
	add("power_l1", "6", "W");
	record_null(&r, "power");
	assert_int_equal(metrics_take(m, &r, 0), 0);
	metrics_print(m, &out);
	assert_true(has(&out, "emtool_modbus_power_l1_watts{unit=\"1\"} 6"));
	assert_null(strstr(text_string(&out), "emtool_modbus_power_watts"));
	text_free(&out);
	metrics_free(m);
}

/* A meter that does not answer any more leaves values that get older. */
static void metrics_tell_the_age_of_values(void **state)
{
	static const char stamp[] =
		"emtool_last_record_timestamp_seconds{type=\"modbus\",unit=\"1\"} 1.000";
	struct metrics *m = metrics_new();
	struct text out = {0};

	(void)state;
	for (instant now = 1000; now <= 3000; now += 1000) {
		record_begin(&r, "modbus");
		record_int(&r, "unit", now < 3000 ? 1 : 2);
		record_word(&r, "status", now == 1000 ? "ok" : "no_response");
		if (now == 1000)
			add("power", "7", "W");
		assert_int_equal(metrics_take(m, &r, now), 0);
	}
	metrics_print(m, &out);
	assert_true(has(&out, stamp));
	assert_true(has(&out, "emtool_records_total{type=\"modbus\",unit=\"1\"} 2"));
	assert_true(has(&out, "emtool_records_total{type=\"modbus\",unit=\"2\"} 1"));
	assert_null(
		strstr(text_string(&out), "seconds{type=\"modbus\",unit=\"2\"}")); /* it has none */
	text_free(&out);
	metrics_free(m);
}

static void metrics_number_lists(void **state)
{
	struct metrics *m = metrics_new();
	struct text out = {0};

	(void)state;
	record_begin(&r, "sunspec");
	record_list(&r, "module");
	for (int i = 0; i < 2; i++) {
		record_object(&r, NULL);
		record_decimal(&r, "DCA", "A", decimal_i64(470 + i, -2));
		record_decimal(&r, "DCWH", "Wh", decimal_i64(7000 + i, 0));
		record_end(&r);
	}
	record_end(&r);
	assert_int_equal(metrics_take(m, &r, 5000), 0);
	metrics_print(m, &out);
	assert_true(has(&out, "emtool_sunspec_module_DCA_amperes{index=\"2\"} 4.71"));
	assert_true(has(&out, "# TYPE emtool_sunspec_module_DCA_amperes gauge"));
	assert_true(has(&out, "# TYPE emtool_sunspec_module_DCWH_watt_hours counter"));
	assert_true(has(&out, "emtool_last_record_timestamp_seconds{type=\"sunspec\"} 5.000"));
	text_free(&out);
	metrics_free(m);
}

/* Devices and series above the limits are left out; those that are there go on. */
static void metrics_have_limits(void **state)
{
	struct metrics *m = metrics_new();
	struct text out = {0};

	(void)state;
	for (int unit = 0; unit <= 1001; unit++) {
		begin("sunspec", unit % 1001);
		record_list(&r, "x");
		for (int i = 0; i < 100; i++)
			record_int(&r, NULL, unit);
		record_end(&r);
		if (unit == 1000)
			record_int(&r, "new_family", 1);
		assert_int_equal(metrics_take(m, &r, 0), 0);
	}
	metrics_print(m, &out);
	assert_true(has(&out, "emtool_sunspec_x{unit=\"999\",index=\"100\"} 999"));
	assert_true(has(&out, "emtool_sunspec_x{unit=\"0\",index=\"100\"} 1001"));
	assert_true(has(&out, "emtool_records_total{type=\"sunspec\",unit=\"1000\"} 1"));
	assert_null(strstr(text_string(&out), "x{unit=\"1000\""));
	assert_null(strstr(text_string(&out), "new_family"));
	metrics_free(m);
	m = metrics_new();
	for (int unit = 0; unit <= 5000; unit++) {
		begin("modbus", unit);
		assert_int_equal(metrics_take(m, &r, 0), 0);
	}
	out.length = 0;
	metrics_print(m, &out);
	assert_true(has(&out, "emtool_records_total{type=\"modbus\",unit=\"4999\"} 1"));
	assert_null(strstr(text_string(&out), "unit=\"5000\""));
	metrics_free(m);
	text_free(&out);
}

static void draw(struct text *out, const struct live_table *t, size_t width, uint64_t now,
                 bool ascii)
{
	struct live_look look = {.title = "t", .width = width, .ascii = ascii};
	size_t begin_of_line = 0;

	out->length = 0;
	live_draw(out, t, &look, now);
	for (size_t i = 0; i < out->length; i++) {
		if (out->data[i] != '\n')
			continue;
		assert_true(text_columns(out->data + begin_of_line, i - begin_of_line) <= width);
		begin_of_line = i + 1;
	}
	assert_false(out->failed);
}

static void live_table_fits_any_width(void **state)
{
	struct live_table t = {0};
	struct text out = {0};

	(void)state;
	for (int i = 0; i < 300; i++) {
		begin("modbus", 1);
		record_text(&r, "meter", "inepro_n1_ct", 12);
		add("current_l1", i % 2 ? "5" : "0.25", "A");
		add("power_export", i % 2 ? "-12345678901234567" : "1", "W");
		record_f64(&r, "a_number_that_no_float_holds", "W", i % 2 ? 1e300 : -1e300);
		record_text(&r, "message",
		            "äöü \033[31m words without end, as some devices send them", 53);
		assert_int_equal(live_take(&t, &r, (uint64_t)i * 1000), 0);
	}
	for (size_t width = 16; width < 220; width += 7)
		draw(&out, &t, width, 300000, false);
	assert_null(memchr(out.data, '\033', out.length));
	draw(&out, &t, 100, 300000, true);
	assert_null(memchr(out.data, 0xE2, out.length)); /* the lead byte of blocks and dashes */
	live_free(&t);
	text_free(&out);
}

static void live_table_shows_history(void **state)
{
	static const char *const values[] = {"0", "1", "2", "3", "4", "5", "6", "7"};
	struct live_table t = {0};
	struct text out = {0};

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		begin("x", 1);
		add("power", values[i], "W");
		assert_int_equal(live_take(&t, &r, i * 2000), 0);
	}
	draw(&out, &t, 80, 14000, false);
	assert_non_null(strstr(text_string(&out), "▁▂▃▄▅▆▇█"));
	assert_non_null(strstr(text_string(&out), "0 – 7"));
	assert_non_null(strstr(text_string(&out), "every 2 s"));
	draw(&out, &t, 80, 14000, true);
	assert_non_null(strstr(text_string(&out), "_.:-=+*#"));
	/* null: the last value goes, its history stays */
	begin("x", 1);
	record_null(&r, "power");
	assert_int_equal(live_take(&t, &r, 16000), 0);
	draw(&out, &t, 80, 16000, false);
	assert_non_null(strstr(text_string(&out), " - "));
	live_free(&t);
	text_free(&out);
}

/* Graphs of powers and currents begin at zero, others at the least value; counters tell their growth. */
static void live_graphs_by_unit(void **state)
{
	static const struct {
		const char *unit, *shown;
	} cases[] = {
		{"W", "=#  4 - 8"}, {"A", "=#  4 - 8"},  {"VA", "=#  4 - 8"}, {"var", "=#  4 - 8"},
		{"V", "_#  4 - 8"}, {"Hz", "_#  4 - 8"}, {"m", "_#  4 - 8"},  {NULL, "_#  4 - 8"},
		{"Wh", "_#  +4"},   {"kvarh", "_#  +4"}, {"m3", "_#  +4"},    {"J", "_#  +4"},
	};
	struct text out = {0};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct live_table t = {0};

		for (int last = 0; last < 2; last++) {
			begin("x", 1);
			add("value", last ? "8" : "4", cases[i].unit);
			assert_int_equal(live_take(&t, &r, (uint64_t)last * 2000), 0);
		}
		draw(&out, &t, 80, 2000, true);
		if (!strstr(text_string(&out), cases[i].shown))
			fail_msg("%s: %s", cases[i].unit ? cases[i].unit : "", text_string(&out));
		live_free(&t);
	}
	text_free(&out);
}

/* Numbers of a range have four digits, with a prefix from 99995 on. */
static void live_ranges_are_short(void **state)
{
	static const struct {
		const char *least, *most, *shown;
	} cases[] = {
		{"0.5", "9.9994", "0.500 - 9.999"},      {"9.75", "10.5", "9.750 - 10.50"},
		{"10.25", "99.994", "10.25 - 99.99"},    {"99.5", "100.25", "99.50 - 100.2"},
		{"100.75", "999.94", "100.8 - 999.9"},   {"999.5", "1000.5", "999.5 - 1000"},
		{"1001.5", "99994.4", "1002 - 99994"},   {"0", "99994", "0 - 99994"},
		{"0", "99995", "0 - 100.00k"},           {"5", "99994000", "5 - 99994k"},
		{"5", "99996000", "5 - 100.00M"},        {"1", "2000000000", "1 - 2000M"},
		{"-100.5", "-10.25", "-100.5 - -10.25"},
	};
	struct text out = {0};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct live_table t = {0};

		for (int last = 0; last < 2; last++) {
			begin("x", 1);
			add("power", last ? cases[i].most : cases[i].least, "W");
			assert_int_equal(live_take(&t, &r, (uint64_t)last * 2000), 0);
		}
		draw(&out, &t, 80, 2000, true);
		if (!strstr(text_string(&out), cases[i].shown))
			fail_msg("%s\n  not in\n%s", cases[i].shown, text_string(&out));
		live_free(&t);
	}
	text_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alarms_begin_once),
		cmocka_unit_test(alarms_compare),
		cmocka_unit_test(variables_carry_the_values),
		cmocka_unit_test(metrics_keep_the_newest),
		cmocka_unit_test(metrics_forget_by_name),
		cmocka_unit_test(metrics_tell_the_age_of_values),
		cmocka_unit_test(metrics_number_lists),
		cmocka_unit_test(metrics_have_limits),
		cmocka_unit_test(live_table_fits_any_width),
		cmocka_unit_test(live_table_shows_history),
		cmocka_unit_test(live_graphs_by_unit),
		cmocka_unit_test(live_ranges_are_short),
	};
	int failures = cmocka_run_group_tests(tests, NULL, NULL);

	record_free(&r);
	return failures;
}
