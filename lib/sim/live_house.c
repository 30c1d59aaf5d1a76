#include "sim/live_house.h"

static int64_t second_of(const struct live_house *h, instant now)
{
	return (now - h->origin) / 1000;
}

static void advance(struct live_house *h, instant now)
{
	int64_t second = second_of(h, now);

	while (h->until <= second) {
		int64_t gave = household_sun(&h->household) * (h->until - h->since);
		int64_t lasts = household_next(&h->household, h->loads);

		if (!lasts)
			return; /* after ten years */
		h->fed += gave;
		h->since = h->until;
		h->until += lasts;
	}
}

void live_house_start(struct live_house *h, const struct live_house_settings *settings, instant now)
{
	household_start(&h->household, &settings->household);
	h->until = h->since = 0;
	h->origin = now - (instant)settings->start * 1000;
	advance(h, now);
	h->fed = 0;
	h->since = second_of(h, now);
	sim_car_live(&h->car, &h->charger, now);
}

void live_house_grid(struct live_house *h, instant now, int32_t currents[BALANCE_PHASES])
{
	advance(h, now);
	sim_car_live(&h->car, &h->charger, now);
	for (int i = 0; i < BALANCE_PHASES; i++)
		currents[i] = h->loads[i] + car_phase(&h->car.car, &h->car.settings, i);
}

int32_t live_house_sun(struct live_house *h, instant now, uint32_t *fed)
{
	int32_t watts;

	advance(h, now);
	watts = household_sun(&h->household);
	*fed = (uint32_t)((h->fed + watts * (second_of(h, now) - h->since)) / 3600);
	return watts;
}
