/*
 * The household behind a simulated P1 meter: three phases with kettles, an oven in the evening, solar
 * panels at noon; gas and water. Everything follows from the seed and the time.
 */
#ifndef CMD_BALANCE_HOUSEHOLD_H
#define CMD_BALANCE_HOUSEHOLD_H

#include "cmd/sim/random.h"
#include "protocol/telegram/telegram.h"

struct household {
	const struct telegram_model *model;
	struct random random;
	double import[2], export[2];                             /* Wh by tariff: night, day */
	double reactive_import, reactive_export, quarter_import; /* varh, varh, Wh */
	double gas, water;                                       /* m3 */
	double kettle;                                           /* s that it still boils */
	instant quarter;                                         /* when this quarter hour began */
	bool begun;
};

void household_init(struct household *h, const struct telegram_model *model, uint64_t seed);

/* The values at `time`, `seconds` after the last ones. */
void household_live(struct household *h, struct telegram_values *values, instant time,
                    double seconds);

#endif
