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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_are_exact),
		cmocka_unit_test(failures_add_nothing),
		cmocka_unit_test(pipes_are_waited_for),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
