/*
 * What a load balancer knows at one moment. Times are ms of a monotonic clock that also counts
 * while the machine is suspended.
 */
#ifndef BALANCE_INPUT_H
#define BALANCE_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "balance/settings.h"
#include "base/stamp.h"

#define POWER_NONE INT64_MIN /* a power or energy that is not known */

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

/* What a meter tells beside its currents. */
struct balance_powers {
	int64_t power;  /* mW, import less export of all phases; POWER_NONE: U I of the currents */
	int64_t demand; /* mW, 1-0:1.4.0: energy of the running quarter of an hour / 15 min */
	int64_t peak;   /* mW, 1-0:1.6.0: the highest quarter of an hour of this month */
	int64_t import; /* mWh, the register */
	instant clock;  /* of the meter, INSTANT_NONE: it has none */
	int32_t zone;   /* minutes of its local time east of UTC */
};

static const struct balance_powers powers_none = {POWER_NONE, POWER_NONE,   POWER_NONE,
                                                  POWER_NONE, INSTANT_NONE, 0};

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
	/* The meter's clock now, else ours; INSTANT_NONE: none. Minutes of local time east of UTC. */
	instant clock;
	int32_t zone;
	const struct balance_powers *powers; /* of that telegram; NULL: it tells none */
};

#endif
