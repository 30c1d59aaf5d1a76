/*
 * The last samples of up to three currents with their times: a ring that forgets the oldest.
 * Times are ms of one clock and rise.
 */
#ifndef BALANCE_HISTORY_H
#define BALANCE_HISTORY_H

#include <stdint.h>

#include "balance/settings.h"

enum { HISTORY_SAMPLES = 64 }; /* a power of 2 */

struct history_sample {
	int64_t time;
	int32_t currents[BALANCE_PHASES]; /* mA */
};

struct history {
	uint32_t count; /* samples ever added */
	struct history_sample items[HISTORY_SAMPLES];
};

/* The least and the greatest of something, mA. */
struct current_span {
	int32_t least, most;
};

void history_start(struct history *h);

/* A sample at the time of the last one replaces it. */
void history_add(struct history *h, int64_t time, const int32_t currents[BALANCE_PHASES]);

/* The sample `back` places before the last one (0: the last one), NULL: there is none. */
const struct history_sample *history_back(const struct history *h, uint32_t back);

/*
 * The current of a phase at a time: on the line between two samples, outside of all samples that of
 * the nearest. 0 without samples.
 */
int32_t history_at(const struct history *h, int phase, int64_t time);

/* The same at `count` times a second apart, the last one at `last`, in one walk. */
void history_each_second(const struct history *h, int64_t last, int count,
                         int32_t out[][BALANCE_PHASES]);

/* Widens `span` by the currents from `from` to `to`, on lines between the samples. */
void history_cover(const struct history *h, int phase, int64_t from, int64_t to,
                   struct current_span *span);

/*
 * Widens `span` by the samples from the last one at or before `from` to the last one at or before
 * `to`.
 */
void history_widen(const struct history *h, int phase, int64_t from, int64_t to,
                   struct current_span *span);

#endif
