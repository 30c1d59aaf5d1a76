/*
 * Time along a picture: clock times for a course, days, months or years for rows of days. Only the
 * pictures and the report of this room include this header.
 */
#ifndef BALANCE_AXIS_H
#define BALANCE_AXIS_H

#include "balance/series.h"
#include "base/text.h"

enum { AXIS_WORDS = 32 };

/* "21 Mar", or "day 3" without a calendar; day: since 1970-01-01 on the clock of the series. */
void axis_day(char words[AXIS_WORDS], const struct series *s, int64_t day);

/* The first day of a row. */
static inline int64_t axis_first_day(const struct series *s, int row)
{
	return s->day + row * s->days_per_row;
}

/* Whether that day begins a month of the calendar. */
bool axis_month(const struct series *s, int64_t day, char words[AXIS_WORDS]);

/* Lines from top to bottom, px, or without a height the words below. */
struct axis_place {
	double top, bottom;
};

void axis_of_course(struct text *out, const struct series *s, struct axis_place place);
void axis_of_days(struct text *out, const struct series *s, struct axis_place place);

#endif
