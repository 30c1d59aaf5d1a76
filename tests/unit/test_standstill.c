/* A source that repeats old telegrams, and meters that only seem to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/standstill.h"

enum { W = 1000, WH = 1000 };

static struct standstill s;
static int64_t now;

static int setup(void **state)
{
	(void)state;
	standstill_start(&s);
	now = 1000;
	return 0;
}

/* A telegram each `interval` s; its content is `content`, its registers show `energy`. */
static bool tell(uint64_t content, uint64_t energy, int64_t power, int64_t unit, int interval)
{
	const struct standstill_reading reading = {
		.content = content, .registers = energy, .power = power, .unit = unit};

	now += interval * 1000;
	return standstill_look(&s, now, &reading);
}

/* Seconds until a telegram that repeats without end is found out; at most an hour. */
static int found(int64_t power, int64_t unit, int interval)
{
	int64_t since = now + interval * 1000;

	while (now - since < 3600000)
		if (tell(1, 1, power, unit, interval))
			return (int)((now - since) / 1000);
	return -1;
}

static void ten_digits_of_a_register_in_ten_seconds_at_least(void **state)
{
	(void)state;
	assert_int_equal(found(3600 * W, WH, 1), 10);
	setup(NULL);
	assert_int_equal(found(11000 * W, WH, 1), 10);
	setup(NULL);
	assert_int_equal(found(360 * W, WH, 1), 100);
	setup(NULL);
	assert_int_equal(found(3600 * W, 10 * WH, 1), 100);
	setup(NULL);
	assert_int_equal(found(3600 * W, WH, 10), 10);
}

static void without_power_or_registers_nothing_is_proven(void **state)
{
	(void)state;
	assert_int_equal(found(0, WH, 1), -1);
	setup(NULL);
	assert_int_equal(found(11000 * W, 0, 1), -1);
}

static void anything_new_ends_it(void **state)
{
	(void)state;
	found(3600 * W, WH, 1);
	assert_true(tell(1, 1, 3600 * W, WH, 1));
	assert_false(tell(2, 1, 3600 * W, WH, 1));
	assert_false(tell(2, 1, 3600 * W, WH, 9));
}

/* Two or more old telegrams in turn. */
static void a_round_of_old_telegrams(void **state)
{
	bool proven = false;

	(void)state;
	for (int i = 0; i < 30; i++)
		proven = tell((uint64_t)(i % 8), (uint64_t)(i % 8), 3600 * W, WH, 1);
	assert_true(proven);
}

/* A register that moves each minute, quarter or hour while the rest changes: as long, twice. */
static void a_meter_that_counts_seldom(void **state)
{
	static const int every[] = {10, 60, 900, 3600};

	(void)state;
	for (size_t i = 0; i < sizeof every / sizeof *every; i++) {
		int seconds;

		setup(NULL);
		for (int n = 0; n < 3 * every[i]; n++)
			assert_false(
				tell((uint64_t)n + 2, (uint64_t)(n / every[i]), 3600 * W, WH, 1));
		seconds = found(3600 * W, WH, 1);
		if (every[i] < 1000)
			assert_in_range(seconds, 2 * every[i] - 1, 2 * every[i] + 2);
		else
			assert_int_equal(seconds, -1);
	}
}

/* A constant house: only the register moves, at 230 W each 16 s. */
static void a_constant_house(void **state)
{
	(void)state;
	for (int n = 0; n < 3000; n++)
		assert_false(tell((uint64_t)(n / 16), (uint64_t)(n / 16), 230 * W, WH, 1));
}

/* What is not heard may have been anything. */
static void silence_proves_nothing(void **state)
{
	(void)state;
	tell(1, 1, 360 * W, WH, 1);
	assert_false(tell(1, 1, 360 * W, WH, 10000));
}

/* The most power that a telegram can tell, for 200 days: the sums have an end, and turn nothing round. */
static void registers_that_never_move(void **state)
{
	(void)state;
	for (uint64_t n = 0; n < 200 * 86400 / 15; n++)
		tell(n + 2, 1, 1000000 * W, WH, 15);
	assert_true(s.held > 0);
	assert_int_equal(found(1000000 * W, WH, 1), -1);
	for (int n = 0; n < 200 * 86400 / 15; n++)
		tell(1, 1, 1000000 * W, WH, 15);
	assert_true(s.energy > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, setup)
		TEST(ten_digits_of_a_register_in_ten_seconds_at_least),
		TEST(without_power_or_registers_nothing_is_proven),
		TEST(anything_new_ends_it),
		TEST(a_round_of_old_telegrams),
		TEST(a_meter_that_counts_seldom),
		TEST(a_constant_house),
		TEST(silence_proves_nothing),
		TEST(registers_that_never_move),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
