/*
 * A bounded queue of pointers, first in, first out. The owner of the ring owns the items, too: it
 * frees what it takes out, and takes out what is left before ring_free().
 */
#ifndef BASE_RING_H
#define BASE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring {
	void **slots;
	size_t capacity, head, count;
	uint64_t dropped; /* items that were refused by ring_put() or taken by ring_drop() */
};

/* EM_NO_MEMORY */
int ring_begin(struct ring *ring, size_t capacity);

/* Adds at the end; false, and counted as dropped, when the ring is full. */
bool ring_put(struct ring *ring, void *item);

/* The item at an index from the oldest (0) on; index < count. */
void *ring_at(const struct ring *ring, size_t index);

/* Takes out the item at an index; those before it move up. NULL when there is none. */
void *ring_take(struct ring *ring, size_t index);

/* As ring_take(), and counts the item as dropped. */
void *ring_drop(struct ring *ring, size_t index);

void ring_free(struct ring *ring);

#endif
