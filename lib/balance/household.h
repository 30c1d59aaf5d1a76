/*
 * A made-up household: appliances with their duty cycles, people with habits, a heat pump and solar
 * panels on request. The same seed gives the same currents to the milliampere. Powers and times are
 * plausible, not measured. The output is a sequence of runs: constant currents and their length in
 * seconds.
 */
#ifndef BALANCE_HOUSEHOLD_H
#define BALANCE_HOUSEHOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "balance/settings.h"
#include "base/random.h"

enum { HOUSEHOLD_APPLIANCES = 24 };

struct household_settings {
	uint64_t seed;
	int32_t days;      /* 1..3660 */
	int32_t pv;        /* W peak of the panels, over three phases from 5 kW on, else on one */
	int32_t heat_pump; /* W electrical over three phases, hot water included */
	int32_t day;       /* of the year at the start, 1..365 */
};

struct appliance {
	int64_t next; /* second of the next switching */
	int64_t ends; /* second in which the running session ends */
	struct random random;
	int32_t power[BALANCE_PHASES]; /* W now */
	int32_t session;               /* number of sessions planned on that day */
	int32_t day;
	bool on, running;
};

struct household {
	struct household_settings settings;
	struct appliance appliances[HOUSEHOLD_APPLIANCES];
	int64_t now, end; /* s */
	int count;
};

/* Reads `seed=7,days=1,pv=4,heatpump=2.7,day=80` (kW). EM_UNKNOWN, EM_SYNTAX, EM_RANGE. */
int household_parse(struct household_settings *s, const char *text);

void household_start(struct household *h, const struct household_settings *s);

/* W that the panels give in the run that household_next() returned last, at least 0. */
int32_t household_sun(const struct household *h);

/* Phases that the panels feed, 1 or 3. */
int household_sun_phases(const struct household *h);

/* The next run: currents in mA (negative: export) and its length in s; 0 at the end. */
int64_t household_next(struct household *h, int32_t currents[BALANCE_PHASES]);

#endif
