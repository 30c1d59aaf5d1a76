/*
 * The course of a simulation in bounded memory, for pictures of any length. Bins show the course:
 * when they are full, pairs are merged and each stands for twice the time. Rows of days hold sums of
 * a day and of its hours: when they are full, seven days become a week, then four weeks a row, and
 * so on. Currents are those of the phase that is highest in its second, unless a comment says more.
 */
#ifndef BALANCE_SERIES_H
#define BALANCE_SERIES_H

#include "balance/simulate.h"

enum { SERIES_BINS = 1440, SERIES_DAYS = 400, SERIES_HOURS = 24 };

struct series_bin {
	int64_t house, total, car, limit; /* sums in mA s */
	int32_t total_max;                /* mA */
	int32_t limit_min, limit_max;     /* mA */
	int32_t seconds, over;            /* s, s above the fuse */
	int32_t states[STATES];           /* s */
};

struct series_hour {
	int64_t total; /* mA s */
	int64_t seconds;
};

struct series_day {
	int64_t car, solar, import; /* mA s of all phases; solar: the part of car that was export */
	int64_t seconds, over,
		charging; /* s; with a phase above the fuse; with a current to the car */
	int32_t highest;  /* mA */
	struct series_hour hours[SERIES_HOURS];
};

enum series_calendar {
	CALENDAR_NONE, /* nobody knows when it was */
	CALENDAR_YEAR, /* day and month, of any year without 29 February */
	CALENDAR_DATE  /* a date */
};

/* What the clock on the wall showed in second 0. */
struct series_clock {
	enum series_calendar calendar;
	int64_t begin; /* s since 1970-01-01 0:00, without time zone */
};

struct series {
	struct series_clock clock;
	int64_t begin; /* second of the first bin */
	int64_t width; /* s per bin */
	int count;
	int32_t rated;        /* mA of the fuse */
	int64_t day;          /* of the first row: days since 1970-01-01 on that clock */
	int64_t days_per_row; /* 1, then 7, 28, 56, ... */
	int rows;
	struct series_bin bins[SERIES_BINS];
	struct series_day days[SERIES_DAYS];
};

/* Without a clock, which may be set after it, second 0 is midnight of a day 1. */
void series_start(struct series *s, int32_t rated);

/* Takes tick->seconds at once. */
void series_add(struct series *s, const struct simulation_tick *tick);

/* A, from a sum of a bin */
static inline double series_mean(const struct series_bin *b, int64_t sum)
{
	return (double)sum / 1000 / (b->seconds ? b->seconds : 1);
}

/* kWh of one mA s on all phases together */
#define SERIES_KWH (CAR_VOLTAGE / 3.6e9)

/* A sum of a row per day, so that rows of a day and of weeks have one scale. */
static inline double series_daily(const struct series *s, const struct series_day *row, int64_t sum)
{
	double days = (double)row->seconds / 86400;

	return (double)sum / (s->days_per_row > 1 && days > 1 ? days : 1);
}

/* All seconds that were added. */
static inline int64_t series_seconds(const struct series *s)
{
	return s->count ? s->width * (s->count - 1) + s->bins[s->count - 1].seconds : 0;
}

#endif
