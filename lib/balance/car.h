/*
 * A car at a charger that offers it a limit each second. It follows late (IEC 61851-1 allows 5 s),
 * rises slowly, falls fast, stops at once below its minimum current, and takes some time to start
 * again. Currents are per phase, the same on each phase that it uses.
 */
#ifndef BALANCE_CAR_H
#define BALANCE_CAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "balance/hours.h"
#include "balance/settings.h"

enum { CAR_DEAD_MOST = 15, CAR_VOLTAGE = 230 }; /* a power of 2 less 1 */

struct car_settings {
	int32_t least, most;  /* mA: below `least` it pauses */
	int32_t phases;       /* 1..3 */
	int32_t first;        /* the first phase it uses, 1..3 */
	int32_t dead;         /* s before it follows, 0..15 */
	int32_t up, down;     /* mA per s */
	int32_t restart;      /* s from an offer after a pause to the first current */
	int32_t loss;         /* W lost while charging, whatever the current */
	int32_t battery;      /* Wh that fit, 0: no end */
	int32_t charge;       /* % in the battery at the start */
	int32_t taper;        /* % from which it takes less and less */
	int32_t sleeps_after; /* pauses after which it does not wake up again, 0: never sleeps */
	int32_t daily;        /* Wh that it drives a day, while it is away */
	struct hours home;    /* when it is plugged in */
};

struct car {
	int32_t current;                   /* mA per phase */
	int32_t offers[CAR_DEAD_MOST + 1]; /* the last offers, a ring */
	uint32_t at;
	int32_t waiting; /* s since an offer came back, while stopped */
	int32_t same;    /* s for which the offer has not changed */
	int32_t most;    /* mA that it takes at the charge of its battery */
	int32_t pauses;
	int32_t rested;  /* pauses before it was plugged in */
	int64_t energy;  /* mJ taken from the grid */
	int64_t stored;  /* mJ that reached the battery */
	int64_t content; /* mJ in the battery, less those of the start */
	bool full;
};

struct car_settings car_defaults(void);

/* Reads one `NAME=VALUE` (A, s, W, kWh, %, hours) into c: EM_UNKNOWN, EM_SYNTAX, EM_RANGE. */
int car_parse(struct car_settings *c, const char *text, size_t length);

/* What follows from the others: a car that drives has a battery, and is away by day. */
void car_settle(struct car_settings *c);

/* The name of property number `index` (from 0), or NULL after the last. */
const char *car_property(size_t index);

/* The least and the greatest value of that property, in its unit. */
void car_bounds(size_t index, double *least, double *most);

/* Its form, when it is no number: "FROM-TO[+FROM-TO...]"; else NULL. */
const char *car_form(size_t index);

void car_start(struct car *car);

/* It comes to a charger, with that content, or leaves it. Its sums stay. */
void car_plug(struct car *car, int64_t content);
void car_unplug(struct car *car);

/* mJ in the battery, whose content grew by `content` since the start */
int64_t car_charge(const struct car_settings *c, int64_t content);

/* One second with that limit offered (mA). Returns whether another equal second would differ, but
   for its battery: see car_lasts(). */
bool car_tick(struct car *car, const struct car_settings *c, int32_t offered);

/* For how many seconds the next one is like the last one, when car_tick returned false. */
int64_t car_lasts(const struct car *car, const struct car_settings *c);

/* `seconds` more seconds like the last one; no more than car_lasts() tells. */
void car_hold(struct car *car, const struct car_settings *c, int64_t seconds);

/* mA that the car draws on phase 0..2 */
static inline int32_t car_phase(const struct car *car, const struct car_settings *c, int phase)
{
	int place = (phase + BALANCE_PHASES + 1 - c->first) % BALANCE_PHASES;

	return place < c->phases ? car->current : 0;
}

#endif
