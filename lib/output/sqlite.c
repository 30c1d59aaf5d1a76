#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>

#include "base/error.h"
#include "host/library.h"
#include "output/database.h"

/* clang-format off */
#define SQLITE_FUNCTIONS(X)                                                                    \
	X(sqlite3_open_v2) X(sqlite3_close) X(sqlite3_exec) X(sqlite3_prepare_v2)              \
	X(sqlite3_bind_text) X(sqlite3_bind_int64) X(sqlite3_bind_null) X(sqlite3_step)        \
	X(sqlite3_reset) X(sqlite3_finalize) X(sqlite3_errmsg) X(sqlite3_busy_timeout)         \
	X(sqlite3_column_int64) X(sqlite3_column_text) X(sqlite3_column_type)                  \
	X(sqlite3_changes) X(sqlite3_get_autocommit) X(sqlite3_limit)
/* clang-format on */

static const char *const names[] = {SQLITE_FUNCTIONS(LIBRARY_NAME) NULL};

static const struct library library = {"libsqlite3.so.0", "libsqlite3-0", names};

enum { BUSY_WAIT = 5000 }; /* ms that a statement waits for a lock of another program */

struct sqlite {
	struct {
		SQLITE_FUNCTIONS(LIBRARY_POINTER)
	} lib;
	sqlite3 *db;
	sqlite3_stmt *insert[2], *newest; /* into history, history_debounced */
	char problem[160];
};

static int fail(struct sqlite *s, int status)
{
	const char *text = s->lib.sqlite3_errmsg(s->db);
	int error = EM_SYSTEM;

	if ((status & 0xFF) == SQLITE_BUSY || (status & 0xFF) == SQLITE_LOCKED) {
		text = "locked by another program";
		error = EM_TIMEOUT;
	} else if ((status & 0xFF) == SQLITE_FULL) {
		text = "the disk is full";
	} else if ((status & 0xFF) == SQLITE_NOMEM) {
		error = EM_NO_MEMORY;
	}
	snprintf(s->problem, sizeof s->problem, "%s", text);
	errno = (status & 0xFF) == SQLITE_FULL ? ENOSPC : (status & 0xFF) == SQLITE_IOERR ? EIO : 0;
	return error;
}

static int execute(struct sqlite *s, const char *sql)
{
	int status = s->lib.sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	return status ? fail(s, status) : 0;
}

/* The first column of a query's only row as a number; 0 when there is no row. */
static int ask(struct sqlite *s, const char *sql, int64_t *out)
{
	sqlite3_stmt *statement;
	int status = s->lib.sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL);

	*out = 0;
	if (status)
		return fail(s, status);
	status = s->lib.sqlite3_step(statement);
	if (status == SQLITE_ROW)
		*out = s->lib.sqlite3_column_int64(statement, 0);
	s->lib.sqlite3_finalize(statement);
	return status == SQLITE_ROW || status == SQLITE_DONE ? 0 : fail(s, status);
}

#define TABLE(name)                                                                              \
	"CREATE TABLE " name " (id INTEGER PRIMARY KEY, time TEXT NOT NULL, type TEXT NOT NULL," \
	" source TEXT, device TEXT NOT NULL, record TEXT NOT NULL);"                             \
	"CREATE INDEX " name "_time ON " name " (time);"                                         \
	"CREATE INDEX " name "_device ON " name " (type, device, time);"

static int create(struct sqlite *s)
{
	char version[64];
	int64_t found = 0, tables = 0;
	int error = execute(s, "BEGIN IMMEDIATE"), saved;

	if (error)
		return error;
	error = ask(s, "PRAGMA user_version", &found);
	if (!error)
		error = ask(s, "SELECT count(*) FROM sqlite_master WHERE name = 'history'",
		            &tables);
	if (!error && (found > DATABASE_SCHEMA || (found == 0 && tables))) {
		snprintf(s->problem, sizeof s->problem,
		         found ? "written by a newer version of emtool"
		               : "its table history was not made by emtool");
		error = EM_UNSUPPORTED;
	}
	snprintf(version, sizeof version, "PRAGMA user_version = %d", DATABASE_SCHEMA);
	if (!error && !found)
		error = execute(s, TABLE("history") TABLE("history_debounced"));
	if (!error && !found)
		error = execute(s, version);
	if (!error)
		return execute(s, "COMMIT");
	saved = errno;
	s->lib.sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	errno = saved;
	return error;
}

static int prepare(struct sqlite *s)
{
	static const char *const sql[] = {
		"INSERT INTO history (time, type, source, device, record) VALUES (?, ?, ?, ?, ?)",
		"INSERT INTO history_debounced (time, type, source, device, record)"
		" VALUES (?, ?, ?, ?, ?)",
		"SELECT CAST(round((julianday(coalesce("
		"(SELECT max(time) FROM history WHERE type = ?1 AND device = ?2),"
		"(SELECT max(time) FROM history_debounced WHERE type = ?1 AND device = ?2)))"
		" - 2440587.5) * 86400000) AS INTEGER)"};
	sqlite3_stmt **into[] = {&s->insert[0], &s->insert[1], &s->newest};

	for (size_t i = 0; i < 3; i++) {
		int status = s->lib.sqlite3_prepare_v2(s->db, sql[i], -1, into[i], NULL);

		if (status)
			return fail(s, status);
	}
	return 0;
}

static int sqlite_open(void *state, const struct url *url, const char *path, char *problem,
                       size_t size)
{
	struct sqlite *s = state;
	int error, status;

	(void)url;
	if (!s->lib.sqlite3_open_v2) {
		error = library_open(&library, &s->lib, problem, size);
		if (error)
			return error;
	}
	status = s->lib.sqlite3_open_v2(
		path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
		NULL);
	error = status ? fail(s, status) : 0;
	if (!error) {
		s->lib.sqlite3_busy_timeout(s->db, BUSY_WAIT);
		error = execute(s, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
		                   "PRAGMA cache_size = -1000");
	}
	if (!error)
		error = create(s);
	if (!error)
		error = prepare(s);
	if (error)
		snprintf(problem, size, "%s", s->problem);
	return error;
}

static int sqlite_begin(void *state)
{
	return execute(state, "BEGIN IMMEDIATE");
}

/* Binds texts to the parameters from 1 on; an empty text becomes NULL. */
static int bind(struct sqlite *s, sqlite3_stmt *statement, const char *const *texts, int count)
{
	int status = SQLITE_OK;

	for (int i = 0; i < count && status == SQLITE_OK; i++)
		status = *texts[i] ? s->lib.sqlite3_bind_text(statement, i + 1, texts[i], -1,
		                                              SQLITE_STATIC)
		                   : s->lib.sqlite3_bind_null(statement, i + 1);
	return status;
}

static int insert_into(struct sqlite *s, sqlite3_stmt *statement, const struct database_row *row,
                       const char *time)
{
	const char *const texts[] = {time, row->type, row->source};
	int status = bind(s, statement, texts, 3);

	if (status == SQLITE_OK) /* the table does not allow NULL */
		status = s->lib.sqlite3_bind_text(statement, 4, row->device, -1, SQLITE_STATIC);
	if (status == SQLITE_OK)
		status = s->lib.sqlite3_bind_text(statement, 5, row->record,
		                                  (int)row->record_length, SQLITE_STATIC);
	if (status == SQLITE_OK)
		status = s->lib.sqlite3_step(statement);
	s->lib.sqlite3_reset(statement);
	return status == SQLITE_DONE ? 0 : fail(s, status);
}

static int sqlite_insert(void *state, const struct database_row *row)
{
	struct sqlite *s = state;
	char time[STAMP_TEXT];
	int error = 0;

	instant_format(time, row->time);
	for (int i = 0; i < 1 + row->debounced && !error; i++)
		error = insert_into(s, s->insert[i], row, time);
	return error;
}

static int sqlite_commit(void *state)
{
	return execute(state, "COMMIT");
}

static void sqlite_rollback(void *state)
{
	struct sqlite *s = state;

	if (s->db && !s->lib.sqlite3_get_autocommit(s->db))
		s->lib.sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}

/* Whether the column exists, or the table has no room for it. */
static int is_complete(struct sqlite *s, const char *table, const char *name, int64_t *complete)
{
	char sql[400];

	snprintf(
		sql, sizeof sql,
		"SELECT count(*) >= %d OR sum(lower(name) = lower('%s')) FROM pragma_table_xinfo('%s')",
		s->lib.sqlite3_limit(s->db, SQLITE_LIMIT_COLUMN, -1), name, table);
	return ask(s, sql, complete);
}

/*
 * Names that differ in case only share a column. A table can have 2000 columns; further values are
 * only in `record`.
 */
static int sqlite_add_column(void *state, const char *name, bool number)
{
	static const char *const tables[] = {"history", "history_debounced"};
	struct sqlite *s = state;
	int error = 0;

	(void)number; /* SQLite takes the type from the value */
	for (size_t i = 0; i < 2 && !error; i++) {
		char sql[1000];
		int64_t there;

		error = is_complete(s, tables[i], name, &there);
		if (error || there)
			continue;
		snprintf(
			sql, sizeof sql,
			"ALTER TABLE %s ADD COLUMN \"%s\" AS (json_extract(record, '$.\"%s\"')) VIRTUAL",
			tables[i], name, name);
		error = execute(s, sql);
	}
	return error;
}

static int sqlite_newest(void *state, const char *type, const char *device, instant *time)
{
	struct sqlite *s = state;
	int status = s->lib.sqlite3_bind_text(s->newest, 1, type, -1, SQLITE_STATIC);

	*time = INSTANT_NONE;
	if (status == SQLITE_OK)
		status = s->lib.sqlite3_bind_text(s->newest, 2, device, -1, SQLITE_STATIC);
	if (status == SQLITE_OK)
		status = s->lib.sqlite3_step(s->newest);
	if (status == SQLITE_ROW && s->lib.sqlite3_column_type(s->newest, 0) == SQLITE_INTEGER)
		*time = s->lib.sqlite3_column_int64(s->newest, 0);
	s->lib.sqlite3_reset(s->newest);
	return status == SQLITE_ROW || status == SQLITE_DONE ? 0 : fail(s, status);
}

static int sqlite_prune(void *state, instant before, bool *more)
{
	struct sqlite *s = state;
	char time[STAMP_TEXT], sql[200];
	int error;

	instant_format(time, before);
	snprintf(sql, sizeof sql,
	         "DELETE FROM history WHERE id IN"
	         " (SELECT id FROM history WHERE time < '%s' ORDER BY time LIMIT 5000)",
	         time);
	error = execute(s, sql);
	*more = !error && s->lib.sqlite3_changes(s->db) == 5000;
	return error;
}

static const char *sqlite_problem(void *state)
{
	return ((struct sqlite *)state)->problem;
}

static void sqlite_close(void *state)
{
	struct sqlite *s = state;

	if (!s->db)
		return;
	s->lib.sqlite3_finalize(s->insert[0]);
	s->lib.sqlite3_finalize(s->insert[1]);
	s->lib.sqlite3_finalize(s->newest);
	s->lib.sqlite3_close(s->db);
	s->insert[0] = s->insert[1] = s->newest = NULL;
	s->db = NULL;
}

/* clang-format off */
const struct database_engine database_sqlite = {
	sqlite_open,       sqlite_begin,  sqlite_insert, sqlite_commit,  sqlite_rollback,
	sqlite_add_column, sqlite_newest, sqlite_prune,  sqlite_problem, sqlite_close,
	sizeof(struct sqlite)};
/* clang-format on */
