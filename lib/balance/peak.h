/*
 * The ceiling of a capacity tariff: the mean power that is imported in a period of the clock, a
 * quarter of an hour or an hour, stays below a level. The energy of the running period is the
 * meter's own (1-0:1.4.0) where it tells it, else what its import register has counted since the
 * period began, else the sum of power and time. Export never cancels import. Powers are mW, energies
 * mJ, times ms.
 */
#ifndef BALANCE_PEAK_H
#define BALANCE_PEAK_H

#include "balance/input.h"

/* Setting `peak`, W: off, the highest period of the month so far, else the level itself. */
enum { PEAK_OFF, PEAK_AUTO, PEAK_LEAST_AUTO = 2500 };

struct peak {
	int64_t period;  /* number of the running one, counted from the epoch; INT64_MIN: none */
	int64_t energy;  /* of it so far */
	int64_t left;    /* until it ends */
	int64_t counted; /* energy when the register was looked at first */
	int64_t register_began; /* mWh it told then, INT64_MIN: none */
	int64_t now, power;     /* of the last telegram */
	bool whole;             /* the running period was seen from its begin */
	int64_t month;          /* number of the running month, INT64_MIN: none */
	int64_t highest; /* mean power of the highest period of this month, as far as known */
};

void peak_start(struct peak *p);

/* A telegram with its powers; `power` is known. Without a clock it is not counted. */
void peak_add(struct peak *p, const struct balance_settings *settings,
              const struct balance_input *in, const struct balance_powers *powers);

/* `seconds` more like the last one, within the period. */
void peak_hold(struct peak *p, int64_t seconds);

/* The level that counts now. */
int64_t peak_level(const struct peak *p, const struct balance_settings *settings);

/* What the car may draw beside a house that draws `house`, until the period ends. */
int64_t peak_rest(const struct peak *p, const struct balance_settings *settings, int64_t house);

#endif
