/*
 * What happens in a simulation at its own times: cars come and go, quarters of an hour and days end.
 * Only simulate.c calls these.
 */
#ifndef BALANCE_CALENDAR_H
#define BALANCE_CALENDAR_H

#include "balance/simulate.h"

enum { SIMULATION_QUARTER = 900 /* s */ };

/* What is due in second s->event, or at the begin; sets the next one. */
void simulation_turn(struct simulation *s);

void simulation_end_quarter(struct simulation *s);
void simulation_end_day(struct simulation *s);

/* Settings of the car that is at the charger, or was the last one there. */
static inline const struct car_settings *simulation_car(const struct simulation *s)
{
	return &s->settings.cars[s->garage.at];
}

#endif
