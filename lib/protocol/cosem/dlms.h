/*
 * Decodes COSEM pushes to records: the plain text of a data-notification, in any layout that a
 * meter sends. The decoder reads it to the last byte before it uses any of it: a push that
 * contradicts itself gives no values at all. The caller checks keys, tags and frame counters
 * (stream/push_decoder.h).
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
	struct notification head;    /* of the last push, like the next two */
	const struct layout *layout; /* its layout */
	int count;                   /* of its samples */
};

/*
 * Reads a data-notification, from its tag 0F to its end. Returns 0; or EM_SYNTAX or EM_UNSUPPORTED
 * with a few words in *reason.
 */
int dlms_parse(struct dlms *d, const uint8_t *data, size_t size, const char **reason);

/*
 * Whether its time and the meter's number make sense. In a push without a verified tag this check
 * detects changed bytes, for example a segment of another push.
 */
bool dlms_is_plausible(const struct dlms *d);

/* The meter's clock in the head of the push, or NULL. */
const struct stamp *dlms_clock(const struct dlms *d);

/*
 * Add the values of the push. Its bytes must still be valid: texts of the record point into them.
 */
void dlms_head(const struct dlms *d, struct record *r);
void dlms_values(const struct dlms *d, struct record *r);

#endif
