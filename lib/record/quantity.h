/*
 * The vocabulary of quantities that all commands share: one name, one unit, one meaning, whatever
 * the wire calls it. The rows stand in quantities.def.
 */
#ifndef RECORD_QUANTITY_H
#define RECORD_QUANTITY_H

#include <stddef.h>
#include <stdint.h>

struct quantity {
	const char *name;
	const char *unit; /* V, A, W, Wh, ... ; NULL for words, times and counts */
	uint32_t code;    /* OBIS groups C << 16 | D << 8 | E of 1-0:C.D.E, 0 when there is none */
	uint8_t length;   /* of the name */
	const char *meaning;
};

extern const struct quantity quantities[];
extern const size_t quantity_count;

#define OBIS_CDE(c, d, e) ((uint32_t)(c) << 16 | (uint32_t)(d) << 8 | (uint32_t)(e))

/* The quantity of that name, or NULL. */
const struct quantity *quantity_named(const char *name, size_t length);

/* The electrical quantity of OBIS groups C, D, E (see OBIS_CDE), or NULL. */
const struct quantity *quantity_obis(uint32_t code);

#endif
