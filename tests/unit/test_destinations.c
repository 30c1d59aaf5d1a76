/* The pure parts of the outputs: topics, payloads, device names, slots, rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "mqtt/payload.h"
#include "output/database_batch.h"
#include "output/device.h"
#include "output/discovery.h"
#include "output/topic.h"

static void make(struct record *r, int64_t current)
{
	record_begin(r, "modbus");
	r->source = "192.168.1.40:60310";
	r->time = 1700000000000;
	record_int(r, "unit", 1);
	record_decimal(r, "current_l1", "A", decimal_i64(current, -1));
	record_null(r, "voltage_l1");
	record_text(r, "odd", "a/b +#\n", 7);
}

static void expands(const struct record *r, const char *topic, const char *expected)
{
	struct text out = {0};

	topic_expand(&out, topic, r);
	assert_string_equal(text_string(&out), expected);
	text_free(&out);
}

static void test_topics(void **state)
{
	static const char *const wrong[] = {"", "/a", "a/#", "a/+/b", "a[", "a]", "a[]", "a[[b]]"};
	static const char long_name[1000] = "long";
	struct record r = {0};
	struct text root = {0}, long_topic = {0};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(topic_check(wrong[i]), EM_SYNTAX);
	assert_int_equal(topic_check("home/[type]/[unit]"), 0);
	make(&r, 255);
	expands(&r, "home/[type]/[unit]", "home/modbus/1");
	expands(&r, "[odd]/[absent]/[voltage_l1]", "a_b____/unknown/unknown");
	expands(&r, "[source]", "192.168.1.40:60310");
	/* brokers refuse what is not UTF-8, C1 controls and noncharacters: the record would be lost */
	record_text(&r, "raw", "\xff\xc3\xa9\xc2\x9b\xef\xbf\xbe\xf0\x9f\xbf\xbf\xf0\x9f\x94\x8c",
	            16);
	expands(&r, "[raw]", "_é_________🔌");
	record_begin(&r, "test");
	record_text(&r, "id", "$SYS/\x01\xff\xc2\x9b\xe2\x80\xae\xc3\xa9", 14);
	expands(&r, "[id]/x", "_SYS________\xc3\xa9/x");
	expands(&r, "x[id]", "x$SYS________\xc3\xa9");
	record_begin(&r, "test");
	record_text(&r, "id", long_name, sizeof long_name);
	topic_expand(&long_topic, "[id]", &r);
	assert_int_equal(long_topic.length, 256);
	text_free(&long_topic);
	topic_root(&root, "home/[type]/x");
	assert_string_equal(text_string(&root), "home");
	text_free(&root);
	record_free(&r);
}

static void test_device_names(void **state)
{
	struct record r = {0};
	struct text out = {0};

	(void)state;
	make(&r, 1);
	device_name(&out, &r);
	assert_string_equal(text_string(&out), "192.168.1.40/1");
	record_word(&r, "meter_id", "E0012");
	out.length = 0;
	device_name(&out, &r);
	assert_string_equal(text_string(&out), "E0012");
	text_free(&out);
	record_free(&r);
}

static void decodes(const char *payload, const char *expected, size_t size)
{
	uint8_t data[128];

	memcpy(data, payload, strlen(payload));
	assert_int_equal(payload_decode(data, strlen(payload)), size);
	assert_memory_equal(data, expected, size);
}

static void test_payloads(void **state)
{
	(void)state;
	decodes("68 fa fa 68 53 ff 00 01\n", "\x68\xfa\xfa\x68\x53\xff\x00\x01", 8);
	decodes("aPr6aFP/AAFn2wEC\n", "\x68\xfa\xfa\x68\x53\xff\x00\x01\x67\xdb\x01\x02", 12);
	decodes("aPr6aFP/AAFn2wECAw==", "\x68\xfa\xfa\x68\x53\xff\x00\x01\x67\xdb\x01\x02\x03", 13);
	decodes("/ISK5\\2M550T-1012\r\n", "/ISK5\\2M550T-1012\r\n", 19);
	decodes("abc", "abc", 3);
	decodes("aPr6aFP/AAFn2w=w", "aPr6aFP/AAFn2w=w", 16);
}

static int no_newest(void *state, const char *type, const char *device, instant *time)
{
	(void)state, (void)type, (void)device;
	*time = INSTANT_NONE;
	return 0;
}

static void test_slots(void **state)
{
	static const struct database_engine engine = {.newest = no_newest};
	static struct slots slots = {.length = 300000};
	struct database_row row = {.type = "p1", .device = "E1", .time = 299999};
	int error = 0;

	(void)state;
	assert_false(slots_changed(&slots, &row, &engine, NULL, &error)); /* the first of all */
	row.time = 300000;
	assert_true(slots_changed(&slots, &row, &engine, NULL, &error));
	slots_settle(&slots, true);
	row.time = 599999;
	assert_false(slots_changed(&slots, &row, &engine, NULL, &error));
	row.time = 600000;
	assert_true(slots_changed(&slots, &row, &engine, NULL, &error));
	slots_settle(&slots, false); /* the transaction was undone: once more */
	assert_true(slots_changed(&slots, &row, &engine, NULL, &error));
	slots_settle(&slots, true);
	row.device = "E2";
	assert_false(slots_changed(&slots, &row, &engine, NULL, &error));
	slots_settle(&slots, true);
	slots.count = SLOTS_LIMIT; /* too many devices: further ones only have rows in `history` */
	row.device = "E3";
	assert_false(slots_changed(&slots, &row, &engine, NULL, &error));
	assert_int_equal(error, 0);
	slots_free(&slots);
}

static void test_rows(void **state)
{
	struct row_maker maker = {0};
	struct record r = {0};
	struct database_row row;
	struct text *batch;
	const char *name, *p;
	bool number;
	int columns = 0;

	(void)state;
	make(&r, 255);
	batch = row_make(&maker, &r, 0);
	for (p = batch->data; (p = entry_column(batch, p, &name, &number)); columns++)
		assert_true(number == (strcmp(name, "odd") != 0));
	assert_int_equal(columns, 4);
	assert_non_null(entry_row(batch, batch->data, &row));
	assert_int_equal(row.time, 1700000000000);
	assert_string_equal(row.device, "192.168.1.40/1");
	assert_memory_equal(row.record, "{\"type\":\"modbus\"", 16);
	assert_int_equal(row.record[row.record_length - 1], '}');
	batch = row_make(&maker, &r, 0);
	assert_null(entry_column(batch, batch->data, &name, &number));
	row_maker_free(&maker);
	record_free(&r);
}

/* Only names that need no quoting become columns, each one once, for any number of names. */
static void test_columns(void **state)
{
	static const struct {
		const char *name;
		bool column;
	} cases[] = {
		{"power_import", true},
		{"W", true},
		{"_x", true},
		{"a1", true},
		{"1a", false},
		{"a-b", false},
		{"", false},
		{"a b", false},
		{"id", false},
		{"time", false},
		{"record", false},
		{"ideal", true},
		{"a{", false},
		{"a[", false},
		{"a@", false},
		{"a_name_that_is_longer_than_the_sixty_bytes_that_a_column_may_have", false},
	};
	struct row_maker maker = {0};
	struct record r = {0};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct text *batch;
		const char *name;
		bool number;

		record_begin(&r, "test");
		record_int(&r, cases[i].name, 1);
		batch = row_make(&maker, &r, 0);
		assert_int_equal(entry_column(batch, batch->data, &name, &number) != NULL,
		                 cases[i].column);
		if (cases[i].column) {
			assert_string_equal(name, cases[i].name);
			assert_true(number);
		}
		batch = row_make(&maker, &r, 0); /* known by now */
		assert_null(entry_column(batch, batch->data, &name, &number));
	}
	for (int i = 0; i < 600; i++) {
		const struct text *batch;
		const char *name;
		char text[16];
		bool number;

		snprintf(text, sizeof text, "many%d", i % 300);
		record_begin(&r, "test");
		record_null(&r, "nothing"); /* nobody knows yet what it is */
		record_word(&r, text, "word");
		record_list(&r, "list");
		record_end(&r);
		batch = row_make(&maker, &r, 0);
		assert_int_equal(entry_column(batch, batch->data, &name, &number) != NULL, i < 300);
		if (i < 300) {
			assert_string_equal(name, text);
			assert_false(number);
		}
	}
	row_maker_free(&maker);
	record_free(&r);
}

static void count(void *context, const char *topic, const char *payload, size_t size)
{
	(void)size;
	++*(int *)context;
	assert_string_equal(topic, "homeassistant/device/emtool_modbus_192_168_1_40_1/config");
	assert_non_null(strstr(payload,
	                       "\"device_class\":\"current\",\"state_class\":\"measurement\","
	                       "\"unit_of_measurement\":\"A\""));
}

static void count_all(void *context, const char *topic, const char *payload, size_t size)
{
	(void)topic, (void)payload, (void)size;
	++*(int *)context;
}

/* A device that invents names fills neither memory nor broker. */
static void test_discovery_has_a_limit(void **state)
{
	int published = 0;
	struct discovery *d = discovery_new("homeassistant", NULL, false, count_all, &published);
	struct record r = {0};

	(void)state;
	for (int i = 0; i < 11000; i++) {
		char name[16];

		snprintf(name, sizeof name, "meter%d", i);
		record_begin(&r, "p1");
		record_word(&r, "meter_id", name);
		record_decimal(&r, "power_import", "W", decimal_u64(5, 0));
		assert_int_equal(discovery_record(d, &r, "t"), 0);
	}
	assert_int_equal(published, 10000);
	discovery_free(d);
	record_free(&r);
}

static void plain_ids(void *context, const char *topic, const char *payload, size_t size)
{
	char copy[1024];

	(void)topic;
	snprintf(copy, sizeof copy, "%.*s", (int)size, payload);
	assert_non_null(strstr(copy, "\"socket____voltage_l1\":{"));
	++*(int *)context;
}

static void test_discovery(void **state)
{
	int published = 0;
	struct discovery *d = discovery_new("homeassistant", NULL, false, count, &published);
	struct record r = {0};

	(void)state;
	make(&r, 1);
	for (int i = 0; i < 3; i++)
		assert_int_equal(discovery_record(d, &r, "t"), 0);
	assert_int_equal(published, 1);
	record_int(&r, "tariff", 2);
	assert_int_equal(discovery_record(d, &r, "t"), 0);
	assert_int_equal(published, 2);
	discovery_repeat(d);
	assert_int_equal(published, 3);
	discovery_repeat_soon(d);
	assert_int_equal(published, 3);
	assert_int_equal(discovery_record(d, &r, "t"), 0);
	assert_int_equal(published, 4);
	/* ids consist of letters, digits and _ for any text from a device */
	record_begin(&r, "alfen");
	record_word(&r, "socket", "\"/");
	record_decimal(&r, "voltage_l1", "V", decimal_u64(230, 0));
	discovery_free(d);
	d = discovery_new("homeassistant", NULL, false, plain_ids, &published);
	assert_int_equal(discovery_record(d, &r, "t"), 0);
	assert_int_equal(published, 5);
	discovery_free(d);
	record_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_topics),    cmocka_unit_test(test_device_names),
		cmocka_unit_test(test_payloads),  cmocka_unit_test(test_slots),
		cmocka_unit_test(test_rows),      cmocka_unit_test(test_columns),
		cmocka_unit_test(test_discovery), cmocka_unit_test(test_discovery_has_a_limit),
	};

	return cmocka_run_group_tests_name("destinations", tests, NULL, NULL);
}
