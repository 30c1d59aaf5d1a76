/*
 * Chooses the pieces in which to read registers. No piece cuts a point, as far as the definition
 * shows. A point and its scale factor stay in one piece if that costs no further request; otherwise
 * pieces_scales() says what to read again. Part of the walk (walk.h).
 */
#ifndef PROTOCOL_SUNSPEC_PIECES_H
#define PROTOCOL_SUNSPEC_PIECES_H

#include "protocol/sunspec/decode.h"
#include "protocol/sunspec/image.h"

struct pieces {
	struct sunspec_image image;
	uint16_t previous[IMAGE_REGISTERS]; /* the registers that the last walk read */
	uint16_t answer[IMAGE_REGISTERS];   /* the number of the answer that contained a register */
	uint8_t flags[IMAGE_REGISTERS];     /* of the layout; kept from walk to walk */
	unsigned answers;
};

/* Forgets the registers, but keeps the layout. */
void pieces_begin(struct pieces *p);

void pieces_put(struct pieces *p, unsigned address, unsigned count, const uint16_t *words);

/* Registers that a later walk needs: single ones, and a model's body, read so far to `from`. */
void pieces_need(struct pieces *p, unsigned address, unsigned count);
void pieces_model(struct pieces *p, const struct sunspec_found *model, unsigned from);

/* No later walk needs the body of this model. */
void pieces_skip(struct pieces *p, const struct sunspec_found *model);

/* How many registers to read next from `from` on, up to `end`; the body ends at `body`. */
unsigned pieces_count(struct pieces *p, const struct sunspec_found *model, unsigned from,
                      unsigned body, unsigned end, unsigned limit);

/* The next registers that are needed from *cursor on, before `end`; false when there are none. */
bool pieces_ahead(const struct pieces *p, unsigned *cursor, unsigned end, unsigned limit,
                  unsigned *count);

/*
 * Whether values and scale factors of a model are in different answers. *changed: such a scale
 * factor also differs from the last walk. *address, *count: the range, from *address on and within
 * one request, of those scale factors that may change between two answers; *count is 0 when there
 * are none. Static ones do not change, and devices keep those of settings.
 */
bool pieces_scales(const struct pieces *p, const struct sunspec_found *model, unsigned *address,
                   unsigned limit, unsigned *count, bool *changed);

#endif
