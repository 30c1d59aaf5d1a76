/*
 * What must hold whatever the house does, over many random traces of both algorithms: limits
 * within bounds, nothing between 0 and the minimum (headroom), no rise on stale data except to the
 * fallback limit, lowered within one telegram by what the house needs and by what the meter shows
 * above the fuse (headroom), the same input gives the same output, and
 * a tick with more export never counts more load, nor gives less current (headroom), than the same
 * tick without it. BALANCE_TRACES in the environment asks for another number.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "balance/balancer.h"

enum {
	TICKS = 32,
	LATE = 20,  /* s: readings and telegrams are not later against each other */
	OBEYS = 15, /* s: the same for a limit that the car has not followed yet */
};

struct story {
	int32_t currents[TICKS][BALANCE_PHASES];
	int32_t car[TICKS];
	int32_t override[TICKS];
	bool told[TICKS], measured[TICKS];
};

static uint64_t seed = 20;

static uint32_t draw(uint32_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((seed >> 33) % below);
}

static struct balance_settings random_settings(void)
{
	static const int32_t orders[] = {0, 0, 0, 0, 123, 132, 213, 231, 312, 321};
	struct balance_settings s = balance_defaults();

	s.max_current = 6000 + (int32_t)draw(34) * 1000;
	s.phase_order = orders[draw(10)];
	s.phases = 1 + (int32_t)draw(3);
	s.alarm_limit = 15000 + (int32_t)draw(25000);
	s.upper_limit = 12000 + (int32_t)draw(23000);
	s.lower_limit = 5000 + (int32_t)draw(25000);
	s.alarm_step = (int32_t)draw(20000);
	s.upper_step = (int32_t)draw(8000);
	s.lower_step = (int32_t)draw(8000);
	s.alarm_wait = (int32_t)draw(4);
	s.upper_wait = (int32_t)draw(4);
	s.lower_wait = (int32_t)draw(4);
	s.fallback_limit = (int32_t)draw(20000);
	s.fallback_wait = 1 + (int32_t)draw(9);
	s.quiet_wait = (int32_t)draw(6);
	s.ride_wait = (int32_t)draw(6);
	s.restart_wait = (int32_t)draw(6);
	s.margin = (int32_t)draw(1500);
	return s;
}

static void random_story(struct story *t)
{
	int32_t level[BALANCE_PHASES] = {0}, car = 0, override = -1;

	for (int i = 0; i < TICKS; i++) {
		for (int p = 0; p < BALANCE_PHASES; p++) {
			if (draw(4) == 0)
				level[p] = (int32_t)draw(45000) - 12000;
			t->currents[i][p] = level[p];
		}
		if (draw(4) == 0)
			car = draw(2) ? (int32_t)draw(16000) : 0;
		if (draw(16) == 0)
			override = (int32_t)draw(33000);
		t->car[i] = car;
		t->override[i] = override;
		t->told[i] = draw(5) != 0;
		t->measured[i] = draw(8) != 0;
	}
}

static struct balancer first, second, sunny;

/* As much of a balancer as so few ticks can have used. */
#define USED                                                 \
	(offsetof(struct balancer, headroom.window.points) + \
	 (TICKS + 1) * sizeof(struct room_point))

static void tick(struct balancer *b, const struct story *t, int i, int32_t export)
{
	int32_t currents[BALANCE_PHASES], car[BALANCE_PHASES] = {t->car[i], t->car[i], t->car[i]};

	for (int p = 0; p < BALANCE_PHASES; p++)
		currents[p] = t->currents[i][p] - export;
	b->settings.override_limit = t->override[i];
	balancer_tick(b, t->told[i] ? currents : NULL, t->measured[i] ? car : NULL);
}

static int32_t highest(const int32_t *values, int from, int to)
{
	int32_t most = 0;

	for (int i = from < 0 ? 0 : from; i <= to; i++)
		most = values[i] > most ? values[i] : most;
	return most;
}

/* limits[n]: in force at tick n, mA. */
static void check(const struct balancer *b, const struct story *t, int i, const int32_t *limits)
{
	const struct balance_settings *s = &b->settings;
	bool headroom = b->algorithm == ALGORITHM_HEADROOM;
	int32_t worst = INT32_MIN, car = highest(t->car, i - LATE, i), fits, rest;

	assert_in_range(b->limit, 0, balance_override(s));
	if (headroom && b->limit > 0)
		assert_true(b->limit >= s->min_current);
	if (balancer_age(b) >= s->fallback_wait && b->limit > limits[i])
		assert_true(b->limit <= s->fallback_limit);
	if (!headroom || !t->told[i])
		return;
	for (int p = 0; p < s->phases; p++)
		worst = t->currents[i][p] > worst ? t->currents[i][p] : worst;
	if (highest(limits, i - LATE, i) > car)
		car = highest(limits, i - LATE, i);
	fits = b->fuse.rated - s->margin - (worst - car);
	if (b->limit > fits && b->limit > 0) /* only while an overload is sat out at the minimum */
		assert_int_equal(b->limit, s->min_current);
	rest = highest(limits, i - OBEYS, i) - (worst - b->fuse.rated);
	if (worst > b->fuse.rated && b->limit > rest && b->limit > 0)
		assert_int_equal(b->limit, s->min_current);
}

static void trace(enum balance_algorithm algorithm, const struct fuse *fuse)
{
	struct balance_settings s = random_settings();
	int32_t export = (int32_t)draw(8000), limits[TICKS];
	struct story t;

	random_story(&t);
	balancer_start(&first, algorithm, &s, fuse, false);
	balancer_start(&second, algorithm, &s, fuse, false);
	for (int i = 0; i < TICKS; i++) {
		limits[i] = first.limit;
		memcpy(&sunny, &first, USED);
		tick(&first, &t, i, 0);
		tick(&second, &t, i, 0);
		tick(&sunny, &t, i, export);
		check(&first, &t, i, limits);
		assert_int_equal(first.limit, second.limit);
		assert_int_equal(first.state, second.state);
		assert_true(sunny.used <= first.used); /* export never counts as load */
		/* the five states wait anew when they change, so only the current acted on compares
		 * there */
		if (algorithm == ALGORITHM_HEADROOM)
			assert_true(sunny.limit >= first.limit);
	}
}

static void many_traces(void **state)
{
	const char *wanted = getenv("BALANCE_TRACES");
	long traces = wanted ? atol(wanted) : 200000;
	struct fuse fuse;

	(void)state;
	fuse_init(&fuse, FUSE_ANY, 25000);
	for (long i = 0; i < traces; i++)
		trace(i % 2 ? ALGORITHM_HEADROOM : ALGORITHM_THRESHOLD, &fuse);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(many_traces)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
