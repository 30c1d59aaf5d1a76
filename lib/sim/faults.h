/*
 * Faults on request: data of a simulated device gets lost, damaged or cut off with a given
 * probability. Faults use random numbers of their own, so that they do not change the values.
 */
#ifndef SIM_FAULTS_H
#define SIM_FAULTS_H

#include <stdbool.h>

#include "base/random.h"

struct sim_faults {
	struct random random;
	double drop, corrupt, truncate; /* probabilities, 0..1 */
};

/* Whether a fault of that probability happens now. */
bool sim_chance(struct random *random, double share);

/* Flips one bit of data[0..size) with probability `corrupt`. */
void sim_spoil(struct sim_faults *f, void *data, size_t size);

/* The size after a cut, which happens with probability `truncate`. */
size_t sim_cut(struct sim_faults *f, size_t size);

#endif
