/* The closed loop of house, balancer, charger and car. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "headroom_tick.h"
#include "balance/house_log.h"
#include "balance/household.h"
#include "balance/simulate.h"
#include "base/error.h"

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

static struct simulation_run steady(int32_t l1, int64_t seconds)
{
	return (struct simulation_run){{l1, 2000, 1000}, CURRENT_NONE, true, seconds, 0, 0};
}

static void feed(struct simulation *s, int32_t l1, int64_t seconds)
{
	struct simulation_run run = steady(l1, seconds);

	simulation_run(s, &run);
}

static enum fuse_verdict load(int32_t mA, int64_t seconds)
{
	struct simulation_settings s = plain(ALGORITHM_THRESHOLD);

	s.open_loop = true;
	simulation_start(&sim, &s, 0, NULL, NULL);
	feed(&sim, 1000, 50);
	feed(&sim, mA, seconds);
	feed(&sim, 1000, 50);
	simulation_finish(&sim);
	assert_int_equal(sim.totals.seconds_over, mA > 25000 ? seconds : 0);
	return simulation_verdict(&sim);
}

static void verdicts(void **state)
{
	(void)state;
	assert_int_equal(load(10000, 600), FUSE_CANNOT_TRIP);
	assert_int_equal(load(26000, 100000), FUSE_CANNOT_TRIP);
	assert_int_equal(load(50000, 300), FUSE_MAY_TRIP);
	assert_int_equal(load(250000, 100), FUSE_MUST_TRIP);
	assert_true(sim.wear[0].slow.tripped >= 50 && sim.wear[0].slow.tripped < 150);
	assert_int_equal(simulation_worn_phase(&sim), 0);
}

static void battery_fills(void **state)
{
	struct simulation_settings s = plain(ALGORITHM_HEADROOM);

	(void)state;
	s.car.battery = 50000;
	s.car.charge = 50;
	simulation_start(&sim, &s, 0, NULL, NULL);
	feed(&sim, 1000, 6 * 3600);
	assert_true(sim.car.full);
	assert_int_equal(sim.car.current, 0);
	assert_int_equal(sim.car.pauses, 0);
	assert_in_range(sim.car.stored / 3600000, 24900, 25100);
	assert_true(sim.car.energy > sim.car.stored);
}

/* Quiet, then a load that fits only with less: down at once, up after the quiet time. */
static void headroom_down_and_up(void **state)
{
	struct simulation_settings s = plain(ALGORITHM_HEADROOM);

	(void)state;
	simulation_start(&sim, &s, 0, NULL, NULL);
	feed(&sim, 2000, 300);
	assert_int_equal(sim.balancer.limit, 16000);
	feed(&sim, 12000, 1);
	assert_int_equal(sim.balancer.limit, 12000); /* 25 - 0.5 - 12 = 12.5 */
	assert_string_equal(balancer_reason(&sim.balancer), "less fits: lowered");
	feed(&sim, 12000, 100);
	feed(&sim, 2000, 15); /* the shortest quiet time: no raise was in vain */
	assert_int_equal(sim.balancer.limit, 12000);
	feed(&sim, 2000, 2);
	assert_int_equal(sim.balancer.limit, 16000);
	assert_int_equal(sim.car.pauses, 0);
}

/* 20 A beside the minimum of 6 A is a short overload: held, then paused; back when it lasts. */
static void headroom_rides_and_pauses(void **state)
{
	struct simulation_settings s = plain(ALGORITHM_HEADROOM);

	(void)state;
	simulation_start(&sim, &s, 0, NULL, NULL);
	feed(&sim, 2000, 300);
	feed(&sim, 20000, s.balance.ride_wait - 15); /* the first seconds, 36 A, count for more */
	assert_int_equal(sim.balancer.limit, 6000);
	feed(&sim, 20000, 17);
	assert_int_equal(sim.balancer.limit, 0);
	feed(&sim, 2000, s.balance.restart_wait);
	assert_int_equal(sim.balancer.limit, 0);
	feed(&sim, 2000, 2);
	assert_true(sim.balancer.limit >= 6000);
	feed(&sim, 2000, 300);
	assert_int_equal(sim.car.pauses, 1);
}

/* A one-phase car on L3 does not care what happens on L1. */
static void headroom_ignores_unused_phases(void **state)
{
	struct simulation_settings s = plain(ALGORITHM_HEADROOM);

	(void)state;
	s.car.phases = 1;
	s.car.first = 3;
	simulation_start(&sim, &s, 0, NULL, NULL);
	feed(&sim, 2000, 300);
	feed(&sim, 23000, 300);
	assert_int_equal(sim.balancer.limit, 16000);
	assert_int_equal(sim.totals.seconds_over, 0);
}

/* A meter of one phase does not see what a car draws on another: then it is no reason for the maximum. */
static void headroom_counts_what_is_measured(void **state)
{
	struct simulation_settings s = plain(ALGORITHM_HEADROOM);
	const int32_t grid[BALANCE_PHASES] = {22000, CURRENT_NONE, CURRENT_NONE};
	const int32_t car[BALANCE_PHASES] = {0, 10000, 0};
	static struct headroom h;

	(void)state;
	s.balance.phases = 1;
	headroom_start(&h, &s.balance);
	for (int i = 0; i < 1000; i++) {
		headroom_tick(&h, &s.balance, &s.fuse, grid, car);
		assert_int_equal(h.limit, 0);
	}
}

static void headroom_fallback(void **state)
{
	struct simulation_settings s = plain(ALGORITHM_HEADROOM);
	struct simulation_run silent = steady(2000, 29);

	(void)state;
	s.balance.fallback_limit = 6000;
	silent.telegram = false;
	simulation_start(&sim, &s, 0, NULL, NULL);
	feed(&sim, 2000, 300);
	simulation_run(&sim, &silent);
	assert_int_equal(sim.balancer.limit, 16000);
	silent.seconds = 1;
	simulation_run(&sim, &silent);
	assert_int_equal(sim.balancer.limit, 6000);
	assert_int_equal(sim.balancer.state, STATE_FALLBACK);
	s.balance.fallback_limit = 3000; /* nothing between 0 and the minimum */
	sim.balancer.settings = s.balance;
	simulation_run(&sim, &silent);
	assert_int_equal(sim.balancer.limit, 0);
}

static void faults(void **state)
{
	struct simulation_settings s = plain(ALGORITHM_THRESHOLD);

	(void)state;
	s.faults = (struct simulation_faults){
		.dead = {300, 200}, .charger_timeout = 60, .charger_fallback = 6000};
	simulation_start(&sim, &s, 0, NULL, NULL);
	feed(&sim, 2000, 301);
	feed(&sim, 20000, 30);
	assert_int_equal(sim.car.current, 16000); /* it hears nothing */
	feed(&sim, 20000, 60);
	assert_int_equal(sim.car.current, 6000); /* its own fallback */
	s.faults = (struct simulation_faults){.frozen = {300, 100}};
	simulation_start(&sim, &s, 0, NULL, NULL);
	feed(&sim, 2000, 300);
	feed(&sim, 20000, 100);
	assert_int_equal(sim.balancer.limit, 16000); /* a frozen meter cannot be noticed */
	assert_int_equal(sim.totals.seconds_over, 100);
}

/* A fault begins in its first second and is over after its last. */
static void faults_have_bounds(void **state)
{
	struct simulation_settings s = plain(ALGORITHM_THRESHOLD);

	(void)state;
	s.faults = (struct simulation_faults){.silent = {100, 10}};
	simulation_start(&sim, &s, 0, NULL, NULL);
	feed(&sim, 2000, 100); /* seconds 0 to 99 */
	assert_int_equal(balancer_age(&sim.balancer), 0);
	feed(&sim, 2000, 1);
	assert_int_equal(balancer_age(&sim.balancer), 1);
	feed(&sim, 2000, 9);
	assert_int_equal(balancer_age(&sim.balancer), 10);
	feed(&sim, 2000, 1);
	assert_int_equal(balancer_age(&sim.balancer), 0);
}

static void begin_with(const struct simulation_faults *faults, enum balance_algorithm algorithm)
{
	struct simulation_settings s = plain(algorithm);

	s.faults = *faults;
	simulation_start(&sim, &s, 0, NULL, NULL);
}

/* The meter shows house and car as they were; before the first second there is nothing. */
static void late_telegrams(void **state)
{
	(void)state;
	begin_with(&(struct simulation_faults){.lag = 63}, ALGORITHM_THRESHOLD);
	feed(&sim, 2000, 63);
	feed(&sim, 24500, 63);
	assert_int_not_equal(sim.balancer.state, STATE_ALARM);
	feed(&sim, 24500, 1);
	assert_int_equal(sim.balancer.state, STATE_ALARM);
}

static void late_currents_of_the_car(void **state)
{
	(void)state;
	begin_with(&(struct simulation_faults){0}, ALGORITHM_HEADROOM);
	feed(&sim, 9000, 1000);
	assert_int_equal(sim.balancer.limit, 15000); /* 25 - 0.5 - 9 = 15.5 */
	assert_int_equal(sim.totals.seconds_over, 0);
	other = sim;
	begin_with(&(struct simulation_faults){.car_lag = 10}, ALGORITHM_HEADROOM);
	feed(&sim, 9000, 1000);
	assert_true(sim.totals.setpoint_changes > other.totals.setpoint_changes);
}

/* The charger's L1 is on grid phase 2: the house's load on phase 1 is that of another phase. */
static void rotated_phases(void **state)
{
	const struct simulation_faults f = {.order = 231};
	struct simulation_settings s = plain(ALGORITHM_HEADROOM);

	(void)state;
	assert_int_equal(fault_phase(&f, 0), 1);
	assert_int_equal(fault_phase(&f, 1), 2);
	assert_int_equal(fault_phase(&f, 2), 0);
	assert_int_equal(fault_phase(&(struct simulation_faults){0}, 2), 2);
	s.car.phases = 1;
	s.faults = f;
	simulation_start(&sim, &s, 0, NULL, NULL);
	feed(&sim, 2000, 1000);
	assert_int_equal(sim.totals.max_phase, 1);
	assert_int_equal(sim.totals.max_current, 18000); /* 16 A beside the 2 A of L2 */
}

/* The charger keeps its limit for as long as it does not obey. */
static void a_charger_that_does_not_obey(void **state)
{
	(void)state;
	begin_with(&(struct simulation_faults){.disobey = {300, 40}}, ALGORITHM_HEADROOM);
	feed(&sim, 2000, 300);
	feed(&sim, 15000, 40);
	assert_int_equal(sim.balancer.limit, 9000);
	assert_int_equal(sim.car.current, 16000);
	assert_int_equal(sim.totals.longest_overload, 40);
	feed(&sim, 15000, 10);
	assert_int_equal(sim.car.current, 9000);
}

static void wrong_scale(void **state)
{
	(void)state;
	begin_with(&(struct simulation_faults){.scale = 10000, .scaled = true}, ALGORITHM_HEADROOM);
	feed(&sim, 2000, 300);
	assert_int_equal(sim.told[0], 160000);
	begin_with(&(struct simulation_faults){.scale = 0, .scaled = true}, ALGORITHM_HEADROOM);
	feed(&sim, 2000, 300);
	assert_int_equal(sim.told[0], 0);
	assert_true(sim.car.current > 0);
}

/* A foreign limit holds for two exchanges: one reads it, one replaces it. */
static void another_master(void **state)
{
	(void)state;
	begin_with(&(struct simulation_faults){.master = {300, 1}, .master_limit = 7000},
	           ALGORITHM_HEADROOM);
	feed(&sim, 2000, 300);
	assert_int_equal(sim.set_point, 16000);
	feed(&sim, 2000, 1); /* second 300 */
	assert_int_equal(sim.set_point, 7000);
	feed(&sim, 2000, 1);
	assert_int_equal(sim.set_point, 7000);
	feed(&sim, 2000, 1);
	assert_int_equal(sim.set_point, 16000);
}

/* After a restart the charger has its maximum, and no time-out until it is armed again. */
static void a_charger_that_starts_anew(void **state)
{
	struct simulation_faults f = {.reboot = {300, 1},
	                              .dead = {302, 200},
	                              .charger_timeout = 60,
	                              .charger_fallback = 6000};

	(void)state;
	begin_with(&f, ALGORITHM_HEADROOM);
	feed(&sim, 2000, 301);
	assert_int_equal(sim.set_point, FAULT_LIMIT_MOST);
	feed(&sim, 2000, 201);
	assert_int_equal(sim.set_point, FAULT_LIMIT_MOST);
	feed(&sim, 2000, 2);
	assert_int_equal(sim.set_point, 16000);
	f.dead = (struct fault_span){303, 200}; /* it was armed just before */
	begin_with(&f, ALGORITHM_HEADROOM);
	feed(&sim, 2000, 363);
	assert_int_equal(sim.set_point, 16000);
	feed(&sim, 2000, 1);
	assert_int_equal(sim.set_point, 6000);
}

/* Faults are the same however the runs are cut. */
static void faults_do_not_depend_on_cuts(void **state)
{
	struct simulation_settings s = plain(ALGORITHM_HEADROOM);
	const struct simulation_faults f = {.lag = 5,
	                                    .car_lag = 3,
	                                    .order = 312,
	                                    .disobey = {400, 30},
	                                    .reboot = {600, 1},
	                                    .master = {700, 1},
	                                    .master_limit = 6000};

	(void)state;
	s.faults = f;
	simulation_start(&sim, &s, 0, NULL, NULL);
	simulation_start(&other, &s, 0, NULL, NULL);
	feed(&sim, 12000, 1000);
	for (int i = 0; i < 1000; i++)
		feed(&other, 12000, 1);
	assert_int_equal(sim.car.energy, other.car.energy);
	assert_memory_equal(&sim.totals, &other.totals, sizeof sim.totals);
}

static int refused(const char *name, const char *value)
{
	struct simulation_faults f = {0};
	int error = fault_parse(&f, name, value);

	assert_memory_equal(&f, (&(struct simulation_faults){0}), sizeof f);
	return error;
}

static void words_for_faults(void **state)
{
	static const char *const words[][2] = {
		{"lost", "12.5"},      {"seed", "7"},        {"silent", "1+2"},   {"frozen", "3+4"},
		{"dead", "0+6"},       {"disobey", "7+8"},   {"lag", "63"},       {"car-lag", "5"},
		{"resolution", "0.1"}, {"timeout", "65535"}, {"fallback", "6.5"}, {"reboot", "9"},
		{"master", "10:32.5"}, {"rotate", "312"},    {"scale", "0.1"},
	};
	struct simulation_faults f = {0};
	size_t told = 0;

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		assert_int_equal(fault_parse(&f, words[i][0], words[i][1]), 0);
	while (fault_name(told)) /* no word is missing above */
		told++;
	assert_int_equal(told, sizeof words / sizeof *words);
	assert_int_equal(f.lost, 1250);
	assert_int_equal(f.seed, 7);
	assert_true(f.silent.from == 1 && f.silent.seconds == 2);
	assert_true(f.frozen.from == 3 && f.frozen.seconds == 4);
	assert_true(f.dead.from == 0 && f.dead.seconds == 6);
	assert_true(f.disobey.from == 7 && f.disobey.seconds == 8);
	assert_true(f.reboot.from == 9 && f.reboot.seconds == 1);
	assert_true(f.master.from == 10 && f.master.seconds == 1 && f.master_limit == 32500);
	assert_true(f.lag == 63 && f.car_lag == 5 && f.resolution == 100 && f.order == 312);
	assert_true(f.charger_timeout == 65535 && f.charger_fallback == 6500);
	assert_true(f.scaled && f.scale == 100);
	assert_int_equal(refused("fire", "1"), EM_UNKNOWN);
	assert_int_equal(refused("lag", "64"), EM_RANGE);
	assert_int_equal(refused("lag", "x"), EM_SYNTAX);
	assert_int_equal(refused("dead", "5"), EM_SYNTAX);
	assert_int_equal(refused("dead", "5+0"), EM_RANGE);
	assert_int_equal(refused("dead", "-5+1"), EM_RANGE);
	assert_int_equal(refused("master", "5"), EM_SYNTAX);
	assert_int_equal(refused("master", "5:64"), EM_RANGE);
	assert_int_equal(refused("master", "x:6"), EM_SYNTAX);
	assert_int_equal(refused("reboot", "5+1"), EM_SYNTAX);
	assert_int_equal(refused("rotate", "221"), EM_RANGE);
	assert_int_equal(refused("rotate", "12"), EM_SYNTAX);
	assert_int_equal(refused("scale", "1001"), EM_RANGE);
	assert_int_equal(refused("seed", "x"), EM_SYNTAX);
}

/* Seconds with a limit that lets no car charge; a limit of 0 means no car and is none of them. */
static void seconds_below_the_minimum(void **state)
{
	static const int32_t limits[] = {0, 1, 5999, 6000};
	static const int64_t seconds[] = {0, 100, 100, 0};

	(void)state;
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		struct simulation_settings s = plain(ALGORITHM_THRESHOLD);

		s.balance.override_limit = limits[i];
		s.balance.lower_step = 16000;
		simulation_start(&sim, &s, 0, NULL, NULL);
		feed(&sim, 2000, 10);
		assert_int_equal(sim.balancer.limit, limits[i]);
		sim.totals.below_minimum = 0;
		feed(&sim, 2000, 100);
		assert_int_equal(sim.totals.below_minimum, seconds[i]);
	}
}

/* 10, 2 and 1 A for half an hour, and 20, 2 and 1 A for a quarter of one that begins in between. */
static void what_is_counted(void **state)
{
	struct simulation_settings s = plain(ALGORITHM_THRESHOLD);

	(void)state;
	s.open_loop = true;
	simulation_start(&sim, &s, 0, NULL, NULL);
	feed(&sim, 10000, 1800);
	assert_int_equal(sim.totals.quarter_peak, INT64_C(13000) * 230 * 900);
	assert_int_equal(sim.totals.unbalance, INT64_C(9000) * 1800);
	feed(&sim, 10000, 450);
	feed(&sim, 30000, 900);
	assert_int_equal(sim.totals.quarter_peak, INT64_C(23000) * 230 * 900);
	simulation_finish(&sim);
	assert_int_equal(sim.totals.quarter_peak, INT64_C(23000) * 230 * 900);
	assert_int_equal(sim.totals.seconds, 3150);
	assert_int_equal(sim.totals.seconds_over, 900);
	assert_int_equal(sim.totals.over, INT64_C(5000) * 900);
	assert_int_equal(sim.totals.overloads, 1);
	assert_int_equal(sim.totals.longest_overload, 900);
	assert_int_equal(sim.totals.max_current, 30000);
	assert_int_equal(sim.totals.max_phase, 0);
	assert_int_equal(sim.totals.charging, 0);
	feed(&sim, 25000, 10); /* the rating itself is no overload */
	feed(&sim, 25001, 10);
	assert_int_equal(sim.totals.overloads, 2);
	assert_int_equal(sim.totals.seconds_over, 910);
}

/* What passes in one stride passes for the algorithm, too. */
static void a_hold_is_time(void **state)
{
	(void)state;
	for (int n = ALGORITHM_THRESHOLD; n <= ALGORITHM_HEADROOM; n++) {
		struct simulation_settings s = plain((enum balance_algorithm)n);

		simulation_start(&sim, &s, 0, NULL, NULL);
		feed(&sim, 2000, 300);
		other.balancer = sim.balancer;
		balancer_hold(&other.balancer, 100);
		assert_int_equal(other.balancer.before, sim.balancer.limit);
		assert_int_equal(other.balancer.headroom.now - sim.balancer.headroom.now,
		                 n == ALGORITHM_HEADROOM ? 100000 : 0);
	}
}

static void count_seconds(void *context, const struct simulation_tick *tick)
{
	int64_t *next = context;

	assert_int_equal(tick->t, *next);
	++*next;
}

/* Settings by number, with waits that end at all times. */
static struct simulation_settings varied(int n)
{
	struct simulation_settings s = plain(n % 2 ? ALGORITHM_HEADROOM : ALGORITHM_THRESHOLD);

	if (n < 6)
		return s;
	assert_int_equal(fuse_init(&s.fuse, FUSE_ANY, 16000 + n % 4 * 4000), 0);
	s.balance.quiet_wait = n * 17 % 300;
	s.balance.restart_wait = n * 31 % 200;
	s.balance.ride_wait = n * 13 % 60;
	s.balance.max_current = 6000 + n * 1700 % 30000;
	s.balance.phases = 1 + n / 2 % 3;
	s.car.phases = 1 + n / 3 % 3;
	s.car.most = 32000;
	s.car.dead = n % 8;
	s.car.up = 300 + n * 700 % 4000;
	s.blind = n % 5 == 0;
	s.faults.resolution = n % 7 ? 0 : 1000;
	s.faults.order = n % 3 ? 0 : 231;
	s.faults.scaled = n % 11 == 0;
	s.faults.scale = 100;
	return s;
}

/* The same house, whole and in single seconds, watched and not: the same totals. */
static void strides_change_nothing(void **state)
{
	struct household_settings hs;

	(void)state;
	for (int n = 0; n < 60; n++) {
		struct simulation_settings s = varied(n);
		struct household house;
		struct simulation_run run = steady(0, 0);
		int64_t next = 0;

		household_parse(&hs, n < 2   ? "seed=3"
		                     : n < 4 ? "seed=5,pv=6,heatpump=3"
		                             : "seed=8,pv=3,day=172");
		household_start(&house, &hs);
		simulation_start(&sim, &s, 0, NULL, NULL);
		simulation_start(&other, &s, 0, count_seconds, &next);
		while ((run.seconds = household_next(&house, run.currents))) {
			int64_t seconds = run.seconds;

			simulation_run(&sim, &run);
			for (run.seconds = 1; seconds > 0; seconds--)
				simulation_run(&other, &run);
		}
		simulation_finish(&sim);
		simulation_finish(&other);
		assert_int_equal(next, 86400);
		assert_memory_equal(&sim.totals, &other.totals, sizeof sim.totals);
		assert_memory_equal(&sim.wear, &other.wear, sizeof sim.wear);
		assert_int_equal(sim.car.energy, other.car.energy);
		assert_int_equal(sim.car.pauses, other.car.pauses);
		assert_int_equal(sim.balancer.limit, other.balancer.limit);
	}
}

/* Fresh houses: headroom gives more, breaks less, pauses rarely, and trips nothing that holds
 * alone. */
static void headroom_is_better(void **state)
{
	int64_t energy[2] = {0}, over[2] = {0}, pauses[2] = {0};

	(void)state;
	for (uint64_t seed = 1000; seed < 1020; seed++) {
		struct household_settings hs = {.seed = seed, .days = 1, .day = 80};
		struct household house;
		struct simulation_run run = steady(0, 0);
		struct simulation_settings s[2] = {plain(ALGORITHM_THRESHOLD),
		                                   plain(ALGORITHM_HEADROOM)};

		household_start(&house, &hs);
		simulation_start(&sim, &s[0], 0, NULL, NULL);
		simulation_start(&other, &s[1], 0, NULL, NULL);
		while ((run.seconds = household_next(&house, run.currents))) {
			simulation_run(&sim, &run);
			simulation_run(&other, &run);
		}
		for (int i = 0; i < 2; i++) {
			struct simulation *one = i ? &other : &sim;

			energy[i] += one->car.energy;
			over[i] += one->totals.seconds_over;
			pauses[i] += one->car.pauses;
			assert_int_equal(simulation_verdict(one), FUSE_CANNOT_TRIP);
		}
	}
	assert_true(energy[1] >= energy[0]);
	assert_true(over[1] <= over[0]);
	assert_true(pauses[1] <= 20);
}

static void household_words(void **state)
{
	struct household_settings hs;

	(void)state;
	assert_int_equal(household_parse(&hs, "seed=7,days=1,pv=4.2,heatpump=2.7"), 0);
	assert_int_equal(hs.pv, 4200);
	assert_int_equal(household_parse(&hs, ""), 0);
	assert_int_equal(household_parse(&hs, "days=0"), EM_UNKNOWN);
	assert_int_equal(household_parse(&hs, "seed"), EM_SYNTAX);
	assert_int_equal(household_parse(&hs, "seed=-1"), EM_RANGE);
}

static void add_seconds(void *context, const struct simulation_run *run)
{
	*(int64_t *)context += run->seconds;
}

/* A line that is too long is refused, however it arrives; powers beyond reason are no powers. */
static void csv_lines_have_a_limit(void **state)
{
	static const char header[] = "t,power_import_l1,current_l1\n",
			  row[] = "9,999999999999999,1\n";
	static struct house_csv csv;
	static char text[HOUSE_LINE + 1000];
	int64_t seconds = 0;
	struct house_feed feed = {.emit = add_seconds, .context = &seconds};

	(void)state;
	for (size_t piece = 1; piece <= sizeof text; piece += sizeof text - 1) {
		size_t size = sizeof header - 1 + HOUSE_LINE + 2;

		memset(text, ',', sizeof text);
		memcpy(text, header, sizeof header - 1);
		memcpy(text + sizeof header - 1, "3,4,5", 5);
		text[size - 1] = '\n';
		memcpy(text + size, row, sizeof row - 1);
		size += sizeof row - 1;
		feed.begun = false;
		house_csv_start(&csv, &feed);
		for (size_t at = 0; at < size; at += piece)
			assert_int_equal(house_csv_data(&csv, text + at,
			                                piece < size - at ? piece : size - at),
			                 0);
		assert_int_equal(house_csv_end(&csv), 0);
		assert_int_equal(csv.refused, 1);
		assert_int_equal(csv.rows, 2);
	}
	assert_int_equal(seconds, 2);
}

/* Which faults depend on the time, each by itself. */
static void faults_that_change(void **state)
{
	static const struct {
		const char *name, *value;
		bool changes;
	} cases[] = {
		{"lost", "5", true},        {"lag", "3", true},       {"silent", "5+10", true},
		{"frozen", "0+1", true},    {"dead", "5+10", true},   {"disobey", "5+10", true},
		{"reboot", "5", true},      {"master", "5:16", true}, {"car-lag", "2", true},
		{"resolution", "1", false}, {"timeout", "60", false}, {"fallback", "6", false},
		{"rotate", "231", false},   {"scale", "1.1", false},  {"seed", "7", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct simulation_faults f = {0};

		assert_false(faults_change(&f));
		assert_int_equal(fault_parse(&f, cases[i].name, cases[i].value), 0);
		if (faults_change(&f) != cases[i].changes)
			fail_msg("%s", cases[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults_that_change),
		cmocka_unit_test(verdicts),
		cmocka_unit_test(battery_fills),
		cmocka_unit_test(headroom_down_and_up),
		cmocka_unit_test(headroom_rides_and_pauses),
		cmocka_unit_test(headroom_ignores_unused_phases),
		cmocka_unit_test(headroom_counts_what_is_measured),
		cmocka_unit_test(headroom_fallback),
		cmocka_unit_test(faults),
		cmocka_unit_test(faults_have_bounds),
		cmocka_unit_test(late_telegrams),
		cmocka_unit_test(late_currents_of_the_car),
		cmocka_unit_test(rotated_phases),
		cmocka_unit_test(a_charger_that_does_not_obey),
		cmocka_unit_test(wrong_scale),
		cmocka_unit_test(another_master),
		cmocka_unit_test(a_charger_that_starts_anew),
		cmocka_unit_test(faults_do_not_depend_on_cuts),
		cmocka_unit_test(words_for_faults),
		cmocka_unit_test(seconds_below_the_minimum),
		cmocka_unit_test(what_is_counted),
		cmocka_unit_test(a_hold_is_time),
		cmocka_unit_test(strides_change_nothing),
		cmocka_unit_test(headroom_is_better),
		cmocka_unit_test(household_words),
		cmocka_unit_test(csv_lines_have_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
