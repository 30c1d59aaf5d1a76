/*
 * Decodes the registers of one model into a record: envelope, points, groups, and what is wrong.
 * Scale factors are applied exactly; what is not implemented, not a number, or has no valid scale
 * factor is null.
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
	unsigned readable;                 /* registers behind ID and L that could be read */
};

struct sunspec_options {
	bool raw;                  /* numbers as the registers have them, without scale factors */
	bool flat;                 /* groups as GROUP_N_POINT at the top level */
	const char *const *points; /* only these points and groups, and ... */
	size_t point_count;        /* ... 0: all */
};

/*
 * `words` begin with ID and L, 2 + readable of them. The record is begun by this call, its texts
 * are borrowed from the set or stand in its own store. False when no point was asked for of those
 * that the model has.
 */
bool sunspec_decode(struct record *r, const struct sunspec_found *found, int unit,
                    const uint16_t *words, const struct sunspec_options *options);

#endif
