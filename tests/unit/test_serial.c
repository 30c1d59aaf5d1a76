/* Serial sources on pseudo-terminals: bytes, a port that goes and comes back, settings that are found. */
#define _GNU_SOURCE /* posix_openpt() */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <termios.h>

#include "played.h"
#include "io/serial.h"
#include "io/source_private.h"

/* A line with a fixed name, `path`, and another end for the test at each plugging in. */
static int other = -1;
static struct loop *loop;
static struct source *source;

static void plug(void)
{
	other = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	assert_true(other >= 0 && !grantpt(other) && !unlockpt(other));
	unlink(path);
	assert_int_equal(symlink(ptsname(other), path), 0);
}

static void unplug(void)
{
	close(other);
	unlink(path);
}

static void open_port(const char *query, char *message, size_t size, bool *usage)
{
	static char url[200];
	struct source_config config = {.url = url, .events = &events};

	snprintf(url, sizeof url, "serial://%s%s", path, query);
	told.length = 0;
	loop = loop_new();
	source = source_open(loop, &config, message, size, usage);
}

static void close_port(void)
{
	source_close(source);
	loop_free(loop);
}

static void on_end(uv_timer_t *timer)
{
	*(bool *)timer->data = true;
	uv_stop(timer->loop);
}

/* Runs until the events contain `part`, at most 5 s; for `ms` when it is NULL. */
static void run_until(const char *part, uint64_t ms)
{
	uv_timer_t timer;
	bool over = false;

	uv_timer_init(loop_uv(loop), &timer);
	timer.data = &over;
	uv_timer_start(&timer, on_end, part ? 5000 : ms, 0);
	while (!over && !(part && strstr(text_string(&told), part)))
		uv_run(loop_uv(loop), UV_RUN_ONCE);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(loop_uv(loop), UV_RUN_NOWAIT);
	if (part && !strstr(text_string(&told), part))
		fail_msg("%s\n  not in %s", part, text_string(&told));
}

static void send_bytes(const char *bytes, size_t size)
{
	assert_int_equal(write(other, bytes, size), size);
}

/* The terminal changes no byte, neither CR, XOFF, Ctrl-C nor end of file. */
static void every_byte_arrives(void **state)
{
	char bytes[256], message[200];
	struct termios now;
	bool usage;
	int fd;

	(void)state;
	for (int i = 0; i < 256; i++)
		bytes[i] = (char)i;
	plug();
	open_port("?baud=115200&mode=8N1", message, sizeof message, &usage);
	assert_non_null(source);
	fd = open(path, O_RDWR | O_NOCTTY);
	assert_int_equal(tcgetattr(fd, &now), 0);
	assert_int_equal(now.c_lflag & (ECHO | ECHONL | ICANON | ISIG | IEXTEN), 0);
	assert_int_equal(now.c_iflag & (ICRNL | INLCR | IGNCR | IXON | ISTRIP | BRKINT | PARMRK),
	                 0);
	assert_int_equal(now.c_oflag & OPOST, 0);
	close(fd);
	send_bytes(bytes, sizeof bytes);
	run_until("FEFF@", 0);
	assert_non_null(strstr(text_string(&told), "[] <00010203"));
	assert_int_equal(source_bytes(source), 256);
	close_port();
	unplug();
}

static void a_port_comes_back(void **state)
{
	char message[200];
	bool usage;

	(void)state;
	plug();
	open_port("", message, sizeof message, &usage);
	send_bytes("a", 1);
	run_until("<61@", 0);
	told.length = 0;
	unplug();
	run_until("{lost, waiting for it to come back} ", 0);
	run_until(NULL, 400);
	assert_null(strstr(text_string(&told), "{back}"));
	plug();
	run_until("{back} ", 0);
	send_bytes("b", 1);
	run_until("<62@", 0);
	told.length = 0;
	unplug();
	run_until(NULL, 400);
	plug();
	for (int i = 0; i < 50 && !strstr(text_string(&told), "<63@"); i++) {
		send_bytes("c", 1);
		run_until(NULL, 100);
	}
	assert_non_null(strstr(text_string(&told), "<63@"));
	assert_null(strstr(text_string(&told), "lost")); /* so soon again: it is counted */
	assert_null(strstr(text_string(&told), "end"));  /* the stream goes on */
	assert_int_equal(source_status(source), 0);
	close_port();
	assert_non_null(strstr(text_string(&told), "end "));
	unplug();
}

/*
 * Three ports with unknown settings for two trials of 3 s. Of the first more than half of the bytes are
 * good, of the second half of them, then all, and of the third too few arrive, then enough.
 */
static void settings_are_tried(void **state)
{
	static const unsigned sent[2][3] = {{100, 100, 63}, {0, 100, 1}};
	static const unsigned good[2][3] = {{51, 50, 63}, {51, 150, 64}};
	static const char *const settled[] = {"{settled on 9600 baud 8N1} ",
	                                      "{settled on 9600 baud 8E1} "
	                                      "{settled on 9600 baud 8N1} "};
	struct source *ports[3];
	char bytes[100] = {0}, message[200], url[100];
	int ends[3];
	bool usage;

	(void)state;
	told.length = 0;
	loop = loop_new();
	for (int i = 0; i < 3; i++) {
		struct source_config config = {.url = url, .events = &events};

		ends[i] = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
		assert_true(ends[i] >= 0 && !grantpt(ends[i]) && !unlockpt(ends[i]));
		snprintf(url, sizeof url, "serial://%s?mode=auto", ptsname(ends[i]));
		ports[i] = source_open(loop, &config, message, sizeof message, &usage);
		assert_non_null(ports[i]);
	}
	for (int trial = 0; trial < 2; trial++) {
		for (int i = 0; i < 3; i++)
			assert_int_equal(write(ends[i], bytes, sent[trial][i]), sent[trial][i]);
		run_until(NULL, 400);
		for (int i = 0; i < 3; i++)
			source_judge(ports[i], good[trial][i], 0);
		told.length = 0;
		run_until(NULL, 2700);
		assert_string_equal(text_string(&told), settled[trial]);
	}
	for (int i = 0; i < 3; i++) {
		source_close(ports[i]);
		close(ends[i]);
	}
	loop_free(loop);
}

static void lines_are_parsed(void **state)
{
	static const struct {
		const char *query;
		int error, baud, bits;
		char parity;
		int stop;
		bool automatic;
	} cases[] = {
		{NULL, 0, 1, 2, '3', 4, false},
		{"", 0, 1, 2, '3', 4, false},
		{"baud=50", 0, 50, 2, '3', 4, false},
		{"baud=4000000", 0, 4000000, 2, '3', 4, false},
		{"baud=49", EM_SYNTAX, 0, 0, 0, 0, false},
		{"baud=4000001", EM_SYNTAX, 0, 0, 0, 0, false},
		{"baud=x", EM_SYNTAX, 0, 0, 0, 0, false},
		{"baud=", EM_SYNTAX, 0, 0, 0, 0, false},
		{"bits=8", EM_SYNTAX, 0, 0, 0, 0, false},
		{"baud=300&x=1", EM_SYNTAX, 0, 0, 0, 0, false},
		{"bauds=300", EM_SYNTAX, 0, 0, 0, 0, false},
		{"modes=8N1", EM_SYNTAX, 0, 0, 0, 0, false},
		{"baud=300&", 0, 300, 2, '3', 4, false},
		{"mode=5O2", 0, 1, 5, 'O', 2, false},
		{"mode=8E1&baud=300", 0, 300, 8, 'E', 1, false},
		{"baud=300&mode=7N1", 0, 300, 7, 'N', 1, false},
		{"mode=4N1", EM_SYNTAX, 0, 0, 0, 0, false},
		{"mode=9N1", EM_SYNTAX, 0, 0, 0, 0, false},
		{"mode=8M1", EM_SYNTAX, 0, 0, 0, 0, false},
		{"mode=8N0", EM_SYNTAX, 0, 0, 0, 0, false},
		{"mode=8N3", EM_SYNTAX, 0, 0, 0, 0, false},
		{"mode=8N", EM_SYNTAX, 0, 0, 0, 0, false},
		{"mode=8N11", EM_SYNTAX, 0, 0, 0, 0, false},
		{"mode=auto", 0, 1, 2, '3', 4, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct serial_line line = {1, 2, '3', 4};
		bool automatic = false;
		int error = serial_line_parse(&line, cases[i].query, &automatic);

		if (error != cases[i].error)
			fail_msg("%s: %d", cases[i].query, error);
		if (error)
			continue;
		assert_int_equal(line.baud, cases[i].baud);
		assert_int_equal(line.bits, cases[i].bits);
		assert_int_equal(line.parity, cases[i].parity);
		assert_int_equal(line.stop, cases[i].stop);
		assert_int_equal(automatic, cases[i].automatic);
	}
}

static void refused(const char *query, bool is_usage, const char *part)
{
	char message[200];
	bool usage;

	open_port(query, message, sizeof message, &usage);
	assert_null(source);
	assert_int_equal(usage, is_usage);
	if (!strstr(message, part))
		fail_msg("%s not in %s", part, message);
	loop_free(loop);
}

static void ports_that_are_none(void **state)
{
	(void)state;
	unlink(path);
	refused("", false, "No such file or directory");
	plug();
	refused("?mode=9N1", true, "line settings look like ?baud=9600&mode=8E1");
	unplug();
	assert_int_equal(mkdir(path, 0700), 0);
	refused("", false, path);
	rmdir(path);
	assert_string_equal(play("serial:///dev/pts/99999"),
	                    "failed: /dev/pts/99999: No such file or directory");
	assert_non_null(strstr(play("serial://"), "usage: "));
	assert_non_null(strstr(text_string(&told), "needs a device"));
}

/* Plain paths that are opened as serial ports, and those that are not. */
static void devices(void **state)
{
	char file[64];
	const char *const others[] = {
		"/dev/stdin", "/dev/fd/0", "/dev/tty",      "/dev/null", "/dev/ptmx",
		"/dev/pts",   "/dev",      "/dev/ttyNONE9", file,        "/nonexistent/tty",
	};
	int before = dup(0), terminal;

	(void)state;
	snprintf(file, sizeof file, "%s.tty", path);
	plug();
	terminal = open(path, O_RDWR | O_NOCTTY);
	assert_true(serial_is_device(path));
	assert_true(serial_is_device(ptsname(other)));
	assert_int_equal(dup2(terminal, 0), 0); /* /dev/stdin is a terminal now */
	assert_int_equal(close(open(file, O_CREAT | O_WRONLY, 0600)), 0);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (serial_is_device(others[i]))
			fail_msg("%s", others[i]);
	assert_int_equal(dup2(before, 0), 0);
	close(before);
	close(terminal);
	unlink(file);
	assert_int_equal(symlink("/dev/null", file), 0);
	assert_false(serial_is_device(file));
	unlink(file);
	unplug();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_arrives),  cmocka_unit_test(a_port_comes_back),
		cmocka_unit_test(settings_are_tried),  cmocka_unit_test(lines_are_parsed),
		cmocka_unit_test(ports_that_are_none), cmocka_unit_test(devices),
	};

	return cmocka_run_group_tests(tests, set_up, end);
}
