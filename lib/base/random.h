/*
 * Repeatable random numbers (SplitMix64) for simulators and tests: the same seed gives the same
 * numbers on every machine. The owner keeps the state; every 64-bit state is a good one. Not for
 * secrets.
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#define RANDOM_STEP UINT64_C(0x9E3779B97F4A7C15) /* difference between two states */

struct random {
	uint64_t state;
};

/* Spreads small seeds (0, 1, 2...) over the states. */
static inline struct random random_seed(uint64_t seed)
{
	return (struct random){seed * RANDOM_STEP + 0x1234567};
}

static inline uint64_t random_next(struct random *r)
{
	uint64_t z = r->state += RANDOM_STEP;

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

/* The number that random_next() returns after `index` earlier ones, without a state to keep. */
static inline uint64_t random_at(uint64_t state, uint64_t index)
{
	struct random r = {state + index * RANDOM_STEP};

	return random_next(&r);
}

/* 0 <= x < 1 */
static inline double random_unit(struct random *r)
{
	return (double)(random_next(r) >> 11) / 9007199254740992.0;
}

/* 0 <= n < limit; limit > 0 */
static inline size_t random_below(struct random *r, size_t limit)
{
	return (size_t)(random_next(r) % limit);
}

#endif
