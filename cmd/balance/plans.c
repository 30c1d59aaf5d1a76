/* Options and files of plans. */
#include "cmd/balance/plans.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cmd/balance/balance.h"
#include "cmd/balance/plan_files.h"
#include "cmd/session/say.h"
#include "cmd/session/zone.h"

#define FIELD(name) offsetof(struct balance_options, plans.name)

const struct option_row plan_options[] = {
	{"price", 0, OPTION_TEXT, FIELD(price), "FILE",
         "charge at the cheapest hours of this list (CSV or JSON of ENTSO-E, aWATTar, Tibber)"},
	{"until", 0, OPTION_TEXT, FIELD(until), "HH:MM", "with --price: be ready at this time",
         .words = "06:00|07:00|08:00"},
	{"energy", 0, OPTION_REAL, FIELD(energy), "KWH", "with --price: energy by then, each day",
         .min = 0.1, .max = 1000},
	{"plan", 0, OPTION_TEXT, FIELD(plan), "FILE",
         "limits by time: lines as Mo-Fr 22:00-06:00 16"},
	{"zone", 0, OPTION_TEXT, FIELD(zone), "ZONE",
         "zone of these times, as Europe/Berlin or +01:00 (this machine's)", .words = ZONE_WORDS},
	{0}};

/* HH:MM as a minute of the day; -1: something else */
static int minute_of(const char *text)
{
	unsigned hour, minute;
	int end = 0;

	if (sscanf(text, "%2u:%2u%n", &hour, &minute, &end) != 2 || text[end] || hour > 24 ||
	    minute > 59 || hour * 60 + minute > ZONE_DAY)
		return -1;
	return (int)(hour * 60 + minute) % ZONE_DAY;
}

static int judge(const struct plan_options *o, struct charge_goal_settings *goal)
{
	if (!o->price && (o->until || o->energy > 0))
		return say_usage("--%s needs --price", o->until ? "until" : "energy");
	if (!o->price)
		return EXIT_OK;
	if (!o->until || o->energy <= 0)
		return say_usage("--price needs --until HH:MM and --energy KWH");
	goal->until = minute_of(o->until);
	goal->energy = (int64_t)(o->energy * 1000 + 0.5);
	if (goal->until < 0)
		return say_usage("--until: '%s' is no time of the day as 07:00", o->until);
	return EXIT_OK;
}

/* The error of a file: a faulty one is a matter of usage. */
static int say_file(const char *message, int error)
{
	say_error("%s", message);
	return error == EM_SYNTAX ? EXIT_USAGE : EXIT_LOCAL;
}

int plans_open(struct plans *p, const struct plan_options *o)
{
	struct charge_goal_settings *goal = &p->settings.goal;
	char message[PLAN_MESSAGE];
	int status, error;

	*p = (struct plans){.options = o};
	goal->start = PLAN_START;
	status = judge(o, goal);
	if (!status)
		status = zone_option(&goal->zone, o->zone);
	if (status)
		return status;
	goal->prices = &p->prices;
	p->settings.by_price = o->price != NULL;
	p->settings.table = o->plan ? &p->table : NULL;
	error = plan_files_load(p, message);
	if (error)
		return say_file(message, error);
	plan_files_doubts(p);
	return EXIT_OK;
}

void plans_close(struct plans *p)
{
	prices_free(&p->prices);
}

void plans_cover(const struct plans *p, instant begin, instant end)
{
	const struct prices *list = &p->prices;
	char text[2][STAMP_TEXT];
	struct stamp s;

	if (!list->count || begin == INSTANT_NONE ||
	    (list->slots[0].start <= begin && list->slots[list->count - 1].end >= end))
		return;
	s = zone_stamp(&p->settings.goal.zone, list->slots[0].start);
	stamp_format(text[0], &s);
	s = zone_stamp(&p->settings.goal.zone, list->slots[list->count - 1].end);
	stamp_format(text[1], &s);
	say_warning("%s: prices from %s to %s only: other hours count as the most expensive",
	            p->options->price, text[0], text[1]);
}
