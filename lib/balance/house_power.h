/*
 * What the house draws without the car, as means over ten seconds: for rules that are about power and
 * energy, where a second does not matter. Meter and charger are late against each other, so a
 * telegram counts only when the car has been steady for some seconds; if it never is, all count.
 * Also learns which phases the car uses. Times are ms of one monotonic clock, powers mW.
 */
#ifndef BALANCE_HOUSE_POWER_H
#define BALANCE_HOUSE_POWER_H

#include "balance/input.h"

enum { MAINS_VOLTAGE = 230, HOUSE_POWER_WINDOW = 10000 /* ms */ };

struct house_power {
	int32_t anchor[BALANCE_PHASES]; /* the car's currents when it moved last */
	int64_t moved;                  /* when that was, INT64_MIN: never */
	int64_t began;                  /* the running window */
	/* Sums of the telegrams that count, and of the others. */
	struct house_power_sums {
		int64_t count, power;
		int64_t grid[BALANCE_PHASES], car[BALANCE_PHASES];
	} settled, all;
	/* Of the last telegram, for more like it. */
	struct house_power_sums last;
	bool counts;
	bool running, charged;
	/* Results of the last window. */
	bool known;
	int64_t power;                /* without the car; below 0: surplus */
	int32_t grid[BALANCE_PHASES]; /* mA, with the car */
	int32_t car[BALANCE_PHASES];  /* mA, on the phases of the charger */
	bool used[BALANCE_PHASES];    /* phases of the charger that the car used last */
};

/* `phases`: those of the car until it has charged. */
void house_power_start(struct house_power *h, int32_t phases);

/*
 * A telegram. `power`: mW with the car; `car`: what it draws. Returns whether a window ended with it,
 * so that there are new results.
 */
bool house_power_add(struct house_power *h, int64_t now, int64_t power,
                     const int32_t grid[BALANCE_PHASES], const int32_t car[BALANCE_PHASES]);

/* So many more telegrams like the last one change nothing but the sums. */
int64_t house_power_unchanged(const struct house_power *h, int64_t now);

/* Takes that many, a second apart. */
void house_power_hold(struct house_power *h, int64_t seconds);

/* The number of phases that the car uses, 1..3. */
int house_power_phases(const struct house_power *h);

/* The current per phase of the car that draws a power, mA. */
int32_t house_power_current(const struct house_power *h, int64_t power);

#endif
