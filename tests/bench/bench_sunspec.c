/*
 * Requests for two typical devices (an inverter with the models 101 to 160, one with 701 to 715):
 * the first walk, one with --fast, a second poll. And the time of a walk against a bare libmodbus
 * program that makes the same requests, both from process start to process end, in turns.
 */
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { ROUNDS = 101, REQUESTS = 64 };

struct model {
	unsigned id, length, points, groups; /* counts, where the model has them */
};

static const struct model inverter[] = {
	{1, 66, 0, 0},   {11, 13, 0, 0},   {12, 98, 0, 0},  {101, 50, 0, 0}, {120, 26, 0, 0},
	{121, 30, 0, 0}, {122, 44, 0, 0},  {123, 24, 0, 0}, {124, 24, 0, 0}, {126, 118, 0, 0},
	{127, 10, 0, 0}, {128, 14, 0, 0},  {129, 60, 0, 0}, {130, 60, 0, 0}, {131, 64, 0, 0},
	{132, 64, 0, 0}, {64870, 7, 0, 0}, {160, 48, 0, 0}, {0, 0, 0, 0}};

static const struct model resource[] = {
	{1, 66, 0, 0},    {701, 153, 0, 0}, {702, 50, 0, 0}, {703, 17, 0, 0},  {704, 65, 0, 0},
	{705, 67, 4, 3},  {706, 52, 4, 3},  {712, 48, 4, 3}, {707, 105, 5, 2}, {708, 105, 5, 2},
	{709, 135, 5, 2}, {710, 135, 5, 2}, {711, 32, 2, 0}, {713, 7, 0, 0},   {714, 93, 0, 3},
	{715, 7, 0, 0},   {0, 0, 0, 0}};

static char emtool[256], bare[256], image[64], at[64];
static int null;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* 1 everywhere but in the counts of points and groups. */
static unsigned word_of(const struct model *m, unsigned offset)
{
	if (m->points && offset == 5)
		return m->points;
	return m->groups && offset == (m->points ? 6 : 4) ? m->groups : 1;
}

static void write_image(const struct model *m)
{
	FILE *out = fopen(image, "w");
	unsigned address = 40002;

	if (!out)
		exit(1);
	fprintf(out, "40000,53756e53\n");
	for (; m->id; m++) {
		fprintf(out, "%u,%04x%04x", address, m->id, m->length);
		for (unsigned i = 2; i < m->length + 2; i++)
			fprintf(out, "%04x", word_of(m, i));
		fprintf(out, "\n");
		address += 2 + m->length;
	}
	fprintf(out, "%u,ffff0000\n", address);
	fclose(out);
}

static pid_t start(char *const *command, int out, int error)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	if (error >= 0)
		posix_spawn_file_actions_adddup2(&actions, error, 2);
	if (posix_spawn(&pid, command[0], &actions, NULL, command, environ))
		exit(1);
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static void finish(pid_t pid, const char *what)
{
	int status = 1;

	if (waitpid(pid, &status, 0) < 0 || status) {
		fprintf(stderr, "%s failed\n", what);
		exit(1);
	}
}

static pid_t serve(bool strict)
{
	char *sim[] = {emtool, "sim",      "sunspec",     "--image",
	               image,  "--listen", "127.0.0.1:0", strict ? "--strict" : NULL,
	               NULL};
	char line[128] = "";
	int ends[2];
	pid_t server;

	if (pipe(ends))
		exit(1);
	server = start(sim, ends[1], -1);
	close(ends[1]);
	if (read(ends[0], line, sizeof line - 1) <= 0 || sscanf(line, "listening on %63s", at) != 1)
		exit(1);
	close(ends[0]);
	return server;
}

static void stop(pid_t server)
{
	kill(server, SIGTERM);
	waitpid(server, NULL, 0);
}

/* The number of requests that a call makes, from -vv. */
static unsigned requests(char *const *call, char words[REQUESTS][2][12])
{
	char line[256];
	unsigned n = 0, count, address;
	FILE *said;
	int ends[2];
	pid_t pid;

	if (pipe(ends))
		exit(1);
	pid = start(call, null, ends[1]);
	close(ends[1]);
	said = fdopen(ends[0], "r");
	while (said && fgets(line, sizeof line, said)) {
		const char *tail = strstr(line, at);

		if (!tail ||
		    sscanf(tail + strlen(at), ": %u registers at %u", &count, &address) != 2)
			continue;
		if (n < REQUESTS) {
			snprintf(words[n][0], sizeof words[n][0], "%u", address);
			snprintf(words[n][1], sizeof words[n][1], "%u", count);
		}
		n++;
	}
	fclose(said);
	finish(pid, emtool);
	return n;
}

static int goal(const char *what, const char *device, unsigned n, unsigned most)
{
	printf("sunspec requests, %s, %s: %u (goal <= %u)\n", device, what, n, most);
	return n > most;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double timed(char *const *command)
{
	double begin = now();

	finish(start(command, null, -1), command[0]);
	return now() - begin;
}

static int times(const char *device, char words[REQUESTS][2][12], unsigned n)
{
	char *read[] = {emtool, "sunspec", "read", at, "--json", NULL};
	char *same[2 * REQUESTS + 4] = {bare, strrchr(at, ':') + 1, "1"};
	double ours[ROUNDS], theirs[ROUNDS], a, b;

	for (unsigned i = 0; i < n && i < REQUESTS; i++) {
		same[3 + 2 * i] = words[i][0];
		same[4 + 2 * i] = words[i][1];
	}
	for (int i = 0; i < ROUNDS; i++) {
		ours[i] = timed(read);
		theirs[i] = timed(same);
	}
	qsort(ours, ROUNDS, sizeof *ours, by_size);
	qsort(theirs, ROUNDS, sizeof *theirs, by_size);
	a = ours[ROUNDS / 2];
	b = theirs[ROUNDS / 2];
	printf("sunspec read / bare libmodbus program, %s: %.2f (goal <= 3; %.2f ms, %.2f ms)\n",
	       device, a / b, a, b);
	return a / b > 3;
}

static int measure(const char *device, const struct model *models, unsigned first, unsigned fast,
                   unsigned again)
{
	static char words[REQUESTS][2][12], unused[REQUESTS][2][12];
	char records[24];
	char *once[] = {emtool, "sunspec", "read", at, "--json", "-vv", NULL, NULL};
	char *twice[] = {emtool,       "sunspec", "read",    at,      "--json", "-vv",
	                 "--interval", "0.01",    "--count", records, NULL};
	unsigned n, count = 0;
	int missed = 0;
	pid_t server;

	for (; models[count].id; count++)
		continue;
	snprintf(records, sizeof records, "%u", 2 * count);
	write_image(models);
	server = serve(true);
	n = requests(once, words);
	missed |= goal("first walk", device, n, first);
	missed |= goal("second poll", device, requests(twice, unused) - n, again);
	missed |= times(device, words, n);
	stop(server);
	server = serve(false); /* one that refuses nothing that is there */
	once[6] = "--fast";
	missed |= goal("--fast", device, requests(once, unused), fast);
	stop(server);
	return missed;
}

/* Bytes of the built-in definitions, as size(1) counts them. */
static int table_size(const char *build)
{
	char command[256];
	long bytes = -1;
	FILE *size;

	snprintf(command, sizeof command,
	         "size %s/lib/protocol/sunspec/table.o | awk 'NR == 2 {print $4}'", build);
	size = popen(command, "r");
	if (!size || fscanf(size, "%ld", &bytes) != 1)
		bytes = -1;
	if (size)
		pclose(size);
	printf("sunspec definitions: %ld bytes (goal < 65536)\n", bytes);
	return bytes < 0 || bytes >= 65536;
}

int main(void)
{
	const char *build = getenv("BUILD") ? getenv("BUILD") : "build";
	int missed;

	null = open("/dev/null", O_WRONLY);
	snprintf(emtool, sizeof emtool, "%s/emtool", build);
	snprintf(bare, sizeof bare, "%s/bench/sunspec_bare_reads", build);
	snprintf(image, sizeof image, "/tmp/bench_sunspec.%ld.csv", (long)getpid());
	missed = measure("101 to 160", inverter, 19, 10, 7);
	missed |= measure("701 to 715", resource, 20, 12, 10);
	unlink(image);
	return missed | table_size(build);
}
