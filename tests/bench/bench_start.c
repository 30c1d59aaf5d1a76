/*
 * What a cron job pays: `emtool --version`, and a P1 telegram in a file to a line of JSON, from start
 * to end on the clock, against /bin/true started in turn with them. The tenth percentile of 300 pairs
 * counts: other work on the machine lengthens most of them. With it goes the most memory that was
 * resident. The goals are those of the static program; the dynamic one waits for the dynamic linker.
 *
 *     bench_start [PROGRAM]     default: $BUILD/emtool and $BUILD/static/emtool
 */
#define _DEFAULT_SOURCE /* wait4 */
#include <fcntl.h>

#include "bench.h"
#include "protocol/telegram/telegram.h"

enum { PAIRS = 300 };

/* Seconds from start to end, output thrown away. Ends the benchmark when the program fails. */
static double once(char *const argv[], long *resident)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	double begin;
	int status;
	pid_t child;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	begin = bench_now();
	if (posix_spawn(&child, argv[0], &actions, NULL, argv, environ) ||
	    wait4(child, &status, 0, &usage) != child || status) {
		fprintf(stderr, "bench_start: %s fails\n", argv[0]);
		exit(1);
	}
	begin = bench_now() - begin;
	posix_spawn_file_actions_destroy(&actions);
	if (usage.ru_maxrss > *resident)
		*resident = usage.ru_maxrss;
	return begin;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* How many times as long as /bin/true the program takes. */
static double against_true(char *const argv[], long *resident)
{
	static double bare[PAIRS], took[PAIRS];
	char *const nothing[] = {"/bin/true", NULL};
	long ignored = 0;

	for (int i = 0; i < PAIRS; i++) {
		bare[i] = once(nothing, &ignored);
		took[i] = once(argv, resident);
	}
	qsort(bare, PAIRS, sizeof *bare, compare);
	qsort(took, PAIRS, sizeof *took, compare);
	printf("start: /bin/true %.0f us, %s %s %.0f us\n", bare[PAIRS / 10] * 1e6, argv[0],
	       argv[1], took[PAIRS / 10] * 1e6);
	return took[PAIRS / 10] / bare[PAIRS / 10];
}

static void write_telegram(int fd)
{
	struct telegram_values values = {
		.time = 1700000000000, .gas_time = 1699999800000, .serial = "E0043007052870318"};
	struct text text = {0};

	telegram_build(&text, telegram_model_find("dsmr5"), &values);
	if (write(fd, text.data, text.length) != (ssize_t)text.length)
		exit(1);
	text_free(&text);
	close(fd);
}

/* Both starts and the memory of a program; the goals are for --version, for the telegram, in MB. */
static bool measure(char *program, char *file, const double goals[3])
{
	char *const version[] = {program, "--version", NULL};
	char *const telegram[] = {program, "p1", file, "--json", NULL};
	long resident = 0;
	bool good;

	good = bench_goal("start: --version against /bin/true", against_true(version, &resident),
	                  goals[0], "times");
	good &= bench_goal("start: a P1 telegram to JSON against /bin/true",
	                   against_true(telegram, &resident), goals[1], "times");
	good &= bench_goal("start: resident", (double)resident / 1024, goals[2], "MB");
	return good;
}

int main(int argc, char **argv)
{
	static const double fast[] = {1.10, 1.45, 2.1}, usual[] = {1.8, 2.4, 3.5};
	const char *build = getenv("BUILD");
	char program[4096], file[] = "/tmp/bench_start.XXXXXX";
	bool good;
	int fd = mkstemp(file);

	if (fd < 0)
		return 1;
	write_telegram(fd);
	if (argc > 1) {
		good = measure(argv[1], file, fast);
	} else {
		snprintf(program, sizeof program, "%s/emtool", build ? build : "build");
		good = measure(program, file, usual);
		snprintf(program, sizeof program, "%s/static/emtool", build ? build : "build");
		good &= measure(program, file, fast);
	}
	unlink(file);
	return !good;
}
