/*
 * Finds the name that a misspelt word probably means, for "nearest is ..." in messages.
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

#define NEAREST_LIMIT 64 /* longer names are never near; also the distance of those */

/* A search: it begins with the wrong word and keeps the nearest of the names considered. */
struct nearest {
	const char *wrong;
	const char *best; /* NULL when none was near enough */
	size_t least;
};

static inline struct nearest nearest_to(const char *wrong)
{
	return (struct nearest){.wrong = wrong, .best = NULL, .least = NEAREST_LIMIT};
}

/* Keeps `name` if it is nearer than those before, and at most a third of it is wrong. */
void nearest_consider(struct nearest *n, const char *name);

#endif
