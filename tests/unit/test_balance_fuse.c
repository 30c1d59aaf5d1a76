/* Fuses and circuit breakers against the numbers of their standards, typed here a second time. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "balance/fuse.h"
#include "base/error.h"

static struct fuse make(enum fuse_kind kind, int32_t amperes)
{
	struct fuse f;

	assert_int_equal(fuse_init(&f, kind, amperes * 1000), 0);
	return f;
}

static bool close_to(double value, double wanted)
{
	return fabs(value / wanted - 1) < 1e-4;
}

/* That time at that current, and more of it just below. */
static void expect(const struct fuse *f, bool slow, double amperes, double seconds)
{
	int32_t current = (int32_t)lround(amperes * 1000);
	double found = fuse_seconds(f, slow, current);

	if (!close_to(found, seconds))
		fail_msg("%g A, kind %d at %g A: %g s, not %g", f->rated / 1000.0, f->kind, amperes,
		         found, seconds);
	assert_true(fuse_seconds(f, slow, current - current / 100) > seconds);
}

/* IEC 60269-1, table of gates: In; A at which it melts not within 10 s, within 5 s, not within 0.1 s,
 * within 0.1 s; hours of the conventional time. */
static const struct {
	int rated, holds_10s, melts_5s, holds_100ms, melts_100ms, hours;
} gg[] = {
	{16, 33, 65, 85, 150, 1},       {20, 42, 85, 110, 200, 1},
	{25, 52, 110, 150, 260, 1},     {32, 75, 150, 200, 350, 1},
	{40, 95, 190, 260, 450, 1},     {50, 125, 250, 350, 610, 1},
	{63, 160, 320, 450, 820, 1},    {80, 215, 425, 610, 1100, 2},
	{100, 290, 580, 820, 1450, 2},  {125, 355, 715, 1100, 1910, 2},
	{160, 460, 950, 1450, 2590, 2},
};

static void each_gate_of_a_gg_fuse(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof gg / sizeof *gg; i++) {
		struct fuse f = make(FUSE_GG, gg[i].rated);

		expect(&f, false, 1.25 * gg[i].rated, 3600.0 * gg[i].hours);
		expect(&f, false, gg[i].holds_10s, 10);
		expect(&f, false, gg[i].holds_100ms, 0.1);
		expect(&f, false, 2 * gg[i].holds_100ms, 0.01);
		expect(&f, true, 1.6 * gg[i].rated, 3600.0 * gg[i].hours);
		expect(&f, true, gg[i].melts_5s, 5);
		expect(&f, true, gg[i].melts_100ms, 0.1);
		assert_true(isinf(fuse_seconds(&f, false, 1250 * gg[i].rated - 1)));
		assert_true(isinf(fuse_seconds(&f, true, 1600 * gg[i].rated - 1)));
	}
}

/* A rating between two rows behaves as the nearest one, of two that are as near as the smaller one. */
static void ratings_between_the_rows(void **state)
{
	static const struct {
		int rated, row;
	} cases[] = {{6, 16},    {18, 16},   {19, 20},   {22, 20},   {23, 25},   {35, 32},
	             {37, 40},   {56, 50},   {57, 63},   {71, 63},   {72, 80},   {112, 100},
	             {113, 125}, {142, 125}, {143, 160}, {250, 160}, {1000, 160}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fuse f = make(FUSE_GG, cases[i].rated);
		size_t row = 0;

		while (gg[row].rated != cases[i].row)
			row++;
		expect(&f, false, (double)gg[row].holds_10s * f.rated / 1000 / gg[row].rated, 10);
		expect(&f, true, (double)gg[row].melts_5s * f.rated / 1000 / gg[row].rated, 5);
	}
}

/* IEC 60269-1: conventional times by rating. */
static void conventional_times_of_gg(void **state)
{
	static const int rated[][2] = {{1, 1},   {63, 1},  {64, 2},  {160, 2},
	                               {161, 3}, {400, 3}, {401, 4}, {1000, 4}};

	(void)state;
	for (size_t i = 0; i < sizeof rated / sizeof *rated; i++) {
		struct fuse f = make(FUSE_GG, rated[i][0]);

		expect(&f, false, 1.25 * rated[i][0], 3600.0 * rated[i][1]);
		expect(&f, true, 1.6 * rated[i][0], 3600.0 * rated[i][1]);
	}
}

/* IEC 60898-1: the thermal gates by rating, the instantaneous ones by type, in In. */
static void each_gate_of_a_circuit_breaker(void **state)
{
	static const struct {
		int rated, conventional, latest;
	} thermal[] = {{6, 3600, 60},   {16, 3600, 60},  {32, 3600, 60},  {33, 3600, 120},
	               {63, 3600, 120}, {64, 7200, 120}, {125, 7200, 120}};
	static const struct {
		enum fuse_kind kind;
		int holds, trips;
	} instant[] = {{FUSE_B, 3, 5}, {FUSE_C, 5, 10}, {FUSE_D, 10, 20}};

	(void)state;
	for (size_t t = 0; t < sizeof thermal / sizeof *thermal; t++)
		for (size_t i = 0; i < sizeof instant / sizeof *instant; i++) {
			int rated = thermal[t].rated;
			struct fuse f = make(instant[i].kind, rated);

			expect(&f, false, 1.13 * rated, thermal[t].conventional);
			expect(&f, false, 2.55 * rated, 1);
			expect(&f, false, instant[i].holds * rated, 0.1);
			assert_true(close_to(
				fuse_seconds(&f, false, 1001 * instant[i].holds * rated), 0.01));
			expect(&f, true, 1.45 * rated, thermal[t].conventional);
			expect(&f, true, 2.55 * rated, thermal[t].latest);
			expect(&f, true, instant[i].trips * rated, 0.1);
			assert_true(isinf(fuse_seconds(&f, false, 1130 * rated - 1)));
			assert_true(isinf(fuse_seconds(&f, true, 1450 * rated - 1)));
		}
}

/* Between two points a straight line on logarithmic scales; behind the last one it stays. */
static void between_and_behind_the_points(void **state)
{
	struct fuse f = make(FUSE_B, 1000);

	(void)state;
	assert_true(
		close_to(fuse_seconds(&f, false, (int32_t)(1e6 * sqrt(1.13 * 2.55))), sqrt(7200)));
	assert_true(close_to(fuse_seconds(&f, true, (int32_t)(1e6 * sqrt(2.55 * 5))), sqrt(12)));
	assert_true(close_to(fuse_seconds(&f, false, 2000000000), 0.01));
	assert_true(close_to(fuse_seconds(&f, true, 2000000000), 0.1));
	assert_true(
		close_to(fuse_seconds(&f, true, -1450000), 7200)); /* the sign does not matter */
}

/* A rating alone: no kind is faster than the fast end, none is slower than the slow end. */
static void any_device_is_the_band_around_all(void **state)
{
	static const enum fuse_kind kinds[] = {FUSE_GG, FUSE_B, FUSE_C, FUSE_D};
	struct fuse any = make(FUSE_ANY, 25);

	(void)state;
	for (int32_t current = 20000; current < 1000000; current += 777) {
		double fast = INFINITY, slow = 0;

		for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
			struct fuse one = make(kinds[i], 25);

			fast = fmin(fast, fuse_seconds(&one, false, current));
			slow = fmax(slow, fuse_seconds(&one, true, current));
		}
		assert_true(fuse_seconds(&any, false, current) == fast);
		assert_true(fuse_seconds(&any, true, current) == slow);
	}
}

/* mA of a device of 25 A: where wear begins at each end. */
static void where_wear_begins(void **state)
{
	static const struct {
		enum fuse_kind kind;
		int32_t fast, slow;
	} rows[] = {{FUSE_ANY, 28250, 40000},
	            {FUSE_GG, 31250, 40000},
	            {FUSE_B, 28250, 36250},
	            {FUSE_C, 28250, 36250},
	            {FUSE_D, 28250, 36250}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fuse f = make(rows[i].kind, 25);
		struct fuse_wear w;

		assert_int_equal(f.fast_from, rows[i].fast);
		assert_int_equal(f.slow_from, rows[i].slow);
		fuse_wear_start(&w);
		fuse_wear_run(&f, &w, 0, rows[i].fast - 1, 100);
		assert_true(w.fast.wear == 0 && w.slow.wear == 0);
		fuse_wear_run(&f, &w, 100, -rows[i].fast, 100); /* export heats as well */
		assert_true(w.fast.wear > 0 && w.slow.wear == 0);
		fuse_wear_run(&f, &w, 200, rows[i].slow, 100);
		assert_true(w.slow.wear > 0);
	}
}

/* B16 at 2.55 In: the fastest device trips in the first second, the slowest in the sixtieth. */
static void the_second_in_which_it_trips(void **state)
{
	struct fuse f = make(FUSE_B, 16);
	struct fuse_wear w;

	(void)state;
	fuse_wear_start(&w);
	assert_int_equal(fuse_verdict(&w), FUSE_CANNOT_TRIP);
	fuse_wear_run(&f, &w, 1000, 40800, 1);
	assert_int_equal(w.fast.tripped, 1000);
	assert_int_equal(fuse_verdict(&w), FUSE_MAY_TRIP);
	fuse_wear_run(&f, &w, 1001, 40800, 58);
	assert_int_equal(w.slow.tripped, -1);
	fuse_wear_run(&f, &w, 1059, 40800, 1);
	assert_int_equal(w.slow.tripped, 1059);
	assert_int_equal(fuse_verdict(&w), FUSE_MUST_TRIP);
	fuse_wear_run(&f, &w, 1060, 40800, 100); /* the first time counts */
	assert_int_equal(w.slow.tripped, 1059);
	fuse_wear_start(&w); /* the same in one stride */
	fuse_wear_run(&f, &w, 1000, 40800, 500);
	assert_int_equal(w.fast.tripped, 1000);
	assert_int_equal(w.slow.tripped, 1059);
	fuse_wear_start(&w); /* second 0 is a second */
	fuse_wear_run(&f, &w, 0, 40800, 1);
	assert_int_equal(fuse_verdict(&w), FUSE_MAY_TRIP);
	fuse_wear_run(&f, &w, 0, 200000, 1);
	assert_int_equal(w.slow.tripped, 0);
	assert_int_equal(fuse_verdict(&w), FUSE_MUST_TRIP);
}

/* Wear is the share of the time to trip: it adds up, has a peak, and an end. */
static void wear_adds_up(void **state)
{
	struct fuse f = make(FUSE_B, 16);
	struct fuse_wear w;

	(void)state;
	fuse_wear_start(&w);
	fuse_wear_run(&f, &w, 0, 18080, 900); /* a quarter of the hour at 1.13 In */
	assert_true(close_to((double)w.fast.wear, 0.25e12));
	fuse_wear_run(&f, &w, 900, 18080, 900);
	assert_true(close_to((double)w.fast.wear, 0.5e12));
	assert_true(w.fast.peak == w.fast.wear);
	fuse_wear_run(&f, &w, 100000, 18080, 1); /* cooled down before */
	assert_true(w.fast.wear < w.fast.peak / 1000);
	assert_true(close_to((double)w.fast.peak, 0.5e12));
	fuse_wear_run(&f, &w, 100001, 1000000, 0); /* no time, no wear */
	assert_true(w.fast.wear < w.fast.peak / 1000);
	fuse_wear_run(&f, &w, 100001, 1000000, INT64_C(100000000000));
	assert_true(w.fast.wear == 1000 * FUSE_WEAR_ONE);
}

/* A time constant of 600 s, from the end of the load. */
static void cooling(void **state)
{
	struct fuse f = make(FUSE_B, 25);
	struct fuse_wear w;
	double hot;

	(void)state;
	fuse_wear_start(&w);
	fuse_wear_run(&f, &w, 0, 40000, 10);
	hot = (double)w.fast.wear;
	assert_true(hot > 0);
	assert_true(fuse_wear_at(&w, 10) == w.fast.wear);
	assert_true(close_to((double)fuse_wear_at(&w, 610), hot * exp(-1)));
	assert_true(close_to((double)fuse_wear_at(&w, 1210), hot * exp(-2)));
}

/* The slowest device is never faster than the fastest, and more current is never slower. */
static void curves_fall(void **state)
{
	(void)state;
	for (int32_t rated = 6; rated <= 250; rated++) {
		struct fuse f = make(FUSE_ANY, rated);

		for (int k = 10; k < 250; k++) {
			int32_t current = 100 * rated * k;

			assert_true(fuse_seconds(&f, true, current) >=
			            fuse_seconds(&f, false, current));
			assert_true(fuse_seconds(&f, false, current + 100 * rated) <=
			            fuse_seconds(&f, false, current));
			assert_true(fuse_seconds(&f, true, current + 100 * rated) <=
			            fuse_seconds(&f, true, current));
		}
	}
}

static void names(void **state)
{
	static const struct {
		const char *text;
		enum fuse_kind kind;
		int32_t rated;
	} rows[] = {{"35", FUSE_ANY, 35000},   {"gG63", FUSE_GG, 63000},   {"B16", FUSE_B, 16000},
	            {"C25", FUSE_C, 25000},    {"D0032.5", FUSE_D, 32500}, {"1", FUSE_ANY, 1000},
	            {"B1000", FUSE_B, 1000000}};
	static const char *const junk[] = {"", "B", "E16", "gg63", "16A", "B 16", "x"};
	static const char *const outside[] = {"0", "0.999", "1000.001", "B1001", "-25"};
	struct fuse f;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(fuse_parse(&f, rows[i].text), 0);
		assert_int_equal(f.kind, rows[i].kind);
		assert_int_equal(f.rated, rows[i].rated);
	}
	for (size_t i = 0; i < sizeof junk / sizeof *junk; i++)
		assert_int_equal(fuse_parse(&f, junk[i]), EM_SYNTAX);
	for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
		assert_int_equal(fuse_parse(&f, outside[i]), EM_RANGE);
	assert_int_equal(fuse_init(&f, FUSE_B, 999), EM_RANGE);
	assert_int_equal(fuse_init(&f, FUSE_B, 1000001), EM_RANGE);
	assert_string_equal(fuse_verdict_names[FUSE_CANNOT_TRIP], "cannot_trip");
	assert_string_equal(fuse_verdict_names[FUSE_MAY_TRIP], "may_trip");
	assert_string_equal(fuse_verdict_names[FUSE_MUST_TRIP], "must_trip");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_gate_of_a_gg_fuse),
		cmocka_unit_test(ratings_between_the_rows),
		cmocka_unit_test(conventional_times_of_gg),
		cmocka_unit_test(each_gate_of_a_circuit_breaker),
		cmocka_unit_test(between_and_behind_the_points),
		cmocka_unit_test(any_device_is_the_band_around_all),
		cmocka_unit_test(where_wear_begins),
		cmocka_unit_test(the_second_in_which_it_trips),
		cmocka_unit_test(wear_adds_up),
		cmocka_unit_test(cooling),
		cmocka_unit_test(curves_fall),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
