/* The engine of MariaDB databases by itself: connections, statements, answers and errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "mariadb.h"
#include "base/error.h"
#include "output/database.h"

static const struct database_engine *const engine = &database_mysql;
static const instant noon = 1700049600000; /* 2023-11-15T12:00:00Z */
static struct url url;
static char problem[200];

#define SET "SET time_zone = '+00:00', sql_mode = ''\n"
#define VERSION "SELECT version FROM emtool_schema\n"
#define TABLES                                                                                \
	"SELECT count(*) FROM information_schema.tables WHERE table_schema = database() AND " \
	"table_name = 'history'\n"
#define OPTIONS "connect within 5\nread within 30\nwrite within 30\ncharset utf8mb4\n"
#define TABLE(name)                                                                            \
	"CREATE TABLE IF NOT EXISTS " name " (id BIGINT PRIMARY KEY AUTO_INCREMENT, time "     \
	"DATETIME(3) NOT NULL, type VARCHAR(32) NOT NULL, source VARCHAR(128), device "        \
	"VARCHAR(128) NOT NULL, record LONGTEXT NOT NULL, INDEX (time), INDEX (type, device, " \
	"time)) DEFAULT CHARSET utf8mb4\n"

static int set_up(void **state)
{
	(void)state;
	unsetenv("EMTOOL_DB_PASSWORD");
	unsetenv("EMTOOL_DB_PASSWORD_FILE");
	server_new("1");
	return url_parse(&url, "mysql://me@db.example:3307/house");
}

static int tear_down(void **state)
{
	(void)state;
	url_free(&url);
	server_free();
	return 0;
}

static void *open_database(int expected)
{
	void *db = calloc(1, engine->size);
	int error;

	assert_non_null(db);
	problem[0] = '\0';
	error = engine->open(db, &url, NULL, problem, sizeof problem);
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

static void said(const char *expected)
{
	assert_string_equal(text_string(&server.said), expected);
	server.said.length = 0;
}

static void connections_have_settings(void **state)
{
	(void)state;
	close_database(open_database(0));
	said(OPTIONS
	     "connect db.example 3307 user me password none database house socket none\n" SET
	             VERSION "close\n");
	url_free(&url);
	assert_int_equal(url_parse(&url, "mysql://db/house?socket=/run/s&ca=/etc/ca.pem"), 0);
	setenv("EMTOOL_DB_PASSWORD", "secret", 1);
	close_database(open_database(0));
	said(OPTIONS
	     "ca /etc/ca.pem\nverify 1\n"
	     "connect db 0 user none password secret database house socket /run/s\n" SET VERSION
	     "close\n");
}

static void passwords_that_cannot_be_read(void **state)
{
	char longest[256], longer[258] = "";

	(void)state;
	setenv("EMTOOL_DB_PASSWORD_FILE", "/nonexistent/password", 1);
	close_database(open_database(EM_SYSTEM));
	assert_string_equal(problem, "/nonexistent/password: cannot be read");
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	setenv("EMTOOL_DB_PASSWORD", longest, 1);
	close_database(open_database(0)); /* it just fits */
	assert_non_null(strstr(text_string(&server.said), longest));
	setenv("EMTOOL_DB_PASSWORD", strcat(memset(longer, 'x', sizeof longest), "x"), 1);
	close_database(open_database(EM_RANGE));
	assert_string_equal(problem, "EMTOOL_DB_PASSWORD: cannot be read");
}

static void libraries_that_are_missing(void **state)
{
	void *db;

	(void)state;
	server.is_missing = true;
	close_database(open_database(EM_UNSUPPORTED));
	assert_string_equal(problem, "libmariadb.so.3 of libmariadb3 is missing");
	said("");
	server.is_missing = false;
	server.memory_is_out = true;
	close_database(open_database(EM_NO_MEMORY));
	server.memory_is_out = false;
	db = open_database(0);
	engine->close(db);
	server.is_missing = true; /* it is opened once */
	assert_int_equal(engine->open(db, &url, NULL, problem, sizeof problem), 0);
	close_database(db);
}

/* Tables are made where there are none, and only those of this version are used. */
static void tables_are_made_once(void **state)
{
	static const struct {
		const char *version, *tables;
		int error;
		const char *said, *problem;
	} cases[] = {
		{NULL, "0", 0,
	         VERSION TABLES TABLE("history") TABLE(
			 "history_debounced") "CREATE TABLE IF NOT EXISTS emtool_schema (version INT NOT NULL)\n"
	                                      "INSERT INTO emtool_schema SELECT 1 FROM DUAL WHERE NOT EXISTS (SELECT * "
	                                      "FROM emtool_schema)\n",
	         ""},
		{"1", "1", 0, VERSION, ""},
		{"0", "1", 0,
	         VERSION TABLE("history") TABLE(
			 "history_debounced") "CREATE TABLE IF NOT EXISTS emtool_schema (version INT NOT NULL)\n"
	                                      "INSERT INTO emtool_schema SELECT 1 FROM DUAL WHERE NOT EXISTS (SELECT * "
	                                      "FROM emtool_schema)\n",
	         ""},
		{"2", "0", EM_UNSUPPORTED, VERSION, "written by a newer version of emtool"},
		{NULL, "1", EM_UNSUPPORTED, VERSION TABLES,
	         "its table history was not made by emtool"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		void *db;

		server_new(cases[i].version);
		server.answers[1].cell = cases[i].tables;
		db = open_database(cases[i].error);
		assert_string_equal(strstr(text_string(&server.said), VERSION), cases[i].said);
		assert_string_equal(problem, cases[i].problem);
		if (cases[i].error)
			assert_string_equal(engine->problem(db), cases[i].problem);
		close_database(db);
	}
}

/* Whatever fails while the database is opened is told, and nothing follows it. */
static void openings_that_fail(void **state)
{
	static const char *const statements[] = {
		"connect",
		"SET time_zone",
		"SELECT version",
		"SELECT count(*)",
		"CREATE TABLE IF NOT EXISTS history ",
		"CREATE TABLE IF NOT EXISTS history_debounced",
		"CREATE TABLE IF NOT EXISTS emtool_schema",
		"INSERT INTO emtool_schema",
	};

	(void)state;
	for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
		const char *last;
		void *db;

		server_new(NULL);
		server.faults[i == 2 ? 0 : 1] = (struct mariadb_fault){statements[i], 1234, 1};
		db = open_database(EM_SYSTEM);
		assert_string_equal(problem, "error 1234");
		for (last = text_string(&server.said); *last; last = strchr(last, '\n') + 1)
			if (!strchr(last, '\n')[1])
				break;
		if (!server_begins(last, statements[i]))
			fail_msg("%s after %s", last, statements[i]);
		close_database(db);
	}
}

/* What an error of the server means: whether the transaction can be repeated, and how. */
static void errors_have_kinds(void **state)
{
	static const struct {
		unsigned code;
		int error, number;
	} cases[] = {
		{1205, EM_TIMEOUT, -1},    {1213, EM_TIMEOUT, -1}, {1204, EM_SYSTEM, 0},
		{1206, EM_SYSTEM, 0},      {1212, EM_SYSTEM, 0},   {1214, EM_SYSTEM, 0},
		{2000, EM_CLOSED, -1},     {2006, EM_CLOSED, -1},  {2013, EM_CLOSED, -1},
		{2999, EM_CLOSED, -1},     {1999, EM_SYSTEM, 0},   {3000, EM_SYSTEM, 0},
		{1053, EM_CLOSED, -1},     {1052, EM_SYSTEM, 0},   {1054, EM_SYSTEM, 0},
		{1927, EM_CLOSED, -1},     {1926, EM_SYSTEM, 0},   {1928, EM_SYSTEM, 0},
		{1045, EM_DENIED, 0},      {1044, EM_SYSTEM, 0},   {1046, EM_SYSTEM, 0},
		{1021, EM_SYSTEM, ENOSPC}, {1020, EM_SYSTEM, 0},   {1022, EM_SYSTEM, 0},
		{1114, EM_SYSTEM, ENOSPC}, {1113, EM_SYSTEM, 0},   {1115, EM_SYSTEM, 0},
	};
	void *db = open_database(0);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char expected[20];
		int error;

		server.faults[0] = (struct mariadb_fault){"START TRANSACTION", cases[i].code, 1};
		errno = EIO;
		error = engine->begin(db);
		if (error != cases[i].error || (cases[i].number >= 0 && errno != cases[i].number))
			fail_msg("%u: %d, errno %d", cases[i].code, error, errno);
		snprintf(expected, sizeof expected, "error %u", cases[i].code);
		assert_string_equal(engine->problem(db), expected);
		assert_int_equal(engine->begin(db), 0);
	}
	close_database(db);
}

static const struct database_row first = {noon + 1500, "p1", "", "E1", "{\"a\":2}", 7, false};
static const struct database_row second = {noon,         "modbus", "10.0.0.1:5", "it's",
                                           "{\"a\":1}x", 7,        true};

#define FIRST "('2023-11-15 12:00:01.500','p1','','E1','{\"a\":2}')"
#define SECOND "('2023-11-15 12:00:00.000','modbus','10.0.0.1:5','it\\'s','{\"a\":1}')"
#define INSERT(table) "INSERT INTO " table " (time, type, source, device, record) VALUES "

/* Rows of a transaction are one statement for each table. */
static void rows_are_stored(void **state)
{
	void *db = open_database(0);

	(void)state;
	server.said.length = 0;
	assert_int_equal(engine->begin(db), 0);
	assert_int_equal(engine->insert(db, &first), 0);
	assert_int_equal(engine->insert(db, &second), 0);
	assert_int_equal(engine->commit(db), 0);
	said("START TRANSACTION\n" INSERT("history") FIRST
	     "," SECOND "\n" INSERT("history_debounced") SECOND "\nCOMMIT\n");
	assert_int_equal(engine->begin(db), 0);
	assert_int_equal(engine->insert(db, &second), 0);
	engine->rollback(db); /* nothing of it is left in the next one */
	said("START TRANSACTION\nROLLBACK\n");
	assert_int_equal(engine->begin(db), 0);
	assert_int_equal(engine->commit(db), 0);
	said("START TRANSACTION\nCOMMIT\n");
	assert_int_equal(engine->insert(db, &first), 0);
	engine->close(db);
	said("close\n");
	engine->rollback(db); /* after the connection was lost and could not be opened */
	said("");
	close_database(db);
}

/* A statement is sent when more than 256 KiB wait; one that fails ends the transaction. */
static void many_rows_are_several_statements(void **state)
{
	static char record[64 * 1024];
	struct database_row row = {noon, "p1", "", "", record, sizeof record, true};
	const size_t one = strlen(INSERT("history") "('2023-11-15 12:00:00.000','p1','','','')");
	void *db = open_database(0);

	(void)state;
	memset(record, 'x', sizeof record);
	for (int last = 0; last < 2; last++) {
		server.said.length = server.stored.length = 0;
		row.debounced = false;
		row.record_length = 256 * 1024 - one + (size_t)last;
		row.record = calloc(1, row.record_length);
		memset((char *)row.record, 'y', row.record_length);
		assert_int_equal(engine->insert(db, &row), 0);
		assert_int_equal(engine->insert(db, &first), 0);
		assert_int_equal(server.said.length > 0, last);
		assert_int_equal(engine->commit(db), 0);
		free((char *)row.record);
	}
	row = (struct database_row){noon, "p1", "", "", record, sizeof record, true};
	for (int failing = 0; failing < 4; failing++) {
		int error = 0, rows = 0;

		server.faults[0] = (struct mariadb_fault){
			failing & 1 ? "INSERT INTO history_debounced" : "INSERT INTO history ",
			1205, 1};
		assert_int_equal(engine->begin(db), 0);
		for (; rows < (failing & 2 ? 3 : 6) && !error; rows++)
			error = engine->insert(db, &row);
		assert_int_equal(error, failing & 2 ? 0 : EM_TIMEOUT);
		assert_int_equal(rows, failing & 2 ? 3 : 5);
		if (failing & 2)
			assert_int_equal(engine->commit(db), EM_TIMEOUT);
		engine->rollback(db);
	}
	server.faults[0] = (struct mariadb_fault){"COMMIT", 2006, 1};
	assert_int_equal(engine->commit(db), EM_CLOSED);
	close_database(db);
}

#define ALTER(table, type)                               \
	"ALTER TABLE " table " ADD COLUMN `power` " type \
	" GENERATED ALWAYS AS (JSON_VALUE(record, '$.\"power\"')) VIRTUAL\n"

/* A column that is there already, or that the table has no room for, is no error. */
static void columns_are_added(void **state)
{
	static const struct {
		unsigned code;
		bool harmless;
	} cases[] = {{1060, true},  {1005, true},  {1117, true},  {1118, true},  {1059, false},
	             {1061, false}, {1004, false}, {1006, false}, {1116, false}, {1119, false}};
	void *db = open_database(0);

	(void)state;
	server.said.length = 0;
	assert_int_equal(engine->add_column(db, "power", true), 0);
	said(ALTER("history", "DOUBLE") ALTER("history_debounced", "DOUBLE"));
	assert_int_equal(engine->add_column(db, "power", false), 0);
	said(ALTER("history", "TEXT") ALTER("history_debounced", "TEXT"));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		server.faults[0] = (struct mariadb_fault){"ALTER TABLE history ", cases[i].code, 1};
		assert_int_equal(engine->add_column(db, "power", true),
		                 cases[i].harmless ? 0 : EM_SYSTEM);
		said(cases[i].harmless ? ALTER("history", "DOUBLE")
		                                 ALTER("history_debounced", "DOUBLE")
		                       : ALTER("history", "DOUBLE"));
		server.faults[0] = (struct mariadb_fault){"ALTER TABLE history_debounced",
		                                          cases[i].code, 1};
		assert_int_equal(engine->add_column(db, "power", true),
		                 cases[i].harmless ? 0 : EM_SYSTEM);
		server.said.length = 0;
	}
	close_database(db);
}

static void newest_row_of_a_device(void **state)
{
	static const struct {
		struct mariadb_answer answer;
		instant newest;
	} cases[] = {
		{{"SELECT CAST", "1700049600123", true}, 1700049600123},
		{{"SELECT CAST", "0", true}, 0},
		{{"SELECT CAST", NULL, true}, INSTANT_NONE},
		{{"SELECT CAST", NULL, false}, INSTANT_NONE},
		{{"another", "5", true}, INSTANT_NONE},
	};
	void *db = open_database(0);
	instant time;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		server.said.length = 0;
		server.answers[2] = cases[i].answer;
		time = 7;
		assert_int_equal(engine->newest(db, "p1", "it's", &time), 0);
		assert_true(time == cases[i].newest);
		said("SELECT CAST(round(UNIX_TIMESTAMP(coalesce((SELECT max(time) FROM history WHERE "
		     "type = 'p1' AND device = 'it\\'s'), (SELECT max(time) FROM history_debounced "
		     "WHERE type = 'p1' AND device = 'it\\'s'))) * 1000) AS SIGNED)\n");
	}
	server.faults[0] = (struct mariadb_fault){"SELECT CAST", 2006, 1};
	assert_int_equal(engine->newest(db, "p1", "", &time), EM_CLOSED);
	assert_true(time == INSTANT_NONE);
	close_database(db);
}

/* Old rows go 5000 at a time. */
static void old_rows_go(void **state)
{
	void *db = open_database(0);
	bool more;

	(void)state;
	for (server.affected = 4999; server.affected <= 5001; server.affected++) {
		server.said.length = 0;
		more = server.affected != 5000;
		assert_int_equal(engine->prune(db, noon, &more), 0);
		assert_int_equal(more, server.affected == 5000);
		said("DELETE FROM history WHERE time < '2023-11-15 12:00:00.000' LIMIT 5000\n");
	}
	server.affected = 5000;
	server.faults[0] = (struct mariadb_fault){"DELETE", 1205, 1};
	more = true;
	assert_int_equal(engine->prune(db, noon, &more), EM_TIMEOUT);
	assert_false(more);
	close_database(db);
}

/* Texts of which every character is escaped have room. */
static void texts_that_double(void **state)
{
	char quotes[3000];
	struct database_row row = first;
	void *db = open_database(0);

	(void)state;
	memset(quotes, '\'', sizeof quotes - 1);
	quotes[sizeof quotes - 1] = '\0';
	row.type = row.source = row.device = row.record = quotes;
	row.record_length = sizeof quotes - 1;
	server.said.length = 0;
	assert_int_equal(engine->insert(db, &row), 0);
	assert_int_equal(engine->commit(db), 0);
	assert_in_range(server.said.length, 4 * 2 * (sizeof quotes - 1),
	                4 * 2 * sizeof quotes + 200);
	close_database(db);
}

/* A statement may give rows that nobody wants; they are freed. */
static void results_are_freed(void **state)
{
	void *db = open_database(0);

	(void)state;
	server.answers[2] = (struct mariadb_answer){"START", "x", true};
	assert_int_equal(engine->begin(db), 0);
	assert_int_equal(server.results, 0);
	close_database(db);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(connections_have_settings),
		TEST(passwords_that_cannot_be_read),
		TEST(libraries_that_are_missing),
		TEST(tables_are_made_once),
		TEST(openings_that_fail),
		TEST(errors_have_kinds),
		TEST(rows_are_stored),
		TEST(many_rows_are_several_statements),
		TEST(columns_are_added),
		TEST(newest_row_of_a_device),
		TEST(old_rows_go),
		TEST(texts_that_double),
		TEST(results_are_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
