/* The line of a simulated device: files, pseudo-terminals, listeners and peers on loopback. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "sim/line.h"

static struct loop *loop;
static struct sim_line *line;
static const struct sim_output *out;
static char directory[] = "/tmp/emtool-line-XXXXXX", path[64], problem[256];

static int open_line(struct sim_line_options options)
{
	int error = sim_line_open(&line, loop, &options, problem, sizeof problem);

	out = line ? sim_line_output(line) : NULL;
	assert_true(!error == !!line);
	return error;
}

static bool ready(void)
{
	return out->ready(out->context);
}

static void nap(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	uv_run(loop_uv(loop), UV_RUN_NOWAIT);
}

static struct sockaddr_in free_address(char text[32])
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, size), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &size), 0);
	close(fd);
	snprintf(text, 32, "127.0.0.1:%u", ntohs(a.sin_port));
	return a;
}

static void expect(int fd, const char *bytes)
{
	char got[64] = "";

	for (int i = 0; i < 1000 && strlen(got) < strlen(bytes); i++) {
		ssize_t n = read(fd, got + strlen(got), sizeof got - strlen(got) - 1);

		if (n <= 0)
			nap();
	}
	assert_string_equal(got, bytes);
}

static void a_file_takes_all(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(open_line((struct sim_line_options){.output = path}), 0);
	assert_true(out->file && !out->messages);
	assert_true(ready());
	assert_true(sim_write(out, "one", 3));
	assert_true(sim_write(out, "two", 3));
	sim_line_close(line);
	fd = open(path, O_RDONLY);
	expect(fd, "onetwo");
	close(fd);
}

static void a_terminal_is_linked_and_never_waits(void **state)
{
	static char much[1 << 16];
	int fd;

	(void)state;
	unlink(path);
	assert_int_equal(open_line((struct sim_line_options){.pty = path}), 0);
	assert_false(out->file);
	fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
	assert_true(fd >= 0);
	assert_true(sim_write(out, "\r\n\x03q", 4)); /* as it is, no line discipline */
	expect(fd, "\r\n\x03q");
	for (int i = 0; i < 10; i++)
		assert_true(sim_write(out, much, sizeof much)); /* nobody reads: it is lost */
	close(fd);
	sim_line_close(line);
	assert_int_equal(access(path, F_OK), -1); /* the link goes with the line */
}

static int connect_to(const struct sockaddr_in *address)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (const struct sockaddr *)address, sizeof *address), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

static void everybody_who_connects_gets_the_bytes(void **state)
{
	char text[32];
	struct sockaddr_in address = free_address(text);
	int first, second;

	(void)state;
	assert_int_equal(open_line((struct sim_line_options){.listen = text}), 0);
	assert_false(ready());
	assert_true(sim_write(out, "lost", 4));
	first = connect_to(&address);
	second = connect_to(&address);
	for (int i = 0; i < 50; i++)
		nap();
	assert_true(ready());
	assert_true(sim_write(out, "both", 4));
	expect(first, "both");
	expect(second, "both");
	close(first);
	for (int i = 0; i < 50; i++)
		nap();
	assert_true(ready());
	assert_true(sim_write(out, "one", 3));
	expect(second, "one");
	close(second);
	for (int i = 0; i < 1000 && ready(); i++)
		nap();
	assert_false(ready());
	sim_line_close(line);
}

static void a_peer_that_is_away_is_tried_again(void **state)
{
	char text[32];
	struct sockaddr_in address = free_address(text);
	int listener, fd, on = 1;

	(void)state;
	assert_int_equal(open_line((struct sim_line_options){.connect = text}), 0);
	for (int i = 0; i < 50; i++)
		nap();
	assert_false(ready());
	listener = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(listener, 1), 0);
	for (int round = 0; round < 2; round++) { /* it hangs up, and is connected again */
		for (int i = 0; i < 5000 && !ready(); i++)
			nap();
		assert_true(ready());
		fd = accept(listener, NULL, NULL);
		fcntl(fd, F_SETFL, O_NONBLOCK);
		assert_true(sim_write(out, "here", 4));
		expect(fd, "here");
		close(fd);
		for (int i = 0; i < 5000 && ready(); i++)
			nap();
	}
	sim_line_close(line);
	close(listener);
}

static void what_cannot_be_opened_is_told(void **state)
{
	(void)state;
	assert_int_equal(open_line((struct sim_line_options){.listen = "nowhere"}), EM_SYNTAX);
	assert_string_equal(problem, "nowhere: needs an address and a port, as 127.0.0.1:5020");
	assert_int_equal(open_line((struct sim_line_options){.output = "/nonexistent/x"}),
	                 EM_SYSTEM);
	assert_string_equal(problem, "/nonexistent/x: No such file or directory");
	assert_int_equal(open_line((struct sim_line_options){.pty = "/nonexistent/x"}), EM_SYSTEM);
	assert_string_equal(problem, "/nonexistent/x: No such file or directory");
}

static int begin(void **state)
{
	(void)state;
	loop = loop_new();
	return !loop;
}

static int end(void **state)
{
	(void)state;
	loop_free(loop);
	unlink(path);
	return 0;
}

static int make_directory(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof path, "%s/line", directory);
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	return rmdir(directory);
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(a_file_takes_all),
		WITH(a_terminal_is_linked_and_never_waits),
		WITH(everybody_who_connects_gets_the_bytes),
		WITH(a_peer_that_is_away_is_tried_again),
		WITH(what_cannot_be_opened_is_told),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
