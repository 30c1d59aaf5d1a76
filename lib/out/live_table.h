/* The rows of the live table and how they are laid out; drawing them is live.c's affair. */
#ifndef OUT_LIVE_TABLE_H
#define OUT_LIVE_TABLE_H

#include "out/output.h"

enum { LIVE_SAMPLES = 24 };

struct live_row {
	struct live_row *next;
	char *group; /* `p1 E0012`; points into the allocation */
	char *name;
	const char *unit; /* of the vocabulary or copied */
	char value[64];
	int64_t updated, interval, sampled; /* ms; interval: usual time between updates */
	double samples[LIVE_SAMPLES];       /* the newest last */
	int sample_count;
	bool numeric;
};

struct live_table {
	struct live_row *rows;
	struct text group;
	uint64_t records;
};

/* Takes over the values of a record at time `now` (monotonic ms). False when memory is out. */
bool live_update(struct live_table *t, const struct record *r, int64_t now);

/* Lays the table out for a terminal; returns the number of lines, each ended by "\x1B[K\n". */
int live_layout(struct text *out, const struct live_table *t, int64_t now, int columns, int lines,
                bool color, bool utf8);

void live_free(struct live_table *t);

#endif
