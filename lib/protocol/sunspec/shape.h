/*
 * The shape of one model in the registers: how often its groups repeat and where each point lies.
 * Counts that are missing, zero or contradict the length are derived from the length, so that
 * decoding never reads past the registers of the device. The length also bounds the size.
 */
#ifndef PROTOCOL_SUNSPEC_SHAPE_H
#define PROTOCOL_SUNSPEC_SHAPE_H

#include "protocol/sunspec/model.h"

#define SHAPE_COUNTS 8

struct shape {
	const struct sunspec_set *set;
	const struct sunspec_group *root;
	unsigned total; /* registers of the model, ID and L included */
	int wanted;     /* that the definition and the counts ask for; -1: not known */
	struct {
		uint16_t name;
		uint16_t offset; /* of the point in the model, 0: no such point */
		int value;       /* -1: not implemented, not known */
	} counts[SHAPE_COUNTS];
	unsigned count;
};

/*
 * The shape of a model of `total` registers, of which words[0..known) are known (ID first).
 */
void shape_make(struct shape *s, const struct sunspec_set *set, const struct sunspec_model *model,
                const uint16_t *words, unsigned known, unsigned total);

/* Registers of one instance of the group, -1 when a count within is not known. */
int shape_size(const struct shape *s, const struct sunspec_group *group);

/* How often a repeating group occurs at `at`; *strange is set when counts and length disagree. */
unsigned shape_instances(const struct shape *s, const struct sunspec_group *group, unsigned at,
                         bool *strange);

/* Where the scale factor of a point of the group that begins at `begin` lies, 0: nowhere. */
unsigned shape_scale(const struct shape *s, const struct sunspec_group *group, unsigned begin,
                     const struct sunspec_point *point, const struct sunspec_point **scale);

/* Calls `visit` for every point within the model, pads too; `scale` is 0 when it has none. */
typedef void shape_visitor(void *context, const struct sunspec_point *point, unsigned at,
                           unsigned scale, bool fixed);
void shape_visit(const struct shape *s, shape_visitor *visit, void *context);

/*
 * starts[i] says whether a read may begin at register i of the model without cutting a point, 0 < i
 * < total. While the counts are unknown, only starts that hold for all possible counts.
 */
void shape_starts(const struct shape *s, uint8_t *starts);

#endif
