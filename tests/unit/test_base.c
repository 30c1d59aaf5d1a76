/* The ground: numbers, checksums, times, texts, bounded reading. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/crc.h"
#include "base/decimal.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/random.h"
#include "base/reader.h"
#include "base/ring.h"
#include "base/stamp.h"
#include "base/text.h"

static const char *decimal_text(struct decimal d)
{
	static char text[DECIMAL_TEXT];

	size_t length = decimal_format(text, d);

	assert_int_equal(length, strlen(text));
	return text;
}

static struct decimal parse(const char *text)
{
	struct decimal d;

	assert_int_equal(decimal_parse(&d, text, strlen(text)), 0);
	return d;
}

static void decimals_keep_their_digits(void **state)
{
	static const char *const texts[] = {"0",
	                                    "235.0",
	                                    "-0.910",
	                                    "1193",
	                                    "0.000",
	                                    "18446744073709551615",
	                                    "0.00000000000000000001",
	                                    "123456.789"};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_string_equal(decimal_text(parse(texts[i])), texts[i]);
	assert_string_equal(decimal_text(parse("007.50")), "7.50");
	assert_string_equal(decimal_text(decimal_shift(parse("1.193"), 3)), "1193");
	assert_string_equal(decimal_text(decimal_shift(parse("1.5"), 3)), "1500");
	assert_string_equal(decimal_text(decimal_shift(parse("0"), 3)), "0");
	assert_string_equal(decimal_text(decimal_i64(INT64_MIN, -1)), "-922337203685477580.8");
}

static void decimals_refuse_what_is_none(void **state)
{
	static const char *const wrong[] = {"",    "-",  ".",  "1.",  "1.2.3",
	                                    "1e3", " 1", "1 ", "0x1", "--1"};
	struct decimal d;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_int_equal(decimal_parse(&d, wrong[i], strlen(wrong[i])), EM_SYNTAX);
	assert_int_equal(decimal_parse(&d, "18446744073709551616", 20), EM_RANGE);
	assert_int_equal(decimal_parse(&d, ".5", 2), 0);
}

static void decimals_add_and_compare_exactly(void **state)
{
	struct decimal sum;
	int64_t n;

	(void)state;
	assert_int_equal(decimal_add(&sum, parse("0.1"), parse("0.2")), 0);
	assert_string_equal(decimal_text(sum), "0.3");
	assert_int_equal(decimal_add(&sum, parse("1.25"), parse("-2")), 0);
	assert_string_equal(decimal_text(sum), "-0.75");
	assert_int_equal(decimal_add(&sum, parse("-2"), parse("2.00")), 0);
	assert_string_equal(decimal_text(sum), "0.00");
	assert_int_equal(decimal_add(&sum, parse("18446744073709551615"), parse("1")), EM_RANGE);
	assert_true(decimal_compare(parse("10"), parse("9.99")) > 0);
	assert_true(decimal_compare(parse("-10"), parse("9.99")) < 0);
	assert_true(decimal_compare(parse("-1"), parse("-1.000")) == 0);
	assert_true(decimal_compare(decimal_u64(UINT64_MAX, 30), parse("0.0001")) > 0);
	assert_true(decimal_compare(parse("0"), parse("-0")) == 0);
	assert_int_equal(decimal_scaled(parse("23.4567"), -3, &n), 0);
	assert_int_equal(n, 23456);
	assert_int_equal(decimal_scaled(parse("-2"), -3, &n), 0);
	assert_int_equal(n, -2000);
	assert_int_equal(decimal_scaled(decimal_u64(UINT64_MAX, 0), 0, &n), EM_RANGE);
	assert_true(decimal_double(parse("0.1")) == 0.1);
}

/* bit by bit, as the definition has it */
static uint16_t slow_crc(uint16_t crc, uint16_t poly, const uint8_t *p, size_t n)
{
	while (n--) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = (uint16_t)(crc & 1 ? crc >> 1 ^ poly : crc >> 1);
	}
	return crc;
}

static void crcs_agree_with_their_definition(void **state)
{
	uint8_t data[300];

	(void)state;
	assert_int_equal(crc16_modbus((const uint8_t *)"123456789", 9), 0x4B37);
	assert_int_equal(crc16_arc((const uint8_t *)"123456789", 9), 0xBB3D);
	assert_int_equal(crc16_x25((const uint8_t *)"123456789", 9), 0x906E);
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * 7 + i / 3);
	for (size_t n = 0; n < sizeof data; n++) {
		assert_int_equal(crc16_modbus(data, n), slow_crc(0xFFFF, 0xA001, data, n));
		assert_int_equal(crc16_arc(data, n), slow_crc(0, 0xA001, data, n));
		assert_int_equal(crc16_x25(data, n), (uint16_t)~slow_crc(0xFFFF, 0x8408, data, n));
		assert_int_equal(crc16_8005(crc16_8005(7, data, n / 3), data + n / 3, n - n / 3),
		                 crc16_8005(7, data, n));
	}
}

/* Every frame of 2..60 bytes ends where its CRC comes out as 0, and so does each zero behind it. */
static void a_crc_is_followed_to_zero(void **state)
{
	uint8_t data[80] = {0};
	uint16_t crc;

	(void)state;
	for (size_t n = 2; n < 60; n++) {
		size_t end = n + 2, first = 0;

		memset(data, 0, sizeof data);
		for (size_t i = 0; i < n; i++)
			data[i] = (uint8_t)(i * 31 + n);
		crc = crc16_modbus(data, n);
		data[n] = (uint8_t)crc;
		data[n + 1] = (uint8_t)(crc >> 8);
		for (size_t i = 1; i <= end && !first; i++)
			first = crc16_modbus(data, i) == 0 ? i : 0;
		assert_int_equal(crc16_8005_to_zero(0xFFFF, data, sizeof data), first);
		assert_int_equal(crc16_8005_to_zero(0xFFFF, data, first - 1), 0);
		assert_int_equal(crc16_8005_to_zero(0, data + end, 1), 1);
	}
}

static void times_print_and_convert(void **state)
{
	char text[STAMP_TEXT];
	struct stamp s = {2021, 2, 4, 16, 36, 28, true, 60};

	(void)state;
	stamp_format(text, &s);
	assert_string_equal(text, "2021-02-04T16:36:28+01:00");
	instant_format(text, stamp_instant(&s) + 7);
	assert_string_equal(text, "2021-02-04T15:36:28.007Z");
	s.offset = -150;
	stamp_format(text, &s);
	assert_string_equal(text, "2021-02-04T16:36:28-02:30");
	s.has_offset = false;
	stamp_format(text, &s);
	assert_string_equal(text, "2021-02-04T16:36:28");
	instant_format(text, -1);
	assert_string_equal(text, "1969-12-31T23:59:59.999Z");
	for (int64_t day = -800000; day < 3000000; day += 12345) {
		s = stamp_at(day * 86400000 + 3723000, 0);
		if (s.year >= 0 && s.year <= 9999) {
			assert_true(stamp_valid(&s));
			assert_true(stamp_instant(&s) == day * 86400000 + 3723000);
		}
	}
}

static void impossible_times_are_refused(void **state)
{
	static const struct stamp wrong[] = {
		{2021, 2, 29, 0, 0, 0, false, 0}, {1900, 2, 29, 0, 0, 0, false, 0},
		{2021, 13, 1, 0, 0, 0, false, 0}, {2021, 0, 1, 0, 0, 0, false, 0},
		{2021, 4, 31, 0, 0, 0, false, 0}, {2021, 1, 1, 24, 0, 0, false, 0},
		{2021, 1, 1, 0, 60, 0, false, 0}, {2021, 1, 1, 0, 0, 60, false, 0},
		{2021, 1, 1, 0, 0, 0, true, 900}, {-1, 1, 1, 0, 0, 0, false, 0}};
	struct stamp leap = {2000, 2, 29, 23, 59, 59, true, -840};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_false(stamp_valid(&wrong[i]));
	assert_true(stamp_valid(&leap));
}

static void readers_stop_at_the_end(void **state)
{
	static const uint8_t data[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
	struct reader r = reader_make(data, sizeof data);

	(void)state;
	assert_int_equal(reader_u8(&r), 1);
	assert_int_equal(reader_u16be(&r), 0x0203);
	assert_int_equal(reader_u16le(&r), 0x0504);
	assert_int_equal(reader_u32be(&r), 0x06070809);
	assert_false(r.bad);
	assert_int_equal(reader_left(&r), 0);
	assert_non_null(reader_bytes(&r, 0));
	assert_int_equal(reader_u8(&r), 0);
	assert_true(r.bad);
	r = reader_make(data, 7);
	assert_int_equal(reader_u64be(&r), (uint64_t)0x01020304 << 32);
	assert_true(r.bad);
	assert_null(reader_bytes(&r, SIZE_MAX));
}

static void floats_are_shortest_and_read_back(void **state)
{
	static const struct {
		float value;
		const char *text;
	} known[] = {{1.261f, "1.261"},
	             {0.07f, "0.07"},
	             {31.75f, "31.75"},
	             {25, "25.0"},
	             {0, "0.0"},
	             {-0.0f, "-0.0"},
	             {1e-4f, "0.0001"},
	             {1e-5f, "1e-05"},
	             {1.5e16f, "1.5e+16"},
	             {123456792.0f, "123456790.0"},
	             {0.00123f, "0.00123"},
	             {-230.1f, "-230.1"}};
	char text[FLOAT_TEXT];
	uint32_t bits = 1;

	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		size_t length = float32_format(text, known[i].value);

		assert_int_equal(length, strlen(text));
		assert_string_equal(text, known[i].text);
	}
	assert_int_equal(float64_format(text, 0.1), 3);
	assert_string_equal(text, "0.1");
	float64_format(text, 302806.0);
	assert_string_equal(text, "302806.0");
	for (int i = 0; i < 100000; i++) {
		float f;

		bits = bits * 1664525u + 1013904223u;
		memcpy(&f, &bits, sizeof f);
		if (!isfinite(f))
			continue;
		assert_true(float32_format(text, f) < FLOAT_TEXT);
		assert_true(strtof(text, NULL) == f);
		assert_true(float64_format(text, (double)f * 1.1) < FLOAT_TEXT);
		assert_true(strtod(text, NULL) == (double)f * 1.1);
	}
}

static const char *json(const char *data, size_t n)
{
	static char copy[256];
	struct text t = {0};

	text_json(&t, data, n);
	snprintf(copy, sizeof copy, "%s", text_string(&t));
	text_free(&t);
	return copy;
}

static void json_strings_are_escaped(void **state)
{
	(void)state;
	assert_string_equal(json("a\"b\\c\n\t\r", 8), "\"a\\\"b\\\\c\\n\\t\\r\"");
	assert_string_equal(json("\0\x1f\x7f", 3), "\"\\u0000\\u001f\\u007f\"");
	assert_string_equal(json("\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x8c", 9), "\"é€🔌\"");
	assert_string_equal(json("\xab\xc3", 2), "\"\\u00ab\\u00c3\"");
	assert_string_equal(json("\xed\xa0\x80", 3), "\"\\u00ed\\u00a0\\u0080\"");
	assert_string_equal(json("\xc0\x80", 2), "\"\\u00c0\\u0080\"");
	assert_string_equal(json("\xc2\x9b\xc2\xa0", 4), "\"\\u009b\xc2\xa0\""); /* CSI is obeyed */
	assert_string_equal(json("\xc2\x9b\xe2\x80\xae\xe2\x80\xa8\xef\xbf\xbe", 11),
	                    "\"\\u009b\\u202e\\u2028\\ufffe\"");
	assert_string_equal(json("\xf3\xa0\x80\x81\xf0\x9f\x9a\x97", 8),
	                    "\"\\udb40\\udc01\xf0\x9f\x9a\x97\"");
}

static void terminals_get_no_control_characters(void **state)
{
	struct text t = {0};

	(void)state;
	text_printable(&t, "a\033[31m\x9b\xc2\x9bé", 11);
	assert_string_equal(text_string(&t), "a\\x1B[31m\\x9B\\xC2\\x9Bé");
	t.length = 0;
	text_printable(&t, "\xe2\x80\xae\xef\xbb\xbf\xe2\x82\xac\\", 10);
	assert_string_equal(text_string(&t), "\\xE2\\x80\\xAE\\xEF\\xBB\\xBF€\\");
	text_free(&t);
}

static void texts_grow(void **state)
{
	struct text t = {0};

	(void)state;
	for (int i = 0; i < 3000; i++)
		text_printf(&t, "%d,", i % 10);
	assert_int_equal(t.length, 6000);
	text_fill(&t, ' ', 10000);
	assert_int_equal(t.length, 16000);
	text_printf(&t, "%300s", "x");
	assert_int_equal(strlen(text_string(&t)), 16300);
	text_free(&t);
	assert_string_equal(text_string(&t), "");
	text_free(&t);
}

/* As long as there are 32-bit machines: recordings above 2 GB, readings after January 2038. */
static void files_and_times_have_64_bits(void **state)
{
	(void)state;
	assert_int_equal(sizeof(off_t), 8);
	assert_int_equal(sizeof(time_t), 8);
}

static void texts_stay_within(void **state)
{
	char room[8];
	struct text t = text_within(room, sizeof room);

	(void)state;
	text_puts(&t, "1234567");
	text_char(&t, '8');
	assert_false(t.failed);
	text_char(&t, '9');
	assert_true(t.failed);
	assert_int_equal(t.length, 8);
	assert_memory_equal(room, "12345678", 8);
	text_free(&t);
}

static void whole_numbers(void **state)
{
	static const struct {
		const char *text;
		uint32_t most;
		int error;
		uint32_t number;
	} cases[] = {
		{"0", 0, 0, 0},
		{"007", 7, 0, 7},
		{"8", 7, EM_RANGE, 0},
		{"4294967295", UINT32_MAX, 0, UINT32_MAX},
		{"4294967296", UINT32_MAX, EM_RANGE, 0},
		{"99999999999999999999999999", UINT32_MAX, EM_RANGE, 0},
		{"", 7, EM_SYNTAX, 0},
		{"-1", 7, EM_SYNTAX, 0},
		{"1 ", 7, EM_SYNTAX, 0},
		{"0x1", 7, EM_SYNTAX, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint32_t number = 1;
		int error = decimal_whole(&number, cases[i].text, strlen(cases[i].text),
		                          cases[i].most);

		assert_int_equal(error, cases[i].error);
		if (!error)
			assert_int_equal(number, cases[i].number);
	}
}

static void numbers_in_bytes(void **state)
{
	static const uint8_t bytes[] = {0xF1, 0x02, 0x03, 0x04};
	uint8_t out[2];

	(void)state;
	assert_int_equal(load_be16(bytes), 0xF102);
	assert_int_equal(load_le16(bytes), 0x02F1);
	assert_int_equal(load_be32(bytes), 0xF1020304);
	store_be16(out, 0xF102);
	assert_memory_equal(out, bytes, 2);
	store_le16(out, 0x102F1);
	assert_memory_equal(out, bytes, 2);
}

static void rings_keep_the_order(void **state)
{
	static char items[] = "abcdefg";
	struct ring r;

	(void)state;
	assert_int_equal(ring_begin(&r, 3), 0);
	assert_null(ring_take(&r, 0));
	assert_null(ring_drop(&r, 0));
	for (int i = 0; i < 3; i++)
		assert_true(ring_put(&r, items + i));
	assert_false(ring_put(&r, items + 3));
	assert_int_equal(r.dropped, 1);
	assert_ptr_equal(ring_take(&r, 0), items);
	assert_true(ring_put(&r, items + 4)); /* b c e, around the end of the memory */
	assert_ptr_equal(ring_take(&r, 1), items + 2);
	assert_int_equal(r.count, 2);
	assert_ptr_equal(ring_at(&r, 0), items + 1);
	assert_ptr_equal(ring_at(&r, 1), items + 4);
	assert_null(ring_take(&r, 2));
	assert_ptr_equal(ring_drop(&r, 1), items + 4);
	assert_int_equal(r.dropped, 2);
	assert_true(ring_put(&r, items + 5));
	assert_ptr_equal(ring_take(&r, 0), items + 1);
	assert_ptr_equal(ring_take(&r, 0), items + 5);
	assert_int_equal(r.count, 0);
	ring_free(&r);
}

static void hashes_are_fnv_1a(void **state)
{
	(void)state;
	assert_int_equal(fnv32(FNV32_START, NULL, 0), 0x811C9DC5);
	assert_int_equal(fnv32(FNV32_START, "a", 1), 0xE40C292C);
	assert_int_equal(fnv32(FNV32_START, "foobar", 6), 0xBF9CF968);
	assert_int_equal(fnv32(fnv32(FNV32_START, "foo", 3), "bar", 3), 0xBF9CF968);
	assert_true(fnv64(FNV64_START, "a", 1) == UINT64_C(0xAF63DC4C8601EC8C));
	assert_true(fnv64(FNV64_START, "foobar", 6) == UINT64_C(0x85944171F73967E8));
	assert_int_equal(fnv32(FNV32_START, "\xFF", 1), 0x7A0B824E);
}

static void hexadecimal_digits(void **state)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	uint8_t bytes[3] = {0};
	char text[7] = "......";
	uint16_t word;
	int known = 0;

	(void)state;
	for (int i = 0; i < 32; i++)
		assert_int_equal(hex_digit(digits[i]), i % 16);
	for (int c = 0; c < 256; c++)
		if (hex_digit(c) != -1)
			known++;
	assert_int_equal(known, 22);
	assert_int_equal(hex_digit((char)0xB0), -1); /* a char may be negative */
	assert_int_equal(hex_read(bytes, 3, "00fFa1", 6), 0);
	assert_memory_equal(bytes, "\x00\xFF\xA1", 3);
	assert_int_equal(hex_read(bytes, 0, "", 0), 0);
	assert_int_equal(hex_read(bytes, 3, "00FFA", 5), EM_SYNTAX);
	assert_int_equal(hex_read(bytes, 2, "00FFA1", 6), EM_SYNTAX);
	assert_int_equal(hex_read(bytes, 3, "00FgA1", 6), EM_SYNTAX);
	assert_int_equal(hex_read(bytes, 3, "00 FA1", 6), EM_SYNTAX);
	assert_int_equal(hex_word(&word, "9aFE0"), 0);
	assert_int_equal(word, 0x9AFE);
	assert_int_equal(hex_word(&word, "9aF"), EM_SYNTAX);
	hex_write(text, "\x00\x9A\xFF", 2);
	assert_string_equal(text, "009A..");
}

static void hexadecimal_text_grows(void **state)
{
	char room[5];
	struct text t = {0}, narrow = text_within(room, sizeof room);

	(void)state;
	text_puts(&t, "id ");
	text_hex(&t, "\x01\xEF", 2);
	text_hex(&t, "", 0);
	assert_string_equal(text_string(&t), "id 01EF");
	text_free(&t);
	text_hex(&narrow, "abc", 3);
	assert_true(narrow.failed);
	assert_int_equal(narrow.length, 0);
}

static void random_numbers_are_splitmix64(void **state)
{
	struct random r = {1234567};
	double sum = 0;

	(void)state;
	assert_true(random_at(1234567, 2) == UINT64_C(9817491932198370423));
	assert_true(random_next(&r) == UINT64_C(6457827717110365317));
	assert_true(random_next(&r) == UINT64_C(3203168211198807973));
	assert_true(random_next(&r) == UINT64_C(9817491932198370423));
	assert_true(random_seed(1).state != random_seed(2).state);
	for (int i = 0; i < 10000; i++) {
		double unit = random_unit(&r);

		assert_true(unit >= 0 && unit < 1);
		assert_true(random_below(&r, 3) < 3);
		sum += unit;
	}
	assert_true(sum > 4900 && sum < 5100);
	assert_int_equal(random_below(&r, 1), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_and_times_have_64_bits),
		cmocka_unit_test(decimals_keep_their_digits),
		cmocka_unit_test(decimals_refuse_what_is_none),
		cmocka_unit_test(decimals_add_and_compare_exactly),
		cmocka_unit_test(crcs_agree_with_their_definition),
		cmocka_unit_test(a_crc_is_followed_to_zero),
		cmocka_unit_test(times_print_and_convert),
		cmocka_unit_test(impossible_times_are_refused),
		cmocka_unit_test(readers_stop_at_the_end),
		cmocka_unit_test(floats_are_shortest_and_read_back),
		cmocka_unit_test(json_strings_are_escaped),
		cmocka_unit_test(terminals_get_no_control_characters),
		cmocka_unit_test(texts_grow),
		cmocka_unit_test(texts_stay_within),
		cmocka_unit_test(whole_numbers),
		cmocka_unit_test(numbers_in_bytes),
		cmocka_unit_test(rings_keep_the_order),
		cmocka_unit_test(hashes_are_fnv_1a),
		cmocka_unit_test(random_numbers_are_splitmix64),
		cmocka_unit_test(hexadecimal_digits),
		cmocka_unit_test(hexadecimal_text_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
