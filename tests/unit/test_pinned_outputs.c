/* Records of any shape from a seed through everything that prints or publishes them. */
#include "pinned.h"

#include "output/alarm.h"
#include "output/discovery.h"
#include "output/exec.h"
#include "output/live.h"
#include "output/output.h"
#include "output/prometheus.h"
#include "output/topic.h"

static const char *const names[] = {
	"meter_id",     "unit",       "function",   "address",        "registers",
	"model",        "instance",   "socket",     "system_title",   "power_import",
	"power_export", "current_l1", "voltage_l1", "energy_import",  "frame_counter",
	"gas",          "gas_time",   "meter_time", "status",         "state",
	"state_name",   "meter",      "unknown",    "errors",         "text",
	"channels",     "data",       "serial",     "Odd name,=\"\\", "\xC3\xA9 [x]"};

enum { NAMES = sizeof names / sizeof names[0] };

static struct record record;

static const char *make_text(size_t *size)
{
	static const char *const texts[] = {"x",
	                                    "5",
	                                    "a, \"quoted\"",
	                                    "tab\there",
	                                    "\xC3\xA9\xE2\x82\xAC",
	                                    "bad \xFF byte",
	                                    "line\nbreak",
	                                    "",
	                                    "a b=c,d",
	                                    "12345678"};
	const char *text = texts[dice(10)];

	*size = strlen(text);
	return text;
}

static void add_scalar(const char *name)
{
	static const char *const units[] = {NULL, "W", "A", "Wh", "m3", "1", "degC", "%"};
	const char *unit = units[dice(8)], *text;
	struct stamp time = stamp_at(1717410896000 + (instant)dice(1000000) * 60000, 60);
	struct decimal d = {.digits = dice(3) ? dice(100000) : dice(10)};
	size_t size;

	d.negative = dice(4) == 0 && d.digits; /* the least of 0 and -0 is either */
	d.exponent = (int8_t)((int)dice(9) - 6);
	switch (dice(8)) {
	case 0: record_null(&record, name); return;
	case 1: record_bool(&record, name, d.digits & 1); return;
	case 2: record_f32(&record, name, unit, (float)d.digits / 8); return;
	case 3: record_f64(&record, name, unit, (double)d.digits * 1e-7); return;
	case 4:
		text = make_text(&size);
		record_text(&record, name, text, size);
		return;
	case 5: record_time(&record, name, &time); return;
	default: record_decimal(&record, name, unit, d)->address = (int32_t)dice(65536); return;
	}
}

static void add_members(bool list, unsigned depth)
{
	for (unsigned i = dice(6); i < NAMES; i += 1 + dice(8)) {
		const char *name = list ? NULL : names[i];

		if (depth < 4 && dice(8) == 0) {
			bool inner = dice(2);

			if (inner)
				record_list(&record, name);
			else
				record_object(&record, name);
			add_members(inner, depth + 1);
			record_end(&record);
		} else {
			add_scalar(name);
		}
	}
}

static void make_record(void)
{
	static const char *const types[] = {"p1",    "modbus",  "dlms", "sunspec",
	                                    "alfen", "balance", "stats"};
	static const char *const sources[] = {NULL, "127.0.0.1:502", "/dev/ttyUSB0"};

	record_begin(&record, types[dice(7)]);
	record.time = dice(4) ? 1717410896123 + (instant)dice(100000000) : INSTANT_NONE;
	record.source = sources[dice(3)];
	add_members(false, 0);
}

static void every_format(void **state)
{
	static format_function *const formats[] = {format_json, format_text, format_csv,
	                                           format_influx, format_evn};
	struct text out = {0};

	(void)state;
	pinned_begin(41);
	for (unsigned f = 0; f < 5; f++)
		for (unsigned style = 0; style < 4; style++) {
			struct format_state s = {.style = {.color = style & 1,
			                                   .units = style & 2,
			                                   .terminal = style & 1}};

			for (unsigned i = 0; i < 150; i++) {
				make_record();
				out.length = 0;
				formats[f](&out, &s, &record);
				s.printed++;
				pinned_add(out.data, out.length);
			}
			text_free(&s.columns);
		}
	text_free(&out);
	pinned_end(0, 0x9B2DB8D056707442);
}

static void metrics_of_records(void **state)
{
	struct metrics *m = metrics_new();
	struct text out = {0};

	(void)state;
	pinned_begin(42);
	for (unsigned i = 0; i < 400; i++) {
		make_record();
		assert_int_equal(metrics_take(m, &record, 1717410896000 + i), 0);
		if (i % 20 == 19) {
			out.length = 0;
			metrics_print(m, &out);
			pinned_add(out.data, out.length);
		}
	}
	metrics_free(m);
	text_free(&out);
	pinned_end(0, 0x4D184111B306F65E);
}

static void published(void *context, const char *topic, const char *payload, size_t size)
{
	(void)context;
	pinned_line("%s", topic);
	pinned_add(payload, size);
}

static void topics_and_discovery(void **state)
{
	static const char template[] = "house/[type]/[meter_id]/[source]/[text]/[serial]x";
	struct discovery *d[2];
	struct text topic = {0};

	(void)state;
	pinned_begin(43);
	for (int units = 0; units < 2; units++)
		d[units] = discovery_new("homeassistant", "house/availability", units, published,
		                         NULL);
	for (unsigned i = 0; i < 600; i++) {
		make_record();
		topic.length = 0;
		topic_expand(&topic, template, &record);
		pinned_line("%s", text_string(&topic));
		assert_int_equal(discovery_record(d[i % 2], &record, topic.data), 0);
		if (i % 100 == 50)
			discovery_repeat(d[i % 2]);
	}
	for (int units = 0; units < 2; units++)
		discovery_free(d[units]);
	text_free(&topic);
	pinned_end(1430, 0x6EFE92BA47BC9D9D);
}

static void variables_and_alarms(void **state)
{
	static const char *const conditions[] = {
		"current_l1>5",    "power_import<=100", "text==x",         "state!=5",
		"voltage_l1>=0.5", "energy_import<3",   "serial==12345678"};
	struct alarm *alarms[7];
	struct text out = {0};

	(void)state;
	pinned_begin(44);
	for (int i = 0; i < 7; i++)
		assert_int_equal(alarm_new(&alarms[i], conditions[i]), 0);
	for (unsigned n = 0; n < 2000; n++) {
		make_record();
		for (int i = 0; i < 7; i++)
			pinned_line("%d", alarm_begins(alarms[i], &record));
		out.length = 0;
		exec_variables(&out, &record, n % 3 ? NULL : conditions[n % 7]);
		pinned_add(out.data, out.length);
	}
	for (int i = 0; i < 7; i++)
		alarm_free(alarms[i]);
	text_free(&out);
	pinned_end(14000, 0xF3CC1A683800C1C2);
}

static void live_views(void **state)
{
	struct text out = {0};

	(void)state;
	pinned_begin(45);
	for (unsigned n = 0; n < 12; n++) {
		const struct live_look look = {.title = "emtool",
		                               .width = 20 + 13 * n,
		                               .ascii = n & 1,
		                               .style = {.color = n & 2, .units = n & 4}};
		struct live_table table = {0};
		uint64_t now = 1000;

		for (unsigned i = 0; i < 200; i++) {
			make_record();
			now += 100 + dice(3000);
			assert_int_equal(live_take(&table, &record, now), 0);
			if (i % 10 == 9) {
				out.length = 0;
				live_draw(&out, &table, &look, now + dice(20000));
				pinned_add(out.data, out.length);
			}
		}
		live_free(&table);
	}
	text_free(&out);
	pinned_end(0, 0x584208B49A153918);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_format),         cmocka_unit_test(metrics_of_records),
		cmocka_unit_test(topics_and_discovery), cmocka_unit_test(variables_and_alarms),
		cmocka_unit_test(live_views),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	record_free(&record);
	return failed;
}
