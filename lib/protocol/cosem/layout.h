/*
 * A layout describes how to read the body of a push. Most meters send OBIS codes with their values,
 * some send a list of objects first, some send bare positions that only their utility's document
 * explains. A layout is a constant row in a file of its own under protocol/layouts/, with an
 * example push and its meaning. layouts.def lists them; the first one that matches is used.
 */
#ifndef COSEM_LAYOUT_H
#define COSEM_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/axdr.h"
#include "protocol/cosem/code.h"
#include "protocol/cosem/notification.h"
#include "record/record.h"

enum layout_form {
	LAYOUT_CODES,   /* code, value and perhaps {scaler, unit}, side by side or in structures */
	LAYOUT_OBJECTS, /* array of {class, code, attribute, index ...}, then values in that order */
	LAYOUT_PLACES   /* values only; the layout names each one */
};

/* The code of a position that is sent without one (all zeros: unknown), and its power of ten. */
struct layout_place {
	uint8_t a, b, c, d, e;
	int16_t exponent;
};

/* Powers of ten of raw values whose scaler is not in the push, by the unit of their quantity. */
struct layout_scale {
	int16_t energy, voltage, current, power_factor;
};

struct layout {
	const char *name;
	enum layout_form form;
	/*
	 * The form of the direct elements of the body, one letter each: t octets of 12 bytes (a
	 * time), c octets that are a code, o octets or text, n integer, s structure, a array,
	 * ? anything; a final * allows more. NULL fits all.
	 */
	const char *shape;
	const char *text; /* how the first text of the body begins, or NULL */
	int16_t channel;  /* group B of the first object of a list, or -1 for any */
	struct layout_scale scale;
	const struct layout_place *places; /* of the elements without code, in order */
	size_t place_count;
	const char *example;  /* a plain push in hexadecimal digits, made up */
	const char *expected; /* "name=value name=value ..." of that push */
};

/* A body and what is known about it. */
struct layout_body {
	const struct axdr_item *items; /* items[0] is the outermost, a container */
	size_t count;
	const struct notification *head;
	struct code_book *book;
};

extern const struct layout *const layouts[]; /* ended by NULL; the last one fits every body */

const struct layout *layout_find(const struct layout_body *body);

/* One value of a body and its meaning. */
struct sample {
	const struct code *code; /* NULL when unknown */
	const struct axdr_item *item;
	int16_t exponent; /* power of ten, sent or from the layout */
	uint8_t unit;     /* COSEM unit, when scaled */
	bool scaled;      /* the push itself contains exponent and unit */
	bool placed;      /* the layout names it: no code was sent */
};

enum { SAMPLES = AXDR_ITEMS };

/* Finds the samples of a body. Their number, or EM_SYNTAX when the body contradicts its layout. */
int layout_collect(const struct layout *layout, const struct layout_body *body,
                   struct sample samples[SAMPLES]);

/*
 * meter_time and meter_id, the first keys of a record; then all the others: quantities by name,
 * the rest under `unknown` by its code, or in `values` when it has none. Texts point into the body.
 */
void sample_head(const struct sample *samples, int count, const struct notification *head,
                 struct record *r);
void sample_values(const struct sample *samples, int count, const struct notification *head,
                   struct record *r);

#endif
