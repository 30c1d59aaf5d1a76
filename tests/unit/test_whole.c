/* Reads and writes of everything that is asked for: files, pipes that fill up, limits, failures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "io/replace.h"
#include "io/source_private.h"
#include "io/whole.h"

enum { LARGE = 300000 }; /* more than a pipe holds, and than a text reserves at once */

static char path[] = "/tmp/test_whole.XXXXXX";
static uint8_t bytes[LARGE];

static int begin(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	for (size_t i = 0; i < LARGE; i++)
		bytes[i] = (uint8_t)(i * 7 + i / 256);
	return fd < 0 ? -1 : close(fd);
}

static int end(void **state)
{
	(void)state;
	return unlink(path);
}

static void save(size_t size)
{
	struct text text = {0};
	struct stat status;

	unlink(path);
	text_add(&text, (const char *)bytes, size);
	umask(0);
	assert_int_equal(file_save(path, &text), 0);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0644); /* of a new file */
	text_free(&text);
}

/* A file of exactly the limit is loaded, one with a byte more is refused. */
static void limits_are_exact(void **state)
{
	static const size_t sizes[] = {0, 1, 4095, 65535, 65536, 65537, LARGE};

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		size_t size = sizes[i];
		struct text text = {0};

		save(size);
		assert_int_equal(file_load(path, &text, size), 0);
		assert_int_equal(text.length, size);
		assert_memory_equal(text.data, bytes, size);
		assert_int_equal(file_load(path, &text, 2 * size + 1), 0); /* appended */
		assert_int_equal(text.length, 2 * size);
		assert_memory_equal(text.data + size, bytes, size);
		text.length = 0;
		if (size)
			assert_int_equal(file_load(path, &text, size - 1), EM_RANGE);
		text_free(&text);
	}
}

/* What cannot be opened or read is an error, and adds nothing to the text. */
static void failures_add_nothing(void **state)
{
	struct text text = {0};
	size_t got = 9;
	char byte;

	(void)state;
	text_puts(&text, "abc");
	assert_int_equal(file_load("/tmp", &text, 100), EM_SYSTEM);
	assert_int_equal(errno, EISDIR);
	assert_string_equal(text_string(&text), "abc");
	assert_int_equal(file_load("/nowhere/at/all", &text, 100), EM_SYSTEM);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(file_save("/nowhere/at/all", &text), EM_SYSTEM);
	assert_int_equal(file_save("/dev/full", &text), EM_SYSTEM);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(read_whole(-1, &byte, 1, &got), EM_SYSTEM);
	assert_int_equal(got, 0);
	assert_int_equal(write_whole(-1, "x", 1), EM_SYSTEM);
	assert_int_equal(write_whole(-1, "x", 0), 0);
	text.failed = true;
	assert_int_equal(file_save(path, &text), EM_NO_MEMORY);
	text_free(&text);
}

static void *write_all(void *fd)
{
	return (void *)(intptr_t)write_whole(*(int *)fd, bytes, LARGE);
}

/* Both ends of a pipe are non-blocking, and each has to wait for the other. */
static void pipes_are_waited_for(void **state)
{
	static uint8_t copy[LARGE + 1];
	int ends[2];
	pthread_t writer;
	void *result;
	size_t got;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	assert_int_equal(pthread_create(&writer, NULL, write_all, &ends[1]), 0);
	assert_int_equal(read_whole(ends[0], copy, LARGE - 1, &got), 0);
	assert_int_equal(got, LARGE - 1);
	assert_int_equal(pthread_join(writer, &result), 0);
	assert_null(result);
	close(ends[1]);
	assert_int_equal(read_whole(ends[0], copy + LARGE - 1, 2, &got), 0);
	assert_int_equal(got, 1); /* the input ends */
	assert_memory_equal(copy, bytes, LARGE);
	close(ends[0]);
}

/* A file is replaced as a whole, also one that somebody left in the way; secrets are private. */
static void files_are_replaced(void **state)
{
	static const struct {
		enum replace_kind kind;
		unsigned mode;
	} cases[] = {{REPLACE_PRIVATE, 0600}, {REPLACE_SHARED, 0644}};
	struct text text = {0};
	struct stat status;
	char fresh[64];

	(void)state;
	snprintf(fresh, sizeof fresh, "%s.new", path);
	for (size_t i = 0; i < 2; i++) {
		umask(i ? 0 : 0277);
		unlink(path);
		assert_int_equal(symlink("/nonexistent/elsewhere", fresh), 0);
		assert_int_equal(file_replace(path, "one", 3, cases[i].kind), 0);
		assert_int_equal(file_replace(path, "second", 6, cases[i].kind), 0);
		umask(0);
		assert_int_equal(lstat(path, &status), 0);
		assert_true(S_ISREG(status.st_mode));
		assert_int_equal(status.st_mode & 0777, cases[i].mode);
		text.length = 0;
		assert_int_equal(file_load(path, &text, 100), 0);
		assert_string_equal(text_string(&text), "second");
		assert_int_equal(lstat(fresh, &status), -1);
	}
	text_free(&text);
}

/* A file that cannot be replaced stays as it was, and nothing is left beside it. */
static void replacements_that_fail(void **state)
{
	static char longest[5000];
	struct stat status;
	char fresh[64];

	(void)state;
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(fresh, sizeof fresh, "%s/x", path);
	close(open(fresh, O_CREAT | O_WRONLY, 0600));
	errno = 0;
	assert_int_equal(file_replace(path, "one", 3, REPLACE_SHARED), EM_SYSTEM);
	assert_true(errno == EISDIR || errno == ENOTEMPTY || errno == EEXIST);
	unlink(fresh);
	rmdir(path);
	snprintf(fresh, sizeof fresh, "%s.new", path);
	assert_int_equal(lstat(fresh, &status), -1);
	assert_int_equal(file_replace("/nonexistent/file", "one", 3, REPLACE_PRIVATE), EM_SYSTEM);
	assert_int_equal(errno, ENOENT);
	memset(longest, 'x', 4092);
	assert_int_equal(file_replace(longest, "one", 3, REPLACE_PRIVATE), EM_SYSTEM);
	assert_int_equal(errno, ENAMETOOLONG);
	close(open(path, O_CREAT | O_WRONLY, 0600));
}

/* The values of a query: a name counts only as a whole, and a value only when it has room. */
static void queries_have_values(void **state)
{
	static const struct {
		const char *query, *key, *value;
	} cases[] = {
		{"a=1", "a", "1"},         {"a=1&b=22", "b", "22"}, {"a=1&b=22&c=3", "b", "22"},
		{"ab=1&b=2", "b", "2"},    {"b", "b", NULL},        {"bb=1", "b", NULL},
		{"b=", "b", ""},           {"a=b=1", "b", NULL},    {"a=b=1", "a", "b=1"},
		{NULL, "a", NULL},         {"", "a", NULL},         {"a=1234567", "a", "1234567"},
		{"a=12345678", "a", NULL}, {"b&a=5", "a", "5"},     {"a", "a", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char out[8] = "-";
		bool found = query_value(cases[i].query, cases[i].key, out, sizeof out);

		if (found != (cases[i].value != NULL) || (found && strcmp(out, cases[i].value)))
			fail_msg("%s of %s: %s", cases[i].key, cases[i].query, out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_replaced),   cmocka_unit_test(replacements_that_fail),
		cmocka_unit_test(queries_have_values),  cmocka_unit_test(limits_are_exact),
		cmocka_unit_test(failures_add_nothing), cmocka_unit_test(pipes_are_waited_for),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
