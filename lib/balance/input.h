/*
 * What a load balancer knows at one moment. Times are ms of a monotonic clock that also counts
 * while the machine is suspended.
 */
#ifndef BALANCE_INPUT_H
#define BALANCE_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "balance/settings.h"

/* mA on some phase: the car is charging, which it does with 6 A or more. */
enum { CAR_CHARGES = 3000 };

static inline bool car_charges(const int32_t car[BALANCE_PHASES])
{
	return car[0] >= CAR_CHARGES || car[1] >= CAR_CHARGES || car[2] >= CAR_CHARGES;
}

/* The most that a charger may tell of a car that keeps to a limit: a tenth and 1 A above it. */
static inline int32_t car_most_at(int32_t limit)
{
	return limit > INT32_MAX / 2 ? INT32_MAX : limit + limit / 10 + 1000;
}

struct balance_input {
	int64_t now;
	/*
	 * Currents of a telegram that came since the last step, mA with sign (negative: export),
	 * CURRENT_NONE for a phase that it does not tell; NULL: no telegram came.
	 */
	const int32_t *currents;
	int64_t lag;        /* ms by which that telegram is known to be older than it should be */
	const int32_t *car; /* the car's currents, mA, as last read; NULL: not measured */
	int64_t car_time;   /* when they were read */
	int32_t in_force; /* mA: the limit that the charger applies, CURRENT_NONE: the decided one */
	bool alone;       /* the charger is lost and has fallen back: the car draws nothing */
	int32_t most;     /* mA: the charger's own maximum, CURRENT_NONE: not known */
};

#endif
