#include "balance/simulate.h"

#include <string.h>

#include "balance/calendar.h"

enum { NOTICED = 2 /* s: one to read a limit, one to replace it */ };

void simulation_start(struct simulation *s, const struct simulation_settings *settings,
                      int64_t begin, simulation_observer *observer, void *context)
{
	memset(s, 0, sizeof *s);
	s->settings = *settings;
	s->now = s->begin = begin;
	s->observer = observer;
	s->context = context;
	s->random.state = settings->faults.seed;
	s->quarter_ends = begin + SIMULATION_QUARTER;
	s->strides = (!observer || settings->strides) && !faults_change(&settings->faults);
	s->faulty = faults_change(&settings->faults) || settings->faults.resolution ||
	            settings->faults.scaled;
	balancer_start(&s->balancer, settings->algorithm, &settings->balance, &settings->fuse,
	               settings->quirks);
	s->event = begin;
	ceilings_plan(&s->balancer.ceilings, settings->plan);
	for (int i = 0; i < BALANCE_PHASES; i++) {
		fuse_wear_start(&s->wear[i]);
		s->order[i] = fault_phase(&settings->faults, i);
	}
}

/* Draws one number in every second, so that all sets of parameters lose the same telegrams. */
static bool lost(struct simulation *s)
{
	if (!s->settings.faults.lost)
		return false;
	return (int32_t)random_below(&s->random, 10000) < s->settings.faults.lost;
}

static int32_t printed(int32_t current, int32_t resolution)
{
	int32_t half = resolution / 2;

	if (!resolution)
		return current;
	return (current < 0 ? current - half : current + half) / resolution * resolution;
}

/* Keeps the currents of this second; returns those of `lag` s ago, or the first ones. */
static const int32_t *late(const struct simulation *s, int32_t (*before)[BALANCE_PHASES],
                           const int32_t *currents, int32_t lag)
{
	int64_t age = s->now - s->begin;

	if (!lag)
		return currents;
	memcpy(before[s->now & FAULT_LAG_MOST], currents, sizeof *before);
	return before[(s->now - (age < lag ? age : lag)) & FAULT_LAG_MOST];
}

/* What the meter tells of the currents: NULL when no telegram arrives. */
static const int32_t *meter(struct simulation *s, const struct simulation_run *run,
                            const int32_t *total)
{
	const struct simulation_faults *f = &s->settings.faults;
	bool gone;

	if (!s->faulty && run->telegram && run->currents[0] != CURRENT_NONE &&
	    run->currents[1] != CURRENT_NONE && run->currents[2] != CURRENT_NONE)
		return total;
	gone = lost(s);
	total = late(s, s->totals_before, total, f->lag);
	if (!run->telegram || gone || fault_now(&f->silent, s->now))
		return NULL;
	if (fault_now(&f->frozen, s->now))
		return s->shown;
	for (int i = 0; i < BALANCE_PHASES; i++)
		s->shown[i] = run->currents[i] == CURRENT_NONE ? CURRENT_NONE
		                                               : printed(total[i], f->resolution);
	return s->shown;
}

/* What the charger tells of the car, on its own phases. */
static const int32_t *reported(struct simulation *s, const int32_t *drawn)
{
	const struct simulation_faults *f = &s->settings.faults;

	if (!s->faulty)
		return drawn;
	drawn = late(s, s->cars_before, drawn, f->car_lag);
	if (!f->scaled)
		return drawn;
	for (int i = 0; i < BALANCE_PHASES; i++)
		s->told[i] = (int32_t)((int64_t)drawn[i] * f->scale / 1000);
	return s->told;
}

/* The charger starts anew, or another master writes to it. */
static void disturb(struct simulation *s)
{
	const struct simulation_faults *f = &s->settings.faults;

	if (fault_now(&f->reboot, s->now)) {
		s->set_point = FAULT_LIMIT_MOST;
		s->foreign = NOTICED;
		s->disarmed = true;
	}
	if (fault_now(&f->master, s->now)) {
		s->set_point = f->master_limit;
		s->foreign = NOTICED;
	}
}

/* The charger takes the limit, unless the line to it is cut. */
static void charge_point(struct simulation *s)
{
	const struct simulation_faults *f = &s->settings.faults;

	if (!s->faulty) {
		s->set_point = s->balancer.limit;
		return;
	}
	disturb(s);
	if (fault_now(&f->dead, s->now)) {
		if (++s->unheard > f->charger_timeout && !s->disarmed)
			s->set_point = f->charger_fallback;
		return;
	}
	s->unheard = 0;
	if (s->foreign > 0) {
		s->foreign--;
		return;
	}
	s->disarmed = false;
	if (!fault_now(&f->disobey, s->now))
		s->set_point = s->balancer.limit;
}

static void count_overload(struct simulation *s, int32_t worst, int64_t seconds)
{
	struct simulation_totals *t = &s->totals;

	if (worst > s->settings.fuse.rated) {
		t->seconds_over += seconds;
		t->over += (int64_t)(worst - s->settings.fuse.rated) * seconds;
		t->overloads += s->overload == 0;
		s->overload += seconds;
		if (s->overload > t->longest_overload)
			t->longest_overload = s->overload;
	} else {
		s->overload = 0;
	}
}

/* `seconds` of this net current of all phases (mA), over the ends of quarters; export is none. */
static void count_quarter(struct simulation *s, int64_t net, int64_t seconds)
{
	int64_t now = s->now;

	net = net > 0 ? net : 0;
	while (now + seconds > s->quarter_ends) {
		int64_t part = s->quarter_ends - now;

		s->quarter += net * CAR_VOLTAGE * part;
		simulation_end_quarter(s);
		now += part;
		seconds -= part;
	}
	s->quarter += net * CAR_VOLTAGE * seconds;
}

static void count_car(struct simulation *s, const int32_t *car, int64_t net, int64_t seconds)
{
	int64_t draws = (int64_t)car[0] + car[1] + car[2], spare = draws - net;

	s->totals.charging += seconds;
	if (s->settings.plan && s->settings.plan->by_price)
		cost_add(&s->totals.cost, s->settings.plan->goal.prices, s->clock, seconds * 1000,
		         draws * CAR_VOLTAGE);
	if (spare > 0)
		s->totals.solar += (spare < draws ? spare : draws) * CAR_VOLTAGE * seconds;
}

static void count(struct simulation *s, const int32_t *total, const int32_t *car, int64_t seconds)
{
	struct simulation_totals *t = &s->totals;
	int64_t net = (int64_t)total[0] + total[1] + total[2];
	int32_t worst = total[0], least = total[0];
	int phase = 0;

	for (int i = 1; i < BALANCE_PHASES; i++) {
		if (total[i] > worst) {
			worst = total[i];
			phase = i;
		}
		least = total[i] < least ? total[i] : least;
	}
	if (worst > t->max_current) {
		t->max_current = worst;
		t->max_phase = phase;
	}
	if (worst >= s->settings.fuse.fast_from || least <= -s->settings.fuse.fast_from)
		for (int i = 0; i < BALANCE_PHASES; i++)
			fuse_wear_run(&s->settings.fuse, &s->wear[i], s->now, total[i], seconds);
	count_overload(s, worst, seconds);
	count_quarter(s, net, seconds);
	if (s->car.current > 0)
		count_car(s, car, net, seconds);
	t->unbalance += (int64_t)(worst - least) * seconds;
	t->seconds += seconds;
	t->state_seconds[s->balancer.state] += seconds;
	if (s->balancer.limit > 0 && s->balancer.limit < simulation_car(s)->least)
		t->below_minimum += seconds;
}

static void observe(struct simulation *s, const int32_t *car, int64_t seconds)
{
	const struct simulation_tick tick = {s->now,   seconds, &s->balancer,
	                                     s->house, car,     !s->settings.open_loop};

	if (s->observer)
		s->observer(s->context, &tick);
}

/* The least of `unchanged` seconds, those until the car changes, and those until an event. */
static int64_t lasting(const struct simulation *s, int64_t unchanged)
{
	int64_t lasts = car_lasts(&s->car, simulation_car(s));

	unchanged = lasts < unchanged ? lasts : unchanged;
	return s->event - s->now < unchanged ? s->event - s->now : unchanged;
}

/* One second; returns how many more like it would change nothing. */
static int64_t second(struct simulation *s, const struct simulation_run *run, int32_t *total,
                      int32_t *car)
{
	int32_t limit = s->balancer.limit, drawn[BALANCE_PHASES];
	bool changes = false, open = s->settings.open_loop;
	int64_t unchanged;

	if (s->now >= s->event)
		simulation_turn(s);
	if (!open && !s->garage.free)
		changes = car_tick(&s->car, simulation_car(s), s->set_point);
	for (int i = 0; i < BALANCE_PHASES; i++) {
		drawn[i] = s->uses[i] ? s->car.current : 0;
		car[s->order[i]] = drawn[i];
	}
	for (int i = 0; i < BALANCE_PHASES; i++)
		total[i] = s->house[i] + car[i];
	unchanged = balancer_step(
		&s->balancer, &(struct balance_input){
				      .now = s->balancer.now + 1000,
				      .currents = meter(s, run, total),
				      .car = open || s->settings.blind ? NULL : reported(s, drawn),
				      .car_time = s->balancer.now + 1000,
				      .in_force = open ? CURRENT_NONE : s->set_point,
				      .most = CURRENT_NONE,
				      .clock = s->clock,
				      .zone = s->zone});
	s->totals.setpoint_changes += s->balancer.limit != limit;
	count(s, total, car, 1);
	observe(s, car, 1);
	charge_point(s);
	s->now++;
	s->clock += 1000;
	return changes ? 0 : lasting(s, unchanged);
}

/* `seconds` more like the last one. */
static void stride(struct simulation *s, const int32_t *total, const int32_t *car, int64_t seconds)
{
	car_hold(&s->car, simulation_car(s), seconds);
	balancer_hold(&s->balancer, seconds);
	count(s, total, car, seconds);
	observe(s, car, seconds);
	s->now += seconds;
	s->clock += seconds * 1000;
}

/* Quarters of an hour are those of the clock. */
static void set_clock(struct simulation *s, instant clock, int32_t zone)
{
	if (clock && clock != s->clock) {
		s->clock = clock;
		s->zone = zone;
		s->quarter_ends = s->now + SIMULATION_QUARTER - clock / 1000 % SIMULATION_QUARTER;
		s->midnight = clock / 1000 + zone * INT64_C(60) - s->now;
	}
}

void simulation_run(struct simulation *s, const struct simulation_run *run)
{
	bool steady = s->strides && run->telegram;
	int32_t total[BALANCE_PHASES], car[BALANCE_PHASES];

	set_clock(s, run->clock, run->zone);
	if (run->override_limit != CURRENT_NONE)
		s->balancer.settings.override_limit = run->override_limit;
	for (int i = 0; i < BALANCE_PHASES; i++)
		if (run->currents[i] != CURRENT_NONE)
			s->house[i] = run->currents[i];
	for (int64_t left = run->seconds; left > 0;) {
		int64_t more = second(s, run, total, car);

		left--;
		if (!steady || !more || !left)
			continue;
		more = more < left ? more : left;
		stride(s, total, car, more);
		left -= more;
	}
}

void simulation_finish(struct simulation *s)
{
	simulation_end_quarter(s);
	if (s->days.told)
		simulation_end_day(s);
}

int simulation_worn_phase(const struct simulation *s)
{
	int phase = 0;

	for (int i = 1; i < BALANCE_PHASES; i++)
		if (s->wear[i].fast.peak > s->wear[phase].fast.peak)
			phase = i;
	return phase;
}

enum fuse_verdict simulation_verdict(const struct simulation *s)
{
	enum fuse_verdict verdict = FUSE_CANNOT_TRIP;

	for (int i = 0; i < BALANCE_PHASES; i++)
		if (fuse_verdict(&s->wear[i]) > verdict)
			verdict = fuse_verdict(&s->wear[i]);
	return verdict;
}
