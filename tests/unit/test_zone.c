/* Time zones: rules as POSIX writes them, both days on which the clocks change, and the way back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/random.h"
#include "base/zone.h"

#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"

static struct zone zone_of(const char *text)
{
	struct zone z;

	assert_int_equal(zone_parse(&z, text, strlen(text)), 0);
	return z;
}

static struct stamp civil(int month, int day, int hour, int minute)
{
	return (struct stamp){.year = 2026,
	                      .month = (uint8_t)month,
	                      .day = (uint8_t)day,
	                      .hour = (uint8_t)hour,
	                      .minute = (uint8_t)minute};
}

static instant utc(int month, int day, int hour, int minute)
{
	struct stamp s = civil(month, day, hour, minute);

	return stamp_instant(&s);
}

static void offsets_and_rules(void **state)
{
	static const struct {
		const char *text;
		int standard, summer;
	} cases[] = {
		{"Z", 0, 0},
		{"UTC", 0, 0},
		{"+01:00", 60, 0},
		{"-0330", -210, 0},
		{"+2", 120, 0},
		{"CET-1CEST,M3.5.0,M10.5.0/3", 60, 120},
		{"<+0330>-3:30", 210, 0},
		{"<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", -180, -120},
		{"IST-1GMT0,M10.5.0,M3.5.0/1", 60, 0},
		{"EST5EDT,J60/2:00:00,300/1", -300, -240},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct zone z = zone_of(cases[i].text);

		assert_int_equal(z.standard, cases[i].standard);
		assert_int_equal(z.summer, cases[i].summer);
	}
}

static void what_is_no_zone(void **state)
{
	static const char *const cases[] = {
		"",
		"Europe/Berlin",
		"+",
		"+15",
		"+01:60",
		"+01:00x",
		"CE-1",
		"CET",
		"CET-1:00:30",
		"CET-1CEST",
		"CET-1CEST,M3.5.0",
		"CET-1CEST,M13.5.0,M10.5.0",
		"CET-1CEST,M3.6.0,M10.5.0",
		"CET-1CEST,M3.0.0,M10.5.0",
		"CET-1CEST,M3.5.7,M10.5.0",
		"CET-1CEST,J0,J300",
		"CET-1CEST,366,J300",
		"CET-1CEST,M3.5.0/168,M10.5.0",
		"<CET-1",
		"CET-1CEST,M3.5.0,M10.5.0/3 ",
	};
	struct zone z;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(zone_parse(&z, cases[i], strlen(cases[i])), EM_SYNTAX);
}

static void the_clocks_go_forward(void **state)
{
	struct zone z = zone_of(BERLIN);
	struct stamp before = civil(3, 29, 1, 59), gone = civil(3, 29, 2, 30),
		     after = civil(3, 29, 3, 0);

	(void)state;
	assert_int_equal(zone_offset(&z, utc(3, 29, 1, 0) - 1), 60);
	assert_int_equal(zone_offset(&z, utc(3, 29, 1, 0)), 120);
	assert_int_equal(zone_instant(&z, &before, false), utc(3, 29, 0, 59));
	assert_int_equal(zone_instant(&z, &after, false), utc(3, 29, 1, 0));
	assert_int_equal(zone_instant(&z, &after, true), utc(3, 29, 1, 0));
	assert_int_equal(zone_instant(&z, &gone, false), utc(3, 29, 1, 30));
	assert_true(zone_exists(&z, &before));
	assert_false(zone_exists(&z, &gone));
	assert_true(zone_exists(&z, &after));
	assert_int_equal(zone_stamp(&z, utc(3, 29, 1, 0)).hour, 3);
}

static void the_clocks_go_back(void **state)
{
	struct zone z = zone_of(BERLIN);
	struct stamp twice = civil(10, 25, 2, 30), after = civil(10, 25, 3, 0);

	(void)state;
	assert_int_equal(zone_offset(&z, utc(10, 25, 1, 0) - 1), 120);
	assert_int_equal(zone_offset(&z, utc(10, 25, 1, 0)), 60);
	assert_int_equal(zone_instant(&z, &twice, false), utc(10, 25, 0, 30));
	assert_int_equal(zone_instant(&z, &twice, true), utc(10, 25, 1, 30));
	assert_int_equal(zone_instant(&z, &after, true), utc(10, 25, 2, 0));
	twice.has_offset = true;
	twice.offset = 60;
	assert_int_equal(zone_instant(&z, &twice, false), utc(10, 25, 1, 30));
}

static void other_rules(void **state)
{
	struct zone dublin = zone_of("IST-1GMT0,M10.5.0,M3.5.0/1");
	struct zone sydney = zone_of("AEST-10AEDT,M10.1.0,M4.1.0/3");
	struct zone days = zone_of("EST5EDT,J60,J300");

	(void)state;
	assert_int_equal(zone_offset(&dublin, utc(7, 1, 0, 0)), 60);
	assert_int_equal(zone_offset(&dublin, utc(1, 1, 0, 0)), 0);
	assert_int_equal(zone_offset(&dublin, utc(3, 29, 1, 0) - 1), 0);
	assert_int_equal(zone_offset(&dublin, utc(3, 29, 1, 0)), 60);
	assert_int_equal(zone_offset(&sydney, utc(1, 1, 0, 0)), 660);
	assert_int_equal(zone_offset(&sydney, utc(7, 1, 0, 0)), 600);
	assert_int_equal(zone_offset(&sydney, utc(10, 3, 16, 0) - 1), 600); /* 4 October, 2:00 */
	assert_int_equal(zone_offset(&sydney, utc(10, 3, 16, 0)), 660);
	assert_int_equal(zone_offset(&days, utc(3, 1, 6, 59)), -300); /* J60 is 1 March */
	assert_int_equal(zone_offset(&days, utc(3, 1, 7, 0)), -240);
}

/* The C library is the reference. */
static void as_the_c_library(void **state)
{
	static const char *const rules[] = {BERLIN,
	                                    "EST5EDT,M3.2.0,M11.1.0",
	                                    "AEST-10AEDT,M10.1.0,M4.1.0/3",
	                                    "IST-1GMT0,M10.5.0,M3.5.0/1",
	                                    "<+0330>-3:30",
	                                    "EET-2EEST,M3.5.0/3,M10.5.0/4"};
	struct random random = {.state = 1};

	(void)state;
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		struct zone z = zone_of(rules[i]);

		setenv("TZ", rules[i], 1);
		tzset();
		for (int n = 0; n < 5000; n++) {
			time_t t = (time_t)random_below(&random, 3000000000U);
			struct stamp s = zone_stamp(&z, (instant)t * 1000);
			struct tm tm;

			localtime_r(&t, &tm);
			assert_int_equal(s.hour, tm.tm_hour);
			assert_int_equal(s.minute, tm.tm_min);
			assert_int_equal(s.day, tm.tm_mday);
			s.has_offset = false;
			assert_true(zone_instant(&z, &s, false) == (instant)t * 1000 ||
			            zone_instant(&z, &s, true) == (instant)t * 1000);
		}
	}
	unsetenv("TZ");
	tzset();
}

static void the_next_time_of_a_day(void **state)
{
	struct zone z = zone_of(BERLIN);

	(void)state;
	assert_int_equal(zone_next(&z, utc(12, 1, 5, 59), 420), utc(12, 1, 6, 0));
	assert_int_equal(zone_next(&z, utc(12, 1, 6, 0), 420), utc(12, 2, 6, 0));
	assert_int_equal(zone_next(&z, utc(12, 31, 12, 0), 0), utc(12, 31, 23, 0));
	/* days of 23 and 25 hours */
	assert_int_equal(zone_next(&z, utc(3, 28, 6, 0), 420) - utc(3, 28, 6, 0), 23 * 3600000);
	assert_int_equal(zone_next(&z, utc(10, 24, 5, 0), 420) - utc(10, 24, 5, 0), 25 * 3600000);
	/* a minute that is left out, and one that comes twice */
	assert_int_equal(zone_next(&z, utc(3, 28, 12, 0), 150), utc(3, 29, 1, 30));
	assert_int_equal(zone_next(&z, utc(10, 24, 12, 0), 150), utc(10, 25, 0, 30));
	assert_int_equal(zone_next(&z, utc(10, 25, 0, 30), 150), utc(10, 26, 1, 30));
}

static void rules_of_files(void **state)
{
	static const char head[44] = "TZif2";
	char data[128];
	struct zone z;

	(void)state;
	memcpy(data, head, sizeof head);
	strcpy(data + sizeof head, "\n" BERLIN "\n");
	assert_int_equal(zone_parse_file(&z, data, sizeof head + strlen("\n" BERLIN "\n")), 0);
	assert_int_equal(z.summer, 120);
	assert_int_equal(zone_parse_file(&z, data, sizeof head + strlen("\n" BERLIN)), EM_SYNTAX);
	assert_int_equal(zone_parse_file(&z, data, sizeof head), EM_SYNTAX);
	data[4] = '1';
	assert_int_equal(zone_parse_file(&z, data, sizeof head + strlen("\n" BERLIN "\n")),
	                 EM_SYNTAX);
	assert_int_equal(zone_parse_file(&z, "", 0), EM_SYNTAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offsets_and_rules),
		cmocka_unit_test(what_is_no_zone),
		cmocka_unit_test(the_clocks_go_forward),
		cmocka_unit_test(the_clocks_go_back),
		cmocka_unit_test(other_rules),
		cmocka_unit_test(as_the_c_library),
		cmocka_unit_test(the_next_time_of_a_day),
		cmocka_unit_test(rules_of_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
