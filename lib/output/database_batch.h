/*
 * What travels from the program to the thread that writes a database: entries in a text, each a row
 * or a column to add, and the slots that decide about `history_debounced`.
 */
#ifndef OUTPUT_DATABASE_BATCH_H
#define OUTPUT_DATABASE_BATCH_H

#include "output/database.h"

/* Makes entries of records, on the program's thread. Starts out as {0}. */
struct row_maker {
	struct text entry, json, device;
	struct format_state state;
	char **columns; /* hash table of the names seen */
	size_t column_count, column_capacity;
};

/* The entries of a record, columns not seen before among them; valid until the next call. */
struct text *row_make(struct row_maker *m, const struct record *r, instant now);

void row_maker_free(struct row_maker *m);

/* From p on, the next row or column of a batch; returns what follows it, NULL at the end. */
const char *entry_row(const struct text *batch, const char *p, struct database_row *row);
const char *entry_column(const struct text *batch, const char *p, const char **name, bool *number);

struct slot {
	char *type, *device;
	int64_t number, before; /* of the newest row; and what it was when the transaction began */
	bool is_touched;        /* in this transaction */
	struct slot *next, *next_touched;
};

enum { SLOT_LISTS = 8192, SLOTS_LIMIT = 1000000 }; /* devices beyond have no debounced rows */

struct slots {
	int64_t length; /* ms */
	struct slot *touched;
	struct slot *lists[SLOT_LISTS]; /* by a hash of the device */
	size_t count;
};

/* Whether the row lies in another slot than its device's row before it. */
bool slots_changed(struct slots *s, const struct database_row *row,
                   const struct database_engine *engine, void *state, int *error);

/* The transaction was written, or undone: then the slots go back, too. */
void slots_settle(struct slots *s, bool written);

void slots_free(struct slots *s);

#endif
