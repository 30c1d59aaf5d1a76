/* One awkward record in every shape that users see: texts, tables, topics, sensors, metrics. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "printed.h"
#include "base/error.h"
#include "output/alarm.h"
#include "output/discovery.h"
#include "output/format.h"
#include "output/live.h"
#include "output/prometheus.h"
#include "output/topic.h"

static struct record r;
static struct text out;

static int end(void **state)
{
	(void)state;
	record_free(&r);
	text_free(&out);
	return 0;
}

static void number(const char *name, const char *text, const char *unit)
{
	struct decimal d;

	assert_int_equal(decimal_parse(&d, text, strlen(text)), 0);
	record_decimal(&r, name, unit, d);
}

/* Every kind of value, whole and not, with and without unit, flat and nested. */
static void fill(void)
{
	static const struct stamp time = {2021, 2, 4, 16, 36, 28, true, 60};

	record_begin(&r, "p1");
	r.time = 1612453000123;
	r.source = "[::1]:99";
	record_bool(&r, "on", true);
	record_bool(&r, "off", false);
	number("power_import", "1193", "W");
	record_f32(&r, "current_l1", "A", 1.261F);
	record_f32(&r, "bad", "A", NAN);
	record_f64(&r, "ratio", NULL, 0.5);
	record_f64(&r, "worse", NULL, (double)INFINITY);
	record_time(&r, "meter_time", &time);
	record_word(&r, "note", "a \"b\"\r\nc,d\\");
	record_text(&r, "raw", "x\x01\xFFy", 4);
	record_list(&r, "channels");
	record_object(&r, NULL);
	record_int(&r, "channel", 1);
	record_decimal(&r, "value", "m3", decimal_u64(1234567, -3));
	record_null(&r, "gone")->unit = "m3";
	record_end(&r);
	record_end(&r);
	record_object(&r, "unknown");
	record_word(&r, "1-0:99.1.0", "(x)");
	record_end(&r);
}

static const char *print(format_function *format, bool color)
{
	struct format_state state = {.style = {.color = color}};

	out.length = 0;
	format(&out, &state, &r);
	text_free(&state.columns);
	return text_string(&out);
}

static void formats(void **state)
{
	(void)state;
	fill();
	assert_string_equal(print(format_text, false),
	                    "p1 [::1]:99\n"
	                    "  on            true\n"
	                    "  off           false\n"
	                    "  power_import          1193 W\n"
	                    "  current_l1           1.261 A\n"
	                    "  bad                      -\n"
	                    "  ratio                  0.5\n"
	                    "  worse                    -\n"
	                    "  meter_time    2021-02-04T16:36:28+01:00\n"
	                    "  note          a \"b\"\\x0D\\x0Ac,d\\\n"
	                    "  raw           x\\x01\\xFFy\n"
	                    "  channels\n"
	                    "    channel 1, value 1234.567 m3, gone -\n"
	                    "  unknown       {\"1-0:99.1.0\":\"(x)\"}\n");
	assert_non_null(strstr(print(format_text, true), "\033[1mp1\033[0m"));
	assert_string_equal(
		print(format_csv, false),
		"type,time,source,on,off,power_import,current_l1,bad,ratio,worse,meter_time,note,raw,channels,unknown\r\n"
		"p1,2021-02-04T15:36:40.123Z,[::1]:99,true,false,1193,1.261,,0.5,,2021-02-04T16:36:28+01:00,"
		"\"a \"\"b\"\"\\x0D\nc,d\\\",x\\x01\\xFFy,\"[{\"\"channel\"\":1,\"\"value\"\":1234.567,\"\"gone\"\":null}]\","
		"\"{\"\"1-0:99.1.0\"\":\"\"(x)\"\"}\"\r\n");
	assert_string_equal(
		print(format_influx, false),
		"p1,source=[::1]:99 on=true,off=false,power_import=1193,current_l1=1.261,ratio=0.5,"
		"meter_time=\"2021-02-04T16:36:28+01:00\",note=\"a \\\"b\\\"\\\\x0D\\\\x0Ac,d\\\\\",raw=\"x\\\\x01\\\\xFFy\","
		"channels_0_channel=1i,channels_0_value=1234.567,unknown_1-0:99.1.0=\"(x)\" 1612453000123000000\n");
	r.time = INSTANT_NONE;
	r.source = "a\\";
	assert_non_null(strstr(print(format_influx, false), "p1,source=a_ on=true"));
	assert_null(strstr(text_string(&out), " 16124530"));
}

static void topics(void **state)
{
	static const struct {
		const char *topic, *expanded, *root;
	} cases[] = {
		{"energy", "energy", "energy"},
		{"e/[type]/[source]", "e/p1/[::1]:99", "e"},
		{"e/[power_import]/[current_l1]/[ratio]/[on]/[meter_time]",
	         "e/1193/1.261/0.5/true/2021-02-04T16:36:28_01:00", "e"},
		{"[note]/x", "a_\"b\"__c,d\\/x", "emtool"},
		{"a/b[none]", "a/bunknown", "a"},
		{"a//[channels][bad]", "a//unknownunknown", "a"},
		{"x[a_name_that_is_longer_than_any_name_that_a_value_can_have_in_this_world_or_another]",
	         NULL, "emtool"},
	};
	static const char *const wrong[] = {"",     "a/#",     "a/+/b", "a/[b",
	                                    "a/b]", "/[type]", "a/[]",  "a/[b[c]]"};

	(void)state;
	fill();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(topic_check(cases[i].topic), 0);
		out.length = 0;
		topic_expand(&out, cases[i].topic, &r);
		if (cases[i].expanded)
			assert_string_equal(text_string(&out), cases[i].expanded);
		out.length = 0;
		topic_root(&out, cases[i].topic);
		assert_string_equal(text_string(&out), cases[i].root);
	}
	r.source = NULL;
	out.length = 0;
	topic_expand(&out, "[source]", &r);
	assert_string_equal(text_string(&out), "unknown");
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_int_equal(topic_check(wrong[i]), EM_SYNTAX);
}

static void alarms(void **state)
{
	static const struct {
		const char *condition;
		bool begins;
	} cases[] = {
		{"on=true", true},
		{"on=false", false},
		{"off!=true", true},
		{"on>0", false},
		{"ratio<1", true},
		{"ratio<0.5", false},
		{"ratio<=0.5", true},
		{"ratio>0.4", true},
		{"ratio=0.5", true},
		{"ratio=half", false},
		{"worse>1", false},
		{"bad<1", false},
		{"power_import=1193.0", true},
		{"power_import=much", false},
		{"power_import>=1194", false},
		{"note=1", false},
		{"note!=1", true},
		{"note>1", false},
		{"channels>0", false},
		{"channel=1", false},
		{"meter_time>0", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct alarm *alarm;

		fill();
		assert_int_equal(alarm_new(&alarm, cases[i].condition), 0);
		assert_string_equal(alarm_text(alarm), cases[i].condition);
		if (alarm_begins(alarm, &r) != cases[i].begins)
			fail_msg("%s", cases[i].condition);
		alarm_free(alarm);
	}
	alarm_free(NULL);
}

static char published[8192];

static void keep(void *context, const char *topic, const char *payload, size_t size)
{
	(void)context;
	snprintf(published, sizeof published, "%s %.*s", topic, (int)size, payload);
}

static void told(const char *part)
{
	if (!strstr(published, part))
		fail_msg("%s\n  not in %s", part, published);
}

/* What Home Assistant hears of units that its own vocabulary has, and of those that it lacks. */
static void sensors(void **state)
{
	struct discovery *d = discovery_new("homeassistant", "e/availability", true, keep, NULL);
	static const struct {
		const char *name, *unit, *part;
	} cases[] = {
		{"energy_import", "Wh", "\"device_class\":\"energy\""},
		{"gas", "m3", "\"device_class\":\"gas\""},
		{"water", "m3", "\"device_class\":\"water\""},
		{"cooling", "m3", "\"unit_of_measurement\":\"m\302\263\""},
		{"power_factor", "1", "\"device_class\":\"power_factor\""},
		{"apparent_energy", "VAh", "\"state_class\":\"total_increasing\""},
		{"odd", "furlong",
	         "\"unit_of_measurement\":\"furlong\",\"state_class\":\"measurement\""},
		{"temperature", "degC", "\"unit_of_measurement\":\"\302\260C\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		record_begin(&r, "p1");
		r.source = "10.0.0.1:99";
		number(cases[i].name, "1", cases[i].unit);
		assert_int_equal(discovery_record(d, &r, "e"), 0);
		told(cases[i].part);
		told("value_json['");
		told(".value");
	}
	told("homeassistant/device/emtool_p1_10_0_0_1/config {");
	told("e/availability");
	published[0] = '\0';
	assert_int_equal(discovery_record(d, &r, "e"), 0);
	assert_string_equal(published, ""); /* nothing new */
	record_begin(&r, "p1"); /* letters and digits stand in ids, and blanks for _ in names */
	r.source = "10.0.0.1:99";
	number("azAZ09`{@[/:", "1", "W");
	number("_a_z", "1", "W");
	assert_int_equal(discovery_record(d, &r, "e"), 0);
	told("\"azAZ09______\":{\"p\":\"sensor\",\"unique_id\":\"emtool_p1_10_0_0_1_azAZ09______\","
	     "\"name\":\"AzAZ09`{@[/:\"");
	told("\"name\":\" a z\"");
	published[0] = '\0';
	record_begin(&r, "stats");
	assert_int_equal(discovery_record(d, &r, "e"), 0);
	assert_string_equal(published, "");
	record_begin(&r, "alfen");
	record_int(&r, "socket", 2);
	number("current_l1", "1", "A");
	assert_int_equal(discovery_record(d, &r, "e"), 0);
	told("value_json.socket == 2");
	record_begin(&r, "sunspec");
	record_int(&r, "model", 103);
	record_int(&r, "instance", 2);
	number("W", "1", "W");
	assert_int_equal(discovery_record(d, &r, "e"), 0);
	told("value_json.model == 103 and value_json.instance == 2");
	published[0] = '\0';
	discovery_repeat(d);
	assert_string_not_equal(published, "");
	discovery_free(d);
	discovery_free(NULL);
}

static void metrics(void **state)
{
	struct metrics *m = metrics_new();
	const char *text;

	(void)state;
	fill();
	assert_int_equal(metrics_take(m, &r, 1612453000123), 0);
	record_begin(&r, "p1");
	number("only", "7", NULL);
	number("energy_import", "12", "Wh");
	assert_int_equal(metrics_take(m, &r, 1612453001000), 0);
	metrics_print(m, &out);
	text = text_string(&out);
	assert_non_null(strstr(text, "power_import"));
	assert_non_null(strstr(text, "1193"));
	assert_non_null(strstr(text, "} 1\n")); /* on */
	assert_null(strstr(text, "worse"));
	assert_null(strstr(text, "nan"));
	assert_non_null(strstr(text, "1234.567"));
	assert_non_null(strstr(text, "energy_import"));
	metrics_free(m);
	metrics_free(NULL);
}

static const char *look(const struct live_table *t, size_t width, uint64_t now, bool ascii)
{
	struct live_look how = {.title = "t", .width = width, .ascii = ascii};

	out.length = 0;
	live_draw(&out, t, &how, now);
	return text_string(&out);
}

static void seen(const struct live_table *t, uint64_t now, const char *part)
{
	if (!strstr(look(t, 120, now, true), part))
		fail_msg("%s\n  not in\n%s", part, text_string(&out));
}

static void live_ages(void **state)
{
	static const struct {
		uint64_t ms;
		const char *age;
	} cases[] = {
		{100, "0.1 s\n"},      {9900, "9.9 s\n"},     {60000, " 60 s\n"},
		{600000, " 10 min\n"}, {36000000, " 10 h\n"}, {864000000, " 10 d\n"},
	};
	struct live_table t = {0};

	(void)state;
	record_begin(&r, "p1");
	number("power_import", "5", "W");
	assert_int_equal(live_take(&t, &r, 0), 0);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		seen(&t, cases[i].ms, cases[i].age);
	for (size_t width = 1; width < 60; width++) /* whatever fits */
		assert_non_null(look(&t, width, 0, width % 2));
	live_free(&t);
}

/* Nested values, words for numbers, registers without names, values that go. */
static void live_values(void **state)
{
	struct live_table t = {0};

	(void)state;
	fill();
	assert_int_equal(live_take(&t, &r, 1000), 0);
	seen(&t, 1000, "on ");
	seen(&t, 1000, "1 entry");
	seen(&t, 1000, "1.261");
	record_begin(&r, "modbus");
	r.source = "10.0.0.1:502";
	record_int(&r, "unit", 1);
	record_int(&r, "address", 20490);
	record_int(&r, "count", 2);
	record_word(&r, "status", "ok");
	record_list(&r, "registers");
	record_int(&r, NULL, 16289);
	record_int(&r, NULL, 26739);
	record_end(&r);
	assert_int_equal(live_take(&t, &r, 2000), 0);
	seen(&t, 2000, "modbus  10.0.0.1:502  unit 1");
	seen(&t, 2000, "register 20490");
	seen(&t, 2000, "register 20491");
	record_begin(&r, "modbus"); /* an answer without its request: no address, no name to give */
	record_int(&r, "unit", 1);
	record_list(&r, "registers");
	record_int(&r, NULL, 16289);
	record_end(&r);
	assert_int_equal(live_take(&t, &r, 2000), 0);
	record_begin(&r, "sunspec");
	record_int(&r, "model", 160);
	record_int(&r, "instance", 1);
	record_int(&r, "W_SF", 1);
	record_int(&r, "St", 4);
	record_word(&r, "St_name", "MPPT");
	record_list(&r, "Evt_names");
	record_end(&r);
	record_list(&r, "bits");
	record_word(&r, NULL, "a");
	record_word(&r, NULL, "b");
	record_end(&r);
	record_list(&r, "module");
	for (int i = 0; i < 2; i++) {
		record_object(&r, NULL);
		record_int(&r, "DCA", 10 + i);
		record_end(&r);
	}
	record_end(&r);
	assert_int_equal(live_take(&t, &r, 3000), 0);
	seen(&t, 3000, "MPPT");
	seen(&t, 3000, "[\"a\",\"b\"]");
	seen(&t, 3000, "module.1.DCA");
	seen(&t, 3000, "module.2.DCA");
	assert_null(strstr(look(&t, 120, 3000, true), "W_SF"));
	assert_null(strstr(text_string(&out), "Evt_names")); /* never had anything */
	live_free(&t);
}

/* Histories: of a power from zero, of a counter how far it came, of a constant a line. */
static void live_histories(void **state)
{
	struct live_table t = {0};

	(void)state;
	for (int i = 0; i < 300; i++) {
		char value[16];

		record_begin(&r, "p1");
		snprintf(value, sizeof value, "%d", 200000 + i * 10);
		number("power_import", value, "W");
		snprintf(value, sizeof value, "%d", 1000 + i);
		number("energy_import", value, "Wh");
		number("voltage_l1", "230.1", "V");
		record_f64(&r, "tiny", NULL, i % 2 ? 0.0001 : 1e13);
		record_f64(&r, "rounded", NULL, i == 299 ? 2.5004 : 2.0);
		if (i == 0)
			number("gas", "1.5", "m3");
		else if (i == 299)
			record_null(&r, "gas");
		assert_int_equal(live_take(&t, &r, (uint64_t)i * 500), 0);
	}
	seen(&t, 150000, "k - "); /* 201.8k - 203k */
	seen(&t, 150000, "+");
	seen(&t, 150000, "--"); /* the constant */
	seen(&t, 150000, " 2.5");
	seen(&t, 150000, "0.0001");
	seen(&t, 150000, "2.0/s");
	live_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats),     cmocka_unit_test(topics),
		cmocka_unit_test(alarms),      cmocka_unit_test(sensors),
		cmocka_unit_test(metrics),     cmocka_unit_test(live_ages),
		cmocka_unit_test(live_values), cmocka_unit_test(live_histories),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
