/*
 * COSEM pushes into records: the plain text of a data-notification, in whatever layout its meter
 * sends. It is read to its last byte before anything of it is used: what contradicts itself gives no
 * values at all. Keys, tags and frame counters are for the caller (stream/push_decoder.h).
 *
 *     dlms_parse(d, data, size, &reason)     0: it is whole
 *     dlms_head(d, record)                   meter_time, meter_id
 *     dlms_values(d, record)                 all the others
 *
 * The owner zero-initialises a decoder, which serves any number of streams. Nothing is allocated.
 */
#ifndef COSEM_DLMS_H
#define COSEM_DLMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/axdr.h"
#include "protocol/cosem/layout.h"
#include "record/record.h"

struct dlms {
	struct code_book book;
	struct axdr_item items[AXDR_ITEMS];
	struct sample samples[SAMPLES];
	struct notification head;    /* of the last push, as the next two */
	const struct layout *layout; /* the one that it has */
	int count;                   /* of its samples */
};

/*
 * Reads a data-notification, from its tag 0F to its end. 0; EM_SYNTAX or EM_UNSUPPORTED, then
 * *reason has a few words.
 */
int dlms_parse(struct dlms *d, const uint8_t *data, size_t size, const char **reason);

/*
 * Whether its time and the meter's number make sense. Where no tag vouches for a push this is how
 * changed bytes show, as in a segment of another push.
 */
bool dlms_is_plausible(const struct dlms *d);

/* The meter's clock as the push has it in its head, or NULL. */
const struct stamp *dlms_clock(const struct dlms *d);

/* The values of the push, whose bytes must still stand: texts of the record point into them. */
void dlms_head(const struct dlms *d, struct record *r);
void dlms_values(const struct dlms *d, struct record *r);

#endif
