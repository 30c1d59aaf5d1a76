/*
 * How far one name is from another, for "nearest is ..." after a misspelt one.
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

#define NEAREST_LIMIT 64 /* names are shorter; also the distance of those that are not */

/* A search over names: starts with the wrong one, and keeps the nearest that was considered. */
struct nearest {
	const char *wrong;
	const char *best; /* NULL: none is near enough */
	size_t least;
};

static inline struct nearest nearest_to(const char *wrong)
{
	return (struct nearest){.wrong = wrong, .best = NULL, .least = NEAREST_LIMIT};
}

/* Keeps `name` if it is nearer than those before, and at most a third of it is wrong. */
void nearest_consider(struct nearest *n, const char *name);

#endif
