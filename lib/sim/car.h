/*
 * A car behind a simulated charger: it follows the limit that the charger applies, second by
 * second, and the charger's registers show what it draws. Time passes whenever somebody asks.
 */
#ifndef SIM_CAR_H
#define SIM_CAR_H

#include "balance/car.h"
#include "sim/device.h"

struct sim_car {
	struct car_settings settings;
	struct car car;
	instant now; /* up to which it has lived, 0: not begun */
};

/* Lets car and charger live up to `now`. */
void sim_car_live(struct sim_car *c, struct sim_device *s, instant now);

#endif
