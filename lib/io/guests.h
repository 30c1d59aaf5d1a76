/*
 * The limit of clients of a listener, so that strangers can't use up the descriptors that the
 * program needs for its own files and connections, and how often a message says that the limit was
 * reached.
 */
#ifndef IO_GUESTS_H
#define IO_GUESTS_H

#include <stdbool.h>
#include <stdint.h>

struct guests {
	unsigned limit;
	uint64_t told; /* ms, 0: never */
};

/*
 * Raises the soft limit of descriptors; g->limit is `wanted`, or less when descriptors are short.
 */
void guests_begin(struct guests *g, unsigned wanted);

/* Counts a refused client; returns whether to say so, which is once a minute. `now` in ms. */
bool guests_refused(struct guests *g, uint64_t now);

#endif
