/* Household data as CSV, and the reasons that balancers give. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "balance/house_log.h"
#include "base/error.h"
#include "base/text.h"

static struct text told;

/* "seconds: L1 L2 L3 [override]; " in mA, `-` for not known, or "seconds: nothing; " */
static void tell(void *context, const struct simulation_run *run)
{
	(void)context;
	text_printf(&told, "%d:", (int)run->seconds);
	for (int i = 0; i < BALANCE_PHASES && run->telegram; i++) {
		if (run->currents[i] == CURRENT_NONE)
			text_puts(&told, " -");
		else
			text_printf(&told, " %d", (int)run->currents[i]);
	}
	if (!run->telegram)
		text_puts(&told, " nothing");
	if (run->override_limit != CURRENT_NONE)
		text_printf(&told, " [%d]", (int)run->override_limit);
	text_puts(&told, "; ");
}

static void rows(void **state)
{
	static const struct {
		const char *csv;
		int error;
		unsigned refused;
		const char *runs;
	} cases[] = {
		{"t,current_l1,current_l2,current_l3\n0,1,2,3\n1,1,2,3\n2,1.5,2,3\n", 0, 0,
	         "2: 1000 2000 3000; 1: 1500 2000 3000; "},
		{"t_s,l1_A,l2_A,l3_A\r\n0, 1 ,2,3 \r\n\r\n# a comment\n3,1,2,3", 0, 0,
	         "1: 1000 2000 3000; 2: nothing; 1: 1000 2000 3000; "},
		{"t;current_l1;current_l2\n0;1.2345;-2\n", 0, 0, "1: 1234 -2000 -; "},
		{"current_l1\n1\n2\n\n3\n", 0, 0, "1: 1000 - -; 1: 2000 - -; 1: 3000 - -; "},
		{"t,current_l1\n0,1\n1,\n2,1\n", 0, 0, "1: 1000 - -; 1: nothing; 1: 1000 - -; "},
		{"t,current_l1,override\n0,1,\n1,1,10\n2,1,65.535\n", 0, 0,
	         "1: 1000 - -; 1: 1000 - - [10000]; 1: 1000 - - [65535]; "},
		{"t,current_l1,override\n0,1,-1\n1,1,65.536\n2,1,x\n3,1,\n", 0, 3, "1: 1000 - -; "},
		{"t,current_l1\n0,1\n1,x\n2,1.2.3\n3,1000001\n4,-1000001\n5,+\n6,123456789012345678\n7,1\n",
	         0, 6, "1: 1000 - -; 6: nothing; 1: 1000 - -; "},
		{"t,current_l1\n5,1\n4,1\n5,1\nx,1\n6,1\n", 0, 3, "2: 1000 - -; "},
		{"t,current_l1\n0,1\n400000000,1\n", 0, 1, "1: 1000 - -; "},
		{"time,current_l1\n2021-02-04T16:36:28Z,1\n2021-02-04T16:36:29.500Z,1\n"
	         "2021-02-04T17:36:30+01:00,1\n2021-02-04T12:36:31-04:00,1\n2021-02-04T16:36:32,1\n",
	         0, 0, "5: 1000 - -; "},
		{"meter_time,current_l1\n2021-02-04T16:36:28Z,1\n2021-02-30T16:36:29Z,1\n2021-02-04,1\n"
	         "2021-02-04Tab:36:30Z,1\nabcd-02-04T16:36:30Z,1\n2021-xx-04T16:36:30Z,1\n2021-02-xxT16:36:30Z,1\n"
	         "2021-02-04T16:xx:30Z,1\n2021-02-04T16:36:xxZ,1\n",
	         0, 8, "1: 1000 - -; "},
		{"t,time,current_l1\n7,2021-02-04T16:36:28Z,1\n", 0, 0, "1: 1000 - -; "},
		{"t,current_l1,power_import_l1,power_export_l1\n0,2,0,500\n1,2,500,0\n2,-2,0,500\n3,2,x,500\n",
	         0, 0, "1: -2000 - -; 1: 2000 - -; 2: -2000 - -; "},
		/* a power that no house has tells no direction */
		{"t,current_l1,power_import_l1,power_export_l1\n0,2,0,1000000001\n1,2,0,1000000000\n"
	         "2,2,-1000000001,0\n3,2,-1000000000,0\n",
	         0, 0, "1: 2000 - -; 1: -2000 - -; 1: 2000 - -; 1: -2000 - -; "},
		{"t,l1_A,l2_A,l3_A,power_import_l2,power_export_l2,power_import_l3,power_export_l3\n"
	         "0,1,2,3,0,1,1,0\n",
	         0, 0, "1: 1000 -2000 3000; "},
		{"t,voltage\n0,230\n", EM_UNKNOWN, 0, ""},
	};
	static char line[3 * HOUSE_LINE];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		for (size_t piece = 1; piece < 200; piece += 9) {
			struct house_feed feed = {.emit = tell};
			struct house_csv csv;
			size_t size = strlen(cases[i].csv);
			int error = 0, last;

			told.length = 0;
			house_csv_start(&csv, &feed);
			for (size_t at = 0; at < size && !error; at += piece)
				error = house_csv_data(&csv, cases[i].csv + at,
				                       size - at < piece ? size - at : piece);
			last = house_csv_end(&csv);
			assert_int_equal(error ? error : last, cases[i].error);
			if (!error && !last && strcmp(text_string(&told), cases[i].runs) != 0)
				fail_msg("%s\n  %s, not %s", cases[i].csv, text_string(&told),
				         cases[i].runs);
			assert_int_equal(csv.refused, cases[i].refused);
		}
	}
	/* a line that is too long is refused, the one behind it is not */
	for (size_t piece = 1000; piece < 20000; piece += 7000) {
		struct house_feed feed = {.emit = tell};
		struct house_csv csv;

		memset(line, '1', sizeof line);
		memcpy(line, "current_l1\n", 11);
		memcpy(line + sizeof line - 5, "\n2\n3\n", 5);
		told.length = 0;
		house_csv_start(&csv, &feed);
		for (size_t at = 0; at < sizeof line; at += piece)
			house_csv_data(&csv, line + at,
			               sizeof line - at < piece ? sizeof line - at : piece);
		house_csv_end(&csv);
		assert_string_equal(text_string(&told), "1: 2000 - -; 1: 3000 - -; ");
		assert_int_equal(csv.refused, 1);
		assert_int_equal(csv.rows, 3);
	}
}

static struct balancer balancer;

static void start(enum balance_algorithm algorithm)
{
	struct balance_settings s = balance_defaults();
	struct fuse fuse;

	assert_int_equal(fuse_init(&fuse, FUSE_ANY, 25000), 0);
	balancer_start(&balancer, algorithm, &s, &fuse, false);
}

/* Ticks with the house at l1 and, if it is measured, the car at `car`, until the reason is given. */
static void until(int32_t l1, int32_t car, const char *reason)
{
	const int32_t house[BALANCE_PHASES] = {l1, l1 / 2, CURRENT_NONE};
	const int32_t cars[BALANCE_PHASES] = {car, car, car};

	for (int i = 0; i < 4000; i++) {
		balancer_tick(&balancer, l1 == CURRENT_NONE ? NULL : house,
		              car == CURRENT_NONE ? NULL : cars);
		if (!strcmp(balancer_reason(&balancer), reason))
			return;
	}
	fail_msg("never: %s, but: %s", reason, balancer_reason(&balancer));
}

static void threshold_reasons(void **state)
{
	(void)state;
	start(ALGORITHM_THRESHOLD);
	until(CURRENT_NONE, CURRENT_NONE, "no meter data yet");
	assert_int_equal(balancer_age(&balancer), 1);
	until(2000, CURRENT_NONE, "at or below the lower limit: waiting");
	until(2000, CURRENT_NONE, "at or below the lower limit: raised");
	until(2000, CURRENT_NONE, "maximum reached");
	assert_int_equal(balancer.limit, balancer.settings.max_current);
	balancer.settings.override_limit = 10000;
	until(balancer.settings.lower_limit + 500, CURRENT_NONE, "capped by the override");
	until(balancer.settings.lower_limit + 500, CURRENT_NONE, "between the limits: held");
	balancer.settings.override_limit = 8000;
	until(2000, CURRENT_NONE, "capped by the override");
	until(2000, CURRENT_NONE, "held by the override");
	until(balancer.settings.upper_limit + 500, CURRENT_NONE, "above the upper limit: waiting");
	until(balancer.settings.upper_limit + 500, CURRENT_NONE, "above the upper limit: lowered");
	until(balancer.settings.alarm_limit + 500, CURRENT_NONE, "above the alarm limit: waiting");
	until(balancer.settings.alarm_limit + 500, CURRENT_NONE, "above the alarm limit: lowered");
	until(balancer.settings.alarm_limit + 500, CURRENT_NONE,
	      "above the alarm limit: nothing left to lower");
	until(balancer.settings.upper_limit + 500, CURRENT_NONE,
	      "above the upper limit: nothing left to lower");
	until(CURRENT_NONE, CURRENT_NONE, "meter data too old: fallback limit");
	assert_string_equal(balance_lamp(0), "1 pulse every 1.4 s");
	assert_string_equal(balance_lamp(STATES), "dark");
}

static void headroom_reasons(void **state)
{
	(void)state;
	start(ALGORITHM_HEADROOM);
	until(CURRENT_NONE, 0, "no meter data yet");
	until(2000, 0, "room for a restart: waiting until it lasts");
	until(2000, 0, "the minimum has fitted long enough: restarted");
	until(18000, 16000, "maximum reached");
	until(26000, 16000, "less fits: lowered");
	until(16000, 14000, "more fits: waiting until it lasts");
	until(16000, 14000, "more has fitted for the quiet time: raised");
	until(27000, 6000, "short overload: held at the minimum");
	until(40000, 6000, "not even the minimum fits: paused");
	until(2000, 0, "the minimum has fitted long enough: restarted");
	balancer.settings.override_limit = 3000;
	until(2000, 0, "capped below the minimum: paused");
	assert_int_equal(balancer.limit, 0);
	balancer.settings.override_limit = -1;
	until(CURRENT_NONE, 0, "meter data too old: fallback limit");
	assert_true(balancer_age(&balancer) >= balancer.settings.fallback_wait);
}

/* The car is not measured: the set-points of the last seconds are taken for its current. */
static void a_car_that_is_not_measured(void **state)
{
	int32_t house = 2000;

	(void)state;
	start(ALGORITHM_HEADROOM);
	for (int i = 0; i < 3000; i++) { /* the car follows at once */
		const int32_t total[BALANCE_PHASES] = {house + balancer.limit, balancer.limit,
		                                       balancer.limit};

		balancer_tick(&balancer, total, NULL);
	}
	assert_int_equal(balancer.limit, balancer.settings.max_current);
	house = 14000;
	for (int i = 0; i < 300; i++) {
		const int32_t total[BALANCE_PHASES] = {house + balancer.limit, balancer.limit,
		                                       balancer.limit};

		balancer_tick(&balancer, total, NULL);
		assert_true(balancer.limit + house <= 25000 || i < 20);
	}
	assert_in_range(balancer.limit, 6000, 11000);
}

static int end(void **state)
{
	(void)state;
	text_free(&told);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		cmocka_unit_test(threshold_reasons),
		cmocka_unit_test(headroom_reasons),
		cmocka_unit_test(a_car_that_is_not_measured),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
