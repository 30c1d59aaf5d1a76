/* The headroom algorithm tick by tick: each of its constants and waits at its bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "headroom_tick.h"

enum { MARGIN = 500 };

/* A fuse of 25 A, waits of 5 s. Currents are mA. */
static struct {
	struct headroom h;
	struct balance_settings s;
	struct fuse fuse;
	int32_t car[BALANCE_PHASES]; /* as last told */
} b;

static int setup(void **state)
{
	(void)state;
	b.s = balance_defaults();
	b.s.quiet_wait = b.s.ride_wait = b.s.restart_wait = 5;
	b.s.margin = MARGIN;
	b.s.phase_order = 123;
	assert_int_equal(fuse_init(&b.fuse, FUSE_ANY, 25000), 0);
	headroom_start(&b.h, &b.s);
	return 0;
}

static void tick(int32_t l1, int32_t l2, int32_t l3, int32_t car1, int32_t car2, int32_t car3)
{
	const int32_t car[BALANCE_PHASES] = {car1, car2, car3};

	memcpy(b.car, car, sizeof b.car);
	headroom_tick(&b.h, &b.s, &b.fuse, (const int32_t[]){l1, l2, l3}, b.car);
}

/* `ticks` with that current of the house and a car on all phases. */
static void live(int ticks, int32_t house, int32_t car)
{
	while (ticks--)
		tick(house + car, car, car, car, car, car);
}

static void silence(int ticks)
{
	while (ticks--)
		headroom_tick(&b.h, &b.s, &b.fuse, NULL, b.car);
}

static void expect(int32_t limit, enum headroom_reason reason, enum balance_state state)
{
	assert_int_equal(b.h.limit, limit);
	assert_int_equal(b.h.reason, reason);
	assert_int_equal(b.h.state, state);
}

/* Charging at the maximum beside 2 A of the house, until it is known what is the car's. */
static void charge(void)
{
	live(20, 2000, 0);
	live(30, 2000, 16000);
	expect(16000, HEADROOM_HELD, STATE_NORMAL);
}

/* The same at the minimum, with an override that keeps it there. */
static void charge_at_minimum(void)
{
	b.s.override_limit = 6000;
	live(20, 2000, 0);
	live(30, 2000, 6000);
	expect(6000, HEADROOM_HELD, STATE_NORMAL);
}

static void a_start_waits_until_the_minimum_has_fitted(void **state)
{
	(void)state;
	expect(0, HEADROOM_NO_DATA, STATE_FALLBACK);
	for (int i = 0; i < 5; i++) {
		live(1, 2000, 0);
		expect(0, HEADROOM_WAITING, STATE_LOWER);
	}
	live(1, 2000, 0);
	expect(16000, HEADROOM_RESTARTED, STATE_LOWER);
}

/* The restart takes the minimum only, while the quiet time is not over. */
static void a_restart_before_the_quiet_time_takes_the_minimum(void **state)
{
	(void)state;
	b.s.quiet_wait = 8;
	live(5, 2000, 0);
	expect(0, HEADROOM_WAITING, STATE_LOWER);
	live(1, 2000, 0);
	expect(6000, HEADROOM_RESTARTED, STATE_LOWER);
	live(2, 2000, 0);
	expect(6000, HEADROOM_WAITING, STATE_LOWER);
	live(1, 2000, 0);
	expect(16000, HEADROOM_RAISED, STATE_LOWER);
}

static void a_restart_wants_room_above_the_minimum(void **state)
{
	(void)state;
	b.s.restart_room = 1500;
	live(100, 25000 - MARGIN - 7499, 0); /* 7.499 A fit */
	expect(0, HEADROOM_PAUSED, STATE_ALARM);
	live(5, 25000 - MARGIN - 7500, 0);
	expect(0, HEADROOM_WAITING, STATE_LOWER);
	live(1, 25000 - MARGIN - 7500, 0);
	expect(7000, HEADROOM_RESTARTED, STATE_LOWER);
	setup(NULL); /* a second without room begins the wait anew */
	live(5, 2000, 0);
	live(1, 20000, 0);
	expect(0, HEADROOM_PAUSED, STATE_ALARM);
	live(5, 2000, 0);
	expect(0, HEADROOM_WAITING, STATE_LOWER);
	live(1, 2000, 0);
	assert_int_equal(b.h.reason, HEADROOM_RESTARTED);
}

/* 25 - 0.5 - house, in whole amperes, downwards; the maximum itself may be a fraction. */
static void the_limit_is_in_whole_amperes(void **state)
{
	(void)state;
	charge();
	live(1, 11500, 16000);
	assert_int_equal(b.h.room, 13000);
	expect(13000, HEADROOM_LOWERED, STATE_UPPER);
	live(1, 11501, 16000);
	expect(12000, HEADROOM_LOWERED, STATE_UPPER);
	live(1, 12500, 16000);
	expect(12000, HEADROOM_HELD, STATE_NORMAL);
	b.s.max_current = 15500;
	live(20, 2000, 12000);
	expect(15500, HEADROOM_HELD, STATE_NORMAL);
}

static void the_limit_falls_at_once_and_rises_after_the_quiet_time(void **state)
{
	(void)state;
	charge();
	live(1, 12000, 16000);
	expect(12000, HEADROOM_LOWERED, STATE_UPPER);
	for (int i = 0; i < 5; i++) {
		live(1, 2000, 12000);
		expect(12000, HEADROOM_WAITING, STATE_LOWER);
	}
	live(1, 2000, 12000);
	expect(16000, HEADROOM_RAISED, STATE_LOWER);
}

/* A restart or a raise that noise at its edge undoes is not tried again for a minute. */
static void noise_at_an_edge_moves_the_limit_once_a_minute(void **state)
{
	(void)state;
	live(6, 17500, 0);
	expect(7000, HEADROOM_RESTARTED, STATE_LOWER);
	live(1, 17600, 7000);
	expect(6000, HEADROOM_LOWERED, STATE_UPPER);
	live(58, 17500, 6000);
	expect(6000, HEADROOM_WAITING, STATE_LOWER);
	live(2, 17500, 6000);
	assert_int_equal(b.h.limit, 7000);
	live(100, 13500, 7000);
	expect(11000, HEADROOM_HELD, STATE_NORMAL);
	live(8, 12500, 11000);
	assert_int_equal(b.h.limit, 12000);
	live(1, 14500, 12000); /* two amperes lower than tried, one lower than before */
	expect(10000, HEADROOM_LOWERED, STATE_UPPER);
	live(58, 13500, 10000);
	expect(10000, HEADROOM_WAITING, STATE_LOWER);
	live(2, 13500, 10000);
	assert_int_equal(b.h.limit, 11000);
}

/* The least room of the window counts, not the last. */
static void a_rise_takes_what_has_fitted_throughout(void **state)
{
	(void)state;
	charge();
	live(1, 15000, 16000);
	expect(9000, HEADROOM_LOWERED, STATE_UPPER);
	live(3, 5000, 9000);
	live(1, 12000, 9000); /* 12.5 A fit */
	live(1, 5000, 9000);
	expect(9000, HEADROOM_WAITING, STATE_LOWER);
	live(1, 5000, 9000);
	expect(12000, HEADROOM_RAISED, STATE_LOWER);
	live(4, 5000, 12000);
	expect(16000, HEADROOM_RAISED, STATE_LOWER);
}

/* Seconds with that house until the limit rises to the maximum. */
static int seconds_to_rise(int32_t house)
{
	int seconds = 0;

	while (b.h.limit < 16000 && seconds < 1000) {
		live(1, house, b.h.limit);
		seconds++;
	}
	return seconds;
}

/* The load comes back so long after the raise. Returns how long the raise was waited for. */
static int give_and_take(int after, int32_t load)
{
	int seconds = seconds_to_rise(2000);

	live(after, 2000, 16000);
	live(1, 2000 + load, 16000);
	assert_true(b.h.limit < 16000);
	live(20, 2000 + load, b.h.limit);
	return seconds;
}

/* 28 A do not wear a fuse of 25 A. */
static void the_quiet_time_follows_the_regrets(void **state)
{
	static const struct {
		int32_t load;
		int after, quiet;
	} rows[] = {
		{10000, 30, 0},
		{10000, 30, 16},
		{10000, 50, 121},
		{10000, 70, 121},
		{10000, 70, 61},
		/* nothing above the fuse is no regret, but that limit waits for a minute */
		{7000, 30, 31},
		{7000, 30, 40},
		{10000, 70, 40},
		{10000, 70, 16},
		{10000, 70, 16},
	};

	(void)state;
	charge();
	b.s.quiet_wait = 120;
	live(150, 2000, 16000);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_in_range(give_and_take(rows[i].after, rows[i].load),
		                rows[i].quiet ? rows[i].quiet - 1 : 0, rows[i].quiet + 1);
}

/* The longest wait that can be set, with room that grows all the time. */
static void the_window_holds_the_longest_wait(void **state)
{
	(void)state;
	b.s.quiet_wait = 3600;
	b.h.quiet.learnt = 3600000; /* many raises were in vain */
	b.s.restart_wait = 0;
	for (int i = 0; i <= 3600; i++) {
		assert_true(b.h.limit <= 6000);
		live(1, 18000 - i, 0);
	}
	assert_int_equal(room_window_at(&b.h.window, 0)->room, 25000 - MARGIN - 18000);
	assert_int_equal(b.h.window.count, 3601);
	live(1000, 14400, 0);
	assert_int_equal(b.h.limit, 7000); /* 25 - 0.5 - 17 A fitted in the last hour */
}

static void below_the_minimum_it_is_held_for_the_ride_and_then_paused(void **state)
{
	(void)state;
	charge_at_minimum();
	for (int i = 0; i < 5; i++) {
		live(1, 19500, 6000); /* 5 A would fit: 0.5 A above the fuse */
		expect(6000, HEADROOM_RIDING, STATE_ALARM);
	}
	live(1, 19500, 6000);
	expect(0, HEADROOM_PAUSED, STATE_ALARM);
}

/* When exactly the minimum fits nothing is wrong. */
static void the_minimum_may_fit_exactly(void **state)
{
	(void)state;
	charge();
	live(1, 18500, 16000);
	expect(6000, HEADROOM_LOWERED, STATE_UPPER);
	live(1000, 18500, 6000);
	expect(6000, HEADROOM_HELD, STATE_NORMAL);
}

/* As long as only the margin is used up there is no hurry. */
static void what_uses_only_the_margin_is_held_for_ever(void **state)
{
	(void)state;
	charge_at_minimum();
	live(1000, 19000, 6000); /* 25 A */
	expect(6000, HEADROOM_RIDING, STATE_ALARM);
	live(5, 19001, 6000);
	expect(6000, HEADROOM_RIDING, STATE_ALARM);
	live(1, 19001, 6000);
	expect(0, HEADROOM_PAUSED, STATE_ALARM);
}

/* Each quiet second gives back a tenth of a second. */
static void a_ride_is_forgiven_slowly(void **state)
{
	(void)state;
	charge_at_minimum();
	live(5, 19500, 6000);
	live(9, 2000, 6000);
	live(1, 19500, 6000);
	expect(0, HEADROOM_PAUSED, STATE_ALARM);
	setup(NULL);
	charge_at_minimum();
	live(5, 19500, 6000);
	live(10, 2000, 6000);
	live(1, 19500, 6000);
	expect(6000, HEADROOM_RIDING, STATE_ALARM);
	live(1, 19500, 6000);
	expect(0, HEADROOM_PAUSED, STATE_ALARM);
	setup(NULL);
	charge_at_minimum();
	live(5, 19500, 6000);
	live(1000, 2000, 6000); /* no more is given back than was used */
	live(5, 19500, 6000);
	expect(6000, HEADROOM_RIDING, STATE_ALARM);
	live(1, 19500, 6000);
	expect(0, HEADROOM_PAUSED, STATE_ALARM);
}

/* From 28.25 A on, where a fuse of 25 A begins to wear, a second counts as four. */
static void a_current_that_a_fuse_can_notice_counts_four_times(void **state)
{
	(void)state;
	b.s.ride_wait = 20;
	charge_at_minimum();
	live(5, 28250 - 6000, 6000);
	expect(6000, HEADROOM_RIDING, STATE_ALARM);
	live(1, 28250 - 6000, 6000);
	expect(0, HEADROOM_PAUSED, STATE_ALARM);
	setup(NULL);
	b.s.ride_wait = 20;
	charge_at_minimum();
	live(20, 28249 - 6000, 6000);
	expect(6000, HEADROOM_RIDING, STATE_ALARM);
	live(1, 28249 - 6000, 6000);
	expect(0, HEADROOM_PAUSED, STATE_ALARM);
}

/* 40 A trip the fastest device in 108.8 s; a hundredth of that is 1.1 s. */
static void a_hundredth_of_the_wear_ends_the_ride(void **state)
{
	(void)state;
	b.s.ride_wait = 3600;
	charge_at_minimum();
	live(1, 34000, 6000);
	expect(6000, HEADROOM_RIDING, STATE_ALARM);
	live(1, 34000, 6000);
	expect(0, HEADROOM_PAUSED, STATE_ALARM);
	setup(NULL); /* on any phase */
	b.s.ride_wait = 3600;
	charge_at_minimum();
	for (int i = 0; i < 2; i++)
		tick(2000, 2000, 40000, 6000, 6000, 6000);
	expect(0, HEADROOM_PAUSED, STATE_ALARM);
}

/* Seconds without a telegram count with the currents of the next one. */
static void lost_telegrams_do_not_prolong_a_ride(void **state)
{
	(void)state;
	charge_at_minimum();
	silence(4);
	live(1, 19500, 6000);
	expect(6000, HEADROOM_RIDING, STATE_ALARM);
	live(1, 19500, 6000);
	expect(0, HEADROOM_PAUSED, STATE_ALARM);
}

/*
 * A car that draws 6 A on L3 only, beside that current on the other phases. With 18.9 A on L1 nothing
 * but the margin is in the way of the minimum: 5.6 A fit there, 23.5 A on L3.
 */
static void live_l3(int ticks, int32_t l1, int32_t car1, int32_t car3)
{
	while (ticks--)
		tick(l1 + car1, 1000, 7000, car1, 0, car3);
}

static int begin_charging(void)
{
	setup(NULL);
	headroom_adopt(&b.h, 0, 16000, (const int32_t[]){16000, 16000, 16000});
	return 0;
}

static void a_phase_counts_as_unused_after_ten_seconds(void **state)
{
	(void)state;
	begin_charging();
	for (int i = 0; i < 10; i++) {
		live_l3(1, 18900, 0, 6000);
		assert_int_equal(b.h.room, 5600);
	}
	live_l3(1, 18900, 0, 6000);
	assert_int_equal(b.h.room, 23500);
	live_l3(1, 18900, 500, 6000); /* it draws there after all */
	assert_int_equal(b.h.room, 5600);
	for (int i = 0; i < 10; i++) {
		live_l3(1, 18900, 0, 6000);
		assert_int_equal(b.h.room, 5600);
	}
	live_l3(1, 18900, 0, 6000);
	assert_int_equal(b.h.room, 23500);
}

/* 3 A on some phase is charging, less may be anything. */
static void only_a_charging_car_tells_which_phases_it_uses(void **state)
{
	(void)state;
	begin_charging();
	live_l3(100, 18900, 0, 2999);
	assert_int_equal(b.h.room, 5600);
	live_l3(10, 18900, 0, 3000);
	assert_int_equal(b.h.room, 5600);
	live_l3(1, 18900, 0, 3000);
	assert_in_range(b.h.room, 25000 - MARGIN - 4001, 25000 - MARGIN - 4000);
	for (int phase = 0; phase < BALANCE_PHASES; phase++) { /* on any phase */
		int32_t grid[] = {1000, 1000, 1000}, car[] = {0, 0, 0};

		begin_charging();
		car[phase] = 3000;
		grid[phase] = 4000;
		grid[(phase + 1) % BALANCE_PHASES] = 18900;
		for (int i = 0; i < 11; i++)
			headroom_tick(&b.h, &b.s, &b.fuse, grid, car);
		assert_int_equal(b.h.room, 23500);
	}
}

/* 0.5 A is a charging current, 0.499 A is the charger's own. */
static void small_currents_are_no_use_of_a_phase(void **state)
{
	(void)state;
	begin_charging();
	live_l3(11, 18900, 499, 6000);
	assert_int_equal(b.h.room, 23500);
	begin_charging();
	live_l3(100, 18900, 500, 6000);
	assert_int_equal(b.h.room, 5600);
}

/* Another car may come: what was learned is forgotten when nothing is drawn. */
static void a_car_that_draws_nothing_is_forgotten(void **state)
{
	(void)state;
	for (int phase = 0; phase < BALANCE_PHASES; phase++) {
		int32_t car[] = {0, 0, 0};

		begin_charging();
		live_l3(11, 18900, 0, 6000);
		car[phase] = 500; /* something: it is still there */
		tick(18900, 1000, 7000, car[0], car[1], car[2]);
		live_l3(1, 18900, 0, 6000);
		assert_int_equal(b.h.room, 23500);
		car[phase] = 499;
		tick(18900, 1000, 7000, car[0], car[1], car[2]);
		live_l3(1, 18900, 0, 6000);
		assert_int_equal(b.h.room, 5600);
	}
}

static void unmeasured(int32_t l1, int32_t l2)
{
	headroom_tick(&b.h, &b.s, &b.fuse, (const int32_t[]){l1, l2, l2}, NULL);
}

/*
 * Without measurement the car is thought to draw one of the limits of the last 3 s: within those
 * bounds the load of the house stays as it was.
 */
static void a_car_that_is_not_measured_follows_within_three_seconds(void **state)
{
	(void)state;
	b.s.restart_wait = b.s.quiet_wait = 0;
	unmeasured(2000, 0);
	assert_int_equal(b.h.limit, 16000);
	for (int i = 0; i < 3; i++) {
		unmeasured(18000, 16000);
		assert_int_equal(b.h.room, 22500); /* the ramp of the car */
		assert_int_equal(b.h.limit, 16000);
	}
	unmeasured(12000, 10000); /* 3 s ago it was 0 A: now 12 A are more than 16 A */
	assert_int_equal(b.h.room, 22500 + 6000);
	unmeasured(30000, 0);
	assert_int_equal(b.h.limit, 10000); /* 25 - 0.5 - (30 - 16) */
	for (int i = 1; i < 4; i++) {       /* still 16 A in the window */
		unmeasured(24500, 0);
		assert_int_equal(b.h.room, 10500);
		assert_int_equal(b.h.limit, 10000);
	}
	unmeasured(24500, 0);
	assert_int_equal(b.h.room, 10000); /* 10 A of 24.5 A */
	unmeasured(26000, 0);
	assert_int_equal(b.h.room, 8500);
}

/* 1 A above the fuse, whatever the limit: the car draws far less than that. Tries of 1, 2, 4 A. */
static void each_try_takes_twice_as_much(void **state)
{
	(void)state;
	b.s.max_current = 32000;
	b.s.margin = 0;
	fuse_init(&b.fuse, FUSE_ANY, 32000);
	for (int i = 0; i < 20; i++)
		unmeasured(0, 0);
	assert_int_equal(b.h.limit, 32000);
	for (int i = 0; i < 17; i++)
		unmeasured(33000, 0);
	assert_int_equal(b.h.limit, 6000);
}

/* A step with an unmeasured car and the limit that its charger applies. */
static void applying(int32_t l1, int32_t in_force)
{
	headroom_step(&b.h, &b.s, &b.fuse,
	              &(struct balance_input){.now = b.h.now + 1000,
	                                      .currents = (const int32_t[]){l1, 0, 0},
	                                      .car_time = b.h.now + 1000,
	                                      .in_force = in_force,
	                                      .most = CURRENT_NONE});
}

/* 2 A above the fuse with a car that draws its limit, which the charger applies `late` s after it. */
static void lower_late(int late)
{
	b.s.margin = b.s.restart_wait = b.s.quiet_wait = 0;
	for (int i = 0; i < 10; i++)
		applying(2000, 16000);
	assert_int_equal(b.h.limit, 16000);
	for (int i = 0; i < late; i++)
		applying(27000, 16000);
}

/* The second try, which takes twice as much, is for a car that does not follow a limit in force. */
static void a_try_begins_when_the_charger_applies_it(void **state)
{
	(void)state;
	lower_late(8);
	assert_int_equal(b.h.limit, 14000);
	for (int i = 0; i < 3; i++) {
		applying(27000, 14000);
		assert_int_equal(b.h.limit, 14000);
	}
	applying(25000, 14000);
	assert_int_equal(b.h.limit, 14000);
}

static void a_try_that_is_never_applied_is_not_waited_for(void **state)
{
	(void)state;
	lower_late(13);
	assert_int_equal(b.h.limit, 14000);
	for (int i = 0; i < 4; i++)
		applying(27000, 16000);
	assert_true(b.h.limit < 14000);
}

/* A car that has not followed yet is no reason to stop it when its minimum fits. */
static void a_car_that_follows_late_is_not_paused(void **state)
{
	(void)state;
	charge();
	for (int i = 0; i < 3; i++) {
		live(1, 18000, 16000);
		assert_int_equal(b.h.limit, 6000);
	}
	live(30, 18000, 6000);
	assert_int_equal(b.h.limit, 6000);
	assert_false(b.h.paused);
}

static void old_data_end_in_the_fallback(void **state)
{
	(void)state;
	b.s.fallback_limit = 7500;
	charge();
	silence(29);
	expect(16000, HEADROOM_HELD, STATE_NORMAL);
	silence(1);
	expect(7500, HEADROOM_NO_DATA, STATE_FALLBACK);
	assert_int_equal(headroom_age(&b.h), 30);
	live(5, 2000, 7500); /* a quiet time without a gap before it rises */
	expect(7500, HEADROOM_WAITING, STATE_LOWER);
	live(1, 2000, 7500);
	expect(16000, HEADROOM_RAISED, STATE_LOWER);
}

static void a_fallback_below_the_minimum_is_a_pause(void **state)
{
	(void)state;
	b.s.fallback_limit = 5999;
	charge();
	silence(30);
	expect(0, HEADROOM_NO_DATA, STATE_FALLBACK);
	live(5, 2000, 0);
	expect(0, HEADROOM_WAITING, STATE_LOWER);
	live(1, 2000, 0);
	expect(16000, HEADROOM_RESTARTED, STATE_LOWER);
	b.s.fallback_limit = 6000;
	silence(30);
	expect(6000, HEADROOM_NO_DATA, STATE_FALLBACK);
	live(1, 2000, 6000); /* it was not paused */
	expect(6000, HEADROOM_WAITING, STATE_LOWER);
}

/* An override of 0 stops the car; below the minimum it does as well, at the minimum not. */
static void a_cap_below_the_minimum_means_no_car(void **state)
{
	static const int32_t caps[] = {0, 1, 5999};

	(void)state;
	for (size_t i = 0; i < sizeof caps / sizeof *caps; i++) {
		setup(NULL);
		charge();
		b.s.override_limit = caps[i];
		live(1, 2000, 16000);
		expect(0, HEADROOM_CAPPED, STATE_NORMAL);
		live(100, 2000, 0);
		expect(0, HEADROOM_CAPPED, STATE_NORMAL);
		b.s.override_limit = -1;
		live(1, 2000, 0); /* there was room all the time */
		expect(16000, HEADROOM_RESTARTED, STATE_LOWER);
	}
	b.s.override_limit = 6000;
	live(100, 2000, 6000);
	expect(6000, HEADROOM_HELD, STATE_NORMAL);
	b.s.override_limit = 6500;
	live(100, 2000, 6000);
	expect(6500, HEADROOM_HELD, STATE_NORMAL);
}

static void phases_that_do_not_count_do_not_limit(void **state)
{
	(void)state;
	b.s.phases = 1;
	headroom_start(&b.h, &b.s);
	tick(2000, 30000, 30000, 0, 0, 0);
	assert_int_equal(b.h.room, 22500);
	assert_int_equal(b.h.used, 2000);
	b.s.phases = 2;
	headroom_start(&b.h, &b.s);
	tick(2000, 10000, 30000, 0, 0, 0);
	assert_int_equal(b.h.room, 14500);
	assert_int_equal(b.h.used, 10000);
}

/* A phase that a telegram leaves out keeps its current; a telegram without currents is ignored. */
static void phases_that_are_not_told(void **state)
{
	static const int32_t none[] = {CURRENT_NONE, CURRENT_NONE, CURRENT_NONE}, car[] = {0, 0, 0};

	(void)state;
	tick(2000, 10000, 1000, 0, 0, 0);
	tick(3000, CURRENT_NONE, 1000, 0, 0, 0);
	assert_int_equal(b.h.used, 10000);
	headroom_tick(&b.h, &b.s, &b.fuse, none, car);
	assert_int_equal(headroom_age(&b.h), 1);
	tick(CURRENT_NONE, CURRENT_NONE, 11000, 0, 0, 0);
	assert_int_equal(headroom_age(&b.h), 0);
	assert_int_equal(b.h.used, 11000);
	silence(1);
	tick(CURRENT_NONE, 12000, CURRENT_NONE, 0, 0, 0);
	assert_int_equal(headroom_age(&b.h), 0);
	assert_int_equal(b.h.used, 12000);
}

/* Export is room, and a current is never negative. */
static void export_is_room(void **state)
{
	(void)state;
	b.s.max_current = 32000;
	for (int i = 0; i < 6; i++)
		tick(-6500, -7000, -8000, 0, 0, 0);
	assert_int_equal(b.h.room, 31000);
	expect(25000, HEADROOM_RESTARTED, STATE_LOWER); /* never above the fuse */
	assert_int_equal(fuse_init(&b.fuse, FUSE_ANY, 32000), 0);
	headroom_start(&b.h, &b.s);
	for (int i = 0; i < 6; i++)
		tick(-500, -7000, -8000, 0, 0, 0);
	expect(32000, HEADROOM_RESTARTED, STATE_LOWER);
	live(1000, 100000, 0);
	expect(0, HEADROOM_PAUSED, STATE_ALARM);
}

/* How many ticks more would change nothing: simulations stride over them. */
static void a_tick_tells_when_nothing_will_change(void **state)
{
	static const int32_t house[] = {2000, 1000, 0}, car[] = {0, 0, 0};

	(void)state;
	charge();
	live(10, 2000, 16000);
	assert_true(headroom_tick(&b.h, &b.s, &b.fuse, (const int32_t[]){18000, 16000, 16000},
	                          (const int32_t[]){16000, 16000, 16000}) == INT64_MAX);
	assert_int_equal(headroom_tick(&b.h, &b.s, &b.fuse, NULL, car), 0);
	assert_int_equal(headroom_tick(&b.h, &b.s, &b.fuse, house, car), 0);
	headroom_hold(&b.h, 100);
	assert_int_equal(b.h.now, 1000 * (20 + 30 + 10 + 3 + 100));
}

/* What a tick promises of the next ones holds with every kind of wait. */
static void a_promise_of_no_change_is_kept(void **state)
{
	(void)state;
	b.s.fallback_limit = 7500;
	charge();
	b.s.quiet_wait = 20;
	silence(30);
	for (int i = 0; i < 40; i++) {
		static const int32_t grid[] = {9500, 7500, 7500}, car[] = {7500, 7500, 7500};
		int32_t before = b.h.limit;
		int64_t unchanged = headroom_tick(&b.h, &b.s, &b.fuse, grid, car);

		if (b.h.limit != before)
			assert_int_equal(i, 20);
		if (i <= 20)
			assert_in_range(unchanged, 0, i < 20 ? 19 - i : 0);
	}
	assert_int_equal(b.h.limit, 16000);
}

enum reading { TRUTH, TENFOLD, ZERO, FROZEN, NEGATIVE, ABSENT, READINGS };

/* What a charger may tell of a car that draws so much; NULL: nothing. */
static const int32_t *reading(enum reading kind, int32_t car)
{
	static int32_t told[BALANCE_PHASES];
	const int32_t currents[READINGS] = {car, 10 * car, 0, 16000, -car, 0};

	for (int i = 0; i < BALANCE_PHASES; i++)
		told[i] = currents[kind];
	return kind == ABSENT ? NULL : told;
}

/* Beside a car that was steady the limit falls by what the meter shows above the fuse, at once. */
static void overload(enum reading kind, int phase, int wait, int32_t over)
{
	int32_t grid[] = {16000, 16000, 16000}, before;

	setup(NULL);
	b.s.phase_order = 0;
	headroom_start(&b.h, &b.s);
	charge();
	for (int i = 0; i < wait; i++) /* nothing else has changed yet */
		headroom_tick(&b.h, &b.s, &b.fuse, grid, reading(kind, 16000));
	before = b.h.limit;
	grid[phase] = 25000 + over;
	headroom_tick(&b.h, &b.s, &b.fuse, grid, reading(kind, 16000));
	if (before <= 6000)
		assert_true(b.h.limit <= before);
	else
		assert_true(b.h.limit < before);
	if (16000 - over > 6000)
		assert_true(b.h.limit <= 16000 - over);
	else
		assert_true(b.h.limit <= 6000);
}

/* Whatever the charger tells, and for however long it has told it. */
static void a_phase_above_the_fuse_lowers_the_limit_at_once(void **state)
{
	static const int32_t overs[] = {1, 999, 1001, 5000, 10000, 40000};

	(void)state;
	for (int kind = 0; kind < READINGS; kind++)
		for (int phase = 0; phase < BALANCE_PHASES; phase++)
			for (int wait = 0; wait <= 60; wait += 6)
				for (size_t i = 0; i < sizeof overs / sizeof *overs; i++)
					overload((enum reading)kind, phase, wait, overs[i]);
}

/* A meter that goes on above the fuse brings the limit down to the minimum, and then to a pause. */
static void an_overload_that_stays_ends_in_a_pause(void **state)
{
	(void)state;
	for (int kind = 0; kind < READINGS; kind++) {
		setup(NULL);
		charge();
		for (int i = 0; i < 60; i++)
			headroom_tick(&b.h, &b.s, &b.fuse, (const int32_t[]){26000, 2000, 2000},
			              reading((enum reading)kind, 16000));
		expect(0, HEADROOM_PAUSED, STATE_ALARM);
	}
}

/* The fuse itself is no overload. */
static void at_the_fuse_nothing_is_lowered(void **state)
{
	(void)state;
	b.s.margin = 0;
	charge();
	live(1, 9000, 16000);
	expect(16000, HEADROOM_HELD, STATE_NORMAL);
	live(1, 9001, 16000);
	expect(15000, HEADROOM_LOWERED, STATE_UPPER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, setup)
		TEST(a_start_waits_until_the_minimum_has_fitted),
		TEST(a_restart_before_the_quiet_time_takes_the_minimum),
		TEST(a_restart_wants_room_above_the_minimum),
		TEST(the_limit_is_in_whole_amperes),
		TEST(the_limit_falls_at_once_and_rises_after_the_quiet_time),
		TEST(noise_at_an_edge_moves_the_limit_once_a_minute),
		TEST(a_rise_takes_what_has_fitted_throughout),
		TEST(the_quiet_time_follows_the_regrets),
		TEST(the_window_holds_the_longest_wait),
		TEST(below_the_minimum_it_is_held_for_the_ride_and_then_paused),
		TEST(the_minimum_may_fit_exactly),
		TEST(what_uses_only_the_margin_is_held_for_ever),
		TEST(a_ride_is_forgiven_slowly),
		TEST(a_current_that_a_fuse_can_notice_counts_four_times),
		TEST(a_hundredth_of_the_wear_ends_the_ride),
		TEST(lost_telegrams_do_not_prolong_a_ride),
		TEST(a_phase_counts_as_unused_after_ten_seconds),
		TEST(only_a_charging_car_tells_which_phases_it_uses),
		TEST(small_currents_are_no_use_of_a_phase),
		TEST(a_car_that_draws_nothing_is_forgotten),
		TEST(a_car_that_is_not_measured_follows_within_three_seconds),
		TEST(each_try_takes_twice_as_much),
		TEST(a_try_begins_when_the_charger_applies_it),
		TEST(a_try_that_is_never_applied_is_not_waited_for),
		TEST(a_car_that_follows_late_is_not_paused),
		TEST(old_data_end_in_the_fallback),
		TEST(a_fallback_below_the_minimum_is_a_pause),
		TEST(a_cap_below_the_minimum_means_no_car),
		TEST(phases_that_do_not_count_do_not_limit),
		TEST(phases_that_are_not_told),
		TEST(export_is_room),
		TEST(a_tick_tells_when_nothing_will_change),
		TEST(a_promise_of_no_change_is_kept),
		TEST(a_phase_above_the_fuse_lowers_the_limit_at_once),
		TEST(an_overload_that_stays_ends_in_a_pause),
		TEST(at_the_fuse_nothing_is_lowered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
