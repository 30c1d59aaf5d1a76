/*
 * The last frame counter of every meter, by system title: a push whose counter does not rise is a
 * replay. The counter of one title never counts for another. The owner zero-initialises it, keeps
 * it in a file if it wants to, and calls counters_free().
 */
#ifndef COSEM_COUNTERS_H
#define COSEM_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/stamp.h"
#include "base/text.h"

enum { COUNTER_TITLE = 8 };

struct counter {
	uint8_t title[COUNTER_TITLE];
	bool used;
	uint32_t last;
	int64_t clock; /* the meter's own time then, seconds since 1970 as it counts them; 0 unknown */
};

struct counters {
	struct counter *slots;
	size_t capacity, count;
	bool changed; /* since counters_write() */
};

/* Whether to accept a push: its counter rises, or falls to 0 while the meter's clock advances. */
bool counters_rising(const struct counters *c, const uint8_t title[COUNTER_TITLE], uint32_t number,
                     int64_t clock);

/* Stores the counter of a sound push. EM_NO_MEMORY. */
int counters_set(struct counters *c, const uint8_t title[COUNTER_TITLE], uint32_t number,
                 int64_t clock);

/* Lines `TITLE COUNTER CLOCK`; reading stops with EM_SYNTAX at the first line of another form. */
int counters_read(struct counters *c, const char *text, size_t size);
void counters_write(struct counters *c, struct text *out);

void counters_free(struct counters *c);

#endif
