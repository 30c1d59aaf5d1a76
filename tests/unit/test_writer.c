/* The writer: bounds, order, drops, descriptors that fail or wait, and its end. */
#define _GNU_SOURCE /* F_SETPIPE_SZ */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/news.h"
#include "io/recorder.h"
#include "io/wait.h"
#include "io/writer.h"
#include "output/output.h"

static char told[8][512]; /* news, in order */
static unsigned tellings;

static void listen_to(enum news_level level, const char *text)
{
	assert_int_equal(level, NEWS_WARNING);
	snprintf(told[tellings++ % 8], sizeof told[0], "%s", text);
}

static int begin(void **state)
{
	(void)state;
	tellings = 0;
	return 0;
}

static void nap(int ms)
{
	usleep((useconds_t)ms * 1000);
}

/* A pipe that is full from the start. */
static void full_pipe(int ends[2])
{
	char block[4096] = {0};

	assert_int_equal(pipe(ends), 0);
	fcntl(ends[1], F_SETPIPE_SZ, 4096);
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	while (write(ends[1], block, sizeof block) > 0)
		;
	fcntl(ends[1], F_SETFL, 0);
}

static size_t drain(int fd, char *data, size_t size)
{
	size_t got = 0;

	while (got < size) {
		ssize_t n = read(fd, data + got, size - got);

		if (n <= 0)
			break;
		got += (size_t)n;
	}
	return got;
}

static void put_number(struct writer *w, unsigned n)
{
	char line[16];
	int length = snprintf(line, sizeof line, "%u\n", n);

	writer_put(w, line, (size_t)length);
}

static void test_order(void **state)
{
	char path[] = "/tmp/writer.XXXXXX", problem[200] = "", line[16];
	struct writer *w;
	FILE *file;

	(void)state;
	close(mkstemp(path));
	assert_int_equal(writer_append(&w, path), 0);
	for (unsigned i = 0; i < 5000; i++)
		put_number(w, i);
	assert_int_equal(writer_close(w, wait_clock() + 5000, problem, sizeof problem), 0);
	assert_string_equal(problem, "");
	file = fopen(path, "r");
	for (unsigned i = 0; i < 5000; i++) {
		assert_non_null(fgets(line, sizeof line, file));
		assert_int_equal(strtoul(line, NULL, 10), i);
	}
	assert_null(fgets(line, sizeof line, file));
	fclose(file);
	unlink(path);
	assert_int_equal(tellings, 0);
}

/* 10,000 pieces wait, no more; those that were taken arrive in order, none twice. */
static void test_number(void **state)
{
	char problem[200] = "", *data = malloc(1 << 20), *p = data;
	struct writer *w;
	int ends[2];
	size_t got;

	(void)state;
	full_pipe(ends);
	assert_int_equal(writer_start(&w, ends[1], "pipe"), 0);
	for (unsigned i = 0; i < WRITER_PIECES; i++)
		put_number(w, i);
	assert_int_equal(writer_dropped(w), 0);
	assert_false(writer_room(w));
	assert_false(writer_put(w, "late\n", 5));
	assert_int_equal(writer_dropped(w), 2);
	assert_int_equal(tellings, 1);
	assert_non_null(strstr(told[0], "pipe: "));
	assert_int_equal(drain(ends[0], data, 4096), 4096);
	got = 0;
	for (unsigned i = 0; i < WRITER_PIECES; i++)
		got += (size_t)snprintf(problem, sizeof problem, "%u\n", i);
	assert_int_equal(drain(ends[0], data, got), got);
	for (unsigned i = 0; i < WRITER_PIECES; i++)
		assert_int_equal(strtoul(p, &p, 10), i);
	nap(200);
	assert_int_equal(tellings, 2);
	assert_non_null(strstr(told[1], "2 were dropped"));
	put_number(w, 7);
	assert_int_equal(drain(ends[0], data, 2), 2);
	assert_int_equal(writer_close(w, wait_clock() + 1000, problem, sizeof problem), EM_SYSTEM);
	assert_non_null(strstr(problem, "2 records were dropped"));
	assert_int_equal(tellings, 2);
	free(data);
	close(ends[0]);
	close(ends[1]);
}

static void test_bytes(void **state)
{
	enum { PIECE = 1 << 20 };
	char problem[200] = "", *piece = calloc(1, PIECE);
	struct writer *w;
	int ends[2];

	(void)state;
	full_pipe(ends);
	assert_int_equal(writer_start(&w, ends[1], "pipe"), 0);
	for (int i = 0; i < WRITER_BYTES / PIECE; i++)
		assert_true(writer_put(w, piece, PIECE));
	assert_false(writer_put(w, piece, 1));
	assert_int_equal(writer_close(w, wait_clock() + 50, problem, sizeof problem), EM_SYSTEM);
	assert_non_null(strstr(problem, "17 records were dropped"));
	free(piece);
	close(ends[0]);
	close(ends[1]);
}

/* The end waits until its time and no longer, and counts what is lost. */
static void test_end(void **state)
{
	char problem[200] = "";
	int64_t begin_ms = wait_clock();
	struct writer *w;
	int ends[2];

	(void)state;
	full_pipe(ends);
	assert_int_equal(writer_start(&w, ends[1], "pipe"), 0);
	put_number(w, 1);
	put_number(w, 2);
	assert_int_equal(writer_close(w, wait_clock() + 300, problem, sizeof problem), EM_SYSTEM);
	assert_in_range(wait_clock() - begin_ms, 290, 900);
	assert_string_equal(problem, "nobody reads; 2 records were dropped");
	close(ends[0]);
	close(ends[1]);
}

/* A reader that comes before the end is waited for. */
static void test_late_reader(void **state)
{
	char path[] = "/tmp/writer.XXXXXX", problem[200] = "", data[16];
	struct writer *w;
	int reader;

	(void)state;
	assert_non_null(mkdtemp(path));
	assert_int_equal(chdir(path), 0);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(writer_append(&w, "fifo"), 0);
	assert_int_equal(writer_fd(w), -1);
	put_number(w, 1);
	put_number(w, 2);
	nap(50);
	reader = open("fifo", O_RDONLY);
	assert_int_equal(drain(reader, data, 4), 4);
	assert_memory_equal(data, "1\n2\n", 4);
	/* It goes, and another one comes. */
	close(reader);
	put_number(w, 3);
	nap(150);
	reader = open("fifo", O_RDONLY);
	assert_int_equal(drain(reader, data, 2), 2);
	assert_memory_equal(data, "3\n", 2);
	assert_int_equal(writer_close(w, wait_clock() + 1000, problem, sizeof problem), 0);
	close(reader);
	unlink("fifo");
	assert_int_equal(chdir("/"), 0);
	rmdir(path);
	assert_int_equal(tellings, 0);
}

static void test_no_reader(void **state)
{
	char path[] = "/tmp/writer.XXXXXX", problem[200] = "", fifo[40];
	struct writer *w;

	(void)state;
	assert_non_null(mkdtemp(path));
	snprintf(fifo, sizeof fifo, "%s/fifo", path);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(writer_append(&w, fifo), 0);
	put_number(w, 1);
	assert_int_equal(writer_close(w, wait_clock() + 200, problem, sizeof problem), EM_SYSTEM);
	assert_string_equal(problem, "nobody reads; 1 records were dropped");
	unlink(fifo);
	rmdir(path);
}

static void test_closed_reader(void **state)
{
	char problem[200] = "";
	struct writer *w;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	assert_int_equal(writer_start(&w, ends[1], "standard output"), 0);
	for (unsigned i = 0; i < 3; i++) {
		put_number(w, i);
		nap(20);
	}
	assert_int_equal(tellings, 1);
	assert_string_equal(told[0],
	                    "standard output: closed by its reader; its records are dropped");
	assert_int_equal(writer_close(w, wait_clock() + 1000, problem, sizeof problem), EM_SYSTEM);
	assert_string_equal(problem, "closed by its reader; 3 records were dropped");
	close(ends[1]);
}

static void test_full_disk(void **state)
{
	char problem[200] = "";
	int64_t begin_ms = wait_clock();
	struct writer *w;

	(void)state;
	assert_int_equal(writer_append(&w, "/dev/full"), 0);
	for (unsigned i = 0; i < 5; i++) {
		put_number(w, i);
		nap(20);
	}
	assert_int_equal(tellings, 1);
	assert_non_null(strstr(told[0], "/dev/full: No space left on device"));
	assert_int_equal(writer_close(w, wait_clock() + 5000, problem, sizeof problem), EM_SYSTEM);
	assert_true(wait_clock() - begin_ms < 2000); /* a full disk is not waited for */
	assert_string_equal(problem, "No space left on device; 5 records were dropped");
}

/* A disk that has room again gets what was begun to its end, then the rest. */
static void test_room_again(void **state)
{
	char path[] = "/tmp/writer.XXXXXX", problem[200] = "", data[64];
	struct rlimit before, small;
	struct writer *w;
	int fd = mkstemp(path);

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	small = before;
	small.rlim_cur = 10;
	setrlimit(RLIMIT_FSIZE, &small);
	assert_int_equal(writer_append(&w, path), 0);
	writer_put(w, "first line\n", 11);
	writer_put(w, "second\n", 7);
	nap(300);
	assert_int_equal(tellings, 1);
	assert_int_equal(drain(fd, data, sizeof data), 10);
	setrlimit(RLIMIT_FSIZE, &before);
	nap(1200);
	assert_int_equal(tellings, 2);
	assert_non_null(strstr(told[1], "takes records again, 0 were dropped"));
	assert_int_equal(drain(fd, data, sizeof data), 8);
	assert_memory_equal(data, "\nsecond\n", 8);
	assert_int_equal(writer_close(w, wait_clock() + 1000, problem, sizeof problem), 0);
	close(fd);
	unlink(path);
}

static void test_unable(void **state)
{
	struct writer *w;

	(void)state;
	assert_int_equal(writer_append(&w, "/nowhere/at/all"), EM_SYSTEM);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(writer_append(&w, "/tmp"), EM_SYSTEM);
	assert_int_equal(writer_close(NULL, 0, NULL, 0), 0);
}

/* The line with the names is that of the first row that was taken. */
static void test_csv(void **state)
{
	static const struct style plain;
	char *data = malloc(1 << 20), expected[32];
	struct writer *w;
	struct output *list, ended;
	struct record r = {.time = INSTANT_NONE};
	int ends[2];
	size_t got;

	(void)state;
	full_pipe(ends);
	assert_int_equal(writer_start(&w, ends[1], "pipe"), 0);
	list = output_queue(w, NULL, format_csv, &plain);
	for (int i = 0; i < WRITER_PIECES + 5; i++) {
		record_begin(&r, "x");
		record_int(&r, "n", i);
		output_offer(list, &r);
		output_nudge(list);
	}
	assert_int_equal(writer_dropped(w), 5);
	assert_int_equal(drain(ends[0], data, 4096), 4096);
	output_hurry(list, wait_clock() + 2000);
	got = drain(ends[0], data, 20);
	snprintf(expected, sizeof expected, "%.*s", (int)got, data);
	assert_non_null(strstr(expected, "type,n\r\nx,0\r\n"));
	close(ends[0]);
	assert_int_equal(output_end(&list, &ended), EM_SYSTEM);
	assert_null(list);
	close(ends[1]);
	record_free(&r);
	free(data);
}

static void test_recording(void **state)
{
	char path[] = "/tmp/writer.XXXXXX", problem[200] = "", data[200] = "";
	struct chunk chunk = {.data = (const uint8_t *)"\x01\xAB", .size = 2, .time = 1500};
	int fd = mkstemp(path);

	(void)state;
	for (int i = 0; i < 2; i++) { /* the second one continues the file */
		struct writer *w;
		struct recorder *recorder;

		assert_int_equal(writer_append(&w, path), 0);
		recorder = recorder_queue(w);
		assert_int_equal(recorder_write(recorder, "a b", &chunk), 0);
		recorder_gone(recorder, "", 1501);
		assert_int_equal(recorder_close(recorder), 0);
		assert_int_equal(writer_close(w, wait_clock() + 1000, problem, sizeof problem), 0);
	}
	drain(fd, data, sizeof data - 1);
	assert_string_equal(data, RECORDING_MAGIC "1.500 < a_b 01AB\n1.501 x -\n"
	                                          "1.500 < a_b 01AB\n1.501 x -\n");
	close(fd);
	unlink(path);
}

/* An output that fails now and then: said once, counted, said once when it is over. */
static int failures;

static int flaky_write(struct output *output, const struct record *r)
{
	(void)output, (void)r;
	return failures-- > 0 ? EM_CLOSED : 0;
}

static int flaky_flush(struct output *output)
{
	(void)output;
	return 0;
}

static void test_offer(void **state)
{
	static const struct output_kind kind = {flaky_write, flaky_flush, flaky_flush};
	struct output *list = calloc(1, sizeof *list), ended;
	struct record r = {.time = INSTANT_NONE};

	(void)state;
	*list = (struct output){.kind = &kind, .name = "flaky"};
	failures = 3;
	for (int i = 0; i < 5; i++) {
		output_offer(list, &r);
		output_nudge(list);
	}
	assert_int_equal(list->dropped, 3);
	assert_int_equal(tellings, 2);
	assert_non_null(strstr(told[0], "flaky: "));
	assert_non_null(strstr(told[1], "flaky: takes records again, 3 were dropped"));
	r.failed = true; /* memory was out when it was made */
	output_offer(list, &r);
	assert_int_equal(tellings, 3);
	assert_int_equal(output_end(&list, &ended), EM_SYSTEM);
	assert_int_equal(ended.dropped, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_order, begin),
		cmocka_unit_test_setup(test_number, begin),
		cmocka_unit_test_setup(test_bytes, begin),
		cmocka_unit_test_setup(test_end, begin),
		cmocka_unit_test_setup(test_late_reader, begin),
		cmocka_unit_test_setup(test_no_reader, begin),
		cmocka_unit_test_setup(test_closed_reader, begin),
		cmocka_unit_test_setup(test_full_disk, begin),
		cmocka_unit_test_setup(test_room_again, begin),
		cmocka_unit_test_setup(test_unable, begin),
		cmocka_unit_test_setup(test_csv, begin),
		cmocka_unit_test_setup(test_recording, begin),
		cmocka_unit_test_setup(test_offer, begin),
	};

	signal(SIGPIPE, SIG_IGN);
	news_listen(listen_to);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
