#include "control/freshness.h"

enum { CLOCK_PATIENCE = 3000 /* ms */ };

void freshness_start(struct freshness *f)
{
	*f = (struct freshness){.clock = INSTANT_NONE};
}

bool freshness_frozen(struct freshness *f, int64_t now, instant clock)
{
	if (clock != f->clock || clock == INSTANT_NONE)
		f->clock_seen = now;
	f->clock = clock;
	return now - f->clock_seen > CLOCK_PATIENCE;
}

int freshness_missing(struct freshness *f, const int32_t currents[BALANCE_PHASES], int phases)
{
	int missing = -1;

	for (int i = 0; i < phases; i++) {
		f->phases[i] = f->phases[i] || currents[i] != CURRENT_NONE;
		if (f->phases[i] && currents[i] == CURRENT_NONE)
			missing = i;
	}
	return missing;
}

const int32_t *freshness_car(const struct charger_state *charger, int64_t now, int64_t patience)
{
	bool known = charger->car_read != CHARGER_NEVER;

	return known && now - charger->car_read <= patience ? charger->car : NULL;
}

bool freshness_lost(const struct charger_state *charger, int64_t now, int64_t timeout)
{
	return charger->silent_since != CHARGER_NEVER && now - charger->silent_since >= timeout;
}
