/*
 * What the numbers of a reading say for control/standstill: their content, its energy registers, and
 * the power that must move one of them.
 */
#ifndef CONTROL_GRID_ENERGY_H
#define CONTROL_GRID_ENERGY_H

#include "control/standstill.h"
#include "record/record.h"

/* `inverted`: the meter counts export as positive, perhaps in its powers alone. */
struct standstill_reading grid_energy(const struct record *r, bool inverted);

#endif
