/*
 * Hours of the day in which a car is plugged in at home: windows that do not touch, each of which may
 * span midnight. Times are seconds of the day, local time.
 */
#ifndef BALANCE_HOURS_H
#define BALANCE_HOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HOURS_WINDOWS = 4, HOURS_DAY = 86400 };

struct hours_window {
	int32_t from;   /* s of the day, 0..86399 */
	int32_t length; /* s, 1..86400 */
};

struct hours {
	int32_t count; /* of windows; 0: always */
	struct hours_window windows[HOURS_WINDOWS];
};

/* Reads `18-7`, `17:30-7:15`, `12-13:30+18-7` or `0-24`: EM_SYNTAX, EM_RANGE when windows touch. */
int hours_parse(struct hours *h, const char *text, size_t length);

/* Reads `7`, `07` or `17:30`, at most `24:00`, as a second of the day: EM_SYNTAX, EM_RANGE. */
int hours_time(const char *text, size_t length, int32_t *out);

/* Whether second `at` of the day is within; *lasts: s until that changes, INT32_MAX: never. */
bool hours_within(const struct hours *h, int32_t at, int32_t *lasts);

/* s from the end of the window before to the begin of the one that holds second `at`. */
int32_t hours_gap(const struct hours *h, int32_t at);

/* s of a day outside of all windows */
int32_t hours_outside(const struct hours *h);

#endif
