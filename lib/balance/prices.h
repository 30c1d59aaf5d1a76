/*
 * Lists of prices of electricity, as markets and suppliers export them. The caller reads the file
 * and passes its text; what it is follows from the text:
 *   CSV     a header with a column of times (start, time, datetime, MTU, Datum von, ...) and one of
 *           prices (price, Day-ahead Price [EUR/MWh], price_eur_mwh, ...), an end optional;
 *           separated by commas, semicolons or tabs, with a point or a comma in decimals; a time
 *           may be a range such as `01.12.2026 00:00 - 01.12.2026 01:00`
 *   JSON    objects with a start and a price anywhere in it (aWATTar, Tibber, EPEX, evcc), or two
 *           lists of them side by side (energy-charts)
 *   XML     the Publication_MarketDocument of ENTSO-E, in which a missing position repeats the
 *           price before it
 * The name of a column or a unit beside it may tell currency and unit; without one a price is per
 * kWh. A time without offset is that of the zone that the name of its column tells (UTC, CET), or
 * else of the caller's zone.
 */
#ifndef BALANCE_PRICES_H
#define BALANCE_PRICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/stamp.h"
#include "base/zone.h"

enum {
	PRICES_MOST = 40000,     /* slots: more than a year of quarter hours */
	PRICES_WHY = 160,        /* bytes of a reason, with its NUL */
	PRICE_EXPONENT = -9,     /* prices are in 10^-9 of the currency per kWh */
	PRICE_SHORTEST = 300000, /* ms: shorter slots are refused */
};

#define PRICE_ONE INT64_C(1000000000)  /* 1 per kWh */
#define PRICE_LIMIT (1000 * PRICE_ONE) /* no price is above, or below its negative */

struct price_slot {
	instant start, end;
	int64_t price;
};

struct prices {
	struct price_slot *slots; /* in order of time, without overlaps */
	size_t count;
	char currency[4];   /* "EUR"; "" when the text does not tell */
	bool no_unit;       /* it does not tell the unit, so prices are taken as per kWh */
	size_t unknown;     /* slots that it names without a price */
	size_t overlapping; /* slots left out, because they begin before another one ends */
	size_t left_out;    /* slots beyond PRICES_MOST */
	size_t holes;       /* between the slots */
};

/*
 * Reads a text into an empty list. 0, EM_NO_MEMORY, or EM_SYNTAX with the reason: where, and what is
 * expected there.
 */
int prices_read(struct prices *p, const char *text, size_t length, const struct zone *zone,
                char why[PRICES_WHY]);

/* Empties the list; {0} is empty, too. */
void prices_free(struct prices *p);

/* The slot in which t is, or NULL; *next (it may be NULL) is the first slot that begins after t. */
const struct price_slot *prices_at(const struct prices *p, instant t,
                                   const struct price_slot **next);

#endif
