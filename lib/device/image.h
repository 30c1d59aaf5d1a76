/*
 * Register images: words by unit and address, as read from a device or from a file, and as a
 * simulated device serves them. Registers of other functions than 3 stand under device_space() of
 * their unit. The owner zero-initialises an image and calls image_free().
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

/* Sets one word, 0 or EM_NO_MEMORY. Cheapest in ascending order. */
int image_put(struct image *m, unsigned unit, unsigned address, uint16_t word);

/* False when the image does not have it; then *word is 0xFFFF. */
bool image_get(const struct image *m, unsigned unit, unsigned address, uint16_t *word);

bool image_has_unit(const struct image *m, unsigned unit);

/*
 * Reads lines `unit,address,hex` (a first line "unit,..." is skipped); the hex holds one or more
 * registers of four digits. 0, EM_NO_MEMORY, or EM_SYNTAX with *line the number of the line.
 */
int image_parse(struct image *m, const char *text, size_t size, unsigned *line);

#endif
