/*
 * What a simulation did day by day: sums from midnight to midnight of the run's own clock. The first
 * and the last day may be shorter. The caller of the callback owns the day for the call only.
 */
#ifndef BALANCE_DAYS_H
#define BALANCE_DAYS_H

#include <stdbool.h>
#include <stdint.h>

/* Sums of a day, or since the start. Energies are mJ. */
struct day_sums {
	int64_t seconds;
	int64_t energy, stored, solar; /* to the car, into its battery, from export */
	int64_t driven, missed;
	int64_t over;     /* s with a phase above the fuse */
	int64_t charging; /* s with current to the car */
	int64_t pauses;
};

struct simulation_day {
	int64_t number; /* from 1 */
	int64_t begin;  /* second of the simulation in which it began */
	int64_t date;   /* days since 1970-01-01, local time, when it is `dated` */
	bool dated;
	int64_t quarter_peak; /* mJ of import in its highest quarter of an hour */
	struct day_sums sums;
};

typedef void simulation_day_end(void *context, const struct simulation_day *day);

/* The day that runs. */
struct days {
	struct simulation_day day;
	struct day_sums before; /* sums when it began */
	simulation_day_end *told;
	void *context;
};

/*
 * Ends the day whose sums since the start of the simulation are `now`, and begins the next one, in
 * that second and with that date.
 */
void days_turn(struct days *d, const struct day_sums *now, int64_t second, int64_t date);

#endif
