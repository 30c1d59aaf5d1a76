/*
 * Decodes the registers of one model into a record: envelope, points, groups, and a warning. It
 * applies scale factors exactly. A point that is not implemented, not a number, or has no valid
 * scale factor is null.
 */
#ifndef PROTOCOL_SUNSPEC_DECODE_H
#define PROTOCOL_SUNSPEC_DECODE_H

#include "protocol/sunspec/model.h"
#include "record/record.h"

/* A model found in the chain. */
struct sunspec_found {
	const struct sunspec_set *set;
	const struct sunspec_model *model; /* NULL: unknown, its registers are listed */
	unsigned id, instance;             /* instance counts models of one id from 1 */
	unsigned address, length;          /* of the ID register; as the device states it */
	unsigned readable;                 /* registers after ID and L that could be read */
};

struct sunspec_options {
	bool raw;                  /* numbers as the registers have them, without scale factors */
	bool flat;                 /* groups as GROUP_N_POINT at the top level */
	const char *const *points; /* only these points and groups, and ... */
	size_t point_count;        /* ... 0: all */
};

/*
 * `words` are 2 + readable registers and begin with ID and L. This call begins the record; its
 * texts are borrowed from the set or are in its own store. Returns false if the model has none of
 * the requested points.
 */
bool sunspec_decode(struct record *r, const struct sunspec_found *found, int unit,
                    const uint16_t *words, const struct sunspec_options *options);

#endif
