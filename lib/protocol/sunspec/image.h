/*
 * A register image: the holding registers of one device, as far as they are known. The walk stores
 * answers in it, the decoder reads models from it. As CSV it is `address,hex` with one or more
 * registers of four digits in a row.
 */
#ifndef PROTOCOL_SUNSPEC_IMAGE_H
#define PROTOCOL_SUNSPEC_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

#define IMAGE_REGISTERS 65536u

struct sunspec_image {
	uint16_t words[IMAGE_REGISTERS];
	uint8_t known[IMAGE_REGISTERS / 8];
};

static inline bool sunspec_image_known(const struct sunspec_image *image, unsigned address)
{
	return address < IMAGE_REGISTERS && image->known[address / 8] >> (address % 8) & 1;
}

/* Whether all of them are known; false when the range leaves the address space. */
bool sunspec_image_has(const struct sunspec_image *image, unsigned address, unsigned count);

/* Registers outside of the address space are dropped. */
void sunspec_image_put(struct sunspec_image *image, unsigned address, const uint16_t *words,
                       unsigned count);
void sunspec_image_forget(struct sunspec_image *image, unsigned address, unsigned count);

/*
 * Reads CSV: rows that do not begin with a digit are headings or comments. 0, or EM_SYNTAX or
 * EM_RANGE with the number of the line.
 */
int sunspec_image_parse(struct sunspec_image *image, const char *text, size_t length,
                        unsigned *line);

/* Writes it, up to 16 registers a row. */
void sunspec_image_print(struct text *out, const struct sunspec_image *image);

#endif
