#include "balance/cost.h"

#define KWH INT64_C(3600000000) /* mJ */

static int64_t rounded(int64_t n, int64_t by)
{
	return (n < 0 ? n - by / 2 : n + by / 2) / by;
}

/* energy (mJ) at a price: price * energy / KWH, with the rest kept */
static void add(struct cost *c, int64_t price, int64_t energy)
{
	int64_t whole = energy / KWH, part = energy % KWH;
	int64_t high = price / 1000, low = price % 1000; /* price * part may not fit */

	c->energy += energy;
	c->whole += price * whole;
	c->whole += high * part / (KWH / 1000);
	c->rest += high * part % (KWH / 1000) * 1000 + low * part;
	c->whole += c->rest / KWH;
	c->rest %= KWH;
}

void cost_add(struct cost *c, const struct prices *prices, instant from, int64_t duration,
              int64_t power)
{
	for (instant end = from + duration; from < end && power;) {
		const struct price_slot *next, *slot = prices_at(prices, from, &next);
		instant stop = slot ? slot->end : next ? next->start : end;
		int64_t energy;

		stop = stop < end ? stop : end;
		energy = power * (stop - from) / 1000;
		if (slot)
			add(c, slot->price, energy);
		else
			c->unpriced += energy;
		from = stop;
	}
}

struct decimal cost_total(const struct cost *c)
{
	return decimal_i64(rounded(c->whole, 100000), -4);
}

struct decimal cost_mean(const struct cost *c)
{
	int64_t whole = c->whole, milliwatt_hours = c->energy / 3600;

	while (whole > INT64_MAX / 200 || whole < -INT64_MAX / 200) {
		whole /= 10;
		milliwatt_hours /= 10;
	}
	if (!milliwatt_hours)
		return decimal_i64(0, -5);
	return decimal_i64(rounded(whole * 100, milliwatt_hours), -5);
}
