/* The engine of SQLite databases by itself: rows, columns, the newest row, old rows, errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "host/library.h"
#include "output/database.h"

enum { MINUTE = 60000 };

static const struct database_engine *const engine = &database_sqlite;
static const instant noon = 1700049600000; /* 2023-11-15T12:00:00Z */
static char folder[] = "/tmp/emtool-sqlite-XXXXXX", path[64];
static struct text told;
static char problem[200];

#define FUNCTIONS(X) X(sqlite3_open_v2) X(sqlite3_exec) X(sqlite3_errmsg) X(sqlite3_close)

static struct {
	FUNCTIONS(LIBRARY_POINTER)
} lib;

static int set_up(void **state)
{
	static const char *const names[] = {FUNCTIONS(LIBRARY_NAME) NULL};
	static const struct library library = {"libsqlite3.so.0", "libsqlite3-0", names};

	(void)state;
	if (library_open(&library, &lib, problem, sizeof problem) || !mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/h.db", folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	text_free(&told);
	return rmdir(folder);
}

static int forget(void **state)
{
	static const char *const endings[] = {"", "-wal", "-shm", "-journal"};

	(void)state;
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		char file[80];

		snprintf(file, sizeof file, "%s%s", path, endings[i]);
		unlink(file);
	}
	return 0;
}

static int tell_row(void *context, int columns, char **values, char **names)
{
	(void)context;
	(void)names;
	for (int i = 0; i < columns; i++)
		text_printf(&told, "%s%s",
		            i             ? "|"
		            : told.length ? "; "
		                          : "",
		            values[i] ? values[i] : "null");
	return 0;
}

/* What another program sees of the database. */
static const char *query(const char *sql)
{
	sqlite3 *db;

	told.length = 0;
	assert_int_equal(
		lib.sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
		SQLITE_OK);
	if (lib.sqlite3_exec(db, sql, tell_row, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", lib.sqlite3_errmsg(db));
	lib.sqlite3_close(db);
	return text_string(&told);
}

static void *open_database(int expected)
{
	void *db = calloc(1, engine->size);
	int error;

	assert_non_null(db);
	problem[0] = '\0';
	error = engine->open(db, NULL, path, problem, sizeof problem);
	if (error != expected)
		fail_msg("%d: %s", error, problem);
	return db;
}

static void close_database(void *db)
{
	engine->close(db);
	engine->close(db); /* nothing happens the second time */
	free(db);
}

static void insert(void *db, instant time, const char *device, const char *record, bool debounced)
{
	const struct database_row row = {.time = time,
	                                 .type = "p1",
	                                 .source = "",
	                                 .device = device,
	                                 .record = record,
	                                 .record_length = strlen(record),
	                                 .debounced = debounced};

	assert_int_equal(engine->insert(db, &row), 0);
}

/* Empty texts are NULL but for the device; the record ends where its length says. */
static void rows_are_stored(void **state)
{
	void *db = open_database(0);
	const struct database_row row = {noon, "modbus", "10.0.0.1:5", "", "{\"a\":1}x", 7, true};

	(void)state;
	assert_int_equal(engine->begin(db), 0);
	insert(db, noon + 1500, "E1", "{\"a\":2}", false);
	assert_int_equal(engine->insert(db, &row), 0);
	assert_string_equal(query("SELECT count(*) FROM history"), "0");
	assert_int_equal(engine->commit(db), 0);
	assert_string_equal(query("SELECT id, time, type, source, device, record FROM history"),
	                    "1|2023-11-15T12:00:01.500Z|p1|null|E1|{\"a\":2}; "
	                    "2|2023-11-15T12:00:00.000Z|modbus|10.0.0.1:5||{\"a\":1}");
	assert_string_equal(query("SELECT id, time, type, source, device, record FROM "
	                          "history_debounced"),
	                    "1|2023-11-15T12:00:00.000Z|modbus|10.0.0.1:5||{\"a\":1}");
	assert_int_equal(engine->begin(db), 0);
	insert(db, noon, "E1", "{}", true);
	engine->rollback(db);
	engine->rollback(db);
	assert_string_equal(query("SELECT count(*) FROM history, history_debounced"), "2");
	close_database(db);
	assert_string_equal(query("PRAGMA user_version; PRAGMA journal_mode"), "1; wal");
	assert_string_equal(query("SELECT name FROM sqlite_master WHERE type = 'index' ORDER BY 1"),
	                    "history_debounced_device; history_debounced_time; history_device; "
	                    "history_time");
	db = open_database(0); /* it is there already */
	assert_string_equal(query("SELECT count(*) FROM history"), "2");
	close_database(db);
}

static void columns_are_added_once(void **state)
{
	void *db = open_database(0);

	(void)state;
	insert(db, noon, "E1", "{\"power\":5,\"Power\":6,\"text\":\"x\"}", true);
	assert_int_equal(engine->add_column(db, "power", true), 0);
	assert_int_equal(engine->add_column(db, "Power", true), 0); /* the same to SQL */
	assert_int_equal(engine->add_column(db, "power", true), 0);
	assert_int_equal(engine->add_column(db, "text", false), 0);
	assert_string_equal(query("SELECT power, text FROM history"), "5|x");
	assert_string_equal(query("SELECT power, text FROM history_debounced"), "5|x");
	assert_string_equal(query("SELECT count(*) FROM pragma_table_xinfo('history')"), "8");
	close_database(db);
}

static void newest_row_of_a_device(void **state)
{
	static const struct {
		const char *type, *device;
		instant newest;
	} cases[] = {
		{"p1", "E1", noon + 2 * MINUTE}, {"p1", "E2", noon + 3 * MINUTE + 7},
		{"p1", "E3", INSTANT_NONE},      {"dlms", "E1", INSTANT_NONE},
		{"E1", "p1", INSTANT_NONE},
	};
	void *db = open_database(0);
	instant time;

	(void)state;
	insert(db, noon, "E1", "{}", false);
	insert(db, noon + 2 * MINUTE, "E1", "{}", true);
	insert(db, noon + MINUTE, "E1", "{}", false);
	insert(db, noon + 3 * MINUTE + 7, "E2", "{}", false);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(engine->newest(db, cases[i].type, cases[i].device, &time), 0);
		assert_true(time == cases[i].newest);
	}
	/* where history was pruned, the debounced rows tell */
	assert_string_equal(query("DELETE FROM history"), "");
	assert_int_equal(engine->newest(db, "p1", "E1", &time), 0);
	assert_true(time == noon + 2 * MINUTE);
	assert_int_equal(engine->newest(db, "p1", "E2", &time), 0);
	assert_true(time == INSTANT_NONE);
	close_database(db);
}

/* Old rows go 5000 at a time, the oldest first; debounced rows stay. */
static void old_rows_go(void **state)
{
	void *db = open_database(0);
	bool more;

	(void)state;
	assert_int_equal(engine->begin(db), 0);
	for (int i = 0; i < 5001; i++)
		insert(db, noon + i, "E1", "{}", i < 2);
	assert_int_equal(engine->commit(db), 0);
	assert_int_equal(engine->prune(db, noon, &more), 0);
	assert_false(more);
	assert_string_equal(query("SELECT count(*) FROM history"), "5001");
	assert_int_equal(engine->prune(db, noon + 1, &more), 0);
	assert_false(more);
	assert_string_equal(query("SELECT count(*) FROM history"), "5000");
	assert_int_equal(engine->prune(db, noon + 10000, &more), 0);
	assert_true(more);
	assert_string_equal(query("SELECT count(*) FROM history"), "0");
	assert_int_equal(engine->prune(db, noon + 10000, &more), 0);
	assert_false(more);
	assert_string_equal(query("SELECT count(*) FROM history_debounced"), "2");
	close_database(db);
}

static void refused(int error, const char *reason)
{
	void *db = open_database(error);

	assert_string_equal(problem, reason);
	assert_string_equal(engine->problem(db), reason);
	close_database(db);
}

static void foreign_databases_are_refused(void **state)
{
	(void)state;
	close_database(open_database(0));
	query("PRAGMA user_version = 2");
	refused(EM_UNSUPPORTED, "written by a newer version of emtool");
	assert_string_equal(query("PRAGMA user_version"), "2");
	forget(NULL);
	query("CREATE TABLE history (x)");
	refused(EM_UNSUPPORTED, "its table history was not made by emtool");
	assert_string_equal(query("SELECT sql FROM sqlite_master"), "CREATE TABLE history (x)");
	forget(NULL);
	query("CREATE TABLE other (x)"); /* other tables do not matter */
	close_database(open_database(0));
	assert_string_equal(query("SELECT count(*) FROM other, history"), "0");
	forget(NULL);
	assert_int_equal(mkdir(path, 0700), 0);
	refused(EM_SYSTEM, "unable to open database file");
	assert_int_equal(rmdir(path), 0);
}

/* A statement that fails leaves its reason, and the transaction can be undone. */
static void failures_have_a_reason(void **state)
{
	void *db = open_database(0);
	const struct database_row row = {.type = "p1", .source = "", .device = "", .record = "{}"};
	instant time;

	(void)state;
	assert_string_equal(query("DROP TABLE history"), "");
	assert_int_equal(engine->begin(db), 0);
	assert_int_equal(engine->insert(db, &row), EM_SYSTEM);
	assert_string_equal(engine->problem(db), "no such table: history");
	engine->rollback(db);
	assert_int_equal(engine->newest(db, "p1", "", &time), EM_SYSTEM);
	assert_true(time == INSTANT_NONE);
	assert_int_equal(engine->add_column(db, "a", true), EM_SYSTEM);
	assert_int_equal(engine->prune(db, noon, &(bool){false}), EM_SYSTEM);
	assert_int_equal(engine->commit(db), EM_SYSTEM);
	assert_string_equal(engine->problem(db), "cannot commit - no transaction is active");
	close_database(db);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(rows_are_stored, forget),
		cmocka_unit_test_teardown(columns_are_added_once, forget),
		cmocka_unit_test_teardown(newest_row_of_a_device, forget),
		cmocka_unit_test_teardown(old_rows_go, forget),
		cmocka_unit_test_teardown(foreign_databases_are_refused, forget),
		cmocka_unit_test_teardown(failures_have_a_reason, forget),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
