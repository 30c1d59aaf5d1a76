/* Records and the formats that print them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "output/format.h"
#include "record/quantity.h"

static struct record record;
static struct format_state format;
static struct text out;

static int begin(void **state)
{
	(void)state;
	memset(&format, 0, sizeof format);
	out.length = 0;
	record_begin(&record, "test");
	return 0;
}

static int end(void **state)
{
	(void)state;
	text_free(&format.columns);
	text_free(&out);
	record_free(&record);
	return 0;
}

static const char *print(format_function *function)
{
	out.length = 0;
	function(&out, &format, &record);
	format.printed++;
	return text_string(&out);
}

static void json_keeps_order_and_nesting(void **state)
{
	struct stamp when = {2021, 2, 4, 16, 36, 28, true, 60},
		     never = {2021, 2, 30, 0, 0, 0, false, 0};

	(void)state;
	record.time = 1612453000123;
	record.source = "127.0.0.1:40";
	record_decimal(&record, "voltage_l1", "V", decimal_u64(2350, -1));
	record_int(&record, "n", -5);
	record_f32(&record, "f", NULL, 1.261f);
	record_f64(&record, "nan", NULL, (double)NAN);
	record_bool(&record, "yes", true);
	record_word(&record, "word", "a\"b");
	record_word(&record, "none", NULL);
	record_time(&record, "when", &when);
	record_time(&record, "never", &never);
	record_list(&record, "list");
	record_object(&record, NULL);
	record_int(&record, "a", 1);
	record_list(&record, "b");
	record_end(&record);
	record_end(&record);
	record_object(&record, NULL);
	record_end(&record);
	record_int(&record, NULL, 7);
	record_end(&record);
	record_printf(&record, "made", "%d-%s", 3, "x");
	assert_string_equal(print(format_json),
	                    "{\"type\":\"test\",\"time\":\"2021-02-04T15:36:40.123Z\","
	                    "\"source\":\"127.0.0.1:40\",\"voltage_l1\":235.0,\"n\":-5,\"f\":1.261,"
	                    "\"nan\":null,\"yes\":true,\"word\":\"a\\\"b\",\"none\":null,"
	                    "\"when\":\"2021-02-04T16:36:28+01:00\",\"never\":null,"
	                    "\"list\":[{\"a\":1,\"b\":[]},{},7],\"made\":\"3-x\"}\n");
	assert_non_null(record_find(&record, "made"));
	assert_null(record_find(&record, "a"));
}

static void json_tells_units_when_asked(void **state)
{
	struct value *v;

	(void)state;
	format.style.units = true;
	v = record_decimal(&record, "current", "A", decimal_u64(5, 0));
	v->obis = "1-0:31.7.0";
	v->obis_length = 10;
	record_f32(&record, "power", "W", 2.5f)->address = 20498;
	record_int(&record, "count", 2);
	assert_string_equal(
		print(format_json),
		"{\"type\":\"test\",\"current\":{\"value\":5,\"unit\":\"A\",\"obis\":\"1-0:31.7.0\"},"
		"\"power\":{\"value\":2.5,\"unit\":\"W\",\"address\":20498},\"count\":2}\n");
}

static void csv_has_one_header_and_quotes(void **state)
{
	(void)state;
	record_word(&record, "name", "a,\"b\"");
	record_null(&record, "empty");
	record_word(&record, "blank", "");
	record_list(&record, "list");
	record_int(&record, NULL, 1);
	record_int(&record, NULL, 2);
	record_end(&record);
	assert_string_equal(
		print(format_csv),
		"type,name,empty,blank,list\r\ntest,\"a,\"\"b\"\"\",,\"\",\"[1,2]\"\r\n");
	record_begin(&record, "other");
	record_int(&record, "extra", 1);
	record_int(&record, "empty", 2);
	assert_string_equal(print(format_csv), "other,,2,,\r\n");
}

/* A character that needs quotes is found wherever it stands. */
static void csv_quotes_where_needed(void **state)
{
	static const struct {
		const char *text, *cell;
	} cases[] = {
		{",bc", "\",bc\""},     {"a,c", "\"a,c\""},     {"ab,", "\"ab,\""},
		{"\"bc", "\"\"\"bc\""}, {"ab\"", "\"ab\"\"\""}, {"\nbc", "\"\nbc\""},
		{"ab\n", "\"ab\n\""},   {",", "\",\""},         {"", "\"\""},
		{"abc", "abc"},         {"\rbc", "\\x0Dbc"},    {" bc", " bc"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char line[64];

		format.printed = 0;
		format.columns.length = 0;
		record_begin(&record, "test");
		record_word(&record, "name", cases[i].text);
		snprintf(line, sizeof line, "type,name\r\ntest,%s\r\n", cases[i].cell);
		assert_string_equal(print(format_csv), line);
	}
}

/* A file that begins with the same header gets no second one, whatever waits to be written. */
static void csv_continues_a_file(void **state)
{
	static const char header[] = "type,name\r\n", lines[] = "before\r\ntest,x\r\n";
	static const char other[] = "before\r\ntype,name\r\ntest,x\r\n";

	(void)state;
	record_word(&record, "name", "x");
	for (size_t length = sizeof header - 2; length < sizeof header; length++) {
		format.columns.length = format.header.length = out.length = 0;
		text_add(&format.header, header, length);
		text_puts(&out, "before\r\n");
		format_csv(&out, &format, &record);
		assert_string_equal(text_string(&out), length == sizeof header - 1 ? lines : other);
	}
	text_free(&format.header);
}

static void csv_has_no_control_characters(void **state)
{
	(void)state;
	record_text(&record, "name", "a\nb\033[0m\r\xff", 9);
	assert_string_equal(print(format_csv), "type,name\r\ntest,\"a\nb\\x1B[0m\\x0D\\xFF\"\r\n");
}

static void influx_backslashes_and_controls(void **state)
{
	(void)state;
	record_text(&record, "meter", "a\\,b\\ c\\d\n\\", 11);
	record_text(&record, "text", "a\n\033\\", 4);
	assert_string_equal(print(format_influx),
	                    "test,meter=a_\\,b_\\ c\\d\\x0A_ text=\"a\\\\x0A\\\\x1B\\\\\"\n");
}

static void influx_escapes_and_types(void **state)
{
	(void)state;
	record.time = 1612453000123;
	record.source = "a b=c,d";
	record_int(&record, "unit", 1);
	record_word(&record, "meter", "x y");
	record_decimal(&record, "current", "A", decimal_u64(5, 0));
	record_int(&record, "count", 2);
	record_word(&record, "text", "say \"hi\"\\");
	record_null(&record, "gone");
	record_f64(&record, "inf", "A", (double)INFINITY);
	record_list(&record, "list");
	record_object(&record, NULL);
	record_int(&record, "a", 1);
	record_end(&record);
	record_end(&record);
	assert_string_equal(print(format_influx),
	                    "test,source=a\\ b\\=c\\,d,unit=1,meter=x\\ y current=5,count=2i,"
	                    "text=\"say \\\"hi\\\"\\\\\",list_0_a=1i 1612453000123000000\n");
	record_begin(&record, "empty");
	assert_string_equal(print(format_influx), "");
}

/* Whole numbers beyond 64 bits are floats; a time that does not fit ns of 64 bits is left out. */
static void influx_keeps_within_64_bits(void **state)
{
	const struct stamp far = {.year = 2263, .month = 1, .day = 1, .has_offset = true};

	(void)state;
	record_decimal(&record, "large", NULL, decimal_u64(9, 18));
	record_decimal(&record, "larger", NULL, decimal_u64(10, 18));
	record_decimal(&record, "least", NULL, decimal_i64(-9, 18));
	record_time(&record, "meter_time", &far);
	assert_string_equal(
		print(format_influx),
		"test large=9000000000000000000i,larger=10000000000000000000,"
		"least=-9000000000000000000i,meter_time=\"2263-01-01T00:00:00+00:00\"\n");
}

/* The first and the last characters of what needs no escapes, and their neighbours. */
static void influx_escapes_at_borders(void **state)
{
	static const struct {
		const char *text, *key, *string;
	} cases[] = {
		{"!", "!", "!"},
		{"~", "~", "~"},
		{" ", "\\ ", " "},
		{"\x1f", "\\x1F", "\\\\x1F"},
		{"\x7f", "\\x7F", "\\\\x7F"},
		{"\x80", "\\x80", "\\\\x80"},
		{"\xc3\xa4", "\xc3\xa4", "\xc3\xa4"},
		{"a,b", "a\\,b", "a,b"},
		{"a=b", "a\\=b", "a=b"},
		{"a\"b", "a\"b", "a\\\"b"},
		{"a\\b", "a\\b", "a\\\\b"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char line[64];

		record_begin(&record, "test");
		record_word(&record, "meter", cases[i].text);
		record_word(&record, "text", cases[i].text);
		snprintf(line, sizeof line, "test,meter=%s text=\"%s\"\n", cases[i].key,
		         cases[i].string);
		assert_string_equal(print(format_influx), line);
	}
}

/* A time whose nanoseconds 64 bits do not hold is left out. */
static void influx_times_within_64_bits(void **state)
{
	(void)state;
	record_int(&record, "n", 1);
	record.time = 9223372036853;
	assert_string_equal(print(format_influx), "test n=1i 9223372036853000000\n");
	record.time = 9223372036854;
	assert_string_equal(print(format_influx), "test n=1i\n");
	record.time = 1;
	assert_string_equal(print(format_influx), "test n=1i 1000000\n");
	record.time = -9223372036853;
	assert_string_equal(print(format_influx), "test n=1i -9223372036853000000\n");
	record.time = -9223372036854;
	assert_string_equal(print(format_influx), "test n=1i\n");
}

static void influx_leaves_no_doubt_about_backslashes(void **state)
{
	(void)state;
	record_word(&record, "meter", "a\\b\\ c\\,d\\");
	record_int(&record, "count", 2);
	assert_string_equal(print(format_influx), "test,meter=a\\b_\\ c_\\,d_ count=2i\n");
}

/* What is nested deeper than anything real is null, as a whole. */
static void json_ends_what_it_begins(void **state)
{
	(void)state;
	record_list(&record, "deep");
	for (int i = 0; i < 40; i++)
		record_list(&record, NULL);
	record_int(&record, NULL, 1);
	for (int i = 0; i < 40; i++)
		record_end(&record);
	record_end(&record);
	record_int(&record, "after", 2);
	assert_string_equal(print(format_json),
	                    "{\"type\":\"test\",\"deep\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[null"
	                    "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]],\"after\":2}\n");
	assert_string_equal(print(format_influx), "test after=2i\n");
	record_begin(&record, "empty");
	assert_string_equal(print(format_json), "{\"type\":\"empty\"}\n");
}

static void text_is_aligned(void **state)
{
	(void)state;
	record_decimal(&record, "power", "W", decimal_u64(5, 0));
	record_word(&record, "name", "meter\033[0m");
	record_null(&record, "gas");
	assert_string_equal(print(format_text),
	                    "test\n  power             5 W\n  name   meter\\x1B[0m\n  gas    -\n");
}

static void records_survive_growth(void **state)
{
	(void)state;
	for (int round = 0; round < 3; round++) {
		record_begin(&record, "test");
		for (int i = 0; i < 5000; i++)
			record_printf(&record, "n", "%d", i);
		assert_false(record.failed);
		assert_int_equal(record.count, 5000);
		assert_int_equal(record.values[4999].as.text.length, 4);
		assert_memory_equal(record.values[4999].as.text.data, "4999", 4);
		assert_memory_equal(record.values[0].as.text.data, "0", 1);
	}
}

static void the_vocabulary_is_sound(void **state)
{
	(void)state;
	for (size_t i = 0; i < quantity_count; i++) {
		const struct quantity *q = &quantities[i];

		assert_ptr_equal(quantity_named(q->name, strlen(q->name)), q);
		if (q->code)
			assert_ptr_equal(quantity_obis(q->code), q);
	}
	assert_null(quantity_named("energy", 6));
	assert_null(quantity_obis(0));
	assert_string_equal(quantity_obis(OBIS_CDE(31, 7, 0))->name, "current_l1");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(json_keeps_order_and_nesting, begin, end),
		cmocka_unit_test_setup_teardown(json_tells_units_when_asked, begin, end),
		cmocka_unit_test_setup_teardown(csv_has_one_header_and_quotes, begin, end),
		cmocka_unit_test_setup_teardown(influx_escapes_and_types, begin, end),
		cmocka_unit_test_setup_teardown(influx_keeps_within_64_bits, begin, end),
		cmocka_unit_test_setup_teardown(influx_escapes_at_borders, begin, end),
		cmocka_unit_test_setup_teardown(influx_times_within_64_bits, begin, end),
		cmocka_unit_test_setup_teardown(influx_leaves_no_doubt_about_backslashes, begin,
	                                        end),
		cmocka_unit_test_setup_teardown(json_ends_what_it_begins, begin, end),
		cmocka_unit_test_setup_teardown(influx_backslashes_and_controls, begin, end),
		cmocka_unit_test_setup_teardown(csv_quotes_where_needed, begin, end),
		cmocka_unit_test_setup_teardown(csv_continues_a_file, begin, end),
		cmocka_unit_test_setup_teardown(csv_has_no_control_characters, begin, end),
		cmocka_unit_test_setup_teardown(text_is_aligned, begin, end),
		cmocka_unit_test_setup_teardown(records_survive_growth, begin, end),
		cmocka_unit_test(the_vocabulary_is_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
