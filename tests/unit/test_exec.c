/* Commands that get records: what they see, and how they may end, die, hang or close their input. */
#include "clock.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/error.h"
#include "base/news.h"
#include "base/text.h"
#include "io/wait.h"
#include "output/exec.h"

static char folder[] = "/tmp/emtool-exec-XXXXXX";
static struct loop *loop;
static struct output *output;
static struct record r;
static struct text told; /* news, a line each */

static void listen_to(enum news_level level, const char *text)
{
	assert_int_equal(level, NEWS_WARNING);
	text_printf(&told, "%s\n", text);
}

static int set_up(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN); /* as the program does */
	news_listen(listen_to);
	return mkdtemp(folder) ? chdir(folder) : -1;
}

static int tear_down(void **state)
{
	(void)state;
	news_listen(NULL);
	record_free(&r);
	text_free(&told);
	return rmdir(folder);
}

static void open_output(const char *command, double limit, bool live)
{
	const struct exec_config config = {.command = command, .limit = limit, .live = live};
	size_t wrong;

	told.length = 0;
	loop = loop_new();
	assert_int_equal(output_exec(&output, loop, &config, &wrong), 0);
}

static int put(int n)
{
	record_begin(&r, "test");
	record_int(&r, "n", n);
	return output->kind->write(output, &r);
}

/* The result of closing it; what it leaves is in *ended. */
static int close_output(struct output *ended)
{
	int error = output_end(&output, ended);

	loop_free(loop);
	return error;
}

/* The file, which is then removed; "" when there is none. */
static const char *taken(const char *name)
{
	static char content[100000];
	FILE *f = fopen(name, "r");
	size_t got = f ? fread(content, 1, sizeof content - 1, f) : 0;

	content[got] = '\0';
	if (f)
		fclose(f);
	unlink(name);
	return content;
}

static void await_file(const char *name)
{
	for (int i = 0; i < 2500 && access(name, F_OK); i++) {
		uv_run(loop_uv(loop), UV_RUN_NOWAIT);
		usleep(2000);
	}
	assert_int_equal(access(name, F_OK), 0);
}

static int64_t lines(const char *text, const char *line)
{
	size_t length = strlen(line);
	int64_t found = 0;

	for (; *text; text = strchr(text, '\n') + 1)
		found += !strncmp(text, line, length) && text[length] == '\n';
	return found;
}

/* Records on standard input and in variables, one command after the other; no secrets of emtool. */
static void commands_get_records(void **state)
{
	struct output ended;
	const char *seen;

	(void)state;
	setenv("EMTOOL_KEY", "secret", 1);
	setenv("NOTIFY_SOCKET", "/run/x", 1);
	setenv("NOTIFY_SOCKETS", "others", 1);
	setenv("EMTOO", "L", 1);
	open_output("mkdir busy && cat >> input; env > env; sleep 0.05; echo $EMTOOL_N >> order; "
	            "rmdir busy",
	            10, false);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(put(i), 0);
		assert_int_equal(output->kind->flush(output), 0);
	}
	assert_int_equal(close_output(&ended), 0);
	assert_string_equal(taken("order"), "0\n1\n2\n3\n");
	assert_string_equal(taken("input"),
	                    "{\"type\":\"test\",\"n\":0}\n{\"type\":\"test\",\"n\":1}\n"
	                    "{\"type\":\"test\",\"n\":2}\n{\"type\":\"test\",\"n\":3}\n");
	seen = taken("env");
	assert_int_equal(lines(seen, "EMTOOL_N=3"), 1);
	assert_int_equal(lines(seen, "EMTOOL_TYPE=test"), 1);
	assert_int_equal(lines(seen, "NOTIFY_SOCKETS=others"), 1);
	assert_int_equal(lines(seen, "EMTOO=L"), 1);
	assert_null(strstr(seen, "EMTOOL_KEY"));
	assert_null(strstr(seen, "NOTIFY_SOCKET="));
	assert_string_equal(text_string(&told), "");
	assert_string_equal(ended.problem, "");
	assert_int_equal(ended.dropped, 0);
}

/* Each way to end: what is said of it, and that the next record has its command all the same. */
static void commands_end(void **state)
{
	static const struct {
		const char *command;
		double limit;
		const char *told;
	} cases[] = {
		{"true", 10, ""},
		{"exit 7", 10, "--exec: exit 7: exit status 7\n"},
		{"kill -9 $$", 10, "--exec: kill -9 $$: ended by signal 9\n"},
		{"exec <&-; sleep 0.05", 10, ""},
		{"head -c 1 > /dev/null", 10, ""},
		{"sleep 60", 0.1,
	         "--exec: sleep 60: took longer than 0 s and was ended\n"
	         "--exec: sleep 60: ended by signal 15\n"},
		{"trap 'exit 0' TERM; sleep 60 & wait", 0.1,
	         "--exec: trap 'exit 0' TERM; sleep 60 & wait: took longer than 0 s and was ended\n"},
	};
	static char longest[200000];
	struct output ended;

	(void)state;
	memset(longest, 'x', sizeof longest - 1);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char command[200];

		open_output(cases[i].command, cases[i].limit, false);
		record_begin(&r, "test"); /* more than a pipe holds */
		record_word(&r, "text", longest);
		assert_int_equal(output->kind->write(output, &r), 0);
		assert_int_equal(close_output(&ended), 0);
		assert_string_equal(text_string(&told), cases[i].told);
		assert_string_equal(ended.problem, "");
		/* once more, before one that tells that it ran */
		snprintf(command, sizeof command, "test $EMTOOL_N -eq 2 && touch ran || { %s; }",
		         cases[i].command);
		open_output(command, cases[i].limit > 1 ? 10 : 0.5, false);
		assert_int_equal(put(1), 0);
		assert_int_equal(put(2), 0);
		assert_int_equal(close_output(&ended), 0);
		await_file("ran");
		taken("ran");
	}
}

/* A command that ignores SIGTERM gets SIGKILL 2 s later, with all that it started. */
static void commands_that_hang(void **state)
{
	struct output ended;
	pid_t child;

	(void)state;
	open_output("trap '' TERM; sleep 100 & echo $! > pid; touch began; wait; sleep 100", 1000,
	            false);
	assert_int_equal(put(1), 0);
	await_file("began");
	taken("began");
	child = atoi(taken("pid"));
	assert_int_equal(kill(child, 0), 0);
	if (!CLOCK_SKIPS)
		skip();
	clock_skip(999000 - 500);
	uv_update_time(loop_uv(loop));
	uv_run(loop_uv(loop), UV_RUN_NOWAIT);
	assert_string_equal(text_string(&told), "");
	clock_skip(2000);
	uv_update_time(loop_uv(loop));
	uv_run(loop_uv(loop), UV_RUN_NOWAIT);
	assert_non_null(strstr(text_string(&told), ": took longer than 1000 s and was ended\n"));
	clock_skip(1500);
	uv_update_time(loop_uv(loop));
	for (int i = 0; i < 20; i++) {
		uv_run(loop_uv(loop), UV_RUN_NOWAIT);
		usleep(2000);
	}
	assert_null(strstr(text_string(&told), "signal"));
	clock_skip(600);
	assert_int_equal(close_output(&ended), 0);
	assert_non_null(strstr(text_string(&told), ": ended by signal 9\n"));
	for (int i = 0; i < 1000 && !kill(child, 0); i++)
		usleep(2000); /* somebody else reaps it */
}

static void pass_seconds(uv_timer_t *timer)
{
	(void)timer;
	clock_skip(900);
}

/* 10000 records wait for a command that is slow; others are dropped, which is said once. */
static void slow_commands(void **state)
{
	struct output ended;
	uv_timer_t timer;

	(void)state;
	for (int live = 0; live < 2; live++) {
		open_output("test -e go || sleep 30", 1000, live);
		for (int i = 0; i < 10004; i++) {
			assert_int_equal(put(i), 0);
			assert_int_equal(output->kind->flush(output), 0);
		}
		if (live)
			assert_string_equal(
				text_string(&told),
				"--exec: test -e go || sleep 30: too slow, 10000 records "
				"wait, others are dropped\n");
		else
			assert_int_equal(
				lines(text_string(&told),
			              "--exec: test -e go || sleep 30: too slow, 1 records "
			              "were dropped"),
				3);
		told.length = 0;
		if (live)
			output_hurry(output, wait_clock() + 400);
		else
			raise(SIGTERM); /* the queue is left, the command has 5 s */
		for (int i = 0; i < 20 && !live && !loop_signal(loop); i++)
			uv_run(loop_uv(loop), UV_RUN_NOWAIT);
		uv_timer_init(loop_uv(loop), &timer);
		if (!live)
			uv_timer_start(&timer, pass_seconds, 50, 50);
		assert_int_equal(close_output(&ended), live ? EM_SYSTEM : 0);
		assert_non_null(strstr(text_string(&told),
		                       live ? ": ended together with emtool\n"
		                            : ": took longer than 5 s and was ended\n"));
		assert_non_null(strstr(text_string(&told), " records were not handed over\n"));
		assert_true(live || strstr(text_string(&told), ": emtool ends, 10000 records"));
		assert_int_equal(ended.dropped, live ? 3 : 0);
		assert_string_equal(ended.problem, live ? "test -e go || sleep 30: too slow" : "");
	}
}

/* Commands that cannot be started: the output fails; in a live program only their records are lost. */
static void commands_that_do_not_start(void **state)
{
	struct rlimit before, none;
	struct output ended;

	(void)state;
	for (int live = 0; live < 2; live++) {
		open_output("touch ran", 10, live);
		getrlimit(RLIMIT_NOFILE, &before);
		none = before;
		none.rlim_cur = 0;
		setrlimit(RLIMIT_NOFILE, &none);
		assert_int_equal(put(1), EM_SYSTEM);
		setrlimit(RLIMIT_NOFILE, &before);
		assert_string_equal(output->problem, "touch ran: too many open files");
		uv_run(loop_uv(loop), UV_RUN_NOWAIT);
		assert_int_equal(put(2), live ? 0 : EM_SYSTEM);
		assert_int_equal(output->kind->flush(output), live ? 0 : EM_SYSTEM);
		assert_int_equal(close_output(&ended), live ? 0 : EM_SYSTEM);
		assert_int_equal(access("ran", F_OK), live ? 0 : -1);
		taken("ran");
		assert_string_equal(text_string(&told), "");
	}
}

/* Conditions decide which records have a command; the number of a wrong one is told. */
static void alarms_choose(void **state)
{
	static const char *const alarms[] = {"n>5", "n>7", "m>1"}, *const wrong[] = {"n>5", "n"};
	struct exec_config config = {.command = "echo $EMTOOL_N $EMTOOL_ALARM >> ran",
	                             .limit = 10,
	                             .alarms = alarms,
	                             .alarm_count = 3};
	struct output ended;
	size_t number;

	(void)state;
	loop = loop_new();
	assert_int_equal(output_exec(&output, loop, &config, &number), 0);
	for (int i = 0; i < 20; i++)
		assert_int_equal(put(i % 10), 0);
	assert_int_equal(close_output(&ended), 0);
	assert_string_equal(taken("ran"), "6 n>5\n8 n>7\n6 n>5\n8 n>7\n");
	config.alarms = wrong;
	config.alarm_count = 2;
	loop = loop_new();
	assert_int_equal(output_exec(&output, loop, &config, &number), EM_SYNTAX);
	assert_null(output);
	assert_int_equal(number, 1);
	loop_free(loop);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_get_records),       cmocka_unit_test(commands_end),
		cmocka_unit_test(commands_that_hang),         cmocka_unit_test(slow_commands),
		cmocka_unit_test(commands_that_do_not_start), cmocka_unit_test(alarms_choose),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
