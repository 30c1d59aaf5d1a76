/* Cars that are at home at hours, drive by day, and share a charger: in simulations of days. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "balance/household.h"
#include "balance/simulate.h"
#include "balance/summary.h"
#include "base/error.h"
#include "base/random.h"
#include "printed.h"

enum { HOUR = 3600, DAY = 86400, WH = 3600000 };

static int parse(struct hours *h, const char *text)
{
	return hours_parse(h, text, strlen(text));
}

/* The windows as "18:00+46800 ". */
static const char *read_hours(const char *words)
{
	static char text[200];
	struct hours h;
	size_t at = 0;

	if (parse(&h, words))
		return "refused";
	for (int i = 0; i < h.count; i++)
		at += (size_t)snprintf(
			text + at, sizeof text - at, "%02d:%02d+%d ", (int)h.windows[i].from / HOUR,
			(int)h.windows[i].from % HOUR / 60, (int)h.windows[i].length / 60);
	return text;
}

static void hours_of_the_day(void **state)
{
	static const char *const syntax[] = {"",      "7",    "7-",   "-7",    "7-9+",  "7:-9",
	                                     "7.5-9", "7-9,", "7-9 ", "7-9:",  "7-9-8", "x",
	                                     "7--9",  "7-8:", "+7-9", "7-9++", ":30-9"};
	static const char *const range[] = {
		"7-7",     "0-0",      "24-24",    "7-25",     "700-9",    "7:60-9",
		"24:01-9", "7-9+9-11", "7-9+8-10", "18-7+6-8", "0-24+7-9", "1-2+3-4+5-6+7-8+9-10",
		"22-2+1-3"};
	struct hours h = {.count = 7};

	(void)state;
	assert_string_equal(read_hours("18-7"), "18:00+780 ");
	assert_string_equal(read_hours("17:30-7:15"), "17:30+825 ");
	assert_string_equal(read_hours("7-17"), "07:00+600 ");
	assert_string_equal(read_hours("0-24"), "00:00+1440 ");
	assert_string_equal(read_hours("18-24"), "18:00+360 ");
	assert_string_equal(read_hours("18-0"), "18:00+360 ");
	assert_string_equal(read_hours("24-7"), "00:00+420 ");
	assert_string_equal(read_hours("0:00-0:01"), "00:00+1 ");
	assert_string_equal(read_hours("12-13:30+18-7+09-10"), "12:00+90 18:00+780 09:00+60 ");
	for (size_t i = 0; i < sizeof syntax / sizeof *syntax; i++)
		if (parse(&h, syntax[i]) != EM_SYNTAX)
			fail_msg("'%s'", syntax[i]);
	for (size_t i = 0; i < sizeof range / sizeof *range; i++)
		if (parse(&h, range[i]) != EM_RANGE)
			fail_msg("'%s'", range[i]);
	assert_int_equal(h.count, 7);                    /* what is refused changes nothing */
	assert_int_equal(hours_parse(&h, "7-95", 3), 0); /* no further than told */
}

static void times_of_the_day(void **state)
{
	int32_t at = 5;

	(void)state;
	assert_int_equal(hours_time("17:30", 5, &at), 0);
	assert_int_equal(at, 17 * HOUR + 30 * 60);
	assert_int_equal(hours_time("7", 1, &at), 0);
	assert_int_equal(at, 7 * HOUR);
	assert_int_equal(hours_time("24:00", 5, &at), 0);
	assert_int_equal(at, DAY);
	assert_int_equal(hours_time("24:01", 5, &at), EM_RANGE);
	assert_int_equal(hours_time("7:60", 4, &at), EM_RANGE);
	assert_int_equal(hours_time("7-9", 3, &at), EM_SYNTAX);
	assert_int_equal(hours_time("", 0, &at), EM_SYNTAX);
}

/* Each second of a day against the definition. */
static void each_second_of_a_day(void **state)
{
	static const char *const words[] = {"18-7",      "7-17", "12-13:30+18-7",
	                                    "0:00-0:01", "0-24", "23:59-0"};

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		static bool within[DAY];
		struct hours h;
		int outside = 0, lasts = 0;

		memset(within, 0, sizeof within);
		assert_int_equal(parse(&h, words[i]), 0);
		for (int k = 0; k < h.count; k++)
			for (int n = 0; n < h.windows[k].length; n++)
				within[(h.windows[k].from + n) % DAY] = true;
		for (int at = 2 * DAY - 1; at >= 0; at--) {
			int32_t told;

			lasts = within[at % DAY] == within[(at + 1) % DAY] ? lasts + 1 : 1;
			outside += at < DAY && !within[at];
			assert_int_equal(hours_within(&h, at % DAY, &told), within[at % DAY]);
			if (at < DAY)
				assert_int_equal(told, lasts > DAY ? INT32_MAX : lasts);
		}
		assert_int_equal(hours_outside(&h), outside);
	}
}

static void what_was_before_a_window(void **state)
{
	struct hours h;
	int32_t lasts;

	(void)state;
	assert_int_equal(parse(&h, "12-13+18-7"), 0);
	assert_int_equal(hours_gap(&h, 12 * HOUR), 5 * HOUR);
	assert_int_equal(hours_gap(&h, 18 * HOUR), 5 * HOUR);
	assert_int_equal(hours_gap(&h, 3 * HOUR), 5 * HOUR);
	assert_int_equal(hours_gap(&h, 15 * HOUR), 0); /* in no window */
	assert_int_equal(parse(&h, "18-7"), 0);
	assert_int_equal(hours_gap(&h, 18 * HOUR), 11 * HOUR);
	h.count = 0;
	assert_true(hours_within(&h, 0, &lasts));
	assert_int_equal(lasts, INT32_MAX);
	assert_int_equal(hours_outside(&h), 0);
}

static struct simulation sim, other;

static struct simulation_settings with(const char *first, const char *second)
{
	const char *const words[] = {first, second};
	struct simulation_settings s;

	memset(&s, 0, sizeof s);
	s.algorithm = ALGORITHM_HEADROOM;
	s.balance = balance_defaults();
	s.more_cars = second != NULL;
	assert_int_equal(fuse_init(&s.fuse, FUSE_ANY, 25000), 0);
	for (int i = 0; i < 2; i++) {
		s.cars[i] = car_defaults();
		for (const char *p = words[i]; p && *p; p += *p == ',') {
			size_t length = strcspn(p, ",");

			assert_int_equal(car_parse(&s.cars[i], p, length), 0);
			p += length;
		}
		car_settle(&s.cars[i]);
	}
	return s;
}

static void live(struct simulation *s, int64_t seconds)
{
	const struct simulation_run run = {{1000, 1000, 1000}, CURRENT_NONE, true, seconds};

	simulation_run(s, &run);
}

/* Whether a car draws current, half an hour after that time of a first day that begins at `begin`. */
static bool charges_at(struct simulation_settings s, int begin, int64_t hour)
{
	simulation_start(&sim, &s, 0, NULL, NULL);
	sim.midnight = begin * HOUR;
	live(&sim, (hour - begin) * HOUR + HOUR / 2);
	return sim.car.current > 0;
}

static void a_car_is_there_when_it_is_at_home(void **state)
{
	(void)state;
	assert_true(charges_at(with("home=18-7", NULL), 0, 0));
	assert_true(charges_at(with("home=18-7", NULL), 0, 6));
	assert_false(charges_at(with("home=18-7", NULL), 0, 7));
	assert_false(charges_at(with("home=18-7", NULL), 0, 17));
	assert_true(charges_at(with("home=18-7", NULL), 0, 18));
	assert_int_equal(sim.car.pauses, 0); /* it left, and was not paused */
	assert_false(charges_at(with("home=18-7", NULL), 12, 17));
	assert_true(charges_at(with("home=18-7", NULL), 12, 18));
	assert_true(charges_at(with("home=18-7", NULL), 12, 24 + 3));
	assert_false(charges_at(with("home=18-7", NULL), 12, 24 + 8));
	assert_true(charges_at(with("home=12-13+18-7", NULL), 0, 12));
	assert_false(charges_at(with("home=12-13+18-7", NULL), 0, 13));
}

static void time_of_day(void **state)
{
	struct simulation_settings s = with("", NULL);

	(void)state;
	simulation_start(&sim, &s, 0, NULL, NULL);
	assert_int_equal(simulation_time_of_day(&sim, 0), 0);
	assert_int_equal(simulation_time_of_day(&sim, DAY + 5), 5);
	sim.midnight = 3 * DAY + 7 * HOUR;
	assert_int_equal(simulation_time_of_day(&sim, 0), 7 * HOUR);
	assert_int_equal(simulation_time_of_day(&sim, 18 * HOUR), HOUR);
	sim.midnight = -HOUR;
	assert_int_equal(simulation_time_of_day(&sim, 0), 23 * HOUR);
}

/* Full at 7, 12 kWh are gone at 18, which are there again by night. */
static void what_it_drives_it_takes_from_the_battery(void **state)
{
	struct simulation_settings s = with("daily=12,battery=60,charge=90", NULL);

	(void)state;
	simulation_start(&sim, &s, 0, NULL, NULL);
	live(&sim, 7 * HOUR);
	assert_true(sim.car.full);
	assert_in_range(sim.car.stored / WH, 5999, 6005);
	live(&sim, 11 * HOUR);
	assert_int_equal(sim.garage.driven, 0);
	live(&sim, 1);
	assert_int_equal(sim.garage.driven, INT64_C(12000) * WH);
	live(&sim, 6 * HOUR - 1);
	assert_in_range(sim.car.stored / WH, 17999, 18010);
	live(&sim, 9 * DAY);
	assert_int_equal(sim.garage.driven, INT64_C(120000) * WH);
	assert_int_equal(sim.garage.missed, 0);
	simulation_finish(&sim);
}

/* A drive in two parts, by the lengths of the absences: 3 and 6 hours of 9. */
static void each_absence_has_its_part_of_the_drive(void **state)
{
	struct simulation_settings s = with("daily=10,home=20-8+11-14,charge=100", NULL);

	(void)state;
	simulation_start(&sim, &s, 0, NULL, NULL);
	live(&sim, 11 * HOUR + 1);
	assert_in_range(sim.garage.driven, INT64_C(10000) * WH / 3 - 1, INT64_C(10000) * WH / 3);
	live(&sim, 9 * HOUR);
	assert_in_range(sim.garage.driven, INT64_C(10000) * WH - 1, INT64_C(10000) * WH);
}

static void an_empty_battery_misses_the_rest(void **state)
{
	struct simulation_settings s = with("daily=30,battery=20,charge=50,home=18-7", NULL);

	(void)state;
	s.balance.max_current = 0; /* it gets nothing */
	simulation_start(&sim, &s, 0, NULL, NULL);
	live(&sim, 2 * DAY);
	assert_int_equal(sim.car.energy, 0);
	assert_int_equal(sim.garage.driven, INT64_C(10000) * WH);
	assert_int_equal(sim.garage.missed, INT64_C(50000) * WH);
	s = with("home=18-7", NULL);
	s.car.daily = 12000; /* without a battery nothing is driven */
	simulation_start(&sim, &s, 0, NULL, NULL);
	live(&sim, 2 * DAY);
	assert_int_equal(sim.garage.driven + sim.garage.missed, 0);
}

static void two_cars_take_turns(void **state)
{
	struct simulation_settings s = with("home=18-7,phases=1,first=2",
	                                    "home=8-17,phases=1,first=3");

	(void)state;
	assert_true(charges_at(s, 0, 3));
	assert_true(sim.garage.at == 0 && sim.uses[1] && !sim.uses[2]);
	assert_false(charges_at(s, 0, 7));
	assert_true(charges_at(s, 0, 10));
	assert_true(sim.garage.at == 1 && !sim.uses[1] && sim.uses[2]);
	assert_false(charges_at(s, 0, 17));
	assert_true(charges_at(s, 0, 19));
	assert_int_equal(sim.garage.at, 0);
}

static int at_charger(struct simulation_settings s, int64_t hour)
{
	charges_at(s, 0, hour);
	return sim.garage.free ? -1 : sim.garage.at;
}

/* First come, first served; of two that come together, the emptiest. */
static void who_is_plugged_in(void **state)
{
	struct simulation_settings s = with("home=18-7", "home=17-8");

	(void)state;
	assert_int_equal(at_charger(s, 17), 1);
	assert_int_equal(at_charger(s, 20), 1); /* although the first one is back */
	assert_int_equal(at_charger(s, 24 + 7), 1);
	assert_int_equal(at_charger(s, 24 + 8), -1);
	s = with("home=18-7", "home=17-6");
	assert_int_equal(at_charger(s, 24 + 6), 0); /* the second one has left */
	s = with("home=18-7,battery=60,charge=50", "home=18-7,battery=60,charge=49");
	assert_int_equal(at_charger(s, 3), 1);
	s = with("home=18-7,battery=60,charge=50", "home=18-7,battery=60,charge=50");
	assert_int_equal(at_charger(s, 3), 0);
	s = with("daily=12,home=18-7", "daily=6,home=18-7");
	assert_int_equal(at_charger(s, 3), 0);
	assert_int_equal(at_charger(s, 20), 1); /* the other one is full less 12 kWh */
}

/* Of those that wait, the one that has waited longest is next. */
static void cars_that_wait(void **state)
{
	struct simulation_settings s = with("home=0-6", "home=4-12");

	(void)state;
	s.more_cars = 2;
	s.cars[2] = car_defaults();
	assert_int_equal(car_parse(&s.cars[2], "home=3-12", 9), 0);
	assert_int_equal(at_charger(s, 5), 0);
	assert_int_equal(at_charger(s, 6), 2);
	assert_int_equal(car_parse(&s.cars[2], "home=5-12", 9), 0);
	assert_int_equal(at_charger(s, 6), 1);
}

static int64_t peaks[3];

static void keep_peak(void *context, const struct simulation_day *day)
{
	(void)context;
	peaks[day->number] = day->quarter_peak;
}

/* A quarter of an hour that ends at midnight belongs to the day that ends. */
static void the_peak_of_a_day(void **state)
{
	struct simulation_settings s = with("home=1-2", NULL);
	const struct simulation_run load = {{9000, 9000, 9000}, CURRENT_NONE, true, 900};

	(void)state;
	s.open_loop = true;
	simulation_start(&sim, &s, 0, NULL, NULL);
	simulation_each_day(&sim, keep_peak, NULL);
	live(&sim, DAY - 900);
	simulation_run(&sim, &load);
	live(&sim, DAY);
	simulation_finish(&sim);
	assert_int_equal(peaks[1], INT64_C(27000) * 230 * 900);
	assert_int_equal(peaks[2], INT64_C(3000) * 230 * 900);
}

/* What is stored and not driven is in the batteries. */
static void nothing_gets_lost_between_cars(void **state)
{
	struct simulation_settings s = with("daily=20,home=18-7",
	                                    "daily=9,home=7:30-16,battery=30");
	int64_t content = 0;

	(void)state;
	simulation_start(&sim, &s, 0, NULL, NULL);
	live(&sim, 7 * DAY + 5 * HOUR);
	for (int i = 0; i < 2; i++)
		content += garage_content(&sim.garage, &sim.car, i);
	assert_int_equal(sim.car.stored, content + sim.garage.driven);
	assert_int_equal(sim.garage.driven, sim.garage.cars[0].driven + sim.garage.cars[1].driven);
	assert_int_equal(sim.garage.driven + sim.garage.missed, INT64_C(7) * (20000 + 9000) * WH);
	assert_int_equal(sim.garage.missed, INT64_C(3000) * WH); /* 6 of 30 kWh on the first day */
}

struct told {
	int64_t days, energy, over, solar, seconds, peak, driven, pauses;
};

static void on_day(void *context, const struct simulation_day *day)
{
	struct told *told = context;

	told->days++;
	assert_int_equal(day->number, told->days);
	assert_false(day->dated);
	assert_int_equal(day->begin, told->seconds);
	told->seconds += day->sums.seconds;
	told->energy += day->sums.energy;
	told->over += day->sums.over;
	told->solar += day->sums.solar;
	told->driven += day->sums.driven;
	told->pauses += day->sums.pauses;
	told->peak = day->quarter_peak > told->peak ? day->quarter_peak : told->peak;
}

static void nothing(void *context, const struct simulation_tick *tick)
{
	(void)context;
	(void)tick;
}

static const char *const words[] = {
	"daily=12",
	"home=7-17:30,daily=9,battery=20,phases=1,first=2",
	"home=20-8+11-14,daily=40,battery=50,charge=3,taper=60",
	"battery=60,charge=90",
	"home=0-24",
	"home=17:59-6:01,sleeps_after=2,max=32",
	"home=13-14,daily=3.3,dead=0,restart=0",
};

/*
 * Random houses and cars, in strides and second by second, cut into runs in another way: everything
 * is equal, and the days sum up to the whole.
 */
static void strides_and_days_change_nothing(void **state)
{
	struct random random = random_seed(11);

	(void)state;
	for (int n = 0; n < 24; n++) {
		const struct household_settings hs = {
			.seed = (uint64_t)n, .days = 3, .day = 100, .pv = n % 3 * 4000};
		const char *first = words[random_below(&random, sizeof words / sizeof *words)];
		const char *second = words[random_below(&random, sizeof words / sizeof *words)];
		struct simulation_settings s = with(first, n % 2 ? second : NULL);
		struct simulation_run run = {.override_limit = CURRENT_NONE, .telegram = true};
		struct told told = {0};
		struct household house;
		int64_t midnight = (int64_t)random_below(&random, 4) * 7 * HOUR;

		s.algorithm = n % 5 ? ALGORITHM_HEADROOM : ALGORITHM_THRESHOLD;
		household_start(&house, &hs);
		simulation_start(&sim, &s, 0, NULL, NULL);
		simulation_start(&other, &s, 0, nothing, NULL);
		sim.midnight = other.midnight = midnight;
		simulation_each_day(&sim, on_day, &told);
		while ((run.seconds = household_next(&house, run.currents))) {
			int64_t whole = run.seconds;

			simulation_run(&other, &run);
			for (int64_t left = whole; left > 0; left -= run.seconds) {
				run.seconds = 1 + (int64_t)random_below(&random, (size_t)left);
				simulation_run(&sim, &run);
			}
		}
		simulation_finish(&sim);
		simulation_finish(&other);
		assert_memory_equal(&sim.totals, &other.totals, sizeof sim.totals);
		assert_memory_equal(&sim.wear, &other.wear, sizeof sim.wear);
		assert_int_equal(sim.car.current, other.car.current);
		assert_int_equal(sim.car.energy, other.car.energy);
		assert_int_equal(sim.car.stored, other.car.stored);
		assert_int_equal(sim.car.content, other.car.content);
		assert_int_equal(sim.car.pauses, other.car.pauses);
		assert_int_equal(sim.car.full, other.car.full);
		assert_memory_equal(&sim.garage, &other.garage, sizeof sim.garage);
		assert_int_equal(told.days, midnight ? 4 : 3);
		assert_int_equal(told.seconds, 3 * DAY);
		assert_int_equal(told.energy, sim.car.energy);
		assert_int_equal(told.over, sim.totals.seconds_over);
		assert_int_equal(told.solar, sim.totals.solar);
		assert_int_equal(told.driven, sim.garage.driven);
		assert_int_equal(told.pauses, sim.car.pauses);
		assert_int_equal(told.peak, sim.totals.quarter_peak);
	}
}

struct begins {
	int count;
	int64_t at[8], date[8];
};

static void note_begin(void *context, const struct simulation_day *day)
{
	struct begins *b = context;

	b->at[b->count] = day->begin;
	assert_true(day->dated);
	b->date[b->count++] = day->date;
}

/* A clock that is set while it runs: an hour forward over midnight, and days forward. */
static void a_clock_that_jumps(void **state)
{
	struct simulation_settings s = with("home=18-7", NULL);
	struct begins b = {0};

	(void)state;
	simulation_start(&sim, &s, 0, NULL, NULL);
	simulation_each_day(&sim, note_begin, &b);
	sim.midnight = 100 * DAY + 23 * HOUR + HOUR / 2;
	live(&sim, 100);
	sim.midnight += HOUR;
	sim.event = sim.now;
	live(&sim, 7 * HOUR);
	assert_int_equal(sim.car.current, 0); /* it left at 7 */
	sim.midnight += 5 * DAY;
	sim.event = sim.now;
	live(&sim, 12 * HOUR);
	assert_true(sim.car.current > 0);
	simulation_finish(&sim);
	assert_int_equal(b.count, 3);
	assert_int_equal(b.date[0], 100);
	assert_int_equal(b.date[1], 101);
	assert_int_equal(b.date[2], 106);
	assert_int_equal(b.at[1], 100);
	assert_int_equal(b.at[2], 100 + 7 * HOUR);
}

static void keep_day(void *context, const struct simulation_day *day)
{
	*(struct simulation_day *)context = *day;
}

static void days_as_records(void **state)
{
	static struct record record;
	struct simulation_settings s = with("daily=12,charge=100", "daily=8,home=8-17,charge=100");
	struct simulation_day day;

	(void)state;
	simulation_start(&sim, &s, 0, NULL, NULL);
	simulation_each_day(&sim, keep_day, &day);
	sim.midnight = INT64_C(20603) * DAY; /* 2026-05-30 */
	live(&sim, 2 * DAY);
	simulation_finish(&sim);
	balance_day(&record, &day, NULL);
	assert_string_equal(printed(&record),
	                    "{\"type\":\"balance_day\",\"day\":2,\"date\":\"2026-05-31\","
	                    "\"seconds\":86400,"
	                    "\"energy\":20997.3,\"energy_battery\":19999.4,\"energy_solar\":0.0,"
	                    "\"energy_driven\":20000.0,\"missing\":0.0,\"quarter_hour_peak\":10571,"
	                    "\"seconds_over_fuse\":0,\"seconds_charging\":14370,\"pauses\":0}");
	record_begin(&record, "balance_summary");
	balance_summary_days(&record, &sim);
	assert_string_equal(
		printed(&record),
		"{\"type\":\"balance_summary\",\"days\":2.000,\"energy_per_day\":20998.0,"
		"\"energy_driven\":40000.0,\"missing\":0.0,\"cars\":["
		"{\"car\":1,\"energy_battery\":24000.0,\"energy_driven\":24000.0,\"missing\":0.0},"
		"{\"car\":2,\"energy_battery\":16000.1,\"energy_driven\":16000.0,\"missing\":0.0}]}");
	record_free(&record);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hours_of_the_day),
		cmocka_unit_test(times_of_the_day),
		cmocka_unit_test(each_second_of_a_day),
		cmocka_unit_test(what_was_before_a_window),
		cmocka_unit_test(a_car_is_there_when_it_is_at_home),
		cmocka_unit_test(time_of_day),
		cmocka_unit_test(what_it_drives_it_takes_from_the_battery),
		cmocka_unit_test(each_absence_has_its_part_of_the_drive),
		cmocka_unit_test(an_empty_battery_misses_the_rest),
		cmocka_unit_test(two_cars_take_turns),
		cmocka_unit_test(who_is_plugged_in),
		cmocka_unit_test(cars_that_wait),
		cmocka_unit_test(the_peak_of_a_day),
		cmocka_unit_test(nothing_gets_lost_between_cars),
		cmocka_unit_test(strides_and_days_change_nothing),
		cmocka_unit_test(a_clock_that_jumps),
		cmocka_unit_test(days_as_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
