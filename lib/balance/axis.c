#include "balance/axis.h"

#include <stdio.h>

#include "balance/draw.h"

enum { DAY = 86400, BELOW = 16 /* px from the end of a line to the foot of its words */ };

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static struct stamp date(int64_t day)
{
	return stamp_at(day * DAY * 1000, 0);
}

void axis_day(char words[AXIS_WORDS], const struct series *s, int64_t day)
{
	struct stamp d = date(day);

	if (s->clock.calendar == CALENDAR_NONE)
		snprintf(words, AXIS_WORDS, "day\xC2\xA0%d", (int)(day - s->day + 1));
	else
		snprintf(words, AXIS_WORDS, "%d\xC2\xA0%s", d.day, months[(d.month + 11) % 12]);
}

bool axis_month(const struct series *s, int64_t day, char words[AXIS_WORDS])
{
	struct stamp d = date(day);

	if (s->clock.calendar == CALENDAR_NONE || d.day != 1)
		return false;
	if (s->clock.calendar == CALENDAR_DATE && d.month == 1)
		snprintf(words, AXIS_WORDS, "%d", d.year);
	else
		snprintf(words, AXIS_WORDS, "%s", months[(d.month + 11) % 12]);
	return true;
}

struct mark {
	struct axis_place place;
	int count; /* marks so far */
};

/* Every second word is thin: it is left out where there is little room. */
static void word(struct text *out, struct mark *m, double x, const char *words)
{
	draw_text(out, m->count++ % 2 ? "soft thin" : "soft", x, 0, m->place.bottom + BELOW,
	          "middle", words);
}

/* A mark at x %. */
static void mark(struct text *out, struct mark *m, double x, const char *words)
{
	if (m->place.top < m->place.bottom)
		text_printf(out,
		            "<line class=\"rule\" x1=\"%.6g%%\" x2=\"%.6g%%\" y1=\"%.4g\" "
		            "y2=\"%.4g\"/>\n",
		            x, x, m->place.top, m->place.bottom);
	else
		word(out, m, x, words);
}

void axis_of_course(struct text *out, const struct series *s, struct axis_place place)
{
	static const int64_t wide[] = {60,      300,     600,      900,      1800,     3600,
	                               7200,    10800,   14400,    21600,    43200,    DAY,
	                               2 * DAY, 7 * DAY, 28 * DAY, 91 * DAY, 365 * DAY};
	int64_t span = s->width * s->count, step = wide[0], begin = s->begin + s->clock.begin;
	struct mark m = {place, 0};

	for (size_t i = 0; i + 1 < sizeof wide / sizeof *wide && span / step > 12; i++)
		step = wide[i + 1];
	for (int64_t t = (begin + step - 1) / step * step; t <= begin + span; t += step) {
		char words[AXIS_WORDS];

		if (t % DAY == 0 && span > DAY)
			axis_day(words, s, t / DAY);
		else
			snprintf(words, sizeof words, "%d:%02d", (int)(t % DAY / 3600),
			         (int)(t % 3600 / 60));
		mark(out, &m, 100.0 * (double)(t - begin) / (double)span, words);
	}
}

/* Each day under its column. */
static void single_days(struct text *out, const struct series *s, struct mark *m)
{
	for (int i = 0; i < s->rows && m->place.top >= m->place.bottom; i++) {
		char words[AXIS_WORDS];

		axis_day(words, s, s->day + i);
		word(out, m, 100 * (i + 0.5) / s->rows, words);
	}
}

/* Every `step` days from the first one; from the second year on also "year 2". */
static void steps(struct text *out, const struct series *s, struct mark *m, int64_t step)
{
	int64_t days = s->rows * s->days_per_row;

	for (int64_t day = 0; day < days - step / 3; day += step) {
		char words[AXIS_WORDS];

		axis_day(words, s, s->day + day);
		if (step == 365)
			snprintf(words, sizeof words, "year %d", (int)(day / 365 + 1));
		mark(out, m, 100.0 * (double)day / (double)days, words);
	}
}

static void calendar_months(struct text *out, const struct series *s, struct mark *m, int64_t days)
{
	int each = days <= 800 ? days > 400 ? 2 : 1 : 12;

	for (int64_t day = 0; day < days; day++) {
		char words[AXIS_WORDS];

		if (axis_month(s, s->day + day, words) &&
		    (date(s->day + day).month - 1) % each == 0)
			mark(out, m, 100.0 * (double)day / (double)days, words);
	}
}

void axis_of_days(struct text *out, const struct series *s, struct axis_place place)
{
	int64_t days = s->rows * s->days_per_row;
	struct mark m = {place, 0};

	if (days <= 14)
		single_days(out, s, &m);
	else if (days <= 70)
		steps(out, s, &m, 7);
	else if (days > 800 && s->clock.calendar != CALENDAR_DATE)
		steps(out, s, &m, 365);
	else if (s->clock.calendar == CALENDAR_NONE)
		steps(out, s, &m, days > 400 ? 56 : 28);
	else
		calendar_months(out, s, &m, days);
}
