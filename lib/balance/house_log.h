/*
 * Recorded households: rows of a second and three currents become runs for a simulation. Seconds
 * without a row, and rows without currents, are seconds in which no telegram came. The CSV reader
 * takes any chunking; columns are found by their names in the header:
 *   t or t_s        seconds, or `time` as RFC 3339; without any of them a row is a second
 *   current_l1 ..   A, or l1_A ..; blank: no telegram
 *   power_import_l1, power_export_l1 ..   W: more export than import makes a current negative
 *   override        A, written in that second
 */
#ifndef BALANCE_HOUSE_LOG_H
#define BALANCE_HOUSE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "balance/simulate.h"

typedef void house_run(void *context, const struct simulation_run *run);

/*
 * Joins seconds to runs. Rows that do not go forward in time, or by more than ten years, are
 * refused.
 */
struct house_feed {
	house_run *emit;
	void *context;
	int64_t next;   /* the second that is due */
	int64_t origin; /* what counts as second 0 */
	int64_t epoch;  /* s since 1970 in UTC of second 0, when the log has a clock */
	int32_t zone;   /* minutes of local time east of UTC */
	bool begun, clocked;
	struct simulation_run pending;
};

/*
 * currents: NULL when no telegram came; override_limit: CURRENT_NONE for none. EM_RANGE: refused.
 */
int house_feed_add(struct house_feed *f, int64_t t, const int32_t *currents,
                   int32_t override_limit);
void house_feed_end(struct house_feed *f);

enum { HOUSE_LINE = 4096, HOUSE_COLUMNS = 128 };

struct house_csv {
	struct house_feed *feed;
	char line[HOUSE_LINE];
	size_t length;
	bool overlong;
	bool header;                   /* has been read */
	uint8_t column[HOUSE_COLUMNS]; /* what each column means */
	int columns;
	char separator;
	int64_t row;
	uint64_t rows, refused;
};

void house_csv_start(struct house_csv *c, struct house_feed *feed);

/* EM_UNKNOWN when the header names no current: the file cannot be used. */
int house_csv_data(struct house_csv *c, const char *data, size_t size);
int house_csv_end(struct house_csv *c);

#endif
