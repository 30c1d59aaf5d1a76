/* Pictures and reports of simulations: their structure, their words and their shapes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "balance/figures.h"
#include "balance/household.h"
#include "balance/plot.h"
#include "base/error.h"
#include "markup.h"

#define NARROW "\xE2\x80\xAF"
#define NBSP "\xC2\xA0"
#define REPLACED "\xEF\xBF\xBD"

enum { SETS = 3, HOUR = 3600, DAY = 86400 };

static const char hostile[] = "a <b> & \"c\" 'd'\n\xFF\xE2\x80\xAE</svg>";
static const char escaped[] = "a &lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;" REPLACED REPLACED
	REPLACED "&lt;/svg&gt;";

static struct simulation sims[SETS];
static struct series series[SETS];
static struct text out;

static struct simulation_settings plain(enum balance_algorithm algorithm)
{
	struct simulation_settings s;

	memset(&s, 0, sizeof s);
	s.algorithm = algorithm;
	s.balance = balance_defaults_behind(25000);
	s.car = car_defaults();
	s.strides = true;
	assert_int_equal(fuse_init(&s.fuse, FUSE_ANY, 25000), 0);
	return s;
}

static void observe(void *context, const struct simulation_tick *tick)
{
	series_add(context, tick);
}

static void begin(int i, const struct simulation_settings *s, enum series_calendar calendar)
{
	series_start(&series[i], s->fuse.rated);
	if (calendar != CALENDAR_NONE)
		series[i].clock = (struct series_clock){calendar,
		                                        days_from_civil(2025, 3, 21) * DAY};
	simulation_start(&sims[i], s, 0, observe, &series[i]);
}

/* A synthetic house for at most so long. */
static void live(int count, const char *spec, int64_t seconds)
{
	struct household_settings settings;
	struct household house;
	struct simulation_run run = {.override_limit = CURRENT_NONE, .telegram = true};

	assert_int_equal(household_parse(&settings, spec), 0);
	household_start(&house, &settings);
	while ((run.seconds = household_next(&house, run.currents)) > 0 && seconds > 0) {
		run.seconds = run.seconds < seconds ? run.seconds : seconds;
		seconds -= run.seconds;
		for (int i = 0; i < count; i++)
			simulation_run(&sims[i], &run);
	}
	for (int i = 0; i < count; i++)
		simulation_finish(&sims[i]);
}

/* Long runs: currents that change each hour, with sun at noon and a peak now and then. */
static void live_by_the_hour(int64_t hours)
{
	struct simulation_run run = {{0}, CURRENT_NONE, true, HOUR};

	for (int64_t h = 0; h < hours; h++) {
		bool noon = h % 24 > 9 && h % 24 < 16;

		for (int i = 0; i < BALANCE_PHASES; i++)
			run.currents[i] = (int32_t)(noon ? -9000
			                                 : 300 + (h * 7919 + i * 613) % 9000);
		run.seconds = HOUR - 8;
		simulation_run(&sims[0], &run);
		run.currents[0] += h % 70 == 0 ? 22000 : 0;
		run.seconds = 8;
		simulation_run(&sims[0], &run);
	}
	simulation_finish(&sims[0]);
}

static const char *page(const struct plot_set *sets, size_t count)
{
	out.length = 0;
	report_html(&out, sets, count, hostile);
	assert_false(out.failed);
	return text_string(&out);
}

static const char *picture(const struct plot_set *sets, size_t count)
{
	out.length = 0;
	plot_svg(&out, sets, count);
	assert_false(out.failed);
	return text_string(&out);
}

static void good_markup(const char *text)
{
	const char *fault = markup_fault(text);
	size_t left = strlen(text);

	if (fault)
		fail_msg("%s", fault);
	assert_non_null(strstr(text, escaped));
	assert_null(strstr(text, "<b>"));
	assert_null(strstr(text, "nan"));
	assert_null(strstr(text, "inf"));
	assert_null(strstr(text, "<script"));
	assert_null(strstr(text, "url("));
	for (size_t length; left; text += length, left -= length) {
		length = utf8_length(text, left);
		if (!length)
			fail_msg("no UTF-8 at %.40s", text);
	}
}

/* What a page needs for those who hear it. */
static void good_page(const char *text, size_t pictures)
{
	good_markup(text);
	assert_true(markup_headings(text));
	assert_null(strstr(text, "http"));
	assert_non_null(strstr(text, "<html lang=\"en\">"));
	assert_non_null(strstr(text, "@media print"));
	assert_non_null(strstr(text, "prefers-color-scheme:dark"));
	assert_int_equal(markup_count(text, "role=\"img\""), pictures);
	assert_int_equal(markup_count(text, "aria-labelledby"), pictures);
	assert_int_equal(markup_count(text, "<desc id="), pictures);
	assert_int_equal(markup_count(text, "<title id="), pictures);
	assert_int_equal(markup_count(text, "<th "), markup_count(text, "<th "
	                                                                "scope=") +
	                                                     markup_count(text, "<th colspan="));
}

static const struct length {
	const char *spec; /* NULL: by the hour */
	int64_t seconds;
	enum series_calendar calendar;
	bool days, course;
	size_t most; /* bytes of a page with one picture */
} lengths[] = {
	{"seed=7,day=200", HOUR, CALENDAR_NONE, false, true, 120000},
	{"seed=7", DAY, CALENDAR_YEAR, false, true, 120000},
	{"seed=7,days=4,pv=6", 4 * DAY, CALENDAR_DATE, false, true, 120000},
	{"seed=7,days=7,pv=6", 7 * DAY, CALENDAR_DATE, true, true, 140000},
	{NULL, 30 * DAY, CALENDAR_NONE, true, false, 120000},
	{NULL, 365 * DAY, CALENDAR_YEAR, true, false, 300000},
	{NULL, 410 * DAY, CALENDAR_DATE, true, false, 300000},
	{NULL, 830 * DAY, CALENDAR_NONE, true, false, 300000},
};

static void pages_of_all_lengths(void **state)
{
	(void)state;
	for (size_t k = 0; k < sizeof lengths / sizeof lengths[0]; k++) {
		const struct length *l = &lengths[k];
		const struct simulation_settings s = plain(ALGORITHM_HEADROOM);
		const struct plot_set set = {hostile, &sims[0], &series[0]};
		const char *text;

		begin(0, &s, l->calendar);
		if (l->spec)
			live(1, l->spec, l->seconds);
		else
			live_by_the_hour(l->seconds / HOUR);
		assert_int_equal(sims[0].totals.seconds, l->seconds);
		text = page(&set, 1);
		good_page(text, 1);
		assert_in_range(out.length, 5000, l->most);
		assert_int_equal(strstr(text, "Energy to the car, kWh a day") != NULL, l->days);
		assert_int_equal(strstr(text, "<svg class=\"map\"") != NULL, l->days);
		assert_int_equal(strstr(text, "<summary>") != NULL, l->days);
		assert_int_equal(strstr(text, "Limit and current of the car") != NULL, l->course);
		good_markup(picture(&set, 1));
	}
}

static void several_sets(void **state)
{
	const struct simulation_settings s[SETS] = {
		plain(ALGORITHM_THRESHOLD), plain(ALGORITHM_HEADROOM), plain(ALGORITHM_HEADROOM)};
	const struct plot_set sets[SETS] = {{"threshold", &sims[0], &series[0]},
	                                    {hostile, &sims[1], &series[1]},
	                                    {"headroom,margin=1", &sims[2], NULL}};
	const char *text;

	(void)state;
	for (int i = 0; i < SETS; i++)
		begin(i, &s[i], CALENDAR_YEAR);
	sims[2].settings.balance.margin = 1000;
	live(SETS, "seed=7", DAY);
	text = page(sets, SETS);
	good_page(text, 2);
	assert_int_equal(markup_count(text, "data-l=\"Energy to the car\""), SETS);
	assert_int_equal(markup_count(text, "<tr role=\"row\" class=\"best\">"), 1);
	assert_non_null(strstr(text, "The fuse cannot trip with any of them."));
	assert_non_null(strstr(text, "% more than with threshold"));
	assert_non_null(strstr(text, "headroom,<wbr/>margin=1"));
	assert_non_null(strstr(text, "alarm_limit"));
	assert_null(strstr(text, "From the sun"));
	text = picture(sets, SETS);
	good_markup(text);
	assert_int_equal(markup_count(text, "class=\"limit\" d="), 2);
}

/* Only settings that the algorithm uses, those that were changed first. */
static void settings_that_count(void **state)
{
	struct simulation_settings s = plain(ALGORITHM_HEADROOM);
	const struct plot_set set = {NULL, &sims[0], &series[0]};
	const char *text, *changed, *margin, *defaults;

	(void)state;
	s.balance.margin = 1000;
	begin(0, &s, CALENDAR_NONE);
	live(1, "seed=7", HOUR);
	text = page(&set, 1);
	assert_null(strstr(text, "alarm_limit"));
	assert_null(strstr(text, "upper_wait"));
	changed = strstr(text, ">Changed<");
	defaults = strstr(text, ">At their defaults<");
	margin = strstr(text, "<strong>1" NBSP "A</strong>");
	assert_true(changed && margin && defaults);
	assert_true(changed < margin && margin < defaults);
	assert_true(strstr(text, ">quiet_wait<") > defaults);
	sims[0].settings.balance.margin = 500;
	text = page(&set, 1);
	assert_null(strstr(text, ">Changed<"));
}

/* A current that every second is the same: the sentence at the top, and all figures. */
static void one_answer(void **state)
{
	struct simulation_settings s = plain(ALGORITHM_HEADROOM);
	const struct plot_set set = {NULL, &sims[0], &series[0]};
	struct simulation_run run = {{26000, 0, 0}, CURRENT_NONE, true, 12000};
	const char *text;

	(void)state;
	s.open_loop = true;
	begin(0, &s, CALENDAR_NONE);
	simulation_run(&sims[0], &run);
	text = page(&set, 1);
	assert_non_null(strstr(text, "With a main fuse of 25" NBSP
	                             "A the house and its car draw up to 26.0" NBSP "A."));
	assert_non_null(strstr(text, "above the fuse for 3" NBSP "h" NBSP "20" NBSP "min."));
	assert_non_null(strstr(text, "<dd class=\"good\">\xE2\x9C\x93 cannot trip"));
	assert_non_null(strstr(text, "The data already contain the car"));
	assert_non_null(strstr(text, "house and car</text>"));
	assert_null(strstr(text, "Energy to the car"));
	run.currents[0] = 80000;
	simulation_run(&sims[0], &run);
	text = page(&set, 1);
	assert_non_null(strstr(text, "<span class=\"bad\">The fuse trips.</span>"));
	assert_non_null(strstr(text, "<dd class=\"bad\">\xE2\x9C\x95 trips"));
}

/* The car of a simulation is described. */
static void a_battery(void **state)
{
	struct simulation_settings s = plain(ALGORITHM_HEADROOM);
	const struct plot_set set = {NULL, &sims[0], &series[0]};

	(void)state;
	assert_int_equal(car_parse(&s.car, "battery=60", 10), 0);
	begin(0, &s, CALENDAR_NONE);
	live(1, "seed=7", HOUR);
	assert_non_null(strstr(page(&set, 1), "its battery holds 60" NBSP "kWh and starts at "));
}

/* Two cars with a life: what they drove, and when they are at home. The first day is cut. */
static void cars_that_drive(void **state)
{
	struct simulation_settings s = plain(ALGORITHM_HEADROOM);
	const struct plot_set set = {NULL, &sims[0], &series[0]};
	const char *text;

	(void)state;
	assert_int_equal(car_parse(&s.cars[0], "home=18-7", 9), 0);
	assert_int_equal(car_parse(&s.cars[0], "daily=12", 8), 0);
	s.cars[1] = s.cars[0];
	s.more_cars = 1;
	car_settle(&s.cars[0]);
	car_settle(&s.cars[1]);
	begin(0, &s, CALENDAR_YEAR);
	live_by_the_hour(24 * 20);
	text = page(&set, 1);
	assert_null(markup_fault(text));
	assert_non_null(strstr(text, "A the cars get "));
	assert_non_null(strstr(text, "<h2>Cars</h2>\n<p>Car 1 takes "));
	assert_non_null(strstr(text,
	                       "at home from 18:00 to 7:00, and drives 12" NBSP "kWh a day.</p>\n"
	                       "<p>Car 2 takes "));
	assert_non_null(strstr(text, ">Driven a day</dt>"));
	assert_non_null(strstr(text, "nothing was missing"));
	assert_non_null(strstr(text, "\xE2\x86\x91 "));
	sims[0].garage.missed = INT64_C(3600000000) * 20;
	text = page(&set, 1);
	assert_non_null(strstr(text, "missing: 1.0" NBSP "kWh a day"));
}

/* Days of 1, 2 and 3 kWh, half of each from the sun, and what map and bars make of them. */
static void shapes_of_days(void **state)
{
	static const struct balancer balancer;
	const struct plot_set set = {NULL, &sims[0], &series[0]};
	struct simulation_settings s = plain(ALGORITHM_HEADROOM);
	const char *text;

	(void)state;
	begin(0, &s, CALENDAR_DATE);
	for (int day = 0; day < 5; day++) {
		const int32_t car[] = {16000, 0, 0}, house[] = {-8000, 0, 0}, none[] = {0, 0, 0};
		const int64_t charging = (1 + day) * 3600 / 4;
		struct simulation_tick tick = {day * DAY, charging, &balancer, house, car, true};

		series_add(&series[0], &tick);
		tick.t += charging;
		tick.seconds = DAY - charging;
		tick.car = none;
		tick.house = none;
		series_add(&series[0], &tick);
	}
	sims[0].totals.seconds = 5 * DAY;
	text = page(&set, 1);
	assert_null(markup_fault(text));
	assert_non_null(strstr(text, "<title>21" NBSP "Mar: 0.9 kWh, 0.5 of it from the sun, "
	                             "highest 8.0 A</title>"));
	assert_non_null(strstr(text, "<title>25" NBSP "Mar: 4.6 kWh, 2.3 of it from the sun"));
	/* 0.46, 0.92, 1.38, 1.84 and 2.3 kWh of 6 kWh, bottom up */
	assert_non_null(strstr(text,
	                       "<path class=\"car\" d=\"M0 0M1 1000V923h8V1000M11 1000V847h8V1000"
	                       "M21 1000V770h8V1000M31 1000V693h8V1000M41 1000V617h8V1000\"/>"));
	/* the first hour: 8 A for 15, 30, 45, 60 min, and so on: 8, 16, 24, 32 and 32 % of 25 A */
	assert_non_null(strstr(text, "<path class=\"m3\" d=\"M0 0M2 0v1M3 0v1M4 0v1\"/>"));
	assert_null(strstr(text, "<path class=\"m4\""));
	assert_null(strstr(text, "<path class=\"m7\""));
	assert_non_null(strstr(text, "Never above the fuse"));
}

static void figures(void **state)
{
	static const struct {
		double value;
		int decimals;
		const char *page, *terminal;
	} numbers[] = {
		{0, 0, "0", "0"},
		{-0.01, 1, "0.0", "0.0"},
		{1234.5, 1, "1234.5", "1234.5"},
		{12345.67, 1, "12" NARROW "345.7", "12 345.7"},
		{-1234567, 0,
	         "\xE2\x88\x92"
	         "1" NARROW "234" NARROW "567",
	         "-1 234 567"},
		{0.0 / 0.0, 1, "\xE2\x80\x93", "\xE2\x80\x93"},
	};
	static const struct {
		int64_t seconds;
		const char *words;
	} spans[] = {{0, "0 s"},
	             {59, "59 s"},
	             {60, "1 min"},
	             {245, "4 min 5 s"},
	             {3599, "59 min 59 s"},
	             {3600, "1 h"},
	             {12000, "3 h 20 min"},
	             {86399, "24 h"},
	             {172799, "2 days"},
	             {187200, "2 days 4 h"},
	             {31536000, "365 days"}};

	(void)state;
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		out.length = 0;
		figures_number(&out, FIGURES_PAGE, numbers[i].value, numbers[i].decimals);
		assert_string_equal(text_string(&out), numbers[i].page);
		out.length = 0;
		figures_number(&out, FIGURES_TERMINAL, numbers[i].value, numbers[i].decimals);
		assert_string_equal(text_string(&out), numbers[i].terminal);
	}
	for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
		out.length = 0;
		figures_span(&out, FIGURES_TERMINAL, spans[i].seconds);
		assert_string_equal(text_string(&out), spans[i].words);
	}
	out.length = 0;
	figures_energy(&out, FIGURES_PAGE, INT64_C(44444444444444));
	assert_string_equal(text_string(&out), "12" NARROW "345.7" NBSP "kWh");
}

/* The checker itself finds faults. */
static void faults_of_markup(void **state)
{
	static const char *const wrong[] = {"<p>",          "<p></b>",   "<p class=a></p>",
	                                    "<p>a & b</p>", "</p>",      "<p><b></p></b>",
	                                    "<p a=\"<\"/>", "<h1>a</h1", "<p a></p>"};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_non_null(markup_fault(wrong[i]));
	assert_null(markup_fault("<!DOCTYPE html><p class=\"a\">&amp;<br/></p>"));
	assert_false(markup_headings("<h1>a</h1><h3>b</h3>"));
	assert_false(markup_headings("<p>a</p>"));
	assert_true(markup_headings("<h1>a</h1><h2>b</h2><h3>c</h3><h2>d</h2>"));
}

static int end(void **state)
{
	(void)state;
	text_free(&out);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_of_all_lengths),
		cmocka_unit_test(several_sets),
		cmocka_unit_test(settings_that_count),
		cmocka_unit_test(one_answer),
		cmocka_unit_test(a_battery),
		cmocka_unit_test(cars_that_drive),
		cmocka_unit_test(shapes_of_days),
		cmocka_unit_test(figures),
		cmocka_unit_test(faults_of_markup),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
