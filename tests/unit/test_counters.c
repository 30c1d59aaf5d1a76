/* Which frame counters are new, and the file that keeps them between runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "protocol/cosem/counters.h"

static const uint8_t *title_of(unsigned n)
{
	static uint8_t title[COUNTER_TITLE] = {'K', 'F', 'M'};

	title[6] = (uint8_t)(n >> 8);
	title[7] = (uint8_t)n;
	return title;
}

/* A number must rise. 0 may follow a larger one: the meter began anew, when its clock went on since. */
static void numbers_rise_or_begin_anew(void **state)
{
	static const struct {
		uint32_t last;
		int64_t last_clock;
		uint32_t number;
		int64_t clock;
		bool rising;
	} cases[] = {
		{5, 100, 6, 100, true},  {5, 100, 6, 50, true},  {5, 100, 5, 101, false},
		{5, 100, 4, 101, false}, {5, 100, 0, 101, true}, {5, 100, 0, 100, false},
		{5, 100, 0, 99, false},  {5, 0, 0, 101, false},  {5, 100, 1, 101, false},
		{0, 100, 0, 101, false}, {0, 100, 1, 100, true}, {1, 100, 0, 101, true},
		{5, 1, 0, 2, true},      {5, 0, 0, 0, false},    {UINT32_MAX, 7, 0, 8, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct counters c = {0};

		assert_true(counters_rising(&c, title_of(1), cases[i].number, cases[i].clock));
		assert_int_equal(counters_set(&c, title_of(1), cases[i].last, cases[i].last_clock),
		                 0);
		if (counters_rising(&c, title_of(1), cases[i].number, cases[i].clock) !=
		    cases[i].rising)
			fail_msg("%u at %lld after %u at %lld", cases[i].number,
			         (long long)cases[i].clock, cases[i].last,
			         (long long)cases[i].last_clock);
		assert_true(counters_rising(&c, title_of(2), 0, 0));
		counters_free(&c);
	}
}

/* More meters than the first table has room for; each keeps its own number. */
static void every_meter_has_its_own(void **state)
{
	struct counters c = {0};

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		assert_int_equal(counters_set(&c, title_of(i), i + 1, i), 0);
		assert_int_equal(c.count, i + 1);
		assert_true(c.capacity >= 2 * c.count);
	}
	assert_int_equal(counters_set(&c, title_of(7), 9000, 1), 0);
	assert_int_equal(c.count, 1000);
	for (unsigned i = 0; i < 1000; i++) {
		uint32_t last = i == 7 ? 9000 : i + 1;

		assert_false(counters_rising(&c, title_of(i), last, 0));
		assert_true(counters_rising(&c, title_of(i), last + 1, 0));
	}
	assert_true(c.changed);
	counters_free(&c);
	assert_int_equal(c.count, 0);
	assert_null(c.slots);
}

static void files_of_counters(void **state)
{
	static const struct {
		const char *text;
		size_t count;
	} cases[] = {
		{"", 0},
		{"4B464D6750000009 9096 1632728835\n", 1},
		{"4b464d675000000F 0 0\n4B464D6750000009 4294967295 9223372036854775807", 2},
		{"4B464D6750000009 1 1\n4B464D6750000009 2 1\n", 1},
	};
	static const char *const wrong[] = {
		"4B464D6750000009 4294967296 1\n",
		"4B464D6750000009 1 9223372036854775808\n",
		"4B464D675000000 9 1 1\n",
		"4B464D6750000009  1 1\n",
		"4B464D6750000009 1\n",
		"4B464D6750000009 1 \n",
		"4B464D6750000009 -1 1\n",
		"4B464D6750000009 1 1x\n",
		"4G464D6750000009 1 1\n",
		"4B464D6750000009 1 1 \n",
		"4B464D6750000009_1 1\n",
		"4B464D675000000:",
		"4B464D6750000009 00000000000000000001 1\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct counters c = {.changed = true};

		assert_int_equal(counters_read(&c, cases[i].text, strlen(cases[i].text)), 0);
		assert_int_equal(c.count, cases[i].count);
		assert_false(c.changed);
		counters_free(&c);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct counters c = {0};

		if (counters_read(&c, wrong[i], strlen(wrong[i])) != EM_SYNTAX)
			fail_msg("taken: %s", wrong[i]);
		counters_free(&c);
	}
}

static void file_written_is_file_read(void **state)
{
	static const char text[] = "4B464D6750000009 9096 1632728835\n";
	struct counters c = {0};
	struct text out = {0};

	(void)state;
	assert_int_equal(counters_read(&c, text, strlen(text)), 0);
	assert_false(counters_rising(&c, (const uint8_t *)"KFMgP\0\0\t", 0, 1632728835));
	assert_true(counters_rising(&c, (const uint8_t *)"KFMgP\0\0\t", 0, 1632728836));
	assert_false(counters_rising(&c, (const uint8_t *)"KFMgP\0\0\t", 9096, 1632728836));
	c.changed = true;
	counters_write(&c, &out);
	assert_false(c.changed);
	assert_string_equal(text_string(&out), text);
	text_free(&out);
	counters_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_rise_or_begin_anew),
		cmocka_unit_test(every_meter_has_its_own),
		cmocka_unit_test(files_of_counters),
		cmocka_unit_test(file_written_is_file_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
