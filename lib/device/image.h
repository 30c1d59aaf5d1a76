/*
 * Register images: words by unit and address, read from a device or a file, or served by a
 * simulated device. Registers of functions other than 3 have device_space() of their unit as unit.
 * The owner zero-initialises an image and calls image_free().
 */
#ifndef DEVICE_IMAGE_H
#define DEVICE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image_cell {
	uint32_t key; /* unit << 16 | address */
	uint16_t word;
};

struct image {
	struct image_cell *cells; /* sorted by key */
	size_t count, capacity;
};

void image_free(struct image *m);

/* Sets one word: 0 or EM_NO_MEMORY. Ascending order is fastest. */
int image_put(struct image *m, unsigned unit, unsigned address, uint16_t word);

/* False when the image does not have the word; *word is then 0xFFFF. */
bool image_get(const struct image *m, unsigned unit, unsigned address, uint16_t *word);

bool image_has_unit(const struct image *m, unsigned unit);

/*
 * Reads lines `unit,address,hex` and skips a header line "unit,..."; the hex digits are one or more
 * registers of four digits. 0, EM_NO_MEMORY, or EM_SYNTAX with the line number in *line.
 */
int image_parse(struct image *m, const char *text, size_t size, unsigned *line);

#endif
