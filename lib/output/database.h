/*
 * The SQL outputs. Every record becomes a row of the table `history`. Whenever the clock of a
 * device enters a new slot (5 minutes by default), the same row is also written to
 * `history_debounced`:
 *
 *     id, time, type, source, device, record    and a virtual column for each value of the record
 *
 * `record` is the exact record as JSON. The value columns read it (`power_import` is
 * record.power_import), so they need no space. A column is added when its value is first seen. A
 * record without a time gets the time of the meter's clock, or else the time of writing.
 *
 * A thread writes, in transactions of at most a second, so that a slow disk, or a database that is
 * locked or away, never delays the program. sqlite.c and mysql.c are the engines.
 */
#ifndef OUTPUT_DATABASE_H
#define OUTPUT_DATABASE_H

#include "base/stamp.h"
#include "base/url.h"
#include "output/output.h"

/* The file of a database; NULL for a server. */
const char *database_file(const char *url);

#define DATABASE_SCHEMA 1 /* version of the tables */

struct database_options {
	const char *url;    /* sqlite:PATH, PATH, mysql://user@host[:port]/database; borrowed */
	double debounce;    /* s, 0: 300 */
	double retain_days; /* rows of `history` older than this are deleted; 0: never */
	/*
	 * Never wait for the database, also when it is opened: what it does not take is dropped and
	 * counted. A disk that is full is tried again.
	 */
	bool live;
};

/* Opens the database, creating its tables. *out on success; else problem[] says why. */
int output_database(struct output **out, const struct database_options *options, char *problem,
                    size_t size);

struct database_row {
	instant time;
	const char *type, *source, *device; /* source and device may be "" */
	const char *record;                 /* JSON */
	size_t record_length;
	bool debounced; /* also write it to history_debounced */
};

/*
 * The functions of an engine. Each returns 0 or EM_* and puts the reason into problem[]. EM_TIMEOUT
 * (locked) and EM_CLOSED (connection lost) mean that the transaction was undone and can be
 * repeated; so does EM_SYSTEM with errno ENOSPC (the disk is full) or EIO.
 */
struct database_engine {
	int (*open)(void *state, const struct url *url, const char *path, char *problem,
	            size_t size);
	int (*begin)(void *state);
	int (*insert)(void *state, const struct database_row *row);
	int (*commit)(void *state);
	void (*rollback)(void *state);
	int (*add_column)(void *state, const char *name, bool number);
	/*
	 * The time of the device's newest row in `history`, or where that was pruned in
	 * `history_debounced`; INSTANT_NONE when there is none.
	 */
	int (*newest)(void *state, const char *type, const char *device, instant *time);
	/* Deletes some rows of `history` older than `before`; *more tells whether some are left. */
	int (*prune)(void *state, instant before, bool *more);
	const char *(*problem)(void *state);
	void (*close)(void *state);
	size_t size; /* of the engine's state */
};

extern const struct database_engine database_sqlite, database_mysql;

#endif
