/* Texts for JSON, terminals and people: every byte in every place, every character of Unicode. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/stamp.h"
#include "base/text.h"

/* As UTF-8 without a check. The number of bytes. */
static size_t encode(char *out, uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xC0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3F));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xE0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3F));
		out[2] = (char)(0x80 | (c & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3F));
	out[2] = (char)(0x80 | (c >> 6 & 0x3F));
	out[3] = (char)(0x80 | (c & 0x3F));
	return 4;
}

/* Well formed are the shortest forms of U+0000 to U+10FFFF without surrogates, and nothing else. */
static void sequences_of_utf8(void **state)
{
	static const uint8_t bytes[] = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF,
	                                0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED,
	                                0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF};
	enum { N = sizeof bytes };

	(void)state;
	for (size_t i = 0; i < (size_t)N * N * N * N; i++) {
		uint8_t s[4] = {bytes[i % N], bytes[i / N % N], bytes[i / N / N % N],
		                bytes[i / N / N / N]};
		static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
		size_t length = s[0] < 0x80 ? 1 : s[0] >> 5 == 6 ? 2 : s[0] >> 4 == 14 ? 3 : 4;
		uint32_t c = length == 1 ? s[0] : s[0] & (0x7Fu >> length);
		bool good = s[0] < 0x80 || (s[0] >= 0xC0 && s[0] < 0xF8);

		for (size_t k = 1; k < length; k++) {
			good = good && s[k] >> 6 == 2;
			c = c << 6 | (s[k] & 0x3F);
		}
		good = good && c >= least[length - 1] && c <= 0x10FFFF &&
		       (c < 0xD800 || c > 0xDFFF);
		assert_int_equal(utf8_length((char *)s, 4), good ? length : 0);
		if (good)
			assert_int_equal(utf8_length((char *)s, length - 1), 0);
	}
}

/* Characters that are not seen, or change how others look. */
static bool unseen(uint32_t c)
{
	return (c >= 0x80 && c < 0xA0) || c == 0x061C || (c >= 0x200B && c < 0x2010) ||
	       (c >= 0x2028 && c < 0x202F) || (c >= 0x2060 && c < 0x2070) ||
	       (c >= 0xFDD0 && c < 0xFDF0) || c == 0xFEFF || (c >= 0xFFF9 && c < 0xFFFC) ||
	       (c >= 0xE0000 && c < 0xE1000) || c % 0x10000 >= 0xFFFE;
}

static void characters_that_are_not_seen(void **state)
{
	struct text t = {0};
	char s[8], expected[16];

	(void)state;
	for (uint32_t c = 1; c <= 0x10FFFF; c++) {
		size_t n = encode(s, c);

		if (c >= 0xD800 && c <= 0xDFFF)
			continue;
		if (utf8_unseen(s, n) != unseen(c))
			fail_msg("U+%04X", c);
		if (c < 0x80)
			continue;
		t.length = 0;
		text_json(&t, s, n);
		if (unseen(c) && c > 0xFFFF)
			snprintf(expected, sizeof expected, "\"\\u%04x\\u%04x\"",
			         0xD800 + ((c - 0x10000) >> 10), 0xDC00 + (c & 0x3FF));
		else if (unseen(c))
			snprintf(expected, sizeof expected, "\"\\u%04x\"", c);
		else
			snprintf(expected, sizeof expected, "\"%.*s\"", (int)n, s);
		if (strcmp(text_string(&t), expected) != 0)
			fail_msg("U+%04X: %s", c, t.data);
	}
	text_free(&t);
}

static void json_of_byte(char out[8], int c)
{
	switch (c) {
	case '"': strcpy(out, "\\\""); break;
	case '\\': strcpy(out, "\\\\"); break;
	case '\n': strcpy(out, "\\n"); break;
	case '\r': strcpy(out, "\\r"); break;
	case '\t': strcpy(out, "\\t"); break;
	default: snprintf(out, 8, c >= 0x20 && c < 0x7F ? "%c" : "\\u%04x", c); break;
	}
}

/* Long and short strings take different ways through the code. */
static void every_byte_in_every_place(void **state)
{
	struct text json = {0}, shown = {0};
	char plain[32], part[8], expected[64];

	(void)state;
	for (size_t n = 1; n < 26; n++)
		for (size_t at = 0; at < n; at++)
			for (int c = 0; c < 256; c++) {
				memset(plain, c % 2 ? 'a' : '[', n);
				plain[at] = (char)c;
				json_of_byte(part, c);
				snprintf(expected, sizeof expected, "\"%.*s%s%.*s\"", (int)at,
				         plain, part, (int)(n - at - 1), plain + at + 1);
				json.length = shown.length = 0;
				text_json(&json, plain, n);
				if (strcmp(text_string(&json), expected) != 0)
					fail_msg("%zu of %zu: %s", at, n, json.data);
				text_json_name(&json, at % 2, plain, n);
				strcat(expected, at % 2 ? "" : ",");
				assert_memory_equal(json.data, expected, strlen(expected));
				assert_int_equal(text_string(&json)[json.length - 1], ':');
				text_printable(&shown, plain, n);
				snprintf(part, sizeof part,
				         c >= 0x20 && c < 0x7F ? "%c" : "\\x%02X", c);
				snprintf(expected, sizeof expected, "%.*s%s%.*s", (int)at, plain,
				         part, (int)(n - at - 1), plain + at + 1);
				assert_string_equal(text_string(&shown), expected);
			}
	text_free(&json);
	text_free(&shown);
}

static void columns_are_characters(void **state)
{
	(void)state;
	assert_int_equal(text_columns("", 0), 0);
	assert_int_equal(text_columns("abc", 3), 3);
	assert_int_equal(text_columns("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x8c", 10), 4);
	assert_int_equal(text_columns("\x7f\xc0", 2), 2);
}

/* A calendar that counts day by day. */
static void every_day_of_the_calendar(void **state)
{
	static const unsigned lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int64_t day = -719528; /* 0000-01-01 */

	(void)state;
	for (int year = 0; year <= 9999; year++) {
		bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

		for (unsigned month = 1; month <= 12; month++) {
			unsigned length = lengths[month - 1] + (month == 2 && leap);
			struct stamp s = {.year = (int16_t)year, .month = (uint8_t)month};

			for (unsigned d = 1; d <= length; d++, day++) {
				struct stamp at = stamp_at(day * 86400000 + 86399999, 0);

				s.day = (uint8_t)d;
				if (!stamp_valid(&s) || days_from_civil(year, month, d) != day ||
				    at.year != year || at.month != month || at.day != d)
					fail_msg("%d-%u-%u", year, month, d);
				assert_true(at.hour == 23 && at.minute == 59 && at.second == 59);
			}
			s.day = (uint8_t)(length + 1);
			assert_false(stamp_valid(&s));
			s.day = 0;
			assert_false(stamp_valid(&s));
		}
	}
	assert_int_equal(days_from_civil(-400, 3, 1), days_from_civil(0, 3, 1) - 146097);
	assert_int_equal(stamp_at(days_from_civil(-400, 3, 1) * 86400000, 0).year, -400);
	assert_int_equal(stamp_at(days_from_civil(-400, 2, 29) * 86400000, 0).day, 29);
	assert_int_equal(days_from_civil(-1, 12, 31), days_from_civil(0, 1, 1) - 1);
}

static void bounds_of_stamps(void **state)
{
	static const struct {
		struct stamp stamp;
		bool valid;
	} cases[] = {
		{{0, 1, 1, 0, 0, 0, false, 0}, true},
		{{9999, 12, 31, 23, 59, 59, true, 840}, true},
		{{10000, 1, 1, 0, 0, 0, false, 0}, false},
		{{2000, 1, 1, 0, 0, 0, true, 841}, false},
		{{2000, 1, 1, 0, 0, 0, true, -840}, true},
		{{2000, 1, 1, 0, 0, 0, true, -841}, false},
		{{2000, 1, 1, 0, 0, 0, false, 2000}, true},
		{{2000, 1, 1, 24, 0, 0, false, 0}, false},
	};
	struct stamp s = stamp_at(-1, -90);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(stamp_valid(&cases[i].stamp), cases[i].valid);
	assert_true(s.year == 1969 && s.month == 12 && s.day == 31 && s.hour == 22 &&
	            s.minute == 29 && s.second == 59 && s.has_offset && s.offset == -90);
	s = stamp_at(0, 61);
	assert_true(s.hour == 1 && s.minute == 1 && s.second == 0 && s.offset == 61);
	assert_true(stamp_instant(&s) == 0);
	s.has_offset = false;
	assert_true(stamp_instant(&s) == 3660000);
}

/* A character that the end cuts is no character, whatever stands in memory behind it. */
static void characters_that_the_end_cuts(void **state)
{
	static const struct {
		const char *text;
		size_t length;
		const char *json;
	} cases[] = {
		{"\xC3\xA4", 1, "\"\\u00c3\""},
		{"a\xC3\xA4", 2, "\"a\\u00c3\""},
		{"a\xC3\xA4", 3, "\"a\xC3\xA4\""},
		{"abc\xE2\x82\xAC", 5, "\"abc\\u00e2\\u0082\""},
		{"abcdefgh\xF0\x9F\x94\x8C", 11, "\"abcdefgh\\u00f0\\u009f\\u0094\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct text json = {0};

		text_json(&json, cases[i].text, cases[i].length);
		assert_string_equal(text_string(&json), cases[i].json);
		text_free(&json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sequences_of_utf8),
		cmocka_unit_test(characters_that_are_not_seen),
		cmocka_unit_test(every_byte_in_every_place),
		cmocka_unit_test(characters_that_the_end_cuts),
		cmocka_unit_test(columns_are_characters),
		cmocka_unit_test(every_day_of_the_calendar),
		cmocka_unit_test(bounds_of_stamps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
