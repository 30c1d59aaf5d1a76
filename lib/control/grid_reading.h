/*
 * What a reading of any meter means for a fuse: three currents with sign, whose reading it is, and
 * what proves it old. The names are those of record/quantities.def. A current is negative when its
 * phase exports.
 *
 * A phase of which no current is told: the apparent power tells it, or active and reactive power do.
 * With the active power alone it is P / (U * power factor). Without a voltage it is the most that
 * the power can mean. Totals tell no phase; a house with a single phase is its total.
 */
#ifndef CONTROL_GRID_READING_H
#define CONTROL_GRID_READING_H

#include <stdbool.h>
#include <stdint.h>

#include "balance/input.h"
#include "base/stamp.h"
#include "control/identity.h"
#include "control/standstill.h"
#include "record/record.h"

enum { GRID_PHASES = 3 };

/* How currents were made that the meter does not tell; several bits may be set. */
enum grid_estimate {
	GRID_POWER_FACTOR = 1, /* of the active power, with the assumed power factor */
	GRID_LOW_VOLTAGE = 2,  /* with 207 V, because no voltage is told */
};

struct grid_rules {
	int32_t power_factor;  /* thousandths, 1..1000 */
	const int32_t *phases; /* of the house: 1 lets totals count (borrowed); NULL: 3 */
	bool inverted;         /* the meter counts export as positive */
};

struct grid_reading {
	int32_t currents[GRID_PHASES]; /* mA, CURRENT_NONE when not told */
	instant clock;                 /* of the meter, INSTANT_NONE when missing */
	const char *id;                /* its identifier, else its header; for the call */
	struct standstill_reading still;
	struct balance_powers powers;
	unsigned estimated; /* bits of enum grid_estimate */
};

/* Fills *out from a record that passed its checks; `id` keeps the identifier. */
void grid_reading_of(struct grid_reading *out, char id[IDENTITY_TEXT], const struct record *r,
                     const struct grid_rules *rules);

/* Whether the record has a current or power of a phase, if only as null. */
bool grid_reading_names_phases(const struct record *r);

/* What a value is good for, so that a poller asks for nothing else. */
enum grid_use {
	GRID_UNUSED,
	GRID_NEEDED,    /* currents, voltages, active powers, registers */
	GRID_SUBSTITUTE /* other powers: only where no current is told */
};

enum grid_use grid_reading_use(const char *name);

#endif
