/*
 * Repeatable random numbers for simulators (SplitMix64): the same seed gives the same run everywhere.
 */
#ifndef CMD_SIM_RANDOM_H
#define CMD_SIM_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random {
	uint64_t state;
};

static inline struct random random_seed(uint64_t seed)
{
	return (struct random){seed * 0x9E3779B97F4A7C15ull + 0x1234567};
}

static inline uint64_t random_next(struct random *r)
{
	uint64_t z = r->state += 0x9E3779B97F4A7C15ull;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
	z = (z ^ z >> 27) * 0x94D049BB133111EBull;
	return z ^ z >> 31;
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
