/*
 * What the benchmarks share: best of several runs, and a ratio to something bare in the same run, for
 * machines are noisy and differ. Work is timed by the processor time it took, so that other work on
 * the machine counts less; starting a process by the clock on the wall.
 */
#ifndef BENCH_H
#define BENCH_H

#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static inline double bench_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Seconds of processor time of this process. */
static inline double bench_cpu(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Seconds of processor time of the children that have ended. */
static inline double bench_children(void)
{
	struct rusage usage;

	getrusage(RUSAGE_CHILDREN, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* Seconds of the fastest of `runs` calls. */
static inline double bench_best(int runs, void (*function)(void *), void *context)
{
	double best = 1e9;

	for (int i = 0; i < runs; i++) {
		double begin = bench_cpu(), took;

		function(context);
		took = bench_cpu() - begin;
		best = took < best ? took : best;
	}
	return best;
}

struct bench_copy {
	const void *from;
	void *to;
	size_t size;
};

static inline void bench_copy_once(void *context)
{
	struct bench_copy *copy = context;

	memcpy(copy->to, copy->from, copy->size);
	__asm__ volatile("" : : "r"(copy->to) : "memory");
}

/* Seconds that memcpy takes for the same bytes, best of `runs`. */
static inline double bench_memcpy(int runs, const void *data, size_t size)
{
	struct bench_copy copy = {data, malloc(size), size};
	double best;

	if (!copy.to)
		exit(1);
	memset(copy.to, 1, size); /* page faults are not memcpy's */
	best = bench_best(runs, bench_copy_once, &copy);
	free(copy.to);
	return best;
}

/* Prints a line; true when the goal holds: smaller is better. */
static inline bool bench_goal(const char *what, double value, double goal, const char *unit)
{
	printf("%-52s %9.2f %s (goal %g)%s\n", what, value, unit, goal,
	       value <= goal ? "" : "  <- missed");
	fflush(stdout);
	return value <= goal;
}

/* Runs a shell command with its output thrown away; its seconds, or 1e9 when it failed. */
static inline double bench_command(const char *command)
{
	double begin = bench_children();

	return system(command) == 0 ? bench_children() - begin : 1e9;
}

/* Without a shell, from start to end on the clock: the time of one process, best of `runs`. */
static inline double bench_process(int runs, char *const argv[])
{
	double best = 1e9;

	for (int i = 0; i < runs; i++) {
		double begin = bench_now(), took;
		int status = 1;
		pid_t child;

		if (posix_spawn(&child, argv[0], NULL, NULL, argv, environ))
			return best;
		waitpid(child, &status, 0);
		took = bench_now() - begin;
		if (status == 0)
			best = took < best ? took : best;
	}
	return best;
}

#endif
