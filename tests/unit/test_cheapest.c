/*
 * The cheapest hours that suffice: cases by hand, and 10,000 random lists against all the ways there
 * are to choose hours. BALANCE_PRICE_LISTS sets another number.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "balance/charge_goal.h"
#include "balance/cheapest.h"
#include "base/random.h"

#define HOUR INT64_C(3600000)
#define UNKNOWN 9999 /* of a test's list: no price */

enum { POWER = 11000, LISTS = 10000, HOURS = 48 };

/* A list that begins at `begin`, hours of these prices (10^-2 per kWh). */
struct list {
	struct prices prices;
	struct price_slot slots[HOURS];
};

static struct prices *list_of(struct list *l, instant begin, const int *cents, size_t count)
{
	*l = (struct list){.prices = {.slots = l->slots}};
	for (size_t i = 0; i < count; i++) {
		instant start = begin + (instant)i * HOUR;

		if (cents[i] != UNKNOWN)
			l->slots[l->prices.count++] = (struct price_slot){
				start, start + HOUR, (int64_t)cents[i] * (PRICE_ONE / 100)};
	}
	return &l->prices;
}

/* The advice with so many minutes of charging missing. */
static struct charging_advice ask(const int *cents, size_t count, int minutes, int now_minute)
{
	struct list l;
	struct charging_task task = {.now = now_minute * INT64_C(60000),
	                             .deadline = (instant)count * HOUR,
	                             .missing = (int64_t)minutes * 60 * POWER,
	                             .power = POWER};

	return charging_advice(list_of(&l, 0, cents, count), &task);
}

static void advises(const int *cents, size_t count, int minutes, int now, enum charging_why why,
                    int until)
{
	struct charging_advice a = ask(cents, count, minutes, now);

	assert_int_equal(a.why, why);
	assert_int_equal(a.until / 60000, until);
}

static void the_cheapest_hours_that_suffice(void **state)
{
	static const int valley[] = {30, 25, 10, 12, 40, 20};
	static const int flat[] = {20, 20, 20, 20, 20, 20};
	static const int below[] = {30, -1, 20, -5, 25, 30};
	static const int holes[] = {30, UNKNOWN, 25, UNKNOWN, 40, UNKNOWN};

	(void)state;
	advises(valley, 6, 60, 0, CHARGING_WAITS, 120);
	advises(valley, 6, 60, 120, CHARGING_CHEAP, 180);
	advises(valley, 6, 30, 125, CHARGING_CHEAP, 155);
	advises(valley, 6, 120, 60, CHARGING_WAITS, 120);
	advises(valley, 6, 150, 120, CHARGING_CHEAP, 180); /* and half an hour at 20 */
	advises(valley, 6, 210, 0, CHARGING_WAITS, 90);    /* half of the hour at 25, its end */
	advises(valley, 6, 360, 0, CHARGING_LAST, 360);
	advises(valley, 6, 0, 0, CHARGING_DONE, 360);
	/* the same price: at once, and without a pause */
	advises(flat, 6, 150, 0, CHARGING_CHEAP, 60);
	/* below 0: always, also with nothing missing */
	advises(below, 6, 0, 0, CHARGING_DONE, 60);
	advises(below, 6, 0, 60, CHARGING_NEGATIVE, 120);
	advises(below, 6, 30, 60, CHARGING_NEGATIVE, 120);
	/* unknown hours come last */
	advises(holes, 6, 120, 0, CHARGING_CHEAP, 60);
	advises(holes, 6, 60, 0, CHARGING_WAITS, 120);
	advises(holes, 6, 190, 60, CHARGING_CHEAP, 120);
	advises(holes, 6, 130, 60, CHARGING_WAITS, 110);
}

/* Hours of the same price: those beside others that are used, or the one in which the car charges. */
static void the_car_starts_seldom(void **state)
{
	static const int before[] = {20, 20, 10, 20, 20}, behind[] = {20, 30, 10, 20, 20};
	struct list l;
	struct charging_task task = {
		.deadline = 5 * HOUR, .missing = 90 * 60 * POWER, .power = POWER, .charging = true};

	(void)state;
	advises(before, 5, 90, 0, CHARGING_WAITS, 90);
	advises(behind, 5, 90, 0, CHARGING_WAITS, 120);
	advises(behind, 5, 200, 0, CHARGING_CHEAP, 20); /* 120 to 300, and 20 minutes before */
	list_of(&l, 0, behind, 5);
	assert_int_equal(charging_advice(&l.prices, &task).until, 30 * 60000);
}

static void the_deadline_goes_before_the_price(void **state)
{
	static const int rising[] = {10, 20, 30, 5};
	struct list l;
	struct charging_task task = {
		.deadline = 4 * HOUR, .missing = 3600 * POWER, .power = POWER, .margin = 6 * 60000};
	struct charging_advice a;

	(void)state;
	list_of(&l, 0, rising, 4);
	a = charging_advice(&l.prices, &task);
	assert_int_equal(a.why, CHARGING_WAITS);
	assert_int_equal(a.until, 4 * HOUR - HOUR - 6 * 60000);
	task.now = a.until;
	a = charging_advice(&l.prices, &task);
	assert_int_equal(a.why, CHARGING_LAST);
	/* once it is the last moment, a little progress does not make it wait again */
	task.missing -= 60 * POWER;
	task.charging = true;
	assert_int_equal(charging_advice(&l.prices, &task).why, CHARGING_LAST);
}

/* A list that ends early, and none at all. */
static void without_prices(void **state)
{
	static const int one[] = {30};
	struct list l;
	struct charging_task task = {
		.deadline = 10 * HOUR, .missing = 2 * 3600 * POWER, .power = POWER};
	struct charging_advice a;

	(void)state;
	list_of(&l, 0, one, 0);
	a = charging_advice(&l.prices, &task);
	assert_int_equal(a.why, CHARGING_CHEAP);
	list_of(&l, 2 * HOUR, one, 1);
	a = charging_advice(&l.prices, &task);
	assert_int_equal(a.why, CHARGING_WAITS); /* for the known hour, and the one beside it */
	assert_int_equal(a.until, 1 * HOUR);
}

struct trial {
	struct list list;
	int cents[12];
	size_t count;
	int64_t needed;          /* ms */
	instant begin, deadline; /* within the first and the last hour */
};

static struct trial random_trial(struct random *random)
{
	struct trial t = {.count = 3 + random_below(random, 7)};
	int kinds = 2 + (int)random_below(random, 40);
	int64_t most;

	for (size_t i = 0; i < t.count; i++)
		t.cents[i] = random_below(random, 12) ? (int)random_below(random, (size_t)kinds) - 3
		                                      : UNKNOWN;
	t.begin = (instant)random_below(random, 60) * 60000;
	t.deadline = (instant)t.count * HOUR - (instant)random_below(random, 60) * 60000;
	most = t.deadline - t.begin;
	t.needed = (int64_t)random_below(random, (size_t)(most / 60000) + 1) * 60000;
	return t;
}

static int64_t price_of(int cents)
{
	return cents; /* an unknown hour costs more than any known one */
}

/* Cost (cent ms) of the best choice: all sets of hours, the dearest one of each used in part. */
static int64_t best_cost(const struct trial *t)
{
	int64_t best = INT64_MAX;

	for (unsigned set = 0; set < 1U << t->count; set++) {
		int64_t length = 0, cost = 0, dearest = 0, part = 0, spare;

		for (size_t i = 0; i < t->count; i++) {
			instant from = (instant)i * HOUR > t->begin ? (instant)i * HOUR : t->begin;
			instant to = (instant)(i + 1) * HOUR < t->deadline ? (instant)(i + 1) * HOUR
			                                                   : t->deadline;
			int64_t price = price_of(t->cents[i]), ms = to - from;

			if (!(set & 1U << i))
				continue;
			length += ms;
			cost += price * ms;
			if (price > dearest) {
				dearest = price;
				part = ms;
			}
		}
		spare = length - t->needed;
		if (spare < 0)
			continue;
		cost -= dearest * (spare < part ? spare : part);
		best = cost < best ? cost : best;
	}
	return best;
}

static int64_t cost_between(const struct trial *t, instant from, instant to)
{
	int64_t cost = 0;

	for (size_t i = 0; i < t->count; i++) {
		instant start = (instant)i * HOUR > from ? (instant)i * HOUR : from;
		instant end = (instant)(i + 1) * HOUR < to ? (instant)(i + 1) * HOUR : to;

		cost += end > start ? (end - start) * price_of(t->cents[i]) : 0;
	}
	return cost;
}

/* Follows the advice, asked again at least every `step` ms; the cost, and in *missing what is left. */
static int64_t follow(struct trial *t, int64_t step, int64_t *missing)
{
	struct charging_task task = {.now = t->begin,
	                             .deadline = t->deadline,
	                             .missing = t->needed * (POWER / 1000),
	                             .power = POWER};
	int64_t cost = 0;

	list_of(&t->list, 0, t->cents, t->count);
	while (task.now < task.deadline) {
		struct charging_advice a = charging_advice(&t->list.prices, &task);
		instant next = a.until < task.now + step ? a.until : task.now + step;

		assert_true(a.until > task.now && a.until <= task.deadline);
		task.charging = charging_now(&a);
		if (a.why != CHARGING_NEGATIVE && task.charging) {
			int64_t left = task.missing / (POWER / 1000);

			next = next < task.now + left ? next : task.now + left;
		}
		if (task.charging) {
			cost += cost_between(t, task.now, next);
			task.missing -= (next - task.now) * (POWER / 1000);
		}
		task.now = next;
	}
	*missing = task.missing;
	return cost;
}

static int lists(void)
{
	const char *wanted = getenv("BALANCE_PRICE_LISTS");

	return wanted ? atoi(wanted) : LISTS;
}

static void no_way_to_choose_hours_is_cheaper(void **state)
{
	struct random random = {.state = 42};
	int count = lists();

	(void)state;
	for (int n = 0; n < count; n++) {
		struct trial t = random_trial(&random);
		int64_t missing, cost = follow(&t, n % 2 ? 24 * HOUR : 7 * 60000, &missing);

		assert_true(missing <= 0);
		assert_int_equal(cost, best_cost(&t));
	}
}

/* The car takes less than it should, and the fuse takes it its time: as long as it is possible. */
static void the_energy_is_there_when_reality_lags(void **state)
{
	struct random random = {.state = 7};
	int count = lists() / 4, possible = 0;

	(void)state;
	for (int n = 0; n < count; n++) {
		struct trial t = random_trial(&random);
		instant drop = t.begin + (instant)random_below(&random, 300) * 60000;
		struct charging_task task = {.now = t.begin,
		                             .deadline = t.deadline,
		                             .missing = t.needed * (POWER / 1000),
		                             .power = POWER,
		                             .margin = 60000};
		bool hopeless = false;

		list_of(&t.list, 0, t.cents, t.count);
		for (; task.now < task.deadline; task.now += 60000) {
			struct charging_advice a;

			if (task.now >= drop)
				task.power = POWER / 3;
			hopeless = hopeless ||
			           task.missing > (task.deadline - task.now) / 1000 * task.power;
			a = charging_advice(&t.list.prices, &task);
			task.charging = charging_now(&a);
			if (task.charging)
				task.missing -= 60 * task.power;
		}
		possible += !hopeless;
		assert_true(hopeless || task.missing <= 0);
	}
	assert_true(possible > count / 4);
}

/* Prices that are all the same start the car once. */
static void equal_hours_are_one_run(void **state)
{
	struct random random = {.state = 3};

	(void)state;
	for (int n = 0; n < 200; n++) {
		struct trial t = random_trial(&random);
		struct charging_task task = {.now = t.begin,
		                             .deadline = t.deadline,
		                             .missing = t.needed * (POWER / 1000),
		                             .power = POWER};
		int starts = 0;

		for (size_t i = 0; i < t.count; i++)
			t.cents[i] = 20;
		list_of(&t.list, 0, t.cents, t.count);
		for (; task.now < task.deadline; task.now += 60000) {
			struct charging_advice a = charging_advice(&t.list.prices, &task);

			starts += charging_now(&a) && !task.charging;
			task.charging = charging_now(&a);
			if (task.charging)
				task.missing -= 60 * POWER;
		}
		assert_int_equal(starts, t.needed > 0);
	}
}

/* A day of a goal, second by second or in strides. */
struct day {
	struct charge_goal goal;
	struct charge_goal_settings settings;
	struct list list;
	int64_t restart, cost; /* s until it charges after a pause; cent Ws */
	int64_t power;         /* W that the car takes */
	int64_t waited, energy;
	bool draws;
};

static instant in_december(int day, int hour, int minute)
{
	struct stamp s = {.year = 2026,
	                  .month = 12,
	                  .day = (uint8_t)day,
	                  .hour = (uint8_t)hour,
	                  .minute = (uint8_t)minute};

	return stamp_instant(&s);
}

static void begin_day_of(struct day *d, int64_t power, int64_t energy)
{
	static const int cents[] = {30, 28, 26, 24, 22, 20, 18, 10, 9, 8, 11, 25,
	                            30, 28, 26, 24, 22, 20, 18, 10, 9, 8, 11, 25};

	*d = (struct day){.power = power, .restart = 20};
	d->settings = (struct charge_goal_settings){
		.until = 7 * 60, .energy = energy, .start = 30000};
	list_of(&d->list, in_december(1, 18, 0), cents, 24);
	d->settings.prices = &d->list.prices;
	charge_goal_start(&d->goal);
}

static void run_day(struct day *d, instant from, instant to, bool strides)
{
	for (instant now = from; now < to;) {
		int64_t drawn = d->draws ? d->power * 1000 : 0, held = 1000, steps;

		steps = charge_goal_step(&d->goal, &d->settings, now, now == from ? 0 : held, drawn,
		                         POWER);
		for (int64_t i = 1; strides && i < steps / 1000 && now + 1000 < to && d->draws &&
		                    charging_now(&d->goal.advice);
		     i++) {
			/* the same seconds in one step */
			held += 1000;
			now += 1000;
		}
		if (strides && held > 1000)
			charge_goal_step(&d->goal, &d->settings, now, held - 1000, drawn, POWER);
		d->energy += drawn / 1000 * held / 1000;
		d->waited = charging_now(&d->goal.advice) ? d->waited + 1 : 0;
		d->draws = d->waited > d->restart;
		now += 1000;
	}
}

static void a_goal_is_met_each_day(void **state)
{
	struct day d;

	(void)state;
	begin_day_of(&d, POWER, 22000);
	run_day(&d, in_december(1, 18, 0), in_december(2, 1, 0), false);
	assert_int_equal(d.energy, 0); /* 1:00 to 5:00 are cheaper */
	assert_int_equal(d.goal.advice.why, CHARGING_WAITS);
	run_day(&d, in_december(2, 1, 0), in_december(2, 7, 0), false);
	assert_in_range(d.energy / 3600, 21900, 22100);
	assert_int_equal(d.goal.advice.why, CHARGING_DONE);
	run_day(&d, in_december(2, 7, 0), in_december(2, 18, 0), false);
	assert_in_range(d.goal.deadline, in_december(3, 7, 0), in_december(3, 7, 0));
	assert_in_range(d.energy / 3600, 43800, 44200);
}

/* A car on one phase needs three times as long: from the first look on, the plan knows. */
static void a_slow_car_is_learnt(void **state)
{
	struct day d;

	(void)state;
	begin_day_of(&d, 3680, 22000);
	run_day(&d, in_december(1, 18, 0), in_december(2, 7, 0), false);
	assert_in_range(d.goal.best, 3600, 3700);
	assert_true(d.energy / 3600 < 22000); /* it could not know on the first day */
	d.energy = 0;
	run_day(&d, in_december(2, 7, 0), in_december(3, 7, 0), false);
	assert_in_range(d.energy / 3600, 21900, 22100);
}

static void strides_give_the_same_plan(void **state)
{
	static struct day one, many;

	(void)state;
	begin_day_of(&one, POWER, 30000);
	begin_day_of(&many, POWER, 30000);
	run_day(&one, in_december(1, 18, 0), in_december(2, 7, 0), false);
	run_day(&many, in_december(1, 18, 0), in_december(2, 7, 0), true);
	assert_int_equal(one.energy / 3600, many.energy / 3600);
	assert_int_equal(one.goal.taken, many.goal.taken);
}

static void a_new_list_makes_a_new_plan(void **state)
{
	static const int dear[] = {90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90};
	struct list other;
	struct day d;

	(void)state;
	begin_day_of(&d, POWER, 11000);
	charge_goal_step(&d.goal, &d.settings, in_december(1, 18, 0), 0, 0, POWER);
	assert_int_equal(d.goal.advice.why, CHARGING_WAITS);
	list_of(&other, in_december(1, 18, 0), dear, 13);
	d.settings.prices = &other.prices;
	charge_goal_step(&d.goal, &d.settings, in_december(1, 18, 0) + 1000, 1000, 0, POWER);
	assert_int_equal(d.goal.advice.why, CHARGING_CHEAP);
	assert_int_equal(charge_goal_missing(&d.goal, &d.settings), 11000);
}

/* The cheapest hour is the last one: it starts early enough to be done before its end. */
static void a_goal_is_met_with_a_margin(void **state)
{
	static const int cents[] = {30, 30, 30, 30, 5};
	struct day d;

	(void)state;
	begin_day_of(&d, POWER, 11000);
	list_of(&d.list, in_december(2, 2, 0), cents, 5);
	charge_goal_step(&d.goal, &d.settings, in_december(2, 2, 0), 0, 0, POWER);
	assert_int_equal(d.goal.advice.why, CHARGING_WAITS);
	assert_int_equal(d.goal.advice.until,
	                 in_december(2, 7, 0) - HOUR - HOUR / 10 - d.settings.start);
}

/* A car that the fuse slowed down is believed to be fast again after an hour. */
static void a_pace_recovers(void **state)
{
	struct day d;
	instant now = in_december(2, 1, 0);

	(void)state;
	begin_day_of(&d, POWER, 11000);
	for (int i = 0; i < 1200; i++, now += 1000)
		charge_goal_step(&d.goal, &d.settings, now, 1000, 8000000, POWER);
	assert_int_equal(d.goal.pace, 8000);
	for (int i = 0; i < 600; i++, now += 1000)
		charge_goal_step(&d.goal, &d.settings, now, 1000, 2000000, POWER);
	assert_int_equal(d.goal.pace, 2000);
	assert_int_equal(d.goal.best, 8000);
	for (int i = 0; i < 7200; i++, now += 1000)
		charge_goal_step(&d.goal, &d.settings, now, 1000, 0, POWER);
	assert_int_equal(d.goal.pace, 8000);
}

static void a_clock_that_is_set_begins_anew(void **state)
{
	struct day d;

	(void)state;
	begin_day_of(&d, POWER, 11000);
	charge_goal_step(&d.goal, &d.settings, in_december(20, 18, 0), 0, 0, POWER);
	assert_int_equal(d.goal.deadline, in_december(21, 7, 0));
	charge_goal_step(&d.goal, &d.settings, in_december(20, 18, 0) + 1000, 1000, 5000000, POWER);
	assert_int_equal(d.goal.taken, 5000000);
	charge_goal_step(&d.goal, &d.settings, in_december(1, 18, 0), 1000, 0, POWER);
	assert_int_equal(d.goal.deadline, in_december(2, 7, 0));
	assert_int_equal(d.goal.taken, 0);
	/* a little back changes nothing */
	d.goal.taken = 1000;
	charge_goal_step(&d.goal, &d.settings, in_december(1, 17, 0), 1000, 0, POWER);
	assert_int_equal(d.goal.taken, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_cheapest_hours_that_suffice),
		cmocka_unit_test(the_car_starts_seldom),
		cmocka_unit_test(the_deadline_goes_before_the_price),
		cmocka_unit_test(without_prices),
		cmocka_unit_test(no_way_to_choose_hours_is_cheaper),
		cmocka_unit_test(the_energy_is_there_when_reality_lags),
		cmocka_unit_test(equal_hours_are_one_run),
		cmocka_unit_test(a_goal_is_met_each_day),
		cmocka_unit_test(a_slow_car_is_learnt),
		cmocka_unit_test(strides_give_the_same_plan),
		cmocka_unit_test(a_goal_is_met_with_a_margin),
		cmocka_unit_test(a_pace_recovers),
		cmocka_unit_test(a_clock_that_is_set_begins_anew),
		cmocka_unit_test(a_new_list_makes_a_new_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
