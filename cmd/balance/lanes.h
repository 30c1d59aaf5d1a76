/*
 * Feeds one household to many sets of parameters, on all cores. Runs of the house are collected, so
 * that a set takes many of them in a row and its simulation stays in the cache. The sets are the
 * caller's; between two calls no thread touches them.
 */
#ifndef CMD_BALANCE_LANES_H
#define CMD_BALANCE_LANES_H

#include "cmd/balance/sets.h"

enum { LANES_RUNS = 2048, LANES_MOST = 64 };

struct balance_lanes {
	struct balance_sets *sets;
	bool traced; /* each run is taken at once, set by set: records keep their order */
	size_t count;
	struct simulation_run runs[LANES_RUNS];
};

/* A struct balance_lanes takes a run; fits house_run. */
void balance_lanes_feed(void *lanes, const struct simulation_run *run);

/* All sets have taken all runs when it returns. */
void balance_lanes_finish(struct balance_lanes *lanes);

#endif
