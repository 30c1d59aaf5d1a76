#include "base/ring.h"

#include <stdlib.h>

#include "base/error.h"

int ring_begin(struct ring *ring, size_t capacity)
{
	*ring = (struct ring){.slots = calloc(capacity, sizeof *ring->slots)};
	if (!ring->slots)
		return EM_NO_MEMORY;
	ring->capacity = capacity;
	return 0;
}

static void **slot(const struct ring *ring, size_t index)
{
	return &ring->slots[(ring->head + index) % ring->capacity];
}

bool ring_put(struct ring *ring, void *item)
{
	if (ring->count == ring->capacity) {
		ring->dropped++;
		return false;
	}
	*slot(ring, ring->count++) = item;
	return true;
}

void *ring_at(const struct ring *ring, size_t index)
{
	return *slot(ring, index);
}

void *ring_take(struct ring *ring, size_t index)
{
	void *item;

	if (index >= ring->count)
		return NULL;
	item = *slot(ring, index);
	for (; index > 0; index--)
		*slot(ring, index) = *slot(ring, index - 1);
	ring->head = (ring->head + 1) % ring->capacity;
	ring->count--;
	return item;
}

void *ring_drop(struct ring *ring, size_t index)
{
	ring->dropped += index < ring->count;
	return ring_take(ring, index);
}

void ring_free(struct ring *ring)
{
	free(ring->slots);
	*ring = (struct ring){0};
}
