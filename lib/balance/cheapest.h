/*
 * When to charge so that the energy is there by the deadline and costs least: in the cheapest slots
 * of a price list that still suffice. A pure function of prices, time and what is missing; asked
 * again, it plans anew with what is missing then, so that lost time finds other slots.
 *
 * Hours without a known price count as the most expensive. Hours with a negative price are always
 * used, also when the energy is there. Among hours of the same price those beside others that are
 * used come first, then the earlier ones, so that charging starts seldom. The deadline goes before
 * the price: when no more than the time needed and a margin are left, charging does not stop.
 */
#ifndef BALANCE_CHEAPEST_H
#define BALANCE_CHEAPEST_H

#include <stdbool.h>
#include <stdint.h>

#include "balance/prices.h"

struct charging_task {
	instant now, deadline; /* now before deadline */
	int64_t missing;       /* J that the car still needs, 0 or less: none */
	int64_t power;         /* W that the car takes, above 0 */
	int64_t start;         /* ms that a start may cost: so much is planned in addition */
	int64_t margin;        /* ms to be done before the deadline */
	bool charging;         /* it was to charge until now */
};

enum charging_why {
	CHARGING_WAITS,    /* cheaper hours come */
	CHARGING_CHEAP,    /* this is one of them */
	CHARGING_NEGATIVE, /* energy that is paid for */
	CHARGING_LAST,     /* no time to wait is left */
	CHARGING_DONE,     /* nothing is missing */
};

struct charging_advice {
	enum charging_why why;
	instant until; /* if nothing else changes, it holds so long; at most to the deadline */
};

static inline bool charging_now(const struct charging_advice *a)
{
	return a->why == CHARGING_CHEAP || a->why == CHARGING_NEGATIVE || a->why == CHARGING_LAST;
}

struct charging_advice charging_advice(const struct prices *prices,
                                       const struct charging_task *task);

#endif
