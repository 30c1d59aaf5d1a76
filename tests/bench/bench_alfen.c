/*
 * A full dump of a charger against a bare libmodbus program that makes the same six reads, both
 * measured from process start to process end, in turns. Goal: at most 3 times.
 */
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { ROUNDS = 201 };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static pid_t start(char *const *command, int out)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	if (posix_spawn(&pid, command[0], &actions, NULL, command, environ))
		pid = -1;
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static double timed(char *const *command, int null)
{
	double begin = now();
	int status = 1;
	pid_t pid = start(command, null);

	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status) {
		fprintf(stderr, "%s failed\n", command[0]);
		exit(1);
	}
	return now() - begin;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *times)
{
	qsort(times, ROUNDS, sizeof *times, by_size);
	return times[ROUNDS / 2];
}

/* The number of requests of one dump, from --stats. */
static int requests(char *emtool, char *at)
{
	char *dump[] = {emtool, "alfen", "dump", at, "--json", "--stats", NULL};
	char text[16384], *found;
	size_t have = 0;
	ssize_t n;
	int ends[2];
	pid_t pid;

	if (pipe(ends) || (pid = start(dump, ends[1])) < 0)
		return -1;
	close(ends[1]);
	while (have < sizeof text - 1 &&
	       (n = read(ends[0], text + have, sizeof text - 1 - have)) > 0)
		have += (size_t)n;
	text[have] = '\0';
	waitpid(pid, NULL, 0);
	found = strstr(text, "\"requests\":");
	return found ? atoi(found + 11) : -1;
}

int main(void)
{
	static double ours[ROUNDS], bare[ROUNDS];
	const char *build = getenv("BUILD") ? getenv("BUILD") : "build";
	char emtool[256], reads[256], at[64] = "", line[128] = "", *port;
	char *sim[] = {emtool, "sim", "alfen", "--listen", "127.0.0.1:0", "--max-connections",
	               "8",    NULL};
	char *dump[] = {emtool, "alfen", "dump", at, "--json", NULL};
	char *six[] = {reads, NULL, NULL};
	int ends[2], null = open("/dev/null", O_WRONLY);
	double a, b;
	int asked;
	pid_t server;

	snprintf(emtool, sizeof emtool, "%s/emtool", build);
	snprintf(reads, sizeof reads, "%s/bench/alfen_six_reads", build);
	if (pipe(ends) || (server = start(sim, ends[1])) < 0 ||
	    read(ends[0], line, sizeof line - 1) <= 0)
		return 1;
	sscanf(line, "listening on %63s", at);
	port = strrchr(at, ':');
	six[1] = port ? port + 1 : at;
	for (int i = 0; i < ROUNDS; i++) {
		ours[i] = timed(dump, null);
		bare[i] = timed(six, null);
	}
	asked = requests(emtool, at);
	kill(server, SIGTERM);
	waitpid(server, NULL, 0);
	a = median(ours);
	b = median(bare);
	printf("alfen dump: %d requests (goal 6)\n", asked);
	printf("alfen dump / bare libmodbus program: %.2f (goal <= 3; %.2f ms, %.2f ms)\n", a / b,
	       a, b);
	return a / b > 3 || asked != 6;
}
