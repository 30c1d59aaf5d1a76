/*
 * The course of a simulation in a fixed number of bins, for a picture of any length: when the bins
 * are full, pairs are merged and each stands for twice the time. All currents are those of the
 * phase that is highest in its second.
 */
#ifndef BALANCE_SERIES_H
#define BALANCE_SERIES_H

#include "balance/simulate.h"

enum { SERIES_BINS = 1440 };

struct series_bin {
	int64_t house, total, car, limit; /* sums in mA s */
	int32_t total_max;                /* mA */
	int32_t limit_min, limit_max;     /* mA */
	int32_t seconds, over;            /* s, s above the fuse */
	int32_t states[STATES];           /* s */
};

struct series {
	int64_t begin; /* second of the first bin */
	int64_t width; /* s per bin */
	int count;
	int32_t rated; /* mA of the fuse */
	struct series_bin bins[SERIES_BINS];
};

void series_start(struct series *s, int32_t rated);

void series_add(struct series *s, const struct simulation_tick *tick);

#endif
