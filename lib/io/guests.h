/*
 * Clients of a listener: how many there may be, so that strangers cannot use up the descriptors that
 * the program needs for its own files and connections, and how often that limit is worth a line.
 */
#ifndef IO_GUESTS_H
#define IO_GUESTS_H

#include <stdbool.h>
#include <stdint.h>

struct guests {
	unsigned limit;
	uint64_t told; /* ms, 0: never */
};

/* Raises the soft limit of descriptors; g->limit is what is wanted, or what can be had. */
void guests_begin(struct guests *g, unsigned wanted);

/* One was refused: whether to say so, which is once a minute. `now` in ms. */
bool guests_refused(struct guests *g, uint64_t now);

#endif
