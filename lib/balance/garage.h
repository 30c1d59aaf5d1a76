/*
 * The cars that share one charger: they come home, wait until it is free, charge, and drive off. The
 * first to come is the first to be plugged in; of those that come together, the emptiest. A drive ends
 * when the car comes home: it takes its part of the day's energy from the battery, and what the battery
 * does not have is missing. The caller owns the settings and the car at the charger.
 */
#ifndef BALANCE_GARAGE_H
#define BALANCE_GARAGE_H

#include "balance/car.h"

enum { GARAGE_CARS = 4 };

/* Later than any second of a simulation. */
#define GARAGE_NEVER (INT64_MAX / 2)

struct garage_car {
	int64_t content; /* as in struct car, while it is not at the charger */
	int64_t since;   /* second in which it came home */
	int64_t driven;  /* mJ that its drives took from the battery */
	int64_t missed;  /* mJ that they needed beyond that */
	bool home;
};

struct garage {
	struct garage_car cars[GARAGE_CARS];
	int count;
	int at;         /* the car at the charger, or the last one that was */
	bool free;      /* no car is at the charger */
	int64_t change; /* second in which a car comes or goes next, GARAGE_NEVER: none does */
	int64_t driven, missed; /* of all cars */
};

/* Begins at second `now`, which is second `day` of its day; `car` becomes the one that is plugged in. */
void garage_start(struct garage *g, const struct car_settings *settings, int count, struct car *car,
                  int64_t now, int32_t day);

/* Cars come and go; due when `now` has reached g->change. `car` is the one at the charger. */
void garage_turn(struct garage *g, const struct car_settings *settings, struct car *car,
                 int64_t now, int32_t day);

/* mJ in the battery of car i beyond those of the start; `car` is the one at the charger. */
static inline int64_t garage_content(const struct garage *g, const struct car *car, int i)
{
	return g->at == i && !g->free ? car->content : g->cars[i].content;
}

#endif
