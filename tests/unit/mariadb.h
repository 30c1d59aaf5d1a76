/*
 * A MariaDB server that is not there: the functions of its client library, with errors and answers
 * that the test chooses. This file has a library_open() of its own, which finds them. Statements and connections are told in `server.said`, rows that were committed in
 * `server.stored`. Include after cmocka.h.
 */
#ifndef TESTS_UNIT_MARIADB_H
#define TESTS_UNIT_MARIADB_H

#include <mariadb/mysql.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "host/library.h"

/* A statement that begins like this, or `connect`, fails so many times with this code. */
struct mariadb_fault {
	const char *statement;
	unsigned code;
	int times;
};

/* What a statement that begins like this gives: the first column of its only row, or no row. */
struct mariadb_answer {
	const char *statement, *cell;
	bool is_row;
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct text said, unfinished, stored;
	struct mariadb_fault faults[4];
	struct mariadb_answer answers[4];
	const struct mariadb_answer *result;
	bool is_missing;    /* there is no library */
	bool hangs;         /* statements wait until it is false */
	bool memory_is_out; /* mysql_init() gives NULL */
	unsigned code;      /* of the last statement */
	unsigned long long affected;
	int connections, results; /* those that are not closed or freed */
	char row[64];
	char *cells[1];
} server = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static bool server_begins(const char *statement, const char *with)
{
	return with && !strncmp(statement, with, strlen(with));
}

static void server_tell(const char *format, const char *value)
{
	text_printf(&server.said, format, value ? value : "none");
}

/* Whether the statement fails; then `server.code` says why, and what is unfinished is lost. */
static bool server_fails(const char *statement)
{
	server.code = 0;
	for (size_t i = 0; i < sizeof server.faults / sizeof *server.faults; i++) {
		struct mariadb_fault *fault = &server.faults[i];

		if (!fault->times || !server_begins(statement, fault->statement))
			continue;
		fault->times--;
		server.code = fault->code;
		return true;
	}
	return false;
}

MYSQL *mysql_init(MYSQL *db)
{
	assert_null(db);
	if (server.memory_is_out)
		return NULL;
	server.connections++;
	return (MYSQL *)&server;
}

void mysql_close(MYSQL *db)
{
	assert_ptr_equal(db, &server);
	pthread_mutex_lock(&server.lock);
	server.connections--;
	server.unfinished.length = 0;
	text_puts(&server.said, "close\n");
	pthread_mutex_unlock(&server.lock);
}

int mysql_optionsv(MYSQL *db, enum mysql_option option, ...)
{
	va_list arguments;

	assert_ptr_equal(db, &server);
	va_start(arguments, option);
	const void *value = va_arg(arguments, const void *);
	va_end(arguments);
	switch (option) {
	case MYSQL_OPT_CONNECT_TIMEOUT:
		text_printf(&server.said, "connect within %u\n", *(const unsigned *)value);
		break;
	case MYSQL_OPT_READ_TIMEOUT:
		text_printf(&server.said, "read within %u\n", *(const unsigned *)value);
		break;
	case MYSQL_OPT_WRITE_TIMEOUT:
		text_printf(&server.said, "write within %u\n", *(const unsigned *)value);
		break;
	case MYSQL_SET_CHARSET_NAME: server_tell("charset %s\n", value); break;
	case MYSQL_OPT_SSL_CA: server_tell("ca %s\n", value); break;
	case MYSQL_OPT_SSL_VERIFY_SERVER_CERT:
		text_printf(&server.said, "verify %d\n", *(const my_bool *)value);
		break;
	default: fail_msg("option %d", option);
	}
	return 0;
}

MYSQL *mysql_real_connect(MYSQL *db, const char *host, const char *user, const char *password,
                          const char *database, unsigned port, const char *socket,
                          unsigned long flags)
{
	bool fails;

	assert_ptr_equal(db, &server);
	assert_int_equal(flags, 0);
	pthread_mutex_lock(&server.lock);
	server_tell("connect %s", host);
	text_printf(&server.said, " %u", port);
	server_tell(" user %s", user);
	server_tell(" password %s", password);
	server_tell(" database %s", database);
	server_tell(" socket %s\n", socket);
	fails = server_fails("connect");
	pthread_mutex_unlock(&server.lock);
	return fails ? NULL : db;
}

/* A transaction keeps its rows until COMMIT; the text of all INSERTs is what is stored. */
static void server_keep(const char *statement, unsigned long length)
{
	if (server_begins(statement, "INSERT INTO history")) {
		text_add(&server.unfinished, statement, length);
		text_char(&server.unfinished, '\n');
	} else if (server_begins(statement, "COMMIT")) {
		text_add(&server.stored, server.unfinished.data, server.unfinished.length);
		server.unfinished.length = 0;
	} else if (server_begins(statement, "ROLLBACK")) {
		server.unfinished.length = 0;
	}
}

int mysql_real_query(MYSQL *db, const char *statement, unsigned long length)
{
	struct text copy = {0};
	bool fails;

	assert_ptr_equal(db, &server);
	text_add(&copy, statement, length);
	pthread_mutex_lock(&server.lock);
	pthread_cond_broadcast(&server.changed);
	while (server.hangs)
		pthread_cond_wait(&server.changed, &server.lock);
	text_add(&server.said, statement, length);
	text_char(&server.said, '\n');
	server.result = NULL;
	fails = server_fails(text_string(&copy));
	if (!fails)
		server_keep(statement, length);
	for (size_t i = 0; i < sizeof server.answers / sizeof *server.answers; i++)
		if (!fails && server_begins(text_string(&copy), server.answers[i].statement))
			server.result = &server.answers[i];
	pthread_mutex_unlock(&server.lock);
	text_free(&copy);
	return fails;
}

unsigned long mysql_real_escape_string(MYSQL *db, char *to, const char *from, unsigned long length)
{
	char *begin = to;

	assert_ptr_equal(db, &server);
	for (unsigned long i = 0; i < length; i++) {
		if (strchr("'\\", from[i]))
			*to++ = '\\';
		*to++ = from[i];
	}
	*to = '\0';
	return (unsigned long)(to - begin);
}

const char *mysql_error(MYSQL *db)
{
	static char message[32];

	assert_ptr_equal(db, &server);
	snprintf(message, sizeof message, "error %u", server.code);
	return message;
}

unsigned mysql_errno(MYSQL *db)
{
	assert_ptr_equal(db, &server);
	return server.code;
}

MYSQL_RES *mysql_store_result(MYSQL *db)
{
	assert_ptr_equal(db, &server);
	server.results += server.result != NULL;
	return server.result ? (MYSQL_RES *)&server : NULL;
}

MYSQL_ROW mysql_fetch_row(MYSQL_RES *result)
{
	assert_ptr_equal(result, &server);
	if (!server.result->is_row)
		return NULL;
	snprintf(server.row, sizeof server.row, "%s",
	         server.result->cell ? server.result->cell : "");
	server.cells[0] = server.result->cell ? server.row : NULL;
	return server.cells;
}

void mysql_free_result(MYSQL_RES *result)
{
	assert_ptr_equal(result, &server);
	server.results--;
}

my_ulonglong mysql_affected_rows(MYSQL *db)
{
	assert_ptr_equal(db, &server);
	return server.affected;
}

#define MARIADB_FUNCTION(function)                  \
	{                                           \
#function, (void (*)(void))function \
	}

/* In place of the one of host/library.h. */
int library_open(const struct library *library, void *pointers, char *problem, size_t size)
{
	static const struct {
		const char *name;
		void (*function)(void);
	} functions[] = {
		MARIADB_FUNCTION(mysql_init),         MARIADB_FUNCTION(mysql_close),
		MARIADB_FUNCTION(mysql_optionsv),     MARIADB_FUNCTION(mysql_real_connect),
		MARIADB_FUNCTION(mysql_real_query),   MARIADB_FUNCTION(mysql_real_escape_string),
		MARIADB_FUNCTION(mysql_error),        MARIADB_FUNCTION(mysql_errno),
		MARIADB_FUNCTION(mysql_store_result), MARIADB_FUNCTION(mysql_fetch_row),
		MARIADB_FUNCTION(mysql_free_result),  MARIADB_FUNCTION(mysql_affected_rows),
	};
	char *slot = pointers;

	if (server.is_missing || strcmp(library->file, "libmariadb.so.3") != 0) {
		snprintf(problem, size, "%s of %s is missing", library->file, library->package);
		return EM_UNSUPPORTED;
	}
	for (const char *const *name = library->names; *name;
	     name++, slot += sizeof(void (*)(void))) {
		size_t i = 0;

		while (strcmp(*name, functions[i].name))
			assert_true(++i < sizeof functions / sizeof *functions);
		memcpy(slot, &functions[i].function, sizeof functions[i].function);
	}
	return 0;
}

/* A new server without faults, which has the tables of emtool in `version`; 0: it has none. */
static void server_new(const char *version)
{
	server.said.length = server.unfinished.length = server.stored.length = 0;
	memset(server.faults, 0, sizeof server.faults);
	memset(server.answers, 0, sizeof server.answers);
	server.answers[0] = (struct mariadb_answer){"SELECT version FROM emtool_schema", version,
	                                            true};
	if (!version)
		server.faults[0] = (struct mariadb_fault){"SELECT version FROM emtool_schema", 1146,
		                                          -1};
	server.answers[1] = (struct mariadb_answer){"SELECT count(*) FROM information_schema", "0",
	                                            true};
	server.is_missing = server.hangs = server.memory_is_out = false;
	server.code = 0;
	server.affected = 0;
}

static void server_free(void)
{
	assert_int_equal(server.connections, 0);
	assert_int_equal(server.results, 0);
	text_free(&server.said);
	text_free(&server.unfinished);
	text_free(&server.stored);
}

#endif
