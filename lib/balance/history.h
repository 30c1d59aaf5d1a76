/*
 * The last samples of three currents with their times: a ring that forgets the oldest. A sample
 * knows since when the currents have been the same, so that one look is enough for all that time.
 * Times are ms of one clock and rise, by less than 2^42 (a century) from one sample to the next;
 * currents are within 2^20 mA (1 kA) of 0.
 */
#ifndef BALANCE_HISTORY_H
#define BALANCE_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "balance/settings.h"

enum { HISTORY_SAMPLES = 64 }; /* a power of 2 */

struct history_sample {
	int64_t time;
	int64_t since;  /* time of the first one of those in a row that have the same currents */
	uint32_t first; /* how many were added before that one */
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

/* What nothing has widened yet. */
#define SPAN_NONE ((struct current_span){INT32_MAX, INT32_MIN})

void history_start(struct history *h);

/* A sample whose time is not later than that of the last one replaces it. */
void history_add(struct history *h, int64_t time, const int32_t currents[BALANCE_PHASES]);

/* The sample `back` places before the last one (0: the last one), which the history holds. */
static inline const struct history_sample *history_held(const struct history *h, uint32_t back)
{
	return &h->items[(h->count - 1 - back) % HISTORY_SAMPLES];
}

/* The same, NULL: there is none. */
static inline const struct history_sample *history_back(const struct history *h, uint32_t back)
{
	return back < h->count && back < HISTORY_SAMPLES ? history_held(h, back) : NULL;
}

/*
 * The currents at a time: on the line between two samples, outside of all samples those of the
 * nearest. 0 without samples.
 */
void history_at(const struct history *h, int64_t time, int32_t out[BALANCE_PHASES]);

/* The same at `count` times a second apart, the last one at `last`, in one walk. */
void history_each_second(const struct history *h, int64_t last, int count,
                         int32_t out[][BALANCE_PHASES]);

/* Widens the phases' spans by the currents from `from` to `to`, on lines between the samples. */
void history_cover(const struct history *h, int64_t from, int64_t to,
                   struct current_span spans[BALANCE_PHASES]);

/*
 * Widens them by the samples from the last one at or before `from` to the last one at or before
 * `to`, or by the oldest one if all are later.
 */
void history_widen(const struct history *h, int64_t from, int64_t to,
                   struct current_span spans[BALANCE_PHASES]);

#endif
