/*
 * Points in time. An instant is a number of milliseconds since 1970-01-01T00:00:00Z; the caller
 * passes the present one, because decoders read no clock. A stamp is what the clock of a device
 * showed: civil time as sent, with its offset from UTC if the device sends it.
 */
#ifndef BASE_STAMP_H
#define BASE_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int64_t instant; /* ms since the epoch, UTC */

#define INSTANT_NONE INT64_MIN /* the source has no clock */
#define STAMP_TEXT 40          /* bytes that the longest text needs, with its NUL */

struct stamp {
	int16_t year;                             /* 0..9999 */
	uint8_t month, day, hour, minute, second; /* 1..12, 1..31, 0..23, 0..59, 0..59 */
	bool has_offset;
	int16_t offset; /* minutes east of UTC: 60 is +01:00 */
};

/* Whether the day and the second exist and the offset is within -840..840. */
bool stamp_valid(const struct stamp *s);

/*
 * RFC 3339, `2021-02-04T16:36:28+01:00`, without offset if the stamp has none; returns the length.
 */
size_t stamp_format(char out[STAMP_TEXT], const struct stamp *s);

/*
 * Reads RFC 3339, with `T` or a blank, and without an offset too; the part of a second is left out.
 * Whether it is a valid stamp.
 */
bool stamp_parse(struct stamp *s, const char *text);

/* The instant of a valid stamp; one without offset is taken as UTC. */
instant stamp_instant(const struct stamp *s);

/* The stamp of an instant at `offset` minutes east of UTC, years 0..9999. */
struct stamp stamp_at(instant t, int offset);

/* `2021-02-04T15:36:28.123Z`; returns the length. */
size_t instant_format(char out[STAMP_TEXT], instant t);

/* Days from 1970-01-01 to a civil date (proleptic Gregorian). */
int64_t days_from_civil(int year, unsigned month, unsigned day);

#endif
