/*
 * Random worlds, a test for each fault, and a table of what failed. Environment: WORLDS=N worlds in the
 * test of random ones, WORLDS_SEED=S of the first world, the next ones follow it, WORLDS_ONLY=FAULT for
 * worlds with that fault ("calm": without any), WORLDS_SHOWN=N failing ones are printed, WORLDS_TRACE=1
 * prints all of each world.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "worlds.h"

enum {
	SHOWN = 2, /* failing worlds that a test prints; WORLDS_SHOWN=N */
	EACH = 20, /* worlds for each fault */
	BEFORE = 12000,
	AFTER = 3000, /* ms of trace around a failure */
};

static struct world world;
static bool trace;

struct tally {
	int worlds, failed, counts[PROPERTIES];
	int64_t longest, energy, possible, fair;
};

static uint64_t number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

static void explain(const struct world_plan *plan, int only)
{
	const struct world_judge j = world.judge;

	printf("world %" PRIu64 " failed at %.2f s: %s: %s\n", plan->seed,
	       (double)j.failed_at / 1e3, world_property_names[j.failed], j.text);
	printf("  again: WORLDS=1 WORLDS_SEED=%" PRIu64 "%s%s WORLDS_TRACE=1 %s\n", plan->seed,
	       only < 0 ? "" : " WORLDS_ONLY=",
	       only < 0         ? ""
	       : only == FAULTS ? "calm"
	                        : fault_rows[only].name,
	       "build/worlds/test_worlds");
	world_print(plan);
	if (!trace)
		world_run(&world, plan, j.failed_at - BEFORE, j.failed_at + AFTER);
}

static void play(struct tally *t, uint64_t seed, int only)
{
	struct world_plan plan;

	world_draw(&plan, seed, only);
	if (trace)
		world_print(&plan);
	world_run(&world, &plan, 0, trace ? LENGTH : 0);
	t->worlds++;
	for (int i = 0; i < PROPERTIES; i++)
		t->counts[i] += world.judge.counts[i] > 0;
	t->energy += world.judge.energy;
	t->possible += world.judge.possible;
	t->fair += world.judge.fair;
	if (world.judge.longest > t->longest)
		t->longest = world.judge.longest;
	if (!world.judge.failed)
		return;
	if (t->failed++ < (int)number("WORLDS_SHOWN", SHOWN))
		explain(&plan, only);
}

static void report(const struct tally *t, const char *name)
{
	printf("%-14s %6d worlds, %5d failed; %4.1f s above the fuse at most", name, t->worlds,
	       t->failed, (double)t->longest / 1e3);
	if (t->possible)
		printf("; %.1f %% of the energy, %.1f %% after the waits",
		       100.0 * (double)t->energy / (double)t->possible,
		       100.0 * (double)t->energy / (double)t->fair);
	for (int i = 0; i < PROPERTIES; i++)
		if (t->counts[i])
			printf("; %s %d", world_property_names[i], t->counts[i]);
	printf("\n");
}

static struct tally play_all(uint64_t worlds, int only, const char *name)
{
	uint64_t seed = number("WORLDS_SEED", 1);
	struct tally t = {0};

	for (uint64_t i = 0; i < worlds; i++)
		play(&t, seed + i, only);
	report(&t, name);
	return t;
}

static void random_worlds(void **state)
{
	(void)state;
	assert_int_equal(play_all(number("WORLDS", 300), -1, "random").failed, 0);
}

/* Worlds without a fault in which the house changes each 3 to 10 minutes. */
static void calm_worlds_get_the_energy(void **state)
{
	struct tally t = play_all(3 * EACH, FAULTS, "calm");

	(void)state;
	assert_int_equal(t.failed, 0);
	assert_true(t.energy * 10 >= t.possible * 9);
}

static void with_fault(int only)
{
	assert_int_equal(play_all(EACH, only, fault_rows[only].name).failed, 0);
}

#define FAULT(name, number, ...)                         \
	static void test_##number##_##name(void **state) \
	{                                                \
		(void)state;                             \
		with_fault(FAULT_##name);                \
	}
#include "faults.def"
#undef FAULT

static int only_that(const char *name)
{
	struct tally t;
	int only = 0;

	while (only < FAULTS && strcmp(fault_rows[only].name, name) != 0)
		only++;
	if (only == FAULTS && strcmp(name, "calm") != 0) {
		fprintf(stderr, "WORLDS_ONLY=%s: no such fault\n", name);
		return 2;
	}
	t = play_all(number("WORLDS", 300), only, name);
	return t.failed > 0;
}

int main(void)
{
	const char *only = getenv("WORLDS_ONLY");
	const struct CMUnitTest tests[] = {
#define FAULT(name, number, ...) cmocka_unit_test(test_##number##_##name),
#include "faults.def"
#undef FAULT
		cmocka_unit_test(calm_worlds_get_the_energy),
		cmocka_unit_test(random_worlds),
	};

	setvbuf(stdout, NULL, _IOLBF, 0);
	trace = number("WORLDS_TRACE", 0);
	if (only && *only)
		return only_that(only);
	if (trace) /* the world alone, not the tests around it */
		return play_all(number("WORLDS", 1), -1, "random").failed > 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
