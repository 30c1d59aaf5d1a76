/*
 * What a meter at the main fuse tells beside its currents: net power, demand and peak of a capacity
 * tariff, the import register and its clock. Internal to grid_*.c.
 */
#ifndef CONTROL_GRID_POWERS_H
#define CONTROL_GRID_POWERS_H

#include "balance/input.h"
#include "record/record.h"

/* `inverted`: the meter counts export as positive. */
struct balance_powers grid_powers(const struct record *r, bool inverted);

#endif
