/* Tables of times and limits: days, dates, spans over midnight, days on which the clocks change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "balance/timetable.h"
#include "base/error.h"
#include "base/text.h"

static struct zone berlin(void)
{
	static const char rule[] = "CET-1CEST,M3.5.0,M10.5.0/3";
	struct zone z;

	assert_int_equal(zone_parse(&z, rule, strlen(rule)), 0);
	return z;
}

static struct timetable table_of(const char *text)
{
	static struct timetable t;
	const char *wrong = NULL;
	unsigned line;

	assert_int_equal(timetable_parse(&t, text, strlen(text), &line, &wrong), 0);
	return t;
}

static instant local(int month, int day, int hour, int minute)
{
	struct stamp s = {.year = 2026,
	                  .month = (uint8_t)month,
	                  .day = (uint8_t)day,
	                  .hour = (uint8_t)hour,
	                  .minute = (uint8_t)minute};
	struct zone z = berlin();

	return zone_instant(&z, &s, false);
}

static int32_t at(const struct timetable *t, instant now)
{
	struct zone z = berlin();
	instant until;
	int32_t most = timetable_at(t, &z, now, &until);

	assert_true(until > now);
	return most;
}

static void the_last_line_that_fits_counts(void **state)
{
	struct timetable t = table_of("# at night\n22:00-06:00 16\n\nMo-Fr 05:00-05:30 7.5A # but\n"
	                              "  # weekend\nsat,sunday 00:00-24:00 10\n"
	                              "2026-12-24..26 16:00-02:00 0\n");

	(void)state;
	assert_int_equal(t.count, 4);
	assert_int_equal(at(&t, local(12, 1, 12, 0)), CURRENT_NONE);
	assert_int_equal(at(&t, local(12, 1, 21, 59)), CURRENT_NONE);
	assert_int_equal(at(&t, local(12, 1, 22, 0)), 16000);
	assert_int_equal(at(&t, local(12, 2, 4, 59)), 16000);
	assert_int_equal(at(&t, local(12, 2, 5, 0)), 7500);
	assert_int_equal(at(&t, local(12, 2, 5, 30)), 16000);
	assert_int_equal(at(&t, local(12, 2, 6, 0)), CURRENT_NONE);
	assert_int_equal(at(&t, local(12, 5, 0, 0)), 10000); /* Saturday */
	assert_int_equal(at(&t, local(12, 6, 23, 59)), 10000);
	assert_int_equal(at(&t, local(12, 7, 0, 0)), 16000); /* still Sunday's night */
	assert_int_equal(at(&t, local(12, 24, 15, 59)), CURRENT_NONE);
	assert_int_equal(at(&t, local(12, 24, 16, 0)), 0);
	assert_int_equal(at(&t, local(12, 27, 1, 59)), 0); /* began on the 26th */
	assert_int_equal(at(&t, local(12, 27, 2, 0)), 10000);
}

static void spans_over_midnight_belong_to_their_first_day(void **state)
{
	struct timetable t = table_of("Fr 22:00-06:00 16\nMo 06:00-06:00 8\nSu-Mo 7:00-8:00 1\n");

	(void)state;
	assert_int_equal(at(&t, local(12, 4, 23, 0)), 16000);
	assert_int_equal(at(&t, local(12, 5, 5, 59)), 16000);
	assert_int_equal(at(&t, local(12, 5, 23, 0)), CURRENT_NONE);
	assert_int_equal(at(&t, local(12, 7, 5, 59)), CURRENT_NONE);
	assert_int_equal(at(&t, local(12, 7, 6, 0)), 8000);
	assert_int_equal(at(&t, local(12, 8, 5, 59)), 8000);
	assert_int_equal(at(&t, local(12, 8, 6, 0)), CURRENT_NONE);
	assert_int_equal(at(&t, local(12, 6, 7, 0)), 1000);
	assert_int_equal(at(&t, local(12, 7, 7, 0)), 1000);
	assert_int_equal(at(&t, local(12, 8, 7, 0)), CURRENT_NONE);
}

/* The answer of each minute equals the one that the last `until` promised. */
static void it_holds_until_it_says(void **state)
{
	struct timetable t = table_of("01:30-02:40 16\n02:15-03:10 8\nSu 03:00-05:00 6\n");
	struct zone z = berlin();
	static const int days[][2] = {{3, 28}, {10, 24}, {12, 5}};

	(void)state;
	for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
		instant begin = local(days[i][0], days[i][1], 12, 0), until = begin;
		int32_t most = 0;

		for (instant now = begin; now < begin + 30 * INT64_C(3600000); now += 60000) {
			instant next;
			int32_t now_most = timetable_at(&t, &z, now, &next);

			if (now < until)
				assert_int_equal(now_most, most);
			else
				until = next;
			most = now_most;
		}
	}
}

/* Clocks decide: 2:00 to 3:00 is two hours long in October and does not exist in March. */
static void days_of_23_and_25_hours(void **state)
{
	struct timetable t = table_of("02:00-03:00 6\n");
	int minutes[2] = {0, 0};

	(void)state;
	for (int i = 0; i < 24 * 60; i++) {
		minutes[0] += at(&t, local(3, 28, 12, 0) + i * 60000) == 6000;
		minutes[1] += at(&t, local(10, 24, 12, 0) + i * 60000) == 6000;
	}
	assert_int_equal(minutes[0], 0);
	assert_int_equal(minutes[1], 120);
}

static void what_is_wrong_is_told(void **state)
{
	static const struct {
		const char *text, *wrong;
	} cases[] = {
		{"22:00-06:00\n", "a limit of 0 to 1000 A is expected behind the times"},
		{"22:00-06:00 x\n", "a limit of 0 to 1000 A is expected behind the times"},
		{"22:00-06:00 -1\n", "a limit of 0 to 1000 A is expected behind the times"},
		{"22:00-06:00 1001\n", "a limit of 0 to 1000 A is expected behind the times"},
		{"22:00-06:00 6 7\n", "nothing is expected behind the limit"},
		{"22:00 6\n", "times as 22:00-06:00 are expected"},
		{"24:00-06:00 6\n", "times as 22:00-06:00 are expected"},
		{"22:00-24:01 6\n", "times as 22:00-06:00 are expected"},
		{"22:60-23:00 6\n", "times as 22:00-06:00 are expected"},
		{"Xy 22:00-23:00 6\n", "days as Mo-Fr or Sa,Su are expected"},
		{"Mo- 22:00-23:00 6\n", "days as Mo-Fr or Sa,Su are expected"},
		{"Mo;Di 22:00-23:00 6\n", "days as Mo-Fr or Sa,Su are expected"},
		{"2026-02-30 22:00-23:00 6\n",
	         "a date as 2026-12-24, or two as 2026-12-24..2027-01-06, are expected"},
		{"2026-12-24..23 22:00-23:00 6\n",
	         "a date as 2026-12-24, or two as 2026-12-24..2027-01-06, are expected"},
	};
	static struct timetable t;
	struct text many = {0};
	const char *wrong;
	unsigned line;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct text text = {0};

		text_puts(&text, "# fine\n00:00-01:00 6\n");
		text_puts(&text, cases[i].text);
		assert_int_equal(timetable_parse(&t, text.data, text.length, &line, &wrong),
		                 EM_SYNTAX);
		assert_int_equal(line, 3);
		assert_string_equal(wrong, cases[i].wrong);
		text_free(&text);
	}
	for (int i = 0; i <= TIMETABLE_LINES; i++)
		text_puts(&many, "00:00-01:00 6\n");
	assert_int_equal(timetable_parse(&t, many.data, many.length, &line, &wrong), EM_SYNTAX);
	assert_int_equal(line, TIMETABLE_LINES + 1);
	text_free(&many);
}

static void an_empty_table_limits_nothing(void **state)
{
	struct timetable t = table_of("\xEF\xBB\xBF# nothing\n");

	(void)state;
	assert_int_equal(at(&t, local(12, 1, 12, 0)), CURRENT_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_line_that_fits_counts),
		cmocka_unit_test(spans_over_midnight_belong_to_their_first_day),
		cmocka_unit_test(it_holds_until_it_says),
		cmocka_unit_test(days_of_23_and_25_hours),
		cmocka_unit_test(what_is_wrong_is_told),
		cmocka_unit_test(an_empty_table_limits_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
