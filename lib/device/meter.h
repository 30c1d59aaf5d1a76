/*
 * Meters on a Modbus bus: their register maps in the shared vocabulary, and a scorer that
 * recognises a meter by its requests and answers. A map is a file of rows in meters/ and a line in
 * meters.def; users add their own from CSV.
 */
#ifndef DEVICE_METER_H
#define DEVICE_METER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/record.h"

enum register_type {
	TYPE_U16,
	TYPE_S16,
	TYPE_U32,
	TYPE_S32,
	TYPE_U64,
	TYPE_S64,
	TYPE_F32,
	TYPE_F64
};

enum word_order { ORDER_BIG, ORDER_LITTLE }; /* high word first, or low word first */

struct meter_row {
	uint16_t address; /* of the first register */
	uint8_t count;    /* registers, 1..4 */
	uint8_t function; /* 3 or 4 */
	uint8_t type;     /* enum register_type */
	uint8_t order;    /* enum word_order */
	int8_t scale;     /* value = raw * 10^scale in `unit` */
	const char *unit; /* without prefix; NULL for numbers without */
	const char *name;
};

struct meter {
	const char *name;  /* inepro_n1_ct */
	const char *title; /* Inepro N1-CT */
	const struct meter_row *rows;
	size_t count;
	bool none; /* all ones (signed: the largest number) mean "not available" */
};

/* The built-in maps. */
extern const struct meter *const meters[];
extern const size_t meter_count;

/* The built-in meter of that name, or NULL. */
const struct meter *meter_named(const char *name);

/* Adds all mapped values within `count` registers from `address`; returns their number. */
size_t meter_decode(struct record *r, const struct meter *meter, uint8_t function, uint16_t address,
                    const uint8_t *words, size_t count);

/* A value as a plain number, for plausibility checks; false when it is not available. */
bool meter_number(const struct meter *meter, const struct meter_row *row, const uint8_t *words,
                  double *out);

/*
 * Recognition: the evidence for each map from the reads of one unit. It starts as {0} and allocates
 * nothing. The caller gives the maps, built-in and user's.
 */
enum { METER_CANDIDATES = 128, METER_READS = 32 };

struct meter_guess {
	struct {
		int16_t score;        /* of the distinct reads so far */
		uint16_t named;       /* registers that match the map */
		uint16_t implausible; /* reads that contradict the map */
	} candidate[METER_CANDIDATES];
	struct {
		uint16_t address;
		uint8_t function;
		uint16_t count;
	} read[METER_READS]; /* distinct reads that were scored */
	size_t reads;
	const struct meter *found;
};

/*
 * Adds an answered read as evidence. Returns the meter when several registers match it and no other
 * map matches better; NULL until then.
 */
const struct meter *meter_guess_read(struct meter_guess *guess, const struct meter *const *maps,
                                     size_t map_count, uint8_t function, uint16_t address,
                                     const uint8_t *words, size_t count);

#endif
