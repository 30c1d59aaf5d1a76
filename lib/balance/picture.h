/*
 * The parts of a picture, one below the other: each draws from `y` on and moves it. Only plot.c and
 * the parts themselves include this header.
 */
#ifndef BALANCE_PICTURE_H
#define BALANCE_PICTURE_H

#include "balance/plot.h"

struct picture {
	struct text *out;
	const struct simulation *sim;
	const struct series *series;
	const struct plot_scale *scale;
	double y; /* px from the top: where the next part begins */
};

enum {
	PICTURE_TITLE = 15, /* px from the top of a part to the foot of its title */
	PICTURE_KEYS = 36,  /* to the foot of its legend */
	PICTURE_PANEL = 50, /* to its panel */
	PICTURE_GAP = 22,   /* between two parts */
	PICTURE_AXIS = 22   /* for the words of an axis */
};

/* Currents, the limit and the states, second by second or bin by bin. */
void picture_course(struct picture *p);

/* Bars per day: energy, highest current, time above the fuse. */
void picture_days(struct picture *p);

/* Hours of the day by days. */
void picture_map(struct picture *p);

#endif
