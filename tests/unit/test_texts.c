/* URLs, UTF-8, numbers at the ends of their range: what is taken, what is refused, and why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/decimal.h"
#include "base/error.h"
#include "base/nearest.h"
#include "base/stamp.h"
#include "base/text.h"
#include "base/url.h"

static const char *or_none(const char *s)
{
	return s ? s : "-";
}

static void urls(void **state)
{
	static const struct {
		const char *text;
		int error;
		const char *parts; /* scheme user host port path options */
	} cases[] = {
		{"mqtt://broker", 0, "mqtt - broker 0 "},
		{"mqtt://broker/", 0, "mqtt - broker 0 "},
		{"mqtt://broker:1883/a/b", 0, "mqtt - broker 1883 a/b"},
		{"mqtt://me@broker/a", 0, "mqtt me broker 0 a"},
		{"mqtt://[::1]:18/a", 0, "mqtt - ::1 18 a"},
		{"mqtt://[::1]/a", 0, "mqtt - ::1 0 a"},
		{"mqtt://[::1", EM_SYNTAX, NULL},
		{"mqtt://[::1]x", EM_SYNTAX, NULL},
		{"mqtt://h:/a", EM_SYNTAX, NULL},
		{"mqtt://h:0/a", EM_SYNTAX, NULL},
		{"mqtt://h:65536/a", EM_SYNTAX, NULL},
		{"mqtt://h:+1/a", EM_SYNTAX, NULL},
		{"mqtt://h:1x/a", EM_SYNTAX, NULL},
		{"mqtt://h:x/a", EM_SYNTAX, NULL},
		{"mqtt://me:secret@h/a", EM_UNSUPPORTED, NULL},
		{"mqtt://m%65%4F%4a@h/%61%2Fb", 0, "mqtt meOJ h 0 a/b"},
		{"mqtt://m%@h/a", EM_SYNTAX, NULL},
		{"mqtt://m%6@h/a", EM_SYNTAX, NULL},
		{"mqtt://m%6g@h/a", EM_SYNTAX, NULL},
		{"mqtt://m%g6@h/a", EM_SYNTAX, NULL},
		{"mqtt://%00/a", EM_SYNTAX, NULL},
		{"mqtt://%zz:1/a", EM_SYNTAX, NULL},
		{"mqtt://h/%00", EM_SYNTAX, NULL},
		{"mqtt://h/a?x=1&y&z=%20", 0, "mqtt - h 0 a x=1 y= z= "},
		{"mqtt://h/a?", 0, "mqtt - h 0 a"},
		{"mqtt://h?x=1", 0, "mqtt - h 0  x=1"},
		{"mqtt://h/a?%zz=1", EM_SYNTAX, NULL},
		{"mqtt://h/a?x=%zz", EM_SYNTAX, NULL},
		{"mqtt://h/a?1&2&3&4&5&6&7&8&9&10&11&12&13", EM_RANGE, NULL},
		{"://h", EM_SYNTAX, NULL},
		{"mqtt:h", EM_SYNTAX, NULL},
		{"", EM_SYNTAX, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct text got = {0};
		struct url u;

		if (url_parse(&u, cases[i].text) != cases[i].error)
			fail_msg("%s: %d", cases[i].text, url_parse(&u, cases[i].text));
		if (!cases[i].error) {
			text_printf(&got, "%s %s %s %d %s", u.scheme, or_none(u.user), u.host,
			            u.port, u.path);
			for (size_t k = 0; k < u.option_count; k++)
				text_printf(&got, " %s=%s", u.options[k].name, u.options[k].value);
			assert_string_equal(text_string(&got), cases[i].parts);
		}
		text_free(&got);
		url_free(&u);
	}
}

static void url_options(void **state)
{
	struct url u;

	(void)state;
	assert_int_equal(url_parse(&u, "x://h/p?retain&tls=0&clean=no&ca=file"), 0);
	assert_string_equal(url_option(&u, "ca"), "file");
	assert_null(url_option(&u, "c"));
	assert_true(url_flag(&u, "retain"));
	assert_false(url_flag(&u, "tls"));
	assert_false(url_flag(&u, "clean"));
	assert_false(url_flag(&u, "none"));
	assert_null(url_unknown_option(&u, "clean|ca|retain|tls"));
	assert_string_equal(url_unknown_option(&u, "retain|tls|clean|cab"), "ca");
	assert_string_equal(url_unknown_option(&u, "retain|tls|clean"), "ca");
	assert_string_equal(url_unknown_option(&u, ""), "retain");
	url_free(&u);
}

/* RFC 3629: no overlong forms, no surrogates, nothing above 10FFFF. */
static void utf8(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
	} cases[] = {
		{"", 0},
		{"a", 1},
		{"\xC3\xA4", 2},
		{"\xC3", 0},
		{"\xC3(", 0},
		{"\xC1\x80", 0},
		{"\x80", 0},
		{"\xE2\x82\xAC", 3},
		{"\xE2\x82", 0},
		{"\xE2\x28\xAC", 0},
		{"\xE0\x9F\x80", 0},
		{"\xE0\xA0\x80", 3},
		{"\xED\xA0\x80", 0},
		{"\xED\x9F\xBF", 3},
		{"\xF0\x9F\x98\x80", 4},
		{"\xF0\x8F\xBF\xBF", 0},
		{"\xF0\x90\x80\x80", 4},
		{"\xF4\x8F\xBF\xBF", 4},
		{"\xF4\x90\x80\x80", 0},
		{"\xF5\x80\x80\x80", 0},
		{"\xF1\x80\x80\x80", 4},
		{"\xFF", 0},
	};
	struct text t = {0};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(utf8_length(cases[i].bytes, strlen(cases[i].bytes)),
		                 cases[i].length);
	text_printable(&t, "a\xC2\x9F\xC2\xA0\x7F\xC3\n", 8);
	assert_string_equal(text_string(&t), "a\\xC2\\x9F\xC2\xA0\\x7F\\xC3\\x0A");
	text_free(&t);
}

static void decimals(void **state)
{
	static const struct {
		const char *a, *b;
		int order;
		const char *sum; /* NULL: does not fit */
	} cases[] = {
		{"18446744073709551615", "0.1", 1, NULL},
		{"0.1", "18446744073709551615", -1, NULL},
		{"-18446744073709551615", "-0.1", -1, NULL},
		{"18446744073709551615", "0.0", 1, "18446744073709551615"},
		{"18446744073709551615", "1", 1, NULL},
		{"18446744073709551615", "1.0", 1, NULL},
		{"-5", "5", -1, "0"},
		{"5", "-5.0", 1, "0.0"},
		{"-5", "3", -1, "-2"},
		{"3", "-5", 1, "-2"},
		{"0", "-0", 0, "0"},
		{"0", "-1", 1, "-1"},
		{"1.50", "1.5", 0, "3.00"},
	};
	static const char *const wrong[] = {"",   "+",    "-",   ".",  "1.",
	                                    ".5", "1..2", "1e3", " 1", "1 "};
	struct decimal a, b, sum;
	int64_t n;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[DECIMAL_TEXT];
		int order;

		assert_int_equal(decimal_parse(&a, cases[i].a, strlen(cases[i].a)), 0);
		assert_int_equal(decimal_parse(&b, cases[i].b, strlen(cases[i].b)), 0);
		order = decimal_compare(a, b);
		assert_int_equal((order > 0) - (order < 0), cases[i].order);
		assert_int_equal(decimal_add(&sum, a, b), cases[i].sum ? 0 : EM_RANGE);
		if (!cases[i].sum)
			continue;
		decimal_format(text, sum);
		assert_string_equal(text, cases[i].sum);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (decimal_parse(&a, wrong[i], strlen(wrong[i])) == 0 &&
		    strcmp(wrong[i], ".5") != 0)
			fail_msg("'%s' was taken", wrong[i]);
	assert_int_equal(decimal_parse(&a, "18446744073709551616", 20), EM_RANGE);
	assert_int_equal(decimal_parse(&a, "+7", 2), 0);
	assert_int_equal(decimal_scaled(decimal_u64(UINT64_MAX, 0), -3, &n), EM_RANGE);
	assert_int_equal(decimal_scaled(decimal_u64(UINT64_MAX, 0), 0, &n), EM_RANGE);
	assert_int_equal(decimal_scaled(decimal_i64(-1999, -3), 0, &n), 0);
	assert_int_equal(n, -1);
	assert_int_equal(decimal_scaled(decimal_u64(1, -300), 0, &n), 0);
	assert_int_equal(n, 0);
}

static void years(void **state)
{
	static const struct {
		struct stamp s;
		bool valid;
	} cases[] = {
		{{.year = 0, .month = 1, .day = 1}, true},
		{{.year = -1, .month = 1, .day = 1}, false},
		{{.year = 10000, .month = 1, .day = 1}, false},
		{{.year = 2024, .month = 2, .day = 29}, true},
		{{.year = 2023, .month = 2, .day = 29}, false},
		{{.year = 1900, .month = 2, .day = 29}, false},
		{{.year = 2024, .month = 1, .day = 0}, false},
		{{.year = 2024, .month = 13, .day = 1}, false},
		{{2024, 1, 1, 0, 0, 0, true, 840}, true},
		{{2024, 1, 1, 0, 0, 0, true, 841}, false},
		{{2024, 1, 1, 0, 0, 0, true, -841}, false},
		{{2024, 1, 1, 24, 0, 0, false, 0}, false},
		{{2024, 1, 1, 0, 60, 0, false, 0}, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(stamp_valid(&cases[i].s), cases[i].valid);
	assert_true(stamp_instant(&cases[0].s) < 0);
}

/* A name is suggested when at most a third of it, and one more letter, is wrong. */
static void nearest_names(void **state)
{
	static const char *const names[] = {"dump", "watch", "registers",
	                                    "modbus_slave_max_current"};
	static const struct {
		const char *wrong, *best;
	} cases[] = {
		{"dunp", "dump"},
		{"dmp", "dump"},
		{"dumpp", "dump"},
		{"dmup", "dump"},
		{"du", "dump"},
		{"xy", NULL},
		{"watc", "watch"},
		{"match", "watch"},
		{"mtach", NULL},
		{"register", "registers"},
		{"rgisterz", "registers"},
		{"modbus_max_current", "modbus_slave_max_current"},
		{"", NULL},
		{"current", NULL},
	};
	char longest[NEAREST_LIMIT + 1];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct nearest n = nearest_to(cases[i].wrong);

		for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
			nearest_consider(&n, names[k]);
		if (!n.best != !cases[i].best || (n.best && strcmp(n.best, cases[i].best) != 0))
			fail_msg("%s: %s", cases[i].wrong, n.best ? n.best : "none");
	}
	memset(longest, 'a', sizeof longest);
	longest[NEAREST_LIMIT] = '\0';
	for (size_t length = NEAREST_LIMIT; length >= NEAREST_LIMIT - 1; length--) {
		struct nearest n = nearest_to(longest);

		longest[length] = '\0';
		nearest_consider(&n, longest);
		assert_int_equal(n.best != NULL, length < NEAREST_LIMIT);
	}
	memset(longest, 'a', sizeof longest - 1);
	for (int wrong = 0; wrong < 2; wrong++) { /* only one of both is too long */
		struct nearest n = nearest_to(wrong ? longest : "dump");

		nearest_consider(&n, wrong ? "dump" : longest);
		assert_null(n.best);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls),          cmocka_unit_test(url_options),
		cmocka_unit_test(utf8),          cmocka_unit_test(decimals),
		cmocka_unit_test(nearest_names), cmocka_unit_test(years),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
