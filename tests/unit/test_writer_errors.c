/* Which errors of files and pipes a writer waits for, what it says of each, and what it writes in the end. */
#define _GNU_SOURCE    /* syscall() */
#undef _FORTIFY_SOURCE /* its functions are inline ones of these names */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "base/news.h"
#include "base/text.h"
#include "io/wait.h"
#include "io/writer.h"

enum { FDS = 64 };

static volatile int write_fails[FDS]; /* errno of the next write to the descriptor */
static volatile bool is_lasting;      /* and of all that follow */
static struct {
	const char *path;
	volatile int number, times; /* so many openings of the path fail with that */
} openings[16];

__attribute__((no_sanitize("address"))) ssize_t write(int fd, const void *data, size_t size)
{
	if (fd >= 0 && fd < FDS && write_fails[fd]) {
		errno = write_fails[fd];
		write_fails[fd] = is_lasting ? errno : 0;
		return -1;
	}
	return syscall(SYS_write, fd, data, size);
}

__attribute__((no_sanitize("address"))) int open(const char *path, int flags, ...)
{
	va_list arguments;
	mode_t mode = 0;

	va_start(arguments, flags);
	if (flags & O_CREAT)
		mode = (mode_t)va_arg(arguments, int);
	va_end(arguments);
	for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
		if (openings[i].path && openings[i].times && !strcmp(path, openings[i].path)) {
			openings[i].times--;
			errno = openings[i].number;
			return -1;
		}
	}
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

static struct text told;
static char folder[] = "/tmp/emtool-writer-XXXXXX";
static char paths[16][64];

/* Threads tell at different times; each line is whole. */
static void listen_to(enum news_level level, const char *text)
{
	static volatile int busy;

	assert_int_equal(level, NEWS_WARNING);
	while (__atomic_exchange_n(&busy, 1, __ATOMIC_ACQUIRE))
		usleep(100);
	text_printf(&told, "%s\n", text);
	__atomic_store_n(&busy, 0, __ATOMIC_RELEASE);
}

static int set_up(void **state)
{
	(void)state;
	news_listen(listen_to);
	if (!mkdtemp(folder))
		return -1;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		snprintf(paths[i], sizeof paths[i], "%s/%c", folder, (int)('a' + i));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	news_listen(NULL);
	text_free(&told);
	return rmdir(folder);
}

static int forget(void **state)
{
	(void)state;
	told.length = 0;
	is_lasting = false;
	memset((void *)write_fails, 0, sizeof write_fails);
	memset(openings, 0, sizeof openings);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		unlink(paths[i]);
	return 0;
}

static void holds(const char *path, const char *expected)
{
	char content[100] = "";
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	content[fread(content, 1, sizeof content - 1, f)] = '\0';
	fclose(f);
	assert_string_equal(content, expected);
}

static void says(const char *path, const char *before, const char *after, bool expected)
{
	char line[300];

	snprintf(line, sizeof line, "%s: %s%s\n", path, before, after);
	if ((strstr(text_string(&told), line) != NULL) != expected)
		fail_msg("%s: %s in %s", line, expected ? "is not" : "is", text_string(&told));
}

/* Files that cannot be opened now are opened later, but not those that never can. */
static void openings_that_fail(void **state)
{
	static const struct {
		int number;
		bool passes;
	} cases[] = {{ENOSPC, true},  {EDQUOT, true},  {EFBIG, true},  {EIO, true},
	             {EMFILE, true},  {ENFILE, true},  {ENOMEM, true}, {ENXIO, true},
	             {EACCES, false}, {ENOENT, false}, {EROFS, false}, {EISDIR, false}};
	struct writer *writers[16];
	char problem[200];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		openings[i].path = paths[i];
		openings[i].number = cases[i].number;
		openings[i].times = 2;
		errno = 0;
		assert_int_equal(writer_append(&writers[i], paths[i]),
		                 cases[i].passes ? 0 : EM_SYSTEM);
		if (!cases[i].passes) {
			assert_int_equal(errno, cases[i].number);
			continue;
		}
		assert_int_equal(writer_fd(writers[i]), -1);
		assert_true(writer_put(writers[i], "one\n", 4));
		assert_true(writer_put(writers[i], "two\n", 4));
	}
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (!cases[i].passes)
			continue;
		assert_int_equal(
			writer_close(writers[i], wait_clock() + 5000, problem, sizeof problem), 0);
		holds(paths[i], "one\ntwo\n");
		says(paths[i], strerror(cases[i].number),
		     "; up to 10000 records wait, others are dropped", cases[i].number != ENXIO);
		says(paths[i], "takes records again, 0 were dropped", "", cases[i].number != ENXIO);
	}
}

/* A write that fails is repeated at once or a second later, whatever the reason; nothing is lost. */
static void writes_that_fail(void **state)
{
	static const int numbers[] = {EINTR, EAGAIN, ENOSPC, EIO, EFBIG, EPIPE};
	struct writer *writers[16];
	char problem[200];
	int64_t begin;

	(void)state;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		assert_int_equal(writer_append(&writers[i], paths[i]), 0);
		assert_in_range(writer_fd(writers[i]), 0, FDS - 1);
		write_fails[writer_fd(writers[i])] = numbers[i];
	}
	begin = wait_clock();
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		assert_true(writer_put(writers[i], "one\n", 4));
		usleep(10000);
		assert_true(writer_put(writers[i], "two\n", 4));
	}
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		bool is_trouble = i > 1 && numbers[i] != EPIPE;

		if (is_trouble && wait_clock() < begin + 1300)
			usleep(1300000);
		assert_int_equal(
			writer_close(writers[i], wait_clock() + 1000, problem, sizeof problem), 0);
		holds(paths[i], "one\ntwo\n");
		says(paths[i], strerror(numbers[i]),
		     "; up to 10000 records wait, others are dropped", is_trouble);
		says(paths[i], "takes records again, 0 were dropped", "", is_trouble);
	}
}

/* A disk that is full at the end is not waited for: what is left is counted. */
static void disks_that_are_full_at_the_end(void **state)
{
	char problem[200] = "";
	struct writer *w;
	int64_t begin;

	(void)state;
	assert_int_equal(writer_append(&w, paths[0]), 0);
	write_fails[writer_fd(w)] = ENOSPC;
	is_lasting = true;
	for (int i = 0; i < 3; i++)
		assert_true(writer_put(w, "one\n", 4));
	usleep(50000);
	begin = wait_clock();
	assert_int_equal(writer_close(w, begin + 3000, problem, sizeof problem), EM_SYSTEM);
	assert_in_range(wait_clock() - begin, 0, 1500);
	assert_string_equal(problem, "No space left on device; 3 records were dropped");
}

/* A pipe without a name is lost with its reader. */
static void readers_that_close(void **state)
{
	char problem[200] = "";
	struct writer *w;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(writer_start(&w, ends[1], "standard output"), 0);
	assert_int_equal(writer_fd(w), ends[1]);
	write_fails[ends[1]] = EPIPE;
	assert_true(writer_put(w, "one\n", 4));
	for (int i = 0; i < 1000 && !writer_dropped(w); i++)
		usleep(2000);
	assert_true(writer_put(w, "two\n", 4));
	assert_int_equal(writer_close(w, wait_clock() + 1000, problem, sizeof problem), EM_SYSTEM);
	assert_string_equal(problem, "closed by its reader; 2 records were dropped");
	assert_string_equal(text_string(&told),
	                    "standard output: closed by its reader; its records are dropped\n");
	assert_int_equal(close(ends[1]), 0); /* the writer has not closed what it was given */
	close(ends[0]);
}

#define TEST(name) cmocka_unit_test_teardown(name, forget)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(openings_that_fail),
		TEST(writes_that_fail),
		TEST(disks_that_are_full_at_the_end),
		TEST(readers_that_close),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
