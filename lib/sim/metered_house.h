/*
 * The house of a simulated smart meter: three phases with kettles, an oven in the evening, solar
 * panels at noon; gas and water. The seed and the time determine all values.
 */
#ifndef SIM_METERED_HOUSE_H
#define SIM_METERED_HOUSE_H

#include "base/random.h"
#include "protocol/telegram/telegram.h"

struct metered_house {
	const struct telegram_model *model;
	struct random random;
	double import[2], export[2];                             /* Wh by tariff: night, day */
	double reactive_import, reactive_export, quarter_import; /* varh, varh, Wh */
	double gas, water;                                       /* m3 */
	double kettle;                                           /* s that it still runs */
	instant quarter;                                         /* start of this quarter hour */
	bool begun;
	bool bare;        /* nothing but `loads`: no kettles, no panels */
	int32_t loads[3]; /* mA on each phase beside its own, negative: export */
};

void metered_house_start(struct metered_house *h, const struct telegram_model *model,
                         uint64_t seed);

/* Updates the values for `time`, `seconds` after the last update; energies count the loads, too. */
void metered_house_live(struct metered_house *h, struct telegram_values *values, instant time,
                        double seconds);

/* Adds the loads to the currents and powers, which may be constant values by now. */
void metered_house_load(const struct metered_house *h, struct telegram_values *values);

#endif
