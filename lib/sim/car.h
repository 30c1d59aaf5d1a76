/*
 * A car at a simulated charger: it follows the charger's limit second by second, and the charger's
 * registers show its current. It comes and goes at the hours of its settings, in local time. Each call
 * of sim_car_live() advances the time.
 */
#ifndef SIM_CAR_H
#define SIM_CAR_H

#include "balance/garage.h"
#include "sim/device.h"

struct sim_car {
	struct car_settings settings;
	struct car car;
	struct garage garage; /* for one car */
	instant now;          /* the time up to which it is simulated, 0: not begun */
};

/* Simulates car and charger up to `now`. */
void sim_car_live(struct sim_car *c, struct sim_device *s, instant now);

#endif
