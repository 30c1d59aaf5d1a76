/* The public interface (include/emtool): records, values, JSON, refusals, keys, from bytes alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "emtool/emtool.h"
#include "protocol/telegram/telegram.h"

static const char key_text[] = "0F1E2D3C4B5A69788796A5B4C3D2E1F0";

/* Two reads of an N1-CT meter: 0x500A is 1.261 A; the second has an answer with a wrong CRC. */
static const uint8_t bus_bytes[] = {0x01, 0x03, 0x50, 0x0A, 0x00, 0x02, 0xF5, 0x09, 0x01,
                                    0x03, 0x04, 0x3F, 0xA1, 0x68, 0x73, 0xC9, 0xE0, 0x01,
                                    0x03, 0x50, 0x00, 0x00, 0x02, 0xD5, 0x0B, 0x01, 0x03,
                                    0x04, 0x3D, 0x8F, 0x5C, 0x29, 0x3E, 0xAB};

struct seen {
	unsigned records, refused;
	enum emtool_refusal refusal;
	char text[200], json[8000];
	size_t length;
	double number;
	int64_t time;
	const char *wanted; /* the number of this name */
};

static void on_record(void *context, const struct emtool_record *r)
{
	struct seen *seen = context;

	seen->records++;
	seen->time = emtool_record_time(r);
	seen->length = emtool_record_json(r, 0, seen->json, sizeof seen->json);
	if (seen->wanted)
		assert_true(emtool_record_number(r, seen->wanted, &seen->number));
}

static void on_refused(void *context, enum emtool_refusal refusal, const char *text)
{
	struct seen *seen = context;

	seen->refused++;
	seen->refusal = refusal;
	snprintf(seen->text, sizeof seen->text, "%s", text);
}

static void build(struct text *out)
{
	struct telegram_values values = {.time = 1700000000000, .serial = "E0043007052870318"};

	values.milli[TELEGRAM_power_import] = 1193000;
	telegram_build(out, telegram_model_find("dsmr5"), &values);
	assert_false(out->failed);
}

/* Feeds in two pieces and ends. */
static struct emtool_counts run(struct emtool_decoder *d, const void *data, size_t size)
{
	struct emtool_counts counts;

	assert_non_null(d);
	assert_int_equal(emtool_feed(d, data, size / 2, 1700000000123), 0);
	assert_int_equal(
		emtool_feed(d, (const char *)data + size / 2, size - size / 2, 1700000000123), 0);
	assert_int_equal(emtool_end(d), 0);
	counts = emtool_counts(d);
	emtool_free(d);
	return counts;
}

static void test_p1(void **state)
{
	struct seen seen = {.wanted = "power_import"};
	const struct emtool_events events = {on_record, on_refused, &seen};
	struct emtool_counts counts;
	struct text telegram = {0};

	(void)state;
	build(&telegram);
	counts = run(emtool_p1_new(NULL, 0, &events), telegram.data, telegram.length);
	assert_int_equal(seen.records, 1);
	assert_true(seen.number > 1192.9 && seen.number < 1193.1);
	assert_true(seen.time == 1700000000123);
	assert_memory_equal(seen.json, "{\"type\":\"p1\",\"time\":\"2023-11-14T22:13:20.123Z\",",
	                    46);
	assert_int_equal(seen.length, strlen(seen.json));
	assert_true(counts.bytes == telegram.length && counts.records == 1 && !counts.refused);

	telegram.data[20] ^= 1;
	counts = run(emtool_p1_new(NULL, 0, &events), telegram.data, telegram.length);
	assert_int_equal(seen.records, 1);
	assert_int_equal(seen.refusal, EMTOOL_REFUSED_CHECKSUM);
	assert_true(strlen(seen.text) > 0 && counts.refused == 1 && counts.records == 0);
	run(emtool_p1_new(NULL, EMTOOL_P1_NO_CRC, &events), telegram.data, telegram.length);
	assert_int_equal(seen.records, 2);
	text_free(&telegram);
}

/* What the values of the telegram are, and that other kinds leave *out alone. */
static void check_values(void *context, const struct emtool_record *r)
{
	const struct emtool_value *power = emtool_record_find(r, "power_import");
	const struct emtool_value *clock = emtool_record_find(r, "meter_time");
	struct emtool_decimal decimal = {7, 7, true};
	struct emtool_time time = {0};
	bool flag = true;
	char small[8];

	assert_string_equal(emtool_record_type(r), "p1");
	assert_int_equal(emtool_value_kind(power), EMTOOL_VALUE_DECIMAL);
	assert_string_equal(emtool_value_unit(power), "W");
	assert_int_equal(emtool_value_name(power).size, 12);
	assert_memory_equal(emtool_value_obis(power).data, "1-0:1.7.0", 9);
	assert_int_equal(emtool_value_address(power), -1);
	assert_true(emtool_value_decimal(power, &decimal));
	assert_true(decimal.digits == 1193 && decimal.exponent == 0 && !decimal.negative);
	assert_false(emtool_value_bool(power, &flag));
	assert_true(flag);
	assert_false(emtool_value_time(power, &time));
	assert_null(emtool_value_text(power).data);
	assert_true(emtool_value_time(clock, &time));
	assert_true(time.year == 2023 && time.month == 11 && time.has_offset && time.offset == 60);
	assert_false(emtool_value_decimal(clock, &decimal));
	assert_null(emtool_record_find(r, "no such name"));
	assert_null(emtool_record_value(r, emtool_record_count(r)));
	assert_non_null(emtool_record_value(r, emtool_record_count(r) - 1));
	assert_int_equal(emtool_value_kind(NULL), EMTOOL_VALUE_NULL);
	assert_true(emtool_record_json(r, EMTOOL_JSON_UNITS, small, sizeof small) > 100);
	assert_string_equal(small, "{\"type\"");
	++*(unsigned *)context;
}

static void test_values(void **state)
{
	unsigned seen = 0;
	const struct emtool_events events = {check_values, NULL, &seen};
	struct text telegram = {0};

	(void)state;
	build(&telegram);
	run(emtool_p1_new(NULL, 0, &events), telegram.data, telegram.length);
	assert_int_equal(seen, 1);
	text_free(&telegram);
}

static void test_bus(void **state)
{
	struct seen seen = {0};
	const struct emtool_events events = {on_record, on_refused, &seen};
	struct emtool_counts counts;

	(void)state;
	counts = run(emtool_bus_new("inepro_n1_ct", &events), bus_bytes, 17);
	assert_non_null(strstr(seen.json, "\"meter\":\"inepro_n1_ct\",\"current\":1.261}"));
	assert_true(counts.records == 1 && counts.bytes == 17);
	counts = run(emtool_bus_new(NULL, &events), bus_bytes, sizeof bus_bytes);
	assert_non_null(strstr(seen.json, "\"status\":\"no_response\""));
	assert_true(counts.records == 2 && counts.refused == 1);
	assert_null(emtool_bus_new("no such meter", &events));
	assert_non_null(emtool_bus_meter_name(0));
	assert_null(emtool_bus_meter_name(100000));
}

static void test_keys(void **state)
{
	struct emtool_keys *keys = emtool_keys_new();
	static const uint8_t zeros[EMTOOL_KEY_SIZE];

	(void)state;
	assert_non_null(keys);
	assert_int_equal(emtool_keys_parse(keys, key_text, strlen(key_text)), 0);
	assert_int_equal(emtool_keys_parse(keys, "0F1E", 4), EMTOOL_SYNTAX);
	assert_int_equal(emtool_keys_add(keys, NULL, zeros, zeros), 0);
	emtool_keys_free(keys);
	emtool_keys_free(NULL);
	emtool_free(NULL);
}

static void test_push_without_keys(void **state)
{
	struct seen seen = {0};
	const struct emtool_events events = {on_record, on_refused, &seen};
	struct emtool_counts counts;

	(void)state;
	counts = run(emtool_push_new(NULL, &events), bus_bytes, sizeof bus_bytes);
	assert_true(!seen.records && counts.bytes == sizeof bus_bytes && counts.skipped > 0);
}

static void test_words(void **state)
{
	(void)state;
	assert_string_equal(emtool_refusal_name(EMTOOL_REFUSED_REPLAY), "replay");
	assert_string_equal(emtool_error_text(EMTOOL_NO_MEMORY), error_text(EM_NO_MEMORY));
	assert_int_equal(strspn(emtool_version(), "0123456789."), strlen(emtool_version()));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_p1),    cmocka_unit_test(test_values),
		cmocka_unit_test(test_bus),   cmocka_unit_test(test_keys),
		cmocka_unit_test(test_words), cmocka_unit_test(test_push_without_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
