#include <errno.h>
#include <mariadb/mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/wipe.h"
#include "host/library.h"
#include "host/secret.h"
#include "output/database.h"

/* clang-format off */
#define MYSQL_FUNCTIONS(X)                                                              \
	X(mysql_init) X(mysql_close) X(mysql_optionsv) X(mysql_real_connect)            \
	X(mysql_real_query) X(mysql_real_escape_string) X(mysql_error) X(mysql_errno)   \
	X(mysql_store_result) X(mysql_fetch_row) X(mysql_free_result) X(mysql_affected_rows)
/* clang-format on */

static const char *const names[] = {MYSQL_FUNCTIONS(LIBRARY_NAME) NULL};

static const struct library library = {"libmariadb.so.3", "libmariadb3", names};

enum {
	LOCK_WAIT = 1205, /* ER_LOCK_WAIT_TIMEOUT */
	DEADLOCK = 1213,  /* ER_LOCK_DEADLOCK */
	SHUTDOWN = 1053,  /* ER_SERVER_SHUTDOWN */
	KILLED = 1927,    /* ER_CONNECTION_KILLED */
	ACCESS_DENIED = 1045,
	DISK_FULL = 1021,
	TABLE_FULL = 1114,
	DUPLICATE_COLUMN = 1060,
	CANNOT_CREATE = 1005, /* more columns than InnoDB allows */
	TOO_MANY_COLUMNS = 1117,
	ROW_TOO_LARGE = 1118,
	NO_TABLE = 1146,
	CHUNK = 256 * 1024 /* bytes of rows in one INSERT */
};

struct mysql {
	struct {
		MYSQL_FUNCTIONS(LIBRARY_POINTER)
	} lib;
	MYSQL *db;
	const struct url *url;
	struct text rows[2]; /* unfinished statements for history and history_debounced */
	char problem[200];
};

static int fail(struct mysql *s)
{
	unsigned code = s->lib.mysql_errno(s->db);

	snprintf(s->problem, sizeof s->problem, "%s", s->lib.mysql_error(s->db));
	if (code == LOCK_WAIT || code == DEADLOCK)
		return EM_TIMEOUT;
	if ((code >= 2000 && code < 3000) || code == SHUTDOWN || code == KILLED)
		return EM_CLOSED;
	errno = code == DISK_FULL || code == TABLE_FULL ? ENOSPC : 0;
	return code == ACCESS_DENIED ? EM_DENIED : EM_SYSTEM;
}

static int execute(struct mysql *s, const char *sql, size_t length)
{
	MYSQL_RES *result;

	if (s->lib.mysql_real_query(s->db, sql, length))
		return fail(s);
	result = s->lib.mysql_store_result(s->db);
	if (result)
		s->lib.mysql_free_result(result);
	return 0;
}

/* The first column of the first row as a number; *found says whether there is a row. */
static int ask(struct mysql *s, const char *sql, int64_t *out, bool *found)
{
	MYSQL_RES *result;
	MYSQL_ROW row;

	*found = false;
	if (s->lib.mysql_real_query(s->db, sql, strlen(sql)))
		return fail(s);
	result = s->lib.mysql_store_result(s->db);
	row = result ? s->lib.mysql_fetch_row(result) : NULL;
	if (row && row[0]) {
		*out = strtoll(row[0], NULL, 10);
		*found = true;
	}
	if (result)
		s->lib.mysql_free_result(result);
	return 0;
}

#define TABLE(name)                                                                   \
	"CREATE TABLE IF NOT EXISTS " name " (id BIGINT PRIMARY KEY AUTO_INCREMENT,"  \
	" time DATETIME(3) NOT NULL, type VARCHAR(32) NOT NULL, source VARCHAR(128)," \
	" device VARCHAR(128) NOT NULL, record LONGTEXT NOT NULL, INDEX (time),"      \
	" INDEX (type, device, time)) DEFAULT CHARSET utf8mb4"

static int create(struct mysql *s)
{
	static const char *const sql[] = {
		TABLE("history"), TABLE("history_debounced"),
		"CREATE TABLE IF NOT EXISTS emtool_schema (version INT NOT NULL)",
		("INSERT INTO emtool_schema SELECT 1 FROM DUAL"
	         " WHERE NOT EXISTS (SELECT * FROM emtool_schema)")};
	int64_t version = 0, tables = 0;
	bool found;
	int error = ask(s, "SELECT version FROM emtool_schema", &version, &found);

	if (error && s->lib.mysql_errno(s->db) == NO_TABLE)
		error = ask(s,
		            "SELECT count(*) FROM information_schema.tables WHERE table_schema ="
		            " database() AND table_name = 'history'",
		            &tables, &found);
	if (error)
		return error;
	if (version > DATABASE_SCHEMA || tables) {
		snprintf(s->problem, sizeof s->problem,
		         tables ? "its table history was not made by emtool"
		                : "written by a newer version of emtool");
		return EM_UNSUPPORTED;
	}
	for (size_t i = 0; i < 4 && !error && !version; i++)
		error = execute(s, sql[i], strlen(sql[i]));
	return error;
}

static void set_options(struct mysql *s)
{
	const char *ca = url_option(s->url, "ca");
	unsigned seconds = 5;

	s->lib.mysql_optionsv(s->db, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
	seconds = 30;
	s->lib.mysql_optionsv(s->db, MYSQL_OPT_READ_TIMEOUT, &seconds);
	s->lib.mysql_optionsv(s->db, MYSQL_OPT_WRITE_TIMEOUT, &seconds);
	s->lib.mysql_optionsv(s->db, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	if (ca) {
		my_bool yes = 1;

		s->lib.mysql_optionsv(s->db, MYSQL_OPT_SSL_CA, ca);
		s->lib.mysql_optionsv(s->db, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
	}
}

static int connect_server(struct mysql *s)
{
	const char *file;
	char password[256];
	int error = secret_read("EMTOOL_DB_PASSWORD", password, sizeof password, &file);

	if (error && error != EM_UNKNOWN) {
		snprintf(s->problem, sizeof s->problem, "%s: cannot be read", file);
		return error;
	}
	s->db = s->lib.mysql_init(NULL);
	if (!s->db)
		return EM_NO_MEMORY;
	set_options(s);
	error = s->lib.mysql_real_connect(s->db, s->url->host, s->url->user,
	                                  error ? NULL : password, s->url->path,
	                                  (unsigned)s->url->port, url_option(s->url, "socket"), 0)
	                ? 0
	                : fail(s);
	wipe(password, sizeof password);
	return error;
}

static void mysql_end(void *state)
{
	struct mysql *s = state;

	if (s->db)
		s->lib.mysql_close(s->db);
	s->db = NULL;
	text_free(&s->rows[0]);
	text_free(&s->rows[1]);
}

static int mysql_open(void *state, const struct url *url, const char *path, char *problem,
                      size_t size)
{
	static const char utc[] = "SET time_zone = '+00:00', sql_mode = ''";
	struct mysql *s = state;
	int error = 0;

	(void)path;
	s->url = url;
	if (!s->lib.mysql_init)
		error = library_open(&library, &s->lib, problem, size);
	if (error)
		return error;
	error = connect_server(s);
	if (!error)
		error = execute(s, utc, sizeof utc - 1);
	if (!error)
		error = create(s);
	if (error)
		snprintf(problem, size, "%s", s->problem);
	return error;
}

static int mysql_begin(void *state)
{
	return execute(state, "START TRANSACTION", 17);
}

static void put_string(struct mysql *s, struct text *out, const char *text, size_t length)
{
	if (!text_room(out, length * 2 + 3))
		return;
	out->data[out->length++] = '\'';
	out->length += s->lib.mysql_real_escape_string(s->db, out->data + out->length, text,
	                                               length);
	out->data[out->length++] = '\'';
}

/* DATETIME: `2026-11-21 01:20:57.000` */
static void put_time(struct text *out, instant t)
{
	char time[STAMP_TEXT];
	size_t length = instant_format(time, t);

	time[10] = ' ';
	text_char(out, '\'');
	text_add(out, time, length - 1);
	text_char(out, '\'');
}

static int send_rows(struct mysql *s, int table)
{
	struct text *rows = &s->rows[table];
	int error = rows->failed   ? EM_NO_MEMORY
	            : rows->length ? execute(s, rows->data, rows->length)
	                           : 0;

	rows->length = 0;
	return error;
}

static int mysql_insert(void *state, const struct database_row *row)
{
	struct mysql *s = state;

	for (int i = 0; i < 1 + row->debounced; i++) {
		struct text *out = &s->rows[i];
		int error = out->length > CHUNK ? send_rows(s, i) : 0;

		if (error)
			return error;
		if (out->length)
			text_char(out, ',');
		else
			text_printf(
				out,
				"INSERT INTO history%s (time, type, source, device, record) VALUES ",
				i ? "_debounced" : "");
		text_char(out, '(');
		put_time(out, row->time);
		text_char(out, ',');
		put_string(s, out, row->type, strlen(row->type));
		text_char(out, ',');
		put_string(s, out, row->source, strlen(row->source));
		text_char(out, ',');
		put_string(s, out, row->device, strlen(row->device));
		text_char(out, ',');
		put_string(s, out, row->record, row->record_length);
		text_char(out, ')');
	}
	return 0;
}

static int mysql_commit_rows(void *state)
{
	struct mysql *s = state;
	int error = send_rows(s, 0);

	if (!error)
		error = send_rows(s, 1);
	return error ? error : execute(s, "COMMIT", 6);
}

static void mysql_undo(void *state)
{
	struct mysql *s = state;

	s->rows[0].length = s->rows[1].length = 0;
	if (s->db)
		s->lib.mysql_real_query(s->db, "ROLLBACK", 8);
}

static bool is_harmless(unsigned code)
{
	return code == DUPLICATE_COLUMN || code == CANNOT_CREATE || code == TOO_MANY_COLUMNS ||
	       code == ROW_TOO_LARGE;
}

/*
 * A table can have 1017 columns; further values are only in `record`. Texts are not VARCHAR,
 * because 62 such columns, even virtual ones, fill the 64 KiB that a row may have in MariaDB.
 */
static int mysql_add_column(void *state, const char *name, bool number)
{
	struct mysql *s = state;
	int error = 0;

	for (int i = 0; i < 2 && !error; i++) {
		char sql[1000];
		int n = snprintf(sql, sizeof sql,
		                 "ALTER TABLE history%s ADD COLUMN `%s` %s GENERATED ALWAYS AS"
		                 " (JSON_VALUE(record, '$.\"%s\"')) VIRTUAL",
		                 i ? "_debounced" : "", name, number ? "DOUBLE" : "TEXT", name);

		error = execute(s, sql, (size_t)n);
		if (error && is_harmless(s->lib.mysql_errno(s->db)))
			error = 0;
	}
	return error;
}

static int mysql_newest(void *state, const char *type, const char *device, instant *time)
{
	struct mysql *s = state;
	struct text sql = {0};
	int64_t ms = 0;
	bool found = false;
	int error;

	text_puts(&sql, "SELECT CAST(round(UNIX_TIMESTAMP(coalesce(");
	for (int i = 0; i < 2; i++) {
		text_printf(&sql, "%s(SELECT max(time) FROM history%s WHERE type = ", i ? ", " : "",
		            i ? "_debounced" : "");
		put_string(s, &sql, type, strlen(type));
		text_puts(&sql, " AND device = ");
		put_string(s, &sql, device, strlen(device));
		text_char(&sql, ')');
	}
	text_puts(&sql, ")) * 1000) AS SIGNED)");
	error = sql.failed ? EM_NO_MEMORY : ask(s, text_string(&sql), &ms, &found);
	*time = found ? ms : INSTANT_NONE;
	text_free(&sql);
	return error;
}

static int mysql_prune(void *state, instant before, bool *more)
{
	struct mysql *s = state;
	struct text sql = {0};
	int error;

	text_puts(&sql, "DELETE FROM history WHERE time < ");
	put_time(&sql, before);
	text_puts(&sql, " LIMIT 5000");
	error = sql.failed ? EM_NO_MEMORY : execute(s, sql.data, sql.length);
	*more = !error && s->lib.mysql_affected_rows(s->db) == 5000;
	text_free(&sql);
	return error;
}

static const char *mysql_problem(void *state)
{
	return ((struct mysql *)state)->problem;
}

/* clang-format off */
const struct database_engine database_mysql = {
	mysql_open,       mysql_begin,  mysql_insert, mysql_commit_rows, mysql_undo,
	mysql_add_column, mysql_newest, mysql_prune,  mysql_problem,     mysql_end,
	sizeof(struct mysql)};
/* clang-format on */
