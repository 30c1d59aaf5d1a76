#include "base/nearest.h"

#include <string.h>

/* The number of edits that turn one name into the other (Levenshtein). */
static size_t distance(const char *a, const char *b)
{
	size_t row[NEAREST_LIMIT], n = strlen(b);

	if (n >= NEAREST_LIMIT || strlen(a) >= NEAREST_LIMIT)
		return NEAREST_LIMIT;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			best = row[j] + 1 < best ? row[j] + 1 : best;
			row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
		}
	}
	return row[n];
}

void nearest_consider(struct nearest *n, const char *name)
{
	size_t d = distance(n->wrong, name);

	if (d < n->least && d <= 1 + strlen(name) / 3) {
		n->least = d;
		n->best = name;
	}
}
