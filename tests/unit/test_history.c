/* The ring of the last samples: between them, at its ends, and what it forgets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "balance/history.h"

static struct history h;

static int setup(void **state)
{
	(void)state;
	history_start(&h);
	return 0;
}

static void add(int64_t time, int32_t current)
{
	history_add(&h, time, (const int32_t[BALANCE_PHASES]){current, -current, 2 * current});
}

static int32_t at(int phase, int64_t time)
{
	int32_t currents[BALANCE_PHASES];

	history_at(&h, time, currents);
	return currents[phase];
}

/* The spans of phases that add() has given these currents and their like. */
static void spans_are(const struct current_span *spans, int32_t least, int32_t most)
{
	assert_int_equal(spans[0].least, least);
	assert_int_equal(spans[0].most, most);
	assert_int_equal(spans[1].least, -most);
	assert_int_equal(spans[1].most, -least);
	assert_int_equal(spans[2].least, 2 * least);
	assert_int_equal(spans[2].most, 2 * most);
}

static void span_is(int64_t from, int64_t to, int32_t least, int32_t most)
{
	struct current_span spans[BALANCE_PHASES] = {SPAN_NONE, SPAN_NONE, SPAN_NONE};

	history_widen(&h, from, to, spans);
	spans_are(spans, least, most);
}

static void nothing_is_known_without_samples(void **state)
{
	struct current_span spans[BALANCE_PHASES] = {SPAN_NONE};

	(void)state;
	assert_null(history_back(&h, 0));
	assert_null(history_back(&h, UINT32_MAX));
	assert_int_equal(at(0, 1000), 0);
	history_widen(&h, 0, 1000, spans);
	assert_int_equal(spans[0].least, INT32_MAX);
	assert_int_equal(spans[0].most, INT32_MIN);
}

static void samples_are_counted_from_the_last(void **state)
{
	(void)state;
	add(1000, 10);
	add(2500, 20);
	assert_int_equal(history_back(&h, 0)->time, 2500);
	assert_int_equal(history_back(&h, 0)->currents[0], 20);
	assert_int_equal(history_back(&h, 0)->currents[1], -20);
	assert_int_equal(history_back(&h, 0)->currents[2], 40);
	assert_int_equal(history_back(&h, 1)->time, 1000);
	assert_null(history_back(&h, 2));
	history_start(&h);
	assert_null(history_back(&h, 0));
}

static void between_two_samples_is_their_line(void **state)
{
	(void)state;
	add(1000, 6000);
	add(2000, 16000);
	add(4000, 10000);
	assert_int_equal(at(0, 1000), 6000);
	assert_int_equal(at(0, 1001), 6010);
	assert_int_equal(at(0, 1999), 15990);
	assert_int_equal(at(0, 2000), 16000);
	assert_int_equal(at(0, 3000), 13000);
	assert_int_equal(at(1, 3000), -13000); /* of each phase */
	assert_int_equal(at(2, 3000), 26000);
	assert_int_equal(at(0, 4000), 10000);
}

static void beyond_all_samples_the_nearest_counts(void **state)
{
	(void)state;
	add(1000, 6000);
	add(2000, 16000);
	assert_int_equal(at(0, 999), 6000);
	assert_int_equal(at(0, INT64_MIN), 6000);
	assert_int_equal(at(0, 2001), 16000);
	assert_int_equal(at(0, INT64_MAX), 16000);
}

/* Currents that no house has, a day apart. */
static void lines_do_not_overflow(void **state)
{
	(void)state;
	add(0, -1000000000);
	add(86400000, 1000000000);
	assert_int_equal(at(0, 43200000), 0);
	assert_int_equal(at(0, 86399999), 999999976);
}

static void a_sample_at_the_same_time_replaces_the_last(void **state)
{
	(void)state;
	add(1000, 10);
	add(2000, 20);
	add(2000, 30);
	assert_int_equal(h.count, 2);
	assert_int_equal(history_back(&h, 0)->currents[0], 30);
	assert_int_equal(history_back(&h, 1)->currents[0], 10);
	add(1999, 40); /* nor does time go back */
	assert_int_equal(h.count, 2);
	assert_int_equal(history_back(&h, 0)->time, 1999);
	assert_int_equal(at(0, 5000), 40);
	add(2001, 50);
	assert_int_equal(h.count, 3);
}

static void the_oldest_is_forgotten(void **state)
{
	(void)state;
	for (int i = 0; i < HISTORY_SAMPLES; i++)
		add(i * 1000, i);
	assert_int_equal(history_back(&h, HISTORY_SAMPLES - 1)->currents[0], 0);
	add(HISTORY_SAMPLES * 1000, HISTORY_SAMPLES);
	assert_int_equal(history_back(&h, HISTORY_SAMPLES - 1)->currents[0], 1);
	assert_null(history_back(&h, HISTORY_SAMPLES));
	assert_int_equal(at(0, 0), 1);
	assert_int_equal(at(0, 1500), 1);
	assert_int_equal(at(2, 1500), 3);
	span_is(0, 2000, 1, 2);
	for (int i = HISTORY_SAMPLES + 1; i < 1000; i++) {
		add(i * 1000, i);
		assert_int_equal(history_back(&h, 0)->currents[0], i);
		assert_int_equal(history_back(&h, HISTORY_SAMPLES - 1)->currents[0],
		                 i - HISTORY_SAMPLES + 1);
		assert_int_equal(at(2, i * 1000 - 500), 2 * i - 1);
	}
	add(999000, 5); /* replaces, also in a full ring */
	assert_int_equal(history_back(&h, 0)->currents[0], 5);
	assert_int_equal(history_back(&h, 1)->currents[0], 998);
}

/* From the last sample at or before `from`, which was in force then, to the last at or before `to`. */
static void a_span_has_the_samples_of_its_time(void **state)
{
	(void)state;
	add(1000, 10);
	add(2000, 40);
	add(3000, 20);
	add(4000, 30);
	span_is(2000, 3000, 20, 40);
	span_is(1999, 3000, 10, 40);
	span_is(2001, 3000, 20, 40);
	span_is(2000, 2999, 40, 40);
	span_is(2000, 3999, 20, 40);
	span_is(3000, 4000, 20, 30);
	span_is(4000, 4000, 30, 30);
	span_is(2500, 2600, 40, 40); /* between two samples: the one that was in force */
	span_is(9000, 9999, 30, 30); /* after all */
	span_is(0, 500, 10, 10);     /* before all: the first */
	span_is(0, 1000, 10, 10);
	span_is(INT64_MIN, INT64_MAX, 10, 40);
}

static void a_span_is_only_widened(void **state)
{
	struct current_span spans[BALANCE_PHASES] = {{15, 18}, {-18, -17}, {33, 34}};

	(void)state;
	add(1000, 16);
	history_widen(&h, 0, 2000, spans);
	assert_int_equal(spans[0].least, 15);
	assert_int_equal(spans[0].most, 18);
	assert_int_equal(spans[1].least, -18);
	assert_int_equal(spans[1].most, -16);
	assert_int_equal(spans[2].least, 32);
	assert_int_equal(spans[2].most, 34);
}

static void cover_is(int64_t from, int64_t to, int32_t least, int32_t most)
{
	struct current_span spans[BALANCE_PHASES] = {SPAN_NONE, SPAN_NONE, SPAN_NONE};

	history_cover(&h, from, to, spans);
	spans_are(spans, least, most);
}

/* On the lines between the samples, with the samples in between. */
static void a_cover_has_the_lines_of_its_time(void **state)
{
	struct current_span spans[BALANCE_PHASES] = {{15, 18}};

	(void)state;
	add(1000, 100);
	add(2000, 400);
	add(3000, 200);
	add(4000, 300);
	cover_is(1500, 1600, 250, 280);
	cover_is(1500, 2000, 250, 400);
	cover_is(2000, 2500, 300, 400);
	cover_is(2005, 2500, 300, 399);
	cover_is(1900, 2100, 370, 400); /* 2 s is between them */
	cover_is(2500, 3500, 200, 300);
	cover_is(1500, 3500, 200, 400);
	cover_is(2500, 2500, 300, 300);
	cover_is(0, 500, 100, 100); /* before and after all: the nearest */
	cover_is(0, 1500, 100, 250);
	cover_is(3500, 9000, 250, 300);
	cover_is(8000, 9000, 300, 300);
	history_cover(&h, 8000, 9000, spans); /* it only widens */
	assert_int_equal(spans[0].least, 15);
	assert_int_equal(spans[0].most, 300);
}

/* The same question, of samples one by one. */
static int32_t slowly(const int32_t *values, int count, int64_t time)
{
	int n = (int)(time / 1000);

	return time <= 0 ? values[0]
	       : n >= count - 1
	               ? values[count - 1]
	               : values[n] + (int32_t)((values[n + 1] - values[n]) * (time % 1000) / 1000);
}

/* Samples that stay the same for a while are no other samples. */
static void a_row_of_the_same_is_looked_at_once(void **state)
{
	static const int32_t values[] = {5, 5, 5, 9000, 9000, 9000, 9000, 3, 4, 4, 4, 4};
	enum { COUNT = sizeof values / sizeof *values };
	int32_t seconds[COUNT + 4][BALANCE_PHASES];

	(void)state;
	for (int i = 0; i < COUNT; i++)
		add(i * 1000, values[i]);
	assert_int_equal(history_back(&h, 0)->since, 8000);
	assert_int_equal(history_back(&h, 4)->since, 7000);
	assert_int_equal(history_back(&h, 5)->since, 3000);
	history_each_second(&h, (COUNT + 1) * 1000 + 250, COUNT + 4, seconds);
	for (int64_t time = -2000; time < (COUNT + 2) * 1000; time += 250)
		assert_int_equal(at(0, time), slowly(values, COUNT, time));
	for (int i = 0; i < COUNT + 4; i++)
		assert_int_equal(seconds[i][2], at(2, i * 1000 - 1750));
	for (int from = 0; from < COUNT; from++)
		for (int to = from; to < COUNT; to++) {
			struct current_span span = SPAN_NONE;

			for (int i = from; i <= to; i++) {
				span.least = values[i] < span.least ? values[i] : span.least;
				span.most = values[i] > span.most ? values[i] : span.most;
			}
			span_is(from * 1000, to * 1000, span.least, span.most);
			cover_is(from * 1000, to * 1000, span.least, span.most);
		}
	add(11000, 3); /* another one in place of the last */
	assert_int_equal(history_back(&h, 0)->since, 11000);
	add(11000, 4);
	assert_int_equal(history_back(&h, 0)->since, 8000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, setup)
		TEST(nothing_is_known_without_samples),
		TEST(samples_are_counted_from_the_last),
		TEST(between_two_samples_is_their_line),
		TEST(beyond_all_samples_the_nearest_counts),
		TEST(lines_do_not_overflow),
		TEST(a_sample_at_the_same_time_replaces_the_last),
		TEST(the_oldest_is_forgotten),
		TEST(a_span_has_the_samples_of_its_time),
		TEST(a_span_is_only_widened),
		TEST(a_cover_has_the_lines_of_its_time),
		TEST(a_row_of_the_same_is_looked_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
