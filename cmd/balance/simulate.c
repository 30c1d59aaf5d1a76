/* `emtool balance simulate`: runs load balancers over households, as fast as they can be read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "balance/house_log.h"
#include "balance/household.h"
#include "balance/plot.h"
#include "balance/summary.h"
#include "base/error.h"
#include "base/stamp.h"
#include "cmd/balance/house.h"
#include "cmd/balance/lanes.h"
#include "cmd/balance/sets.h"
#include "cmd/session/offers.h"
#include "cmd/session/say.h"
#include "io/whole.h"

enum { SYNTHETIC_YEAR = 2026 };

struct simulate_options {
	struct balance_options balance;
	struct option_list car, fault, compare, sweep;
	bool open_loop, quirks, trace, daily, blind;
	const char *plot, *report;
};

#define FIELD(name) offsetof(struct simulate_options, name)

static const struct option_row rows[] = {
	{"open-loop", 0, OPTION_FLAG, FIELD(open_loop), NULL, "the data already include the car"},
	{"car", 0, OPTION_LIST, FIELD(car), "[N:]NAME=VALUE,...",
         "the car: max=16,battery=60,home=18-7,daily=12,...; N: the Nth car",
         .offer = balance_offer_car},
	{"blind", 0, OPTION_FLAG, FIELD(blind), NULL,
         "the balancer does not know the car's currents"},
	{"firmware-quirks", 0, OPTION_FLAG, FIELD(quirks), NULL,
         "threshold: whole amps in 16 bits and the late fallback of the firmware"},
	{"trace", 0, OPTION_FLAG, FIELD(trace), NULL, "a record per second before the summary"},
	{"daily", 0, OPTION_FLAG, FIELD(daily), NULL, "a record per day before the summary"},
	{"compare", 0, OPTION_LIST, FIELD(compare), "SET",
         "[ALGORITHM][,NAME=VALUE...]; give it several times to compare sets",
         .offer = balance_offer_sets},
	{"sweep", 0, OPTION_LIST, FIELD(sweep), "NAME=A..B[/STEP]",
         "try a range of a setting, best result first", .offer = balance_offer_settings},
	{"fault", 0, OPTION_LIST, FIELD(fault), "NAME=VALUE,...",
         "faults of meter and charger, such as lost=%, dead=FROM+FOR, lag=S, rotate=231",
         .offer = balance_offer_faults},
	{"plot", 0, OPTION_TEXT, FIELD(plot), "FILE.svg", "draw house, car, limit and state"},
	{"report", 0, OPTION_TEXT, FIELD(report), "FILE.html",
         "write plots, figures and settings to one page"},
	{0}};

static int say_fault(const char *name, const char *value, int error)
{
	const char *form = fault_forms, *equals = value ? "=" : "";
	size_t length = strlen(name), i = 0;

	while (fault_name(i) && strcmp(fault_name(i), name) != 0)
		i++;
	if (!fault_name(i))
		return say_not_offered("fault", "fault", name, balance_offer_faults);
	value = value ? value : "";
	if (error == EM_RANGE && fault_most(i) > 0)
		return say_usage("--fault: %s=%s is outside 0..%.15g", name, value, fault_most(i));
	while (strncmp(form, name, length) != 0 || form[length] != '=')
		form += strcspn(form, " ") + 1;
	return say_usage("--fault: '%s%s%s' is not %.*s", name, equals, value,
	                 (int)strcspn(form, ","), form);
}

static int fault_options(struct simulation_faults *f, const struct option_list *list)
{
	f->charger_timeout = 60;
	for (size_t i = 0; i < list->count; i++) {
		char text[256], *rest = text;

		if (snprintf(text, sizeof text, "%s", list->items[i]) >= (int)sizeof text)
			return say_usage("--fault: '%s' is too long", list->items[i]);
		while (rest) {
			char *item = rest, *value;
			int error;

			rest = strchr(item, ',');
			if (rest)
				*rest++ = '\0';
			value = strchr(item, '=');
			if (value)
				*value++ = '\0';
			error = value ? fault_parse(f, item, value) : EM_SYNTAX;
			if (error)
				return say_fault(item, value, error);
		}
	}
	return EXIT_OK;
}

static int configure(const struct simulate_options *o, struct simulation_settings *s)
{
	int status;

	s->algorithm = o->quirks && !o->balance.algorithm ? ALGORITHM_THRESHOLD
	                                                  : balance_algorithm(&o->balance);
	for (int i = 0; i < GARAGE_CARS; i++) {
		s->cars[i] = car_defaults();
		if (o->balance.phases)
			s->cars[i].phases = (int32_t)o->balance.phases;
	}
	s->open_loop = o->open_loop;
	s->quirks = o->quirks;
	s->blind = o->blind;
	status = balance_fuse(&o->balance, &s->fuse);
	if (!status)
		status = balance_cars(s->cars, &s->more_cars, &o->car);
	if (!status)
		status = fault_options(&s->faults, &o->fault);
	return status;
}

static void observe(void *context, const struct simulation_tick *tick)
{
	struct balance_set *set = context;

	if (set->series)
		series_add(set->series, tick);
	if (!set->trace || set->session->stopping)
		return;
	balance_second(&set->session->record, tick, set->name);
	session_emit(set->session, &set->session->record);
}

static void end_day(void *context, const struct simulation_day *day)
{
	struct balance_set *set = context;

	if (set->session->stopping)
		return;
	balance_day(&set->session->record, day, set->name);
	session_emit(set->session, &set->session->record);
}

static int start_set(const struct simulate_options *o, struct session *session,
                     struct balance_set *set, size_t n)
{
	struct simulation_settings settings = set->sim.settings;
	bool watched = o->trace;

	if ((o->plot || o->report) && n < SETS_PICTURES) {
		set->series = malloc(sizeof *set->series);
		if (!set->series)
			return say_failure("picture", EM_NO_MEMORY);
		series_start(set->series, settings.fuse.rated);
		watched = true;
	}
	set->session = session;
	set->trace = o->trace;
	settings.strides = !o->trace;
	simulation_start(&set->sim, &settings, 0, watched ? observe : NULL, set);
	if (o->daily)
		simulation_each_day(&set->sim, end_day, set);
	return EXIT_OK;
}

/* What the clock on the wall showed in second 0, for pictures. */
static void date_pictures(struct balance_sets *sets, enum series_calendar calendar, int64_t begin)
{
	for (size_t i = 0; i < sets->count; i++)
		if (sets->items[i]->series)
			sets->items[i]->series->clock = (struct series_clock){calendar, begin};
}

/* Only the first run tells the clock. */
static void feed_once(struct balance_lanes *lanes, struct simulation_run *run)
{
	balance_lanes_feed(lanes, run);
	run->clock = 0;
}

/* Midnight of a day of the year, where the house is. */
static instant midnight(const struct zone *zone, int32_t day)
{
	struct stamp s = stamp_at(
		(days_from_civil(SYNTHETIC_YEAR, 1, 1) + day - 1) * ZONE_DAY * 60000, 0);

	s.has_offset = false;
	return zone_instant(zone, &s, false);
}

static int synthetic(struct session *s, struct balance_lanes *lanes, const char *spec,
                     const struct zone *zone)
{
	struct household_settings settings;
	struct household house;
	struct simulation_run run = {.override_limit = CURRENT_NONE, .telegram = true};
	int error = household_parse(&settings, spec);

	if (error)
		return say_usage(
			"synthetic:%s: %s; known are seed=N,days=N,pv=KW,heatpump=KW,day=1..365",
			spec, error == EM_UNKNOWN ? "unknown word or value" : error_text(error));
	run.clock = midnight(zone, settings.day);
	run.zone = zone_offset(zone, run.clock);
	date_pictures(lanes->sets, CALENDAR_YEAR, run.clock / 1000 + run.zone * 60);
	household_start(&house, &settings);
	while (!s->stopping && !loop_signal(s->loop) &&
	       (run.seconds = household_next(&house, run.currents)) > 0)
		feed_once(lanes, &run);
	return EXIT_OK;
}

static int write_text(const char *path, struct text *text)
{
	int error = file_save(path, text);

	text_free(text);
	return error ? say_failure(path, error) : EXIT_OK;
}

static int pictures(const struct simulate_options *o, const struct balance_sets *sets,
                    const char *source)
{
	struct plot_set *plots = calloc(sets->count, sizeof *plots);
	struct text text = {0};
	int status = EXIT_OK;

	if (!plots)
		return say_failure("picture", EM_NO_MEMORY);
	for (size_t i = 0; i < sets->count; i++)
		plots[i] = (struct plot_set){sets->items[i]->name, &sets->items[i]->sim,
		                             sets->items[i]->series};
	if (o->plot) {
		plot_svg(&text, plots, sets->count);
		status = write_text(o->plot, &text);
	}
	if (o->report && !status) {
		report_html(&text, plots, sets->count, source);
		status = write_text(o->report, &text);
	}
	free(plots);
	return status;
}

static void summaries(struct session *s, const struct balance_sets *sets, bool ranked)
{
	for (size_t i = 0; i < sets->count; i++) {
		const struct balance_set *set = sets->items[i];

		balance_summary(&s->record, &set->sim, set->name);
		balance_summary_days(&s->record, &set->sim);
		if (ranked) {
			record_int(&s->record, "rank", (int64_t)i + 1);
			record_bool(&s->record, "front", set->front);
		}
		session_emit(s, &s->record);
	}
}

/* Warns when the plan cannot know the time, or the prices are those of other days. */
static void doubts(const struct plans *plans, const struct simulation *sim)
{
	instant begin = sim->clock - sim->totals.seconds * 1000;

	if (plans_any(plans->options) && begin < PLAN_CLOCK_LEAST)
		say_warning("the data tell no time of the day: --plan and --price do nothing");
	else
		plans_cover(plans, begin, sim->clock);
}

static int simulate(const struct simulate_options *o, struct session *s, struct balance_sets *sets,
                    struct plans *plans, const char *source)
{
	struct balance_lanes lanes = {.sets = sets, .traced = o->trace || o->daily};
	int status = configure(o, &sets->base);

	sets->options = &o->balance;
	if (!status)
		status = plans_open(plans, &o->balance.plans);
	if (plans_any(&o->balance.plans))
		sets->base.plan = &plans->settings;
	if (!status)
		status = balance_sets_make(sets, &o->compare, &o->sweep);
	for (size_t i = 0; i < sets->count && !status; i++)
		status = start_set(o, s, sets->items[i], i);
	if (status)
		return status;
	if (!strncmp(source, "synthetic:", 10) || !strcmp(source, "synthetic"))
		status = synthetic(s, &lanes, source[9] ? source + 10 : "",
		                   &plans->settings.goal.zone);
	else
		status = balance_house(s, source, &o->balance, balance_lanes_feed, &lanes);
	balance_lanes_finish(&lanes);
	if (status || s->status)
		return status;
	if (sets->items[0]->sim.totals.seconds == 0) {
		say_error("%s: no household data in it", source);
		return EXIT_INVALID;
	}
	doubts(plans, &sets->items[0]->sim);
	if (o->sweep.count)
		balance_sets_rank(sets);
	summaries(s, sets, o->sweep.count > 0);
	return s->status == EXIT_OK && (o->plot || o->report) ? pictures(o, sets, source) : EXIT_OK;
}

static int run(void *options, int count, char **arguments)
{
	const struct simulate_options *o = options;
	struct balance_sets sets = {0};
	struct plans plans = {0};
	struct session s;

	(void)count;
	if (session_begin(&s, &o->balance.reading, balance_text) == EXIT_OK)
		session_fail(&s, simulate(o, &s, &sets, &plans, arguments[0]));
	balance_sets_free(&sets);
	plans_close(&plans);
	return session_end(&s);
}

static bool offer_households(struct text *out, size_t index)
{
	if (index)
		return offer_sources(out, index - 1);
	text_puts(out, "synthetic:");
	return true;
}

const struct command balance_simulate_command = {
	.name = "simulate",
	.summary = "simulate load balancer and car on recorded or synthetic households",
	.arguments = "SOURCE",
	.arguments_min = 1,
	.arguments_max = 1,
	.options = (const struct option_row *const[]){balance_options, plan_options, rows,
                                                      printing_options, NULL},
	.size = sizeof(struct simulate_options),
	.defaults = &(const struct simulate_options){.balance = BALANCE_DEFAULTS},
	.run = run,
	.offer = offer_households,
	.example = "emtool balance simulate synthetic:seed=7,days=1 --compare threshold --compare "
		   "headroom",
};
