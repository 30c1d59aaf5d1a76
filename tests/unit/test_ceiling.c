/* Each ceiling by itself, and in the closed loop of house, car and clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "balance/household.h"
#include "balance/simulate.h"

static struct simulation sim, other;

static struct simulation_settings plain(enum balance_algorithm algorithm)
{
	struct simulation_settings s;

	memset(&s, 0, sizeof s);
	s.algorithm = algorithm;
	s.balance = balance_defaults();
	s.car = car_defaults();
	assert_int_equal(fuse_init(&s.fuse, FUSE_ANY, 25000), 0);
	return s;
}

static void set(struct simulation_settings *s, const char *text)
{
	const struct balance_setting *row;

	assert_int_equal(balance_setting_parse(&s->balance, text, &row), 0);
}

static void feed(struct simulation *s, int32_t l1, int32_t l2, int32_t l3, int64_t seconds)
{
	struct simulation_run run = {.currents = {l1, l2, l3},
	                             .override_limit = CURRENT_NONE,
	                             .telegram = true,
	                             .seconds = seconds};

	simulation_run(s, &run);
}

static const char *reason(void)
{
	return balancer_reason(&sim.balancer);
}

static void surplus_waits_and_follows(void **state)
{
	struct simulation_settings s = plain(ALGORITHM_HEADROOM);

	(void)state;
	set(&s, "solar=surplus");
	simulation_start(&sim, &s, 0, NULL, NULL);
	feed(&sim, 2000, 2000, 2000, 1000);
	assert_int_equal(sim.car.energy, 0);
	assert_string_equal(reason(), "waiting for the sun");
	feed(&sim, -9500, -9500, -9500, 180);
	assert_int_equal(sim.balancer.limit, 0); /* restart_wait is 180 s of whole windows */
	feed(&sim, -9500, -9500, -9500, 60);
	assert_int_equal(sim.balancer.limit, 9000);
	assert_string_equal(reason(), "follows the sun");
	feed(&sim, -7000, -7000, -7000, 20);
	assert_int_equal(sim.balancer.limit, 7000);
	/* A cloud: held at the minimum for solar_run from the start, then for ride_wait. */
	feed(&sim, 1000, 1000, 1000, 60);
	assert_int_equal(sim.balancer.limit, 6000);
	feed(&sim, 1000, 1000, 1000, 300);
	assert_int_equal(sim.balancer.limit, 0);
	/* The sun comes back, but a pause lasts solar_pause. */
	feed(&sim, -9500, -9500, -9500, 150);
	assert_int_equal(sim.balancer.limit, 0);
	feed(&sim, -9500, -9500, -9500, 200);
	assert_int_equal(sim.balancer.limit, 9000);
}

static void minimum_never_pauses(void **state)
{
	struct simulation_settings s = plain(ALGORITHM_HEADROOM);

	(void)state;
	set(&s, "solar=minimum");
	simulation_start(&sim, &s, 0, NULL, NULL);
	feed(&sim, 2000, 2000, 2000, 600);
	assert_int_equal(sim.balancer.limit, 6000);
	feed(&sim, -12000, -12000, -12000, 60);
	assert_int_equal(sim.balancer.limit, 12000);
	/* Only the sum over the phases counts. */
	feed(&sim, -36000, 0, 0, 60);
	assert_int_equal(sim.balancer.limit, 12000);
}

/* The user's own mode counts instead of the setting, until he goes back to it. */
static void a_mode_of_the_user_goes_before_the_setting(void **state)
{
	struct simulation_settings s = plain(ALGORITHM_HEADROOM);

	(void)state;
	simulation_start(&sim, &s, 0, NULL, NULL);
	feed(&sim, 2000, 2000, 2000, 600);
	assert_int_equal(sim.balancer.limit, 16000);
	balancer_solar(&sim.balancer, SOLAR_MINIMUM);
	feed(&sim, 2000, 2000, 2000, 60);
	assert_int_equal(sim.balancer.limit, 6000);
	assert_string_equal(reason(), "follows the sun");
	balancer_solar(&sim.balancer, SOLAR_SURPLUS);
	feed(&sim, 2000, 2000, 2000, 60);
	assert_int_equal(sim.balancer.limit, 0);
	balancer_solar(&sim.balancer, SOLAR_AS_SET);
	feed(&sim, 2000, 2000, 2000, 600);
	assert_int_equal(sim.balancer.limit, 16000);
	set(&s, "solar=surplus");
	simulation_start(&sim, &s, 0, NULL, NULL);
	feed(&sim, 2000, 2000, 2000, 600);
	assert_int_equal(sim.balancer.limit, 0);
	balancer_solar(&sim.balancer, SOLAR_OFF);
	feed(&sim, 2000, 2000, 2000, 600);
	assert_int_equal(sim.balancer.limit, 16000);
	balancer_solar(&sim.balancer, SOLAR_AS_SET);
	feed(&sim, 2000, 2000, 2000, 60);
	assert_int_equal(sim.balancer.limit, 0);
}

static void dim_leaves_surplus(void **state)
{
	struct simulation_settings s = plain(ALGORITHM_HEADROOM);

	(void)state;
	set(&s, "dim=4200");
	simulation_start(&sim, &s, 0, NULL, NULL);
	feed(&sim, 2000, 2000, 2000, 600);
	assert_int_equal(sim.balancer.limit, 6000);
	feed(&sim, -5000, -5000, -5000, 60);
	assert_int_equal(sim.balancer.limit, 11000);
	set(&s, "dim=3000");
	simulation_start(&sim, &s, 0, NULL, NULL);
	feed(&sim, 2000, 2000, 2000, 600);
	assert_int_equal(sim.balancer.limit, 0);
}

static void one_phase_car_is_balanced(void **state)
{
	static const char *const orders[] = {"", "231", "312"};

	(void)state;
	for (int n = 0; n < 3; n++) {
		struct simulation_settings s = plain(ALGORITHM_HEADROOM);

		set(&s, "unbalance=10");
		s.car.phases = 1;
		s.faults.order = atoi(orders[n]);
		simulation_start(&sim, &s, 0, NULL, NULL);
		feed(&sim, 3000, 2000, 4000, 900);
		/* 10 A above the lowest other phase, less what the house has on the car's own */
		assert_int_equal(sim.balancer.limit, n == 0 ? 9000 : n == 1 ? 11000 : 8000);
	}
}

/* Three phases are always balanced. */
static void three_phase_car_is_not(void **state)
{
	struct simulation_settings s = plain(ALGORITHM_HEADROOM);

	(void)state;
	set(&s, "unbalance=5");
	simulation_start(&sim, &s, 0, NULL, NULL);
	feed(&sim, 8000, 2000, 1000, 900);
	assert_int_equal(sim.balancer.limit, 16000);
}

/* A protecting ceiling stays, what saves money goes. */
static void override_lifts(void **state)
{
	struct simulation_settings s = plain(ALGORITHM_HEADROOM);

	(void)state;
	set(&s, "solar=surplus");
	set(&s, "peak=2500");
	set(&s, "override_limit=14");
	simulation_start(&sim, &s, 0, NULL, NULL);
	feed(&sim, 2000, 2000, 2000, 600);
	assert_int_equal(sim.balancer.limit, 14000);
	set(&s, "dim=6000");
	simulation_start(&sim, &s, 0, NULL, NULL);
	feed(&sim, 2000, 2000, 2000, 600);
	assert_int_equal(sim.balancer.limit, 8000);
}

/* The mean of each quarter of the clock, as a meter would bill it. */
static struct quarters {
	int64_t energy, highest; /* mJ */
	int64_t ends;            /* ms */
	int64_t period;          /* ms */
} quarters;

static void bill(void *context, const struct simulation_tick *tick)
{
	int64_t net = 0, now = *(const int64_t *)context + tick->t * 1000;

	for (int i = 0; i < BALANCE_PHASES; i++)
		net += (int64_t)(tick->house[i] + tick->car[i]) * 230;
	if (now >= quarters.ends) {
		quarters.energy = 0;
		quarters.ends = now - now % quarters.period + quarters.period;
	}
	quarters.energy += net > 0 ? net : 0;
	if (quarters.energy > quarters.highest)
		quarters.highest = quarters.energy;
}

/* Random houses, begins within a quarter, levels and periods: what the house leaves is used. */
static void peak_is_kept(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 12; seed++) {
		struct household_settings hs = {
			.seed = seed, .days = 1, .day = 80, .pv = seed % 3 ? 0 : 6000};
		struct household house;
		struct simulation_run run = {.override_limit = CURRENT_NONE, .telegram = true};
		struct simulation_settings s = plain(seed % 2 ? ALGORITHM_HEADROOM
		                                              : ALGORITHM_THRESHOLD);
		int64_t begin = INT64_C(1790000000000) + (int64_t)seed * 97000;
		int64_t level = 7000 + (int64_t)(seed % 4) * 700;

		s.balance.peak = (int32_t)level;
		s.balance.peak_minutes = seed % 5 ? 15 : 60;
		quarters = (struct quarters){.period = s.balance.peak_minutes * 60000};
		household_start(&house, &hs);
		simulation_start(&sim, &s, 0, bill, &begin);
		run.clock = begin;
		while ((run.seconds = household_next(&house, run.currents))) {
			simulation_run(&sim, &run);
			run.clock = 0;
		}
		simulation_finish(&sim);
		assert_true(quarters.highest / (quarters.period / 1000) <= level * 1000);
		/* A car without any ceiling takes about 240 kWh. */
		assert_true(sim.car.energy / 3600000000 > 70);
	}
}

/* An hour of export does not pay for a quarter of import. */
static void export_is_no_credit(void **state)
{
	struct simulation_settings s = plain(ALGORITHM_HEADROOM);

	(void)state;
	s.open_loop = true;
	simulation_start(&sim, &s, 0, NULL, NULL);
	feed(&sim, -10000, -10000, -10000, 450);
	feed(&sim, 10000, 10000, 10000, 450);
	simulation_finish(&sim);
	assert_int_equal(sim.totals.quarter_peak, INT64_C(6900) * 450 * 1000);
}

static struct balance_input told(int64_t now, instant clock, const int32_t *currents,
                                 const struct balance_powers *powers)
{
	return (struct balance_input){.now = now,
	                              .currents = currents,
	                              .in_force = CURRENT_NONE,
	                              .most = CURRENT_NONE,
	                              .clock = clock,
	                              .powers = powers};
}

/* The meter's own demand, its register, and the power: the same rest in the middle of a quarter. */
static void three_ways_to_count(void **state)
{
	static const int32_t currents[BALANCE_PHASES];
	struct balance_settings s = balance_defaults();

	(void)state;
	s.peak = 6000;
	for (int way = 0; way < 3; way++) {
		struct peak p;

		peak_start(&p);
		for (int64_t t = 0; t <= 1350; t++) {
			/* A quarter without import, then one with 4 kW. */
			int64_t into = t - 900, power = t > 900 ? 4000000 : 0;
			struct balance_powers powers = powers_none;
			struct balance_input in = told(t * 1000, t * 1000, currents, &powers);

			powers.power = power;
			if (way == 0)
				powers.demand = into > 0 ? power * into / 900 : 0;
			if (way == 1)
				powers.import = 5000000 + (into > 0 ? power * into / 3600 : 0);
			peak_add(&p, &s, &in, &powers);
		}
		/* 5.97 kW for 900 s less 4 kW for 450 s, over 450 s */
		assert_in_range(peak_rest(&p, &s, 0), 7930000, 7950000);
	}
}

static void auto_follows_the_month(void **state)
{
	static const int32_t currents[BALANCE_PHASES];
	struct balance_settings s = balance_defaults();
	struct balance_powers powers = powers_none;
	struct balance_input in = told(1000, 0, currents, &powers);
	struct peak p;

	(void)state;
	s.peak = PEAK_AUTO;
	in.clock = INT64_C(1796000000000); /* 2026-11-30 */
	powers.power = 0;
	peak_start(&p);
	peak_add(&p, &s, &in, &powers);
	assert_int_equal(peak_level(&p, &s), 2500000);
	powers.peak = 4321000;
	peak_add(&p, &s, &in, &powers);
	assert_int_equal(peak_level(&p, &s), 4321000);
	powers.peak = POWER_NONE;
	in.clock += INT64_C(2) * 86400000;
	peak_add(&p, &s, &in, &powers);
	assert_int_equal(peak_level(&p, &s), 2500000);
}

static void count_seconds(void *context, const struct simulation_tick *tick)
{
	(void)tick;
	++*(int64_t *)context;
}

static struct simulation_settings mixed(int n)
{
	struct simulation_settings s = plain(n % 2 ? ALGORITHM_THRESHOLD : ALGORITHM_HEADROOM);

	s.balance.solar = n % 3;
	s.balance.peak = n & 4 ? 5000 : 0;
	s.balance.dim = n & 8 ? 4200 : 0;
	s.balance.unbalance = n & 16 ? 12000 : 0;
	s.balance.override_limit = n % 7 ? -1 : 10000;
	s.car.phases = n % 3 + 1;
	return s;
}

/* The same house, whole and in single seconds, with all kinds of ceilings: the same totals. */
static void strides_change_nothing(void **state)
{
	(void)state;
	for (int n = 0; n < 32; n++) {
		struct household_settings hs = {.seed = 5, .days = 1, .day = 150, .pv = 7000};
		struct simulation_settings s = mixed(n);
		struct household house;
		struct simulation_run run = {.override_limit = CURRENT_NONE, .telegram = true};
		int64_t next = 0;

		household_start(&house, &hs);
		simulation_start(&sim, &s, 0, NULL, NULL);
		simulation_start(&other, &s, 0, count_seconds, &next);
		while ((run.seconds = household_next(&house, run.currents))) {
			simulation_run(&sim, &run);
			simulation_run(&other, &run);
		}
		assert_int_equal(next, 86400);
		assert_memory_equal(&sim.totals, &other.totals, sizeof sim.totals);
		assert_int_equal(sim.car.energy, other.car.energy);
		assert_int_equal(sim.balancer.limit, other.balancer.limit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(surplus_waits_and_follows),
		cmocka_unit_test(a_mode_of_the_user_goes_before_the_setting),
		cmocka_unit_test(minimum_never_pauses),
		cmocka_unit_test(dim_leaves_surplus),
		cmocka_unit_test(one_phase_car_is_balanced),
		cmocka_unit_test(three_phase_car_is_not),
		cmocka_unit_test(override_lifts),
		cmocka_unit_test(peak_is_kept),
		cmocka_unit_test(export_is_no_credit),
		cmocka_unit_test(three_ways_to_count),
		cmocka_unit_test(auto_follows_the_month),
		cmocka_unit_test(strides_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
