/*
 * Walks the chain of models of one device and says which registers to read next. It uses neither
 * sockets nor files: its caller fetches the registers, from a device or from an image.
 *
 *     sunspec_walk_begin(w);
 *     for (;;) switch (sunspec_walk_next(w, &want, &found)) {
 *         SUNSPEC_READ:  fetch want; sunspec_walk_answer() or sunspec_walk_refused()
 *         SUNSPEC_MODEL: decode found from w->image
 *         SUNSPEC_END:   sunspec_walk_ending() tells why
 *     }
 *
 * The first walk reads the body of a model with the header of the next, never cuts a point, and
 * takes a point and its scale factor from one answer, or reads the scale factor again to see
 * whether it has changed. Once a chain is known, a later walk first reads the registers of all
 * models in as few requests as possible, and then walks over them. If the layout has changed, it
 * requests the missing registers.
 */
#ifndef PROTOCOL_SUNSPEC_WALK_H
#define PROTOCOL_SUNSPEC_WALK_H

#include "frame/adu.h"
#include "protocol/sunspec/decode.h"
#include "protocol/sunspec/image.h"

#define SUNSPEC_READ_LIMIT ADU_MAX_READ_WORDS /* registers of one request */

struct sunspec_want {
	unsigned address, count; /* count 1..125, within the address space */
};

struct sunspec_plan {
	const struct sunspec_set *set; /* definitions */
	int base;                      /* where the marker is, -1: 40000, 0 or 50000 */
	bool fast;                     /* reads ahead across models until a device refuses that */
	bool headers_only;             /* no bodies: models are found with nothing readable */
	const uint16_t *models;        /* only these ids, and ... */
	size_t model_count;            /* ... 0: all */
	const char *const *points;     /* only models with one of these points or groups, and ... */
	size_t point_count;            /* ... 0: all */
};

enum sunspec_step { SUNSPEC_READ, SUNSPEC_MODEL, SUNSPEC_END };

enum sunspec_ending {
	SUNSPEC_CLEAN,      /* the end marker */
	SUNSPEC_NO_MARKER,  /* no SunSpec device */
	SUNSPEC_ZERO,       /* a model id 0 instead of an end marker */
	SUNSPEC_UNREADABLE, /* the device refuses to read the next header */
	SUNSPEC_CUT         /* a model's body cannot be read whole: refused, or beyond 65535 */
};

struct sunspec_walk;

/* The plan's arrays and sets are borrowed. NULL when memory is out. */
struct sunspec_walk *sunspec_walk_new(const struct sunspec_plan *plan);
void sunspec_walk_free(struct sunspec_walk *w);

/* Begins a walk; the layout that the last one learnt is kept. */
void sunspec_walk_begin(struct sunspec_walk *w);

enum sunspec_step sunspec_walk_next(struct sunspec_walk *w, struct sunspec_want *want,
                                    struct sunspec_found *found);

/* The result of the last want: its registers, or the exception that the device answered. */
void sunspec_walk_answer(struct sunspec_walk *w, const uint16_t *words);
void sunspec_walk_refused(struct sunspec_walk *w, int exception);

/* After SUNSPEC_END: why, and the address at which the chain ends. */
enum sunspec_ending sunspec_walk_ending(const struct sunspec_walk *w, unsigned *address);

/* The registers that this walk has read so far. */
const struct sunspec_image *sunspec_walk_image(const struct sunspec_walk *w);

#endif
