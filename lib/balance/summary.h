/*
 * The outcome of a simulation as a record, and one second of it as a record: what `balance
 * simulate` prints, and what the report shows.
 */
#ifndef BALANCE_SUMMARY_H
#define BALANCE_SUMMARY_H

#include "balance/simulate.h"
#include "record/record.h"

/* Fills r with type balance_summary; name (borrowed, may be NULL) tells parameter sets apart. */
void balance_summary(struct record *r, const struct simulation *s, const char *name);

/* Adds to a summary what it comes to in days: energy a day (null below a day), what cars drove. */
void balance_summary_days(struct record *r, const struct simulation *s);

/* Fills r with type balance_day. */
void balance_day(struct record *r, const struct simulation_day *day, const char *name);

/* Fills r with type balance: one second. */
void balance_second(struct record *r, const struct simulation_tick *tick, const char *name);

/* mA as A with three decimals */
static inline struct decimal amperes(int64_t milli)
{
	return decimal_i64(milli, -3);
}

#endif
