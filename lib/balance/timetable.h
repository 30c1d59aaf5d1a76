/*
 * A table of times and limits, one a line: the car may draw at most that many amperes then.
 *
 *   # DAYS         FROM-TO      A
 *   Mo-Fr          17:00-21:00  0
 *   Sa,Su          00:00-24:00  10
 *   2026-12-24..26 16:00-02:00  6
 *                  22:00-06:00  16
 *
 * Without days a line holds every day. A span over midnight belongs to the day on which it begins;
 * one that ends when it begins is a whole day. The last line that fits counts; outside of all lines
 * there is no limit. Times are those that the clocks of the zone show.
 */
#ifndef BALANCE_TIMETABLE_H
#define BALANCE_TIMETABLE_H

#include <stddef.h>
#include <stdint.h>

#include "balance/settings.h"
#include "base/zone.h"

enum { TIMETABLE_LINES = 200, TIMETABLE_MOST = 1000000 /* mA */ };

struct timetable_line {
	int64_t first, last; /* days since 1970 on which it begins; first > last: any day */
	uint8_t weekdays;    /* bit 0: Monday */
	int16_t from, to;    /* minutes of the day; to is above from, also above 24:00 */
	int32_t limit;       /* mA */
};

struct timetable {
	struct timetable_line lines[TIMETABLE_LINES];
	size_t count;
};

/*
 * 0, or EM_SYNTAX with the number of the line and what is expected there (static).
 */
int timetable_parse(struct timetable *t, const char *text, size_t length, unsigned *line,
                    const char **wrong);

/* mA, or CURRENT_NONE: no limit. *until: it will not change before that instant. */
int32_t timetable_at(const struct timetable *t, const struct zone *zone, instant now,
                     instant *until);

#endif
