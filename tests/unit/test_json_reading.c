/* JSON objects with a meter's values: the shapes of several programs, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "protocol/json_reading.h"
#include "record/json.h"
#include "stream/json_reader.h"

static struct record record;
static struct text printed;

/* What the object reads as, and the error. */
static int read_object(const char *text)
{
	int error = json_reading(&record, text, strlen(text));

	record.time = INSTANT_NONE;
	printed.length = 0;
	record_json(&printed, &record, false);
	return error;
}

static void reads(const char *text, const char *values)
{
	assert_int_equal(read_object(text), 0);
	assert_string_equal(text_string(&printed), values);
}

static int teardown(void **state)
{
	(void)state;
	record_free(&record);
	text_free(&printed);
	memset(&record, 0, sizeof record);
	memset(&printed, 0, sizeof printed);
	return 0;
}

static void emtool_s_own(void **state)
{
	(void)state;
	reads("{\"type\":\"p1\",\"time\":\"2026-06-01T10:00:00.500Z\",\"meter_time\":"
	      "\"2026-06-01T11:59:59+02:00\",\"header\":\"/ISK\",\"meter_id\":\"E1\","
	      "\"current_l1\":5,\"current_l2\":-2.5,\"current_l3\":null,\"gas\":12.5,"
	      "\"power_failure_log\":[{\"time\":\"x\"}],\"unknown\":{\"current_l3\":7}}",
	      "{\"type\":\"json\",\"meter_time\":\"2026-06-01T11:59:59+02:00\",\"header\":"
	      "\"/ISK\",\"meter_id\":\"E1\",\"current_l1\":5,\"current_l2\":-2.5,"
	      "\"current_l3\":null,\"gas\":12.5}");
	reads("{\"type\":\"meter\",\"time\":\"2026-06-01T10:00:00.500Z\",\"meter_time\":null,"
	      "\"current_l1\":{\"value\":5.25,\"unit\":\"A\"},\"power\":{\"value\":1200}}",
	      "{\"type\":\"json\",\"meter_time\":\"2026-06-01T10:00:00+00:00\",\"current_l1\":"
	      "5.25,\"power\":1200}");
}

static void texts_and_other_things(void **state)
{
	(void)state;
	reads("{\"current_l1\":\"5.250\",\"current_l2\":\"five\",\"current_l3\":true,"
	      "\"voltage_l1\":\"230\"}",
	      "{\"type\":\"json\",\"current_l1\":5.250,\"current_l2\":null,\"current_l3\":null,"
	      "\"voltage_l1\":230}");
}

static void tasmota(void **state)
{
	(void)state;
	reads("{\"Time\":\"2026-06-01T12:00:00\",\"ENERGY\":{\"Total\":3.1,\"Power\":[100,-20,3],"
	      "\"Voltage\":[230,231,229],\"Current\":[0.5,0.1,0.02]}}",
	      "{\"type\":\"json\",\"meter_time\":\"2026-06-01T12:00:00\",\"power_l1\":100,"
	      "\"power_l2\":-20,\"power_l3\":3,\"voltage_l1\":230,\"voltage_l2\":231,"
	      "\"voltage_l3\":229,\"current_l1\":0.5,\"current_l2\":0.1,\"current_l3\":0.02}");
	reads("{\"ENERGY\":{\"Power\":100,\"Voltage\":230,\"Current\":0.435}}",
	      "{\"type\":\"json\",\"power_l1\":100,\"voltage_l1\":230,\"current_l1\":0.435}");
}

static void shelly(void **state)
{
	(void)state;
	reads("{\"src\":\"shellypro3em\",\"method\":\"NotifyStatus\",\"params\":{\"ts\":1.5,"
	      "\"em:0\":{\"id\":0,\"a_current\":4.029,\"a_voltage\":236.1,\"a_act_power\":951.2,"
	      "\"b_current\":4.027,\"b_act_power\":-951.1,\"c_current\":4.03,"
	      "\"total_act_power\":2484.782}}}",
	      "{\"type\":\"json\",\"current_l1\":4.029,\"voltage_l1\":236.1,\"power_l1\":951.2,"
	      "\"current_l2\":4.027,\"power_l2\":-951.1,\"current_l3\":4.03,\"power\":2484.782}");
}

static void dsmr_reader(void **state)
{
	(void)state;
	reads("{\"timestamp\":\"2026-06-01T10:00:00Z\",\"phase_currently_delivered_l1\":\"0.371\","
	      "\"phase_currently_returned_l1\":0,\"phase_power_current_l1\":2,"
	      "\"phase_voltage_l1\":\"229.0\",\"electricity_currently_delivered\":\"0.500\"}",
	      "{\"type\":\"json\",\"meter_time\":\"2026-06-01T10:00:00+00:00\","
	      "\"power_import_l1\":371,\"power_export_l1\":0,\"current_l1\":2,"
	      "\"voltage_l1\":229.0,\"power_import\":500}");
}

static void what_is_refused(void **state)
{
	static const char *const broken[] = {
		"", "5", "[]", "{", "{\"a\":1}x", "{\"power\":1,\"power\":2}", "nul", "\"power\""};
	static const char *const silent[] = {"{}", "{\"voltage_l1\":230}", "{\"gas\":5}",
	                                     "{\"current_limit\":25,\"power_factor\":1}",
	                                     "{\"other\":{\"current_l1\":5}}"};

	(void)state;
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
		assert_int_equal(read_object(broken[i]), EM_SYNTAX);
	for (size_t i = 0; i < sizeof silent / sizeof *silent; i++)
		assert_int_equal(read_object(silent[i]), EM_UNKNOWN);
}

static void clocks(void **state)
{
	static const char *const wrong[] = {"2026-02-30T00:00:00Z",
	                                    "2026-06-01",
	                                    "2026-06-01T10:00:00 Uhr",
	                                    "2026-06-01T10:00:00+15:00",
	                                    "2026-06-01T10:00:00+01:61",
	                                    "26-6-1T1:1:1Z",
	                                    "now"};
	struct stamp s;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(stamp_parse(&s, wrong[i]) && s.year > 100);
	assert_true(stamp_parse(&s, "2026-06-01 10:00:01.123456-03:30"));
	assert_int_equal(s.offset, -210);
	assert_int_equal(stamp_instant(&s), INT64_C(1780320601000));
	assert_true(stamp_parse(&s, "2026-06-01T10:00:01"));
	assert_false(s.has_offset);
}

/* ---- the reader ---- */

static struct {
	int records, refusals;
	enum refusal last;
} heard;

static void on_record(void *context, struct record *r)
{
	assert_ptr_equal(context, &heard);
	assert_non_null(record_find(r, "power"));
	heard.records++;
}

static void on_refused(void *context, enum refusal refusal, const char *text)
{
	assert_ptr_equal(context, &heard);
	assert_true(strlen(text) > 0);
	heard.refusals++;
	heard.last = refusal;
}

/* Feeds a stream in pieces of `step` bytes. */
static void feed(const char *text, size_t step, int records, int refusals)
{
	struct json_reader *r = json_reader_new(
		&(struct json_events){on_record, on_refused, &heard});
	size_t size = strlen(text);

	memset(&heard, 0, sizeof heard);
	for (size_t i = 0; i < size; i += step)
		assert_int_equal(json_reader_feed(r, (const uint8_t *)text + i,
		                                  size - i < step ? size - i : step, false),
		                 0);
	assert_int_equal(json_reader_end(r), 0);
	assert_int_equal(heard.records, records);
	assert_int_equal(heard.refusals, refusals);
	assert_int_equal(json_reader_refused(r), refusals);
	json_reader_free(r);
}

static void streams(void **state)
{
	(void)state;
	for (size_t step = 1; step < 40; step++) {
		feed("{\"power\":1}\n{\"power\":2}\r\n\n{\"power\":3}", step, 3, 0);
		feed("{\"power\":1,\"t\":\"}\\\"{\"}{\"power\":2}", step, 2, 0);
		feed("{\"power\":1\n{\"power\":2}\n", step, 1, 1); /* cut off */
		feed("noise\n{\"power\":2}\n{\"power\":3", step, 1, 2);
		feed("{\"voltage\":1}\n", step, 0, 1);
	}
}

static void messages(void **state)
{
	static const char whole[] = "{\n \"power\":\n 1 }\n", part[] = "{\"power\":1";
	struct json_reader *r = json_reader_new(
		&(struct json_events){on_record, on_refused, &heard});

	(void)state;
	memset(&heard, 0, sizeof heard);
	assert_int_equal(json_reader_feed(r, (const uint8_t *)part, sizeof part - 1, true), 0);
	assert_int_equal(heard.refusals, 1);
	assert_int_equal(heard.last, REFUSED_MALFORMED);
	assert_int_equal(json_reader_feed(r, (const uint8_t *)whole, sizeof whole - 1, true), 0);
	assert_int_equal(heard.records, 1);
	json_reader_free(r);
}

static void endless(void **state)
{
	struct json_reader *r = json_reader_new(
		&(struct json_events){on_record, on_refused, &heard});

	(void)state;
	memset(&heard, 0, sizeof heard);
	for (int i = 0; i < 2 * JSON_LINE; i++)
		assert_int_equal(json_reader_feed(r, (const uint8_t *)"{", 1, false), 0);
	assert_true(heard.refusals >= 1);
	assert_int_equal(heard.last, REFUSED_LENGTH);
	assert_int_equal(json_reader_feed(r, (const uint8_t *)"\n{\"power\":1}", 12, false), 0);
	assert_int_equal(heard.records, 1);
	json_reader_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_teardown(name, teardown)
		TEST(emtool_s_own), TEST(texts_and_other_things),
		TEST(tasmota),      TEST(shelly),
		TEST(dsmr_reader),  TEST(what_is_refused),
		TEST(clocks),       TEST(streams),
		TEST(messages),     TEST(endless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
