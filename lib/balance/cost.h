/*
 * What energy costs by a list of prices, exact: energy is counted in mJ, cost in 10^-9 of the
 * currency. Energy in hours without a price is counted apart.
 */
#ifndef BALANCE_COST_H
#define BALANCE_COST_H

#include "balance/prices.h"
#include "base/decimal.h"

struct cost {
	int64_t whole;    /* 10^-9 of the currency */
	int64_t rest;     /* of that, in price times mJ: less than a kWh in mJ */
	int64_t energy;   /* mJ that have a price */
	int64_t unpriced; /* mJ that have none */
};

/* `power` (mW) from that instant for so many ms. */
void cost_add(struct cost *c, const struct prices *prices, instant from, int64_t duration,
              int64_t power);

/* In the currency, rounded to 10^-4. */
struct decimal cost_total(const struct cost *c);

/* Of the energy that has a price, per kWh, rounded to 10^-5; 0 without such energy. */
struct decimal cost_mean(const struct cost *c);

#endif
