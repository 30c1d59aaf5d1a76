/*
 * Time zones: from civil time of a place to instants and back. A zone is an offset, or two offsets
 * and the rule that changes between them, as POSIX writes it: `CET-1CEST,M3.5.0,M10.5.0/3`. Nothing
 * here reads files or the environment; the caller passes the text of a rule, or the bytes of a file
 * of the system's database, of which the last line is the rule that holds from now on.
 *
 * The rule is used for all years. Changes of the law in the past are not known.
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/stamp.h"

enum { ZONE_DAY = 1440 }; /* minutes */

/* The day and minute of a year at which the clocks change. */
struct zone_change {
	uint8_t kind;   /* 'M': week and weekday of a month, 'J': 1..365, 'D': 0..365 */
	uint8_t month;  /* 1..12 */
	uint8_t week;   /* 1..5, 5: the last */
	uint8_t day;    /* of the week, 0: Sunday */
	uint16_t of;    /* of the year, for J and D */
	int16_t minute; /* of the clock before the change, may leave the day */
};

struct zone {
	int16_t standard, summer; /* minutes east of UTC */
	bool changes;             /* there is a summer time */
	struct zone_change begin, end;
};

/*
 * Reads `+01:00`, `-0330`, `Z`, `UTC` or the rule of POSIX (IEEE 1003.1, chapter 8.3, TZ), the whole
 * of text[0..length). EM_SYNTAX for anything else, as the name of a place.
 */
int zone_parse(struct zone *z, const char *text, size_t length);

/* The rule at the end of a file of the database (RFC 8536, version 2 or later). EM_SYNTAX. */
int zone_parse_file(struct zone *z, const char *data, size_t size);

/* Minutes east of UTC at that instant. */
int zone_offset(const struct zone *z, instant t);

/* Civil time at that instant, with its offset. */
struct stamp zone_stamp(const struct zone *z, instant t);

/*
 * The instant of a civil time; a stamp with an offset keeps it. An hour that occurs twice is the
 * first one unless `second`. A time that the clocks leave out counts on from the time before.
 */
instant zone_instant(const struct zone *z, const struct stamp *s, bool second);

/* Whether the clocks show this time at all; a stamp with an offset always exists. */
bool zone_exists(const struct zone *z, const struct stamp *s);

/*
 * The first instant after t at which the clocks show that minute of the day (0..1439), for the first
 * time on that day.
 */
instant zone_next(const struct zone *z, instant t, int minute);

#endif
