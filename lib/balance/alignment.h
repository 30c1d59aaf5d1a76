/*
 * Which grid phases the charger's phases hang on, how late meter and charger are against each
 * other, and whether the charger's currents can be believed: learnt from movements of the car. A
 * guess that is right leaves a house that does not move with the car. Each guess (a phase order, a
 * delay) has a score, the movement that it leaves in the house, which fades as new movements come.
 */
#ifndef BALANCE_ALIGNMENT_H
#define BALANCE_ALIGNMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "balance/history.h"

enum {
	ALIGNMENT_MOST = 9, /* s that meter and charger may be late against each other */
	ALIGNMENT_DELAYS = 2 * ALIGNMENT_MOST + 1,
	ALIGNMENT_SCORES = ALIGNMENT_DELAYS + 1, /* the last is never better: whole vectors */
	ALIGNMENT_ORDERS = 6
};

/* alignment_orders[order][n]: the grid phase (0..2) of the charger's phase n. */
extern const uint8_t alignment_orders[ALIGNMENT_ORDERS][BALANCE_PHASES];

struct alignment {
	uint32_t allowed;               /* bit n: order n is possible */
	uint32_t orders;                /* bit n: order n is not refuted */
	uint8_t places[BALANCE_PHASES]; /* bit p of [n]: by one of them n hangs on grid phase p */
	int earliest, latest; /* s: the delays that are not refuted; see alignment.c for the sign */
	bool believed;        /* the charger's currents explain what the meter shows */
	int32_t still;        /* score of a car that never moves */
	bool alike; /* all orders have the scores of the first one: all phases moved alike */
	int32_t scores[ALIGNMENT_ORDERS][ALIGNMENT_SCORES];
	uint32_t judged; /* telegrams that were judged */
};

/* phases: 1..3 of the grid; order: as the setting phase_order, 0: not known. */
void alignment_start(struct alignment *a, int phases, int32_t order);

/* Judges the telegrams that are old enough for all delays. `car`: what the charger told. */
void alignment_judge(struct alignment *a, const struct history *grid, const struct history *car);

#endif
