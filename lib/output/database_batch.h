/*
 * What the main thread passes to the thread that writes a database: a text of entries, each of
 * which is a row or a new column; and the slots that decide which rows go to `history_debounced`.
 */
#ifndef OUTPUT_DATABASE_BATCH_H
#define OUTPUT_DATABASE_BATCH_H

#include "output/database.h"

/* Turns records into entries, on the main thread. Starts as {0}. */
struct row_maker {
	struct text entry, json, device;
	struct format_state state;
	char **columns; /* hash table of the names seen */
	size_t column_count, column_capacity;
};

/* The entries of a record and of its new columns; valid until the next call. */
struct text *row_make(struct row_maker *m, const struct record *r, instant now);

void row_maker_free(struct row_maker *m);

/* Reads the next row or column of a batch from p on; returns what follows it, NULL at the end. */
const char *entry_row(const struct text *batch, const char *p, struct database_row *row);
const char *entry_column(const struct text *batch, const char *p, const char **name, bool *number);

struct slot {
	char *type, *device;
	int64_t number,
		before;  /* slot of the newest row, and of the newest row before the transaction */
	bool is_touched; /* in this transaction */
	struct slot *next, *next_touched;
};

enum { SLOT_LISTS = 8192, SLOTS_LIMIT = 1000000 }; /* further devices have no debounced rows */

struct slots {
	int64_t length; /* ms */
	struct slot *touched;
	struct slot *lists[SLOT_LISTS]; /* by a hash of the device */
	size_t count;
};

/* Whether the row is in another slot than the previous row of its device. */
bool slots_changed(struct slots *s, const struct database_row *row,
                   const struct database_engine *engine, void *state, int *error);

/* The transaction was written; or it was undone, and the slots go back as well. */
void slots_settle(struct slots *s, bool written);

void slots_free(struct slots *s);

#endif
