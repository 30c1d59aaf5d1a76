/* What becomes of records when a database is locked, full, away or slow: a server whose errors the test chooses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "mariadb.h"
#include "base/error.h"
#include "base/news.h"
#include "io/wait.h"
#include "output/database.h"

#define URL "mysql://me@db/house"

static struct output *output;
static struct record r;
static struct text told; /* news, under the lock of the server */
static char problem[200];

static void listen_to(enum news_level level, const char *text)
{
	assert_int_equal(level, NEWS_WARNING);
	pthread_mutex_lock(&server.lock);
	text_printf(&told, "%s\n", text);
	pthread_mutex_unlock(&server.lock);
}

static int set_up(void **state)
{
	(void)state;
	unsetenv("EMTOOL_DB_PASSWORD");
	unsetenv("EMTOOL_DB_PASSWORD_FILE");
	news_listen(listen_to);
	told.length = 0;
	server_new("1");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	news_listen(NULL);
	text_free(&told);
	record_free(&r);
	server_free();
	return 0;
}

static void nap(long ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};

	nanosleep(&t, NULL);
}

static int open_output(const char *url, bool live)
{
	const struct database_options options = {.url = url, .live = live};

	problem[0] = '\0';
	return output_database(&output, &options, problem, sizeof problem);
}

/* A record of one value, at so many ms. */
static int put(int n, int64_t time)
{
	record_begin(&r, "p1");
	r.time = time;
	record_int(&r, "n", n);
	return output->kind->write(output, &r);
}

static int64_t count(const struct text *text, const char *part)
{
	const char *p = text->data, *end = p ? p + text->length : p;
	size_t length = strlen(part);
	int64_t found = 0;

	for (; p && (p = memchr(p, *part, (size_t)(end - p))); p++)
		found += (size_t)(end - p) >= length && !memcmp(p, part, length);
	return found;
}

static int64_t count_now(const struct text *text, const char *part)
{
	int64_t found;

	pthread_mutex_lock(&server.lock);
	found = count(text, part);
	pthread_mutex_unlock(&server.lock);
	return found;
}

/* Waits until the text has the part so many times, at most 5 s; returns for how many ms. */
static int64_t await(const struct text *text, const char *part, int64_t times)
{
	int64_t begin = wait_clock();

	while (count_now(text, part) < times) {
		if (wait_clock() > begin + 5000)
			fail_msg("%s is missing", part);
		nap(2);
	}
	return wait_clock() - begin;
}

static void hang(bool hangs)
{
	pthread_mutex_lock(&server.lock);
	server.hangs = hangs;
	pthread_cond_broadcast(&server.changed);
	pthread_mutex_unlock(&server.lock);
}

static void kinds_of_urls(void **state)
{
	static const struct {
		const char *url;
		int error;
		const char *problem;
	} cases[] = {
		{URL, 0, NULL},
		{"mariadb://db:3306/x?socket=/s&ca=/c", 0, NULL},
		{"mysql://db", EM_SYNTAX, "expected mysql://user@host[:port]/database"},
		{"mysql://db/", EM_SYNTAX, "expected mysql://user@host[:port]/database"},
		{"mysql://db:x/y", EM_SYNTAX, "expected mysql://user@host[:port]/database"},
		{"mysql://db/x?tls=1", EM_SYNTAX, "expected mysql://user@host[:port]/database"},
		{"mysql://me:secret@db/x", EM_SYNTAX,
	         "a password in the URL is visible to everybody: use EMTOOL_DB_PASSWORD_FILE"},
		{"mysqlx://db/x", EM_SYNTAX, "unknown kind of database"},
		{"postgresql://db/x", EM_SYNTAX, "unknown kind of database"},
		{"sqlite:", EM_SYNTAX, "the path is missing"},
		{"", EM_SYNTAX, "the path is missing"},
		{"sqlite:x", EM_UNSUPPORTED, "libsqlite3.so.0 of libsqlite3-0 is missing"},
	};
	struct output ended;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int error = open_output(cases[i].url, false);

		if (error != cases[i].error)
			fail_msg("%s: %d", cases[i].url, error);
		if (error) {
			assert_string_equal(problem, cases[i].problem);
			continue;
		}
		assert_string_equal(output->name, cases[i].url);
		assert_int_equal(output_end(&output, &ended), 0);
	}
	assert_string_equal(database_file("sqlite:/x/y"), "/x/y");
	assert_string_equal(database_file("sqlite://x/y"), "x/y");
	assert_string_equal(database_file("sqlite:x"), "x");
	assert_string_equal(database_file("x"), "x");
	assert_string_equal(database_file("x:y"), "x:y");
	assert_null(database_file("mysql://x/y"));
}

/*
 * Each error of the server at each step: the record is written once, after a repetition, on the same
 * connection or on a new one; or the output fails and says why. A disk that is full is waited for
 * by programs that are live.
 */
enum outcome { REPEATED, RECONNECTED, HARMLESS, FAILS, FULL };

static void error_at(unsigned code, const char *step, enum outcome outcome, bool live)
{
	bool fails = outcome == FAILS || (outcome == FULL && !live);
	struct output ended;
	char expected[32], news_of_it[200];
	int error;

	server_new("1");
	told.length = 0;
	server.faults[1] = (struct mariadb_fault){step, code, 1};
	assert_int_equal(open_output(URL, live), 0);
	assert_int_equal(put(1, 1700000000000), 0);
	if (live)
		output_hurry(output, wait_clock() + 5000);
	error = output_end(&output, &ended);
	if (error != (!fails ? 0 : code == 1045 ? EM_DENIED : EM_SYSTEM))
		fail_msg("%u at %s: %d, %s", code, step, error, ended.problem);
	snprintf(expected, sizeof expected, "error %u", code);
	assert_string_equal(ended.problem, fails ? expected : "");
	assert_int_equal(ended.dropped, fails && live);
	assert_int_equal(count(&server.stored, "\"n\":1}"), !fails);
	assert_int_equal(count(&server.said, "connect db 0"), outcome == RECONNECTED ? 2 : 1);
	snprintf(news_of_it, sizeof news_of_it,
	         URL ": error %u; trying again\n" URL ": available again, records are written\n",
	         code);
	assert_string_equal(text_string(&told), fails || outcome == HARMLESS ? "" : news_of_it);
}

static void errors_of_the_server(void **state)
{
	static const struct {
		unsigned code;
		const char *step;
		enum outcome outcome;
	} cases[] = {
		{1205, "INSERT", REPEATED},    {1213, "COMMIT", REPEATED},
		{2006, "START", RECONNECTED},  {2013, "COMMIT", RECONNECTED},
		{1053, "INSERT", RECONNECTED}, {1927, "ALTER", RECONNECTED},
		{1021, "INSERT", FULL},        {1114, "COMMIT", FULL},
		{1060, "ALTER", HARMLESS},     {1005, "ALTER", HARMLESS},
		{1117, "ALTER", HARMLESS},     {1118, "ALTER", HARMLESS},
		{1060, "INSERT", FAILS},       {1045, "INSERT", FAILS},
		{1146, "START", FAILS},        {1234, "COMMIT", FAILS},
		{1142, "ALTER", FAILS},
	};

	(void)state;
	for (int live = 0; live < 2; live++)
		for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
			error_at(cases[i].code, cases[i].step, cases[i].outcome, live);
}

/* A connection that cannot be made again is tried until it can. */
static void servers_come_back(void **state)
{
	struct output ended;

	(void)state;
	server.faults[1] = (struct mariadb_fault){"START", 2006, 1};
	server.faults[2] = (struct mariadb_fault){"connect", 2003, 0};
	assert_int_equal(open_output(URL, false), 0);
	server.faults[2].times = 2;
	assert_int_equal(put(1, 1000), 0);
	assert_int_equal(output_end(&output, &ended), 0);
	assert_int_equal(count(&server.said, "connect db"), 4);
	assert_int_equal(count(&server.said, "close\n"), 4);
	assert_int_equal(count(&server.stored, "\"n\":1}"), 1);
	assert_string_equal(text_string(&told), URL ": error 2006; trying again\n" URL
	                                            ": available again, records are written\n");
}

/* Rows of a transaction that was undone decide anew which of them are debounced. */
static void slots_follow_the_transaction(void **state)
{
	struct output ended;

	(void)state;
	server.answers[2] = (struct mariadb_answer){"SELECT CAST", "1000", true};
	server.faults[1] = (struct mariadb_fault){"COMMIT", 1213, 1};
	assert_int_equal(open_output(URL, false), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(put(i, i * 250000), 0); /* slots of 300 s: 0, 0, 1, 2 */
	assert_int_equal(output_end(&output, &ended), 0);
	assert_int_equal(count(&server.said, "SELECT CAST"), 2);
	assert_int_equal(count(&server.stored, "INSERT INTO history "), 1);
	assert_int_equal(count(&server.stored, "INSERT INTO history_debounced "), 1);
	assert_int_equal(count(&server.stored, "\"n\":1}"), 1);
	assert_int_equal(count(&server.stored, "\"n\":2}"), 2);
	assert_int_equal(count(&server.stored, "\"n\":3}"), 2);
	/* another length of the slots; the newest row cannot be asked for */
	for (int fails = 0; fails < 2; fails++) {
		const struct database_options options = {.url = URL, .debounce = 0.5};

		server_new("1");
		server.faults[1] = (struct mariadb_fault){"SELECT CAST", 1234, fails};
		assert_int_equal(output_database(&output, &options, problem, sizeof problem), 0);
		assert_int_equal(put(5, 499), 0);
		assert_int_equal(put(6, 500), 0);
		assert_int_equal(put(7, 999), 0);
		assert_int_equal(output_end(&output, &ended), fails ? EM_SYSTEM : 0);
		assert_int_equal(count(&server.stored, "\"n\":5}"), !fails);
		assert_int_equal(count(&server.stored, "\"n\":6}"), fails ? 0 : 2);
		assert_int_equal(count(&server.stored, "\"n\":7}"), !fails);
	}
}

/* Rows are written within a second, at once when somebody waits or when there are 2 MiB of them. */
static void rows_are_written_in_time(void **state)
{
	static char long_text[200000];
	struct output ended;
	int64_t begin;

	(void)state;
	assert_int_equal(open_output(URL, false), 0);
	assert_true(output_kept(output, 0));
	assert_int_equal(put(1, 1000), 0);
	assert_in_range(await(&server.said, "COMMIT", 1), 700, 1900);
	assert_int_equal(output->kind->flush(output), 0);
	assert_int_equal(put(2, 1000), 0);
	begin = wait_clock();
	assert_true(output_kept(output, 2000));
	assert_in_range(wait_clock() - begin, 0, 600);
	assert_int_equal(count(&server.stored, "\"n\":2}"), 1);
	memset(long_text, 'x', sizeof long_text - 1);
	for (int i = 0; i < 11; i++) {
		record_begin(&r, "p1");
		record_word(&r, "text", long_text);
		if (i == 10) { /* the others wait for their second */
			assert_int_equal(count_now(&server.said, "COMMIT"), 2);
			begin = wait_clock();
		}
		assert_int_equal(output->kind->write(output, &r), 0);
	}
	assert_in_range(await(&server.said, "COMMIT", 3), 0, 600);
	assert_int_equal(output_end(&output, &ended), 0);
	assert_int_equal(count(&server.said, "START"), 3);
}

/* Somebody who waits for records learns that they are not stored, and later that they are. */
static void records_that_are_not_kept(void **state)
{
	struct output ended;
	int64_t begin;

	(void)state;
	assert_int_equal(open_output(URL, false), 0);
	hang(true);
	assert_int_equal(put(1, 1000), 0);
	begin = wait_clock();
	assert_false(output_kept(output, 150));
	assert_in_range(wait_clock() - begin, 140, 1000);
	assert_false(output_kept(output, 0));
	hang(false);
	assert_true(output_kept(output, 3000));
	server.faults[1] = (struct mariadb_fault){"START", 1234, 1};
	assert_int_equal(put(2, 1000), 0);
	assert_false(output_kept(output, 3000));
	assert_int_equal(output->kind->flush(output), EM_SYSTEM);
	assert_string_equal(output->problem, "error 1234");
	assert_int_equal(put(3, 1000), EM_SYSTEM);
	assert_false(output_kept(output, 0));
	assert_int_equal(output_end(&output, &ended), EM_SYSTEM);
	assert_int_equal(ended.dropped, 0);
}

/* A live program keeps 10000 rows for a server that hangs, and takes records again after it. */
static void live_rows_have_a_limit(void **state)
{
	struct output ended;
	int taken = 0;

	(void)state;
	assert_int_equal(open_output(URL, true), 0);
	hang(true);
	assert_int_equal(put(taken++, 1000), 0);
	output_hurry(output, 0);
	nap(50); /* the thread has taken the first */
	while (!put(taken, 1000))
		taken++;
	assert_int_equal(taken, 10000);
	assert_int_equal(put(taken, 1000), EM_TIMEOUT);
	assert_string_equal(output->problem,
	                    "too many records wait for a database that is locked, full or away");
	hang(false);
	assert_true(output_kept(output, 5000));
	assert_int_equal(put(taken, 1000), 0);
	assert_int_equal(output_end(&output, &ended), 0);
	assert_int_equal(count(&server.stored, "\"n\":"), 10001);
}

/* 16 MiB wait for a database that is locked; then the output fails, or in a live program drops. */
static void bytes_have_a_limit(void **state)
{
	static char long_text[1000000];
	struct output ended;

	(void)state;
	memset(long_text, 'x', sizeof long_text - 1);
	for (int live = 0; live < 2; live++) {
		int taken = 0;

		server_new("1");
		server.faults[1] = (struct mariadb_fault){"START", 1205, 1000};
		assert_int_equal(open_output(URL, live), 0);
		for (; taken < 40; taken++) {
			record_begin(&r, "p1");
			record_word(&r, "text", long_text);
			if (output->kind->write(output, &r))
				break;
			if (taken == 2)
				await(&told, "trying again", live + 1);
		}
		assert_in_range(taken, 17, 20);
		assert_string_equal(output->problem, "too many records wait for a database that is "
		                                     "locked, full or away");
		assert_int_equal(put(1, 1000), EM_TIMEOUT);
		pthread_mutex_lock(&server.lock);
		server.faults[1].times = 0;
		pthread_mutex_unlock(&server.lock);
		assert_int_equal(output_end(&output, &ended), 0);
		assert_int_equal(count(&server.stored, "\"text\":"), taken);
	}
}

/* How a live program begins: it waits a second for the first opening, and goes on without it. */
static void live_openings(void **state)
{
	static const struct {
		unsigned code;
		int error;
	} cases[] = {{2003, 0}, {1205, 0}, {1021, 0}, {1045, EM_DENIED}, {1049, EM_SYSTEM}};
	struct output ended;
	int64_t begin;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char expected[20];

		server_new("1");
		told.length = 0;
		server.faults[1] = (struct mariadb_fault){"connect", cases[i].code, 1};
		begin = wait_clock();
		assert_int_equal(open_output(URL, true), cases[i].error);
		assert_in_range(wait_clock() - begin, 0, 700);
		snprintf(expected, sizeof expected, "error %u", cases[i].code);
		if (cases[i].error) {
			assert_string_equal(problem, expected);
			continue;
		}
		assert_int_equal(put(1, 1000), 0);
		assert_int_equal(output_end(&output, &ended), 0);
		assert_int_equal(count(&server.stored, "\"n\":1}"), 1);
		assert_int_equal(count(&told, "available again"), 1);
	}
	server_new("1");
	hang(true);
	begin = wait_clock();
	assert_int_equal(open_output(URL, true), 0);
	assert_in_range(wait_clock() - begin, 900, 1900);
	hang(false);
	assert_int_equal(put(1, 1000), 0);
	assert_int_equal(output_end(&output, &ended), 0);
}

/* The end of a live program comes at its time; what is not written by then is counted. */
static void live_ends(void **state)
{
	struct output ended;
	int64_t begin;

	(void)state;
	server.faults[1] = (struct mariadb_fault){"START", 1205, 1000};
	assert_int_equal(open_output(URL, true), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(put(i, 1000), 0);
	output->dropped = 4; /* before that */
	begin = wait_clock();
	output_hurry(output, begin + 500);
	assert_int_equal(output_end(&output, &ended), EM_TIMEOUT);
	assert_in_range(wait_clock() - begin, 280, 480);
	assert_string_equal(ended.problem, "error 1205");
	assert_int_equal(ended.dropped, 4 + 3);
	/* no row is lost before the deadline */
	server_new("1");
	assert_int_equal(open_output(URL, true), 0);
	assert_int_equal(put(1, 1000), 0);
	output_hurry(output, wait_clock() + 500);
	assert_int_equal(output_end(&output, &ended), 0);
	assert_int_equal(ended.dropped, 0);
}

/* --retain deletes old rows at the beginning, in pieces; an error that passes waits for the next time. */
static void old_rows_are_deleted(void **state)
{
	static const struct {
		unsigned code;
		int error;
	} cases[] = {{0, 0}, {1205, 0}, {2006, 0}, {1142, EM_SYSTEM}};
	const struct database_options options = {.url = URL, .retain_days = 2};
	struct output ended;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		server_new("1");
		server.faults[1] = (struct mariadb_fault){"DELETE", cases[i].code,
		                                          cases[i].code != 0};
		assert_int_equal(output_database(&output, &options, problem, sizeof problem), 0);
		await(&server.said, "DELETE", 1);
		assert_int_equal(output_end(&output, &ended), cases[i].error);
		assert_int_equal(count(&server.said, "DELETE"), 1);
	}
	for (int early = 0; early < 2; early++) {
		char before[64];
		time_t then;

		server_new("1");
		server.affected = 5000; /* there are always more */
		then = time(NULL) - 2 * 86400;
		assert_int_equal(output_database(&output, &options, problem, sizeof problem), 0);
		if (!early)
			await(&server.said, "DELETE", 3);
		pthread_mutex_lock(&server.lock);
		server.affected = 4999;
		pthread_mutex_unlock(&server.lock);
		assert_int_equal(output_end(&output, &ended), 0); /* also when it ends at once */
		assert_true(strftime(before, sizeof before,
		                     "DELETE FROM history WHERE time < '%Y-%m-%d %H:%M",
		                     gmtime(&then)) > 0);
		assert_true(count(&server.said, before) > 0 || time(NULL) % 60 < 5);
	}
	server_new("1");
	assert_int_equal(open_output(URL, false), 0);
	nap(100);
	assert_int_equal(output_end(&output, &ended), 0);
	assert_int_equal(count(&server.said, "DELETE"), 0);
}

/* The last test: its thread never ends. */
static void servers_that_hang_at_the_end(void **state)
{
	struct output ended;
	int64_t begin;

	(void)state;
	assert_int_equal(open_output(URL, true), 0);
	hang(true);
	assert_int_equal(put(1, 1000), 0);
	assert_false(output_kept(output, 50));
	assert_int_equal(put(2, 1000), 0);
	begin = wait_clock();
	output_hurry(output, begin + 300);
	assert_int_equal(output_end(&output, &ended), EM_TIMEOUT);
	assert_in_range(wait_clock() - begin, 290, 900);
	assert_string_equal(ended.problem, "it does not answer");
	assert_int_equal(ended.dropped, 2);
	record_free(&r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(kinds_of_urls),
		TEST(errors_of_the_server),
		TEST(servers_come_back),
		TEST(slots_follow_the_transaction),
		TEST(rows_are_written_in_time),
		TEST(records_that_are_not_kept),
		TEST(live_rows_have_a_limit),
		TEST(bytes_have_a_limit),
		TEST(live_openings),
		TEST(live_ends),
		TEST(old_rows_are_deleted),
		cmocka_unit_test_setup(servers_that_hang_at_the_end, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
