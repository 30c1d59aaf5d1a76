/*
 * What the readers of price lists share (prices_csv.c, prices_json.c, prices_xml.c): names of
 * columns, units, times and numbers, and the list that they fill. For prices.c and these only.
 */
#ifndef BALANCE_PRICES_READER_H
#define BALANCE_PRICES_READER_H

#include "balance/prices.h"
#include "base/csv.h"

struct price_entry {
	struct price_slot slot; /* its end is INSTANT_NONE when it was not told */
	uint32_t order;
};

struct prices_reader {
	struct prices *out;
	const struct zone *zone; /* of times without offset */
	struct price_entry *entries;
	size_t count, capacity;
	instant last;   /* the start before, for the hour that comes twice */
	char *why;      /* PRICES_WHY bytes */
	char where[64]; /* the line or element, for `why` */
};

/* What a price is counted in. */
struct price_unit {
	int exponent; /* -3: per MWh; -2: cents */
	bool told;
	char currency[4];
};

/* The meaning of a column or member, by its name. */
enum price_role { PRICE_NOTHING, PRICE_START, PRICE_END, PRICE_VALUE, PRICE_DAY, PRICE_UNIT };

struct price_name {
	enum price_role role;
	int rank; /* the higher one of two with the same role counts */
};

struct price_name price_name(struct csv_text name);

/* Adds what a text tells of the unit: `Day-ahead Price [EUR/MWh]`, `ct/kWh`, `price_eur_mwh`. */
void price_unit_add(struct price_unit *unit, struct csv_text text);

/* The zone that the name of a column tells, `MTU (UTC)`, or `otherwise`. */
const struct zone *price_zone(struct csv_text name, const struct zone *otherwise);

/* Sets the reason "WHERE: 'TEXT' FORM" and returns EM_SYNTAX. */
int price_fault(struct prices_reader *r, struct csv_text text, const char *form);

/* The time of a slot. */
struct price_span {
	instant start, end; /* INSTANT_NONE: the clocks left that start out; the end is not told */
	struct stamp begin; /* as it was written */
};

/* A time, or the two times of a range. */
int price_times(struct prices_reader *r, struct csv_text text, struct price_span *span);

/* The end of a span, of a text of its own. */
int price_end_time(struct prices_reader *r, struct csv_text text, struct price_span *span);

/* Whether the text is a time of the day without a day: `00:15`. */
bool price_only_clock(struct csv_text text);

/* A number with a decimal point or comma, in the list's unit. *known is false for `-`, `n/e`. */
int price_value(struct prices_reader *r, struct csv_text text, const struct price_unit *unit,
                int64_t *price, bool *known);

/* Adds a slot; what the clocks left out is none. 0 or EM_NO_MEMORY. */
int price_add(struct prices_reader *r, const struct price_span *span, int64_t price);

/* The readers: 0, EM_NO_MEMORY or EM_SYNTAX. */
int prices_csv(struct prices_reader *r, struct csv_text text);
int prices_json(struct prices_reader *r, struct csv_text text);
int prices_xml(struct prices_reader *r, struct csv_text text);

/* The unit of the whole list, as the first price had it. */
void price_unit_of_list(struct prices_reader *r, const struct price_unit *unit);

#endif
