/* The quiet time before a raise, and the least room of a stretch of time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "balance/quiet.h"
#include "balance/room_window.h"

static struct quiet quiet;
static struct history telegrams;

/* So many telegrams in such a rhythm. */
static void hear(int count, int64_t ms)
{
	int64_t time = telegrams.count ? history_held(&telegrams, 0)->time : 0;

	while (count--)
		history_add(&telegrams, time += ms, (const int32_t[BALANCE_PHASES]){1, 2, 3});
}

static int setup(void **state)
{
	(void)state;
	quiet_start(&quiet);
	history_start(&telegrams);
	hear(10, 1000);
	return 0;
}

static int64_t now(int64_t most)
{
	return quiet_time(&quiet, most, &telegrams);
}

static void give(int64_t lasted, bool excess)
{
	quiet_raised(&quiet);
	quiet_lowered(&quiet, 120000, lasted, excess);
}

static void the_setting_gives_the_bounds(void **state)
{
	(void)state;
	assert_int_equal(now(120000), 15000);
	assert_int_equal(now(3600000), 450000);
	assert_int_equal(now(10000), 10000);
	assert_int_equal(now(0), 0);
	quiet.learnt = 90000;
	assert_int_equal(now(120000), 90000);
	assert_int_equal(now(60000), 60000);
}

static void a_regret_makes_it_longest_and_lasting_raises_halve_it(void **state)
{
	(void)state;
	give(59999, true);
	assert_int_equal(now(120000), 120000);
	give(0, true);
	assert_int_equal(now(120000), 120000);
	give(60000, true);
	assert_int_equal(now(120000), 60000);
	for (int i = 0; i < 5; i++)
		give(60000, false);
	assert_int_equal(now(120000), 15000);
}

/* A raise is judged once; one that was taken back without need may still be regretted. */
static void a_raise_is_judged_once(void **state)
{
	(void)state;
	give(60000, true);
	give(1000, true);
	quiet_lowered(&quiet, 120000, 60000, true);
	assert_int_equal(now(120000), 120000);
	give(60000, true);
	give(1000, false);
	assert_int_equal(now(120000), 60000);
	quiet_lowered(&quiet, 120000, 2000, true);
	assert_int_equal(now(120000), 120000);
}

static void a_slow_meter_takes_longer(void **state)
{
	(void)state;
	hear(1, 10000);
	assert_int_equal(now(120000), 15000);
	hear(1, 10000);
	assert_int_equal(now(120000), 23000);
	assert_true(quiet_settles(&quiet, 120000, &telegrams));
	hear(3, 10000);
	assert_int_equal(now(120000), 50000);
	assert_int_equal(now(30000), 30000);
	hear(5, 1000);
	assert_int_equal(now(120000), 15000);
	assert_false(quiet_settles(&quiet, 120000, &telegrams));
	history_start(&telegrams);
	hear(5, 1000);
	assert_int_equal(now(120000), 120000);
}

/* Against a search of all rooms. */
static void the_least_room_of_any_stretch(void **state)
{
	static struct room_window w;
	static int32_t rooms[6000];

	(void)state;
	w.count = w.head = 0;
	srand(7);
	for (int t = 0; t < 6000; t++) {
		int span = rand() % 200;
		int32_t least = INT32_MAX;
		int64_t until;

		rooms[t] = rand() % 100 - t % 300;
		room_window_add(&w, t, rooms[t], t - 199);
		for (int i = t - span < 0 ? 0 : t - span; i <= t; i++)
			least = rooms[i] < least ? rooms[i] : least;
		assert_int_equal(room_window_least(&w, t - span, &until), least);
		if (until != INT64_MAX) {
			assert_in_range(until, t - span < 0 ? 0 : t - span, t - 1);
			assert_int_equal(rooms[until], least);
		}
	}
	room_window_hold(&w, 5999, 7000);
	assert_int_equal(room_window_at(&w, w.count - 1)->time, 7000);
	room_window_hold(&w, 5999, 8000);
	assert_int_equal(room_window_at(&w, w.count - 1)->time, 7000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_setting_gives_the_bounds, setup),
		cmocka_unit_test_setup(a_regret_makes_it_longest_and_lasting_raises_halve_it,
	                               setup),
		cmocka_unit_test_setup(a_raise_is_judged_once, setup),
		cmocka_unit_test_setup(a_slow_meter_takes_longer, setup),
		cmocka_unit_test(the_least_room_of_any_stretch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
