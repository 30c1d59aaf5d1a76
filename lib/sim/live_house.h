/*
 * A house that lives in real time: a synthetic household with solar panels, and a charger with a car.
 * What its meter, its inverter and its charger tell belongs together. Time is an argument; each call
 * with a later one advances everything.
 */
#ifndef SIM_LIVE_HOUSE_H
#define SIM_LIVE_HOUSE_H

#include "balance/household.h"
#include "sim/car.h"

struct live_house_settings {
	struct household_settings household;
	int32_t start; /* second of the household's day at which it begins */
};

struct live_house {
	struct household household;
	int32_t loads[BALANCE_PHASES]; /* mA of the household now, negative: export */
	int64_t until;                 /* second of the household until which that holds */
	instant origin;                /* ms, its second 0 */
	int64_t since;                 /* second since which it holds */
	int64_t fed;                   /* W s that the panels gave up to then */
	struct sim_device charger;
	struct sim_car car;
};

/* The caller has filled the charger's device and image, and the car's settings. */
void live_house_start(struct live_house *h, const struct live_house_settings *settings,
                      instant now);

/* mA that the meter sees on each phase at `now`: the household and the car. */
void live_house_grid(struct live_house *h, instant now, int32_t currents[BALANCE_PHASES]);

/* W that the panels give at `now`, and Wh that they gave since the start. */
int32_t live_house_sun(struct live_house *h, instant now, uint32_t *fed);

#endif
