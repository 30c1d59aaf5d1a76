/*
 * What the house draws without the car. Meter and charger are late against each other and the
 * charger's phases may hang on any grid phases, so a sample only says between which currents the
 * house must be. While the car is steady that is one current. While it moves, the load of the house
 * stays as it was unless a sample contradicts it: the car's own ramp is no load, and its decrease
 * is not subtracted twice.
 *
 * A car cannot draw more than its limit for long, and follows a new limit late; what its charger
 * tells beyond that is not used. Without measured currents the car is taken for its limit.
 * All times are ms of one monotonic clock, all currents mA.
 */
#ifndef BALANCE_HOUSE_LOAD_H
#define BALANCE_HOUSE_LOAD_H

#include "balance/alignment.h"

struct house_load {
	struct alignment alignment;
	struct history grid, car;
	struct history limits;          /* LIMIT_LEAST and LIMIT_MOST of what may be in force */
	int64_t moved;                  /* when car or limit last moved */
	int32_t anchor[BALANCE_PHASES]; /* the car's currents at that time */
	bool measured;                  /* the car's currents are known now */
	bool known;                     /* `settled` is */
	int32_t car_most;               /* the most that the car can have drawn on a phase in it */
	bool beyond;                    /* the charger tells more than the limit permits */
	int32_t phases, order;          /* as given at the start */
	uint32_t open;                  /* the last telegrams, which wait for readings of the car */
	/*
	 * [n] of the grid phases, if the charger's phase n hangs there: before those telegrams, and
	 * now. `plain`: the last telegram tells `loads` by itself, less what the car drew, and the
	 * one before tells `settled`.
	 */
	int32_t settled[BALANCE_PHASES][BALANCE_PHASES];
	int32_t loads[BALANCE_PHASES][BALANCE_PHASES];
	int32_t drawn[BALANCE_PHASES];
	bool plain;
};

/* phases: 1..3 of the grid; order: as the setting phase_order. */
void house_load_start(struct house_load *h, int32_t phases, int32_t order);

/*
 * The limit that was decided and the one in force at the charger, which may be an older one, or
 * somebody else's. One below the car's minimum is 0.
 */
void house_load_limit(struct house_load *h, int64_t now, int32_t decided, int32_t in_force);

/* The car's currents as the charger tells them, NULL: not known. */
void house_load_car(struct house_load *h, int64_t now, const int32_t *car);

/* A telegram that was measured at the time `at`. */
void house_load_grid(struct house_load *h, int64_t at, const int32_t grid[BALANCE_PHASES]);

/*
 * The highest load of the house on those grid phases that the charger's phases may hang on;
 * `used[n]`: the car uses the charger's phase n.
 */
int32_t house_load_worst(const struct house_load *h, const bool used[BALANCE_PHASES]);

/* The most that the car can have drawn on a phase in the last telegram. */
int32_t house_load_car_most(const struct house_load *h, int64_t now);

/* Whether nothing has moved for long. */
bool house_load_calm(const struct house_load *h, int64_t now);

/* Whether more readings and telegrams like the last ones would change nothing. */
bool house_load_steady(const struct house_load *h);

/* The phase order as digits (231: the charger's L1 is on grid phase 2), 0: not known yet. */
int32_t house_load_order(const struct house_load *h);

/* Whether the charger's currents are used. */
bool house_load_believes(const struct house_load *h);

/* Whether the car's currents are known: the charger tells them and they are used. */
bool house_load_sees(const struct house_load *h);

/* Whether it is also learnt how late they are against the meter. */
bool house_load_learnt(const struct house_load *h);

#endif
