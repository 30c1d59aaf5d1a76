/* How long the car may draw too much: the bound B of judge.c, and what each fault adds to it. */
#include "mercy.h"

#include <stdlib.h>

enum {
	BUSY = 200,   /* ms of slack */
	DOUBT = 3000, /* ms: what a telegram shows may be the house, or a car that still follows */
	BLIND = 8000, /* ms more while the charger's phases are learnt */
	TRY = 4000,   /* ms between two tries to lower a car whose currents are not known */
	LEARNS = 20000,   /* ms in which movements of the car tell how late meter and charger are */
	MOVES = 120000,   /* ms after its first movement in which even a small car moves enough */
	DOUBTS = 4,       /* telegrams after the first one with a clock that was set forward */
	PROOF = 10000,    /* ms, and ten digits of a register, for a telegram that repeats */
	VANISHED = 10000, /* ms in which a clock that vanished is missed */
	PROVABLE = 120000, /* ms */
	BROKEN = 1000,     /* ms until an exchange with a mute charger ends */
};

static int32_t least(int32_t a, int32_t b)
{
	return a < b ? a : b;
}

int64_t mercy_wait(const struct world *w)
{
	return w->plan.options.settings.fallback_wait * INT64_C(1000);
}

/* ms in which a car follows a lower limit */
static int64_t follows(const struct world_plan *p)
{
	return p->car_dead + p->car_most * INT64_C(1000) / p->car_down + 2 * STEP;
}

/* ms in which an exchange sees another limit than was written, and the next one undoes it */
static int64_t observes(const struct world_plan *p)
{
	return 2 * (TURN + 2 * p->exchange_most + STEP) + p->apply_after + follows(p);
}

int64_t mercy_reacts(const struct world_plan *p)
{
	return p->interval + p->lag + 2 * p->exchange_most + 2 * STEP + p->apply_after +
	       follows(p) + BUSY + DOUBT;
}

/*
 * ms until a car whose currents are not known is lowered enough. It may draw far less than its limit.
 * Each try takes twice as much as the one before, at least 1 A, 2 A, 4 A, ...
 */
static int64_t tries(const struct world *w)
{
	const struct world_plan *p = &w->plan;
	int32_t most = least(p->options.settings.max_current, p->options.fuse.rated);
	int64_t each = TRY + p->lag + (p->apply_after ? p->apply_after + TURN : 0), result = 0;

	for (int32_t taken = 0, step = 1000; taken < most - LEAST; taken += step, step *= 2)
		result += (each + p->interval - 1) / p->interval * p->interval;
	return result;
}

bool mercy_learns(const struct world *w)
{
	return w->now < w->judge.moved + MOVES;
}

int64_t mercy_doubts(const struct world *w)
{
	return w->plan.interval < 1000 ? DOUBTS * 1000 : DOUBTS * w->plan.interval;
}

int64_t mercy_proof(const struct world *w)
{
	int64_t longest = 0;

	for (int i = 0; i < w->plan.count; i++) {
		const struct fault_event *e = &w->plan.events[i];
		int64_t power, time;

		if ((e->kind != FAULT_still && e->kind != FAULT_clock_gone) || w->now < e->from)
			continue;
		power = labs(meter_power(w, (int)((e->from - w->plan.lag) / STEP))) / 1000 * 1000;
		time = power ? 10 * w->plan.unit * INT64_C(3600000) / power : PROVABLE;
		time = time < PROOF ? PROOF : time;
		if (time >= PROVABLE)
			return -1;
		time += 2 * w->plan.interval + (e->kind == FAULT_clock_gone ? VANISHED : 0);
		longest = time > longest ? time : longest;
	}
	return longest;
}

/* Whether a telegram that repeats is still believed, or the car still follows it. */
static bool is_believed(const struct world *w, const struct fault_event *e)
{
	int64_t proof = mercy_proof(w);

	return proof < 0 || w->now - e->from < mercy_wait(w) + proof + w->plan.interval + PATIENCE +
	                                               TURN + w->judge.react;
}

/* ms until a charger that does not obey is left alone and falls back by itself */
static int64_t disobeyed(const struct world *w)
{
	return OBEDIENCE_WAIT + w->plan.options.charger_timeout + 2 * w->plan.exchange_most +
	       2 * TURN + w->plan.interval;
}

static bool is_disobeyed(enum fault_kind kind)
{
	return kind == FAULT_ignores || kind == FAULT_refuses;
}

/* ms by which a fault makes the reaction longer; -1: the rule rests. */
static int64_t extra(const struct world *w, const struct fault_event *e)
{
	switch (e->kind) {
	case FAULT_master:
	case FAULT_reboot:
	case FAULT_unreachable:
	case FAULT_stopped: return -1;
	case FAULT_ignores:
	case FAULT_refuses: return disobeyed(w);
	case FAULT_car_x10:
	case FAULT_car_frozen:
	case FAULT_car_zero:
	case FAULT_car_absent: return w->plan.interval + tries(w);
	case FAULT_rotated: return w->plan.interval + BLIND;
	case FAULT_car_late:
	case FAULT_both_late:
	case FAULT_meter_late: /* delays are known to a second; an error shows a whole delay later */
		return w->plan.interval + w->plan.lag + w->plan.car_late + TRY +
		       (mercy_learns(w) ? LEARNS : 0);
	case FAULT_clock_set: return mercy_doubts(w);
	case FAULT_still:
	case FAULT_clock_gone: /* what is believed may raise the limit until it is proven wrong */
		return is_believed(w, e) ? -1 : 0;
	case FAULT_frozen:
	case FAULT_two_old:
	case FAULT_backwards:
	case FAULT_alternating: return mercy_wait(w) + w->plan.interval + PATIENCE + TURN;
	case FAULT_lag_growing: return mercy_wait(w) * 5 / 4 + w->plan.interval + PATIENCE + TURN;
	case FAULT_lag_step: return 13000 + PATIENCE;
	case FAULT_slow_meter:
		return w->plan.interval; /* one may show house and car move together */
	case FAULT_burst: return 9000 + TURN;
	case FAULT_silent:
	case FAULT_exchanged:
	case FAULT_lossy:
	case FAULT_phase_gone:
	case FAULT_only_l1: return mercy_wait(w) + TURN;
	default: return 0;
	}
}

int64_t mercy_rides(const struct world *w)
{
	return w->plan.options.settings.ride_wait * INT64_C(1000) + 2 * w->plan.interval + TURN;
}

/* How long a fault acts after its end. What it hid is ridden out from its end on. */
static int64_t echo(const struct world *w, enum fault_kind kind)
{
	int64_t ride = w->car.current <= LEAST ? mercy_rides(w) : 0;

	switch (kind) {
	case FAULT_master:
	case FAULT_reboot:
	case FAULT_ignores:
	case FAULT_refuses:
	case FAULT_unreachable:
		return BROKEN + observes(&w->plan) + w->plan.interval + w->plan.lag + ride;
	case FAULT_car_frozen:
	case FAULT_car_zero:
		return LENGTH; /* believed again when the car moves and the meter agrees */
	case FAULT_clock_set: return mercy_doubts(w) + w->judge.react + ride;
	default: return ride + w->judge.react + (fault_rows[kind].blind == HONEST ? 0 : PATIENCE);
	}
}

/* Whether what is known of the car, or when it was so, is wrong: raises are tried and undone. */
static bool misleads(enum fault_kind kind)
{
	switch (kind) {
	case FAULT_car_x10:
	case FAULT_car_frozen:
	case FAULT_car_zero:
	case FAULT_car_absent:
	case FAULT_car_late:
	case FAULT_meter_late:
	case FAULT_both_late: return true;
	default: return false;
	}
}

bool mercy_learnt(const struct world *w)
{
	const struct alignment *a = &w->controller.balancer.headroom.house.alignment;

	return a->latest - a->earliest <= 1;
}

/* A silence that a charger has caused ends later than that. */
static int64_t ends(const struct world *w, const struct fault_event *e)
{
	bool quiet = is_disobeyed(e->kind) && w->charger.quiet > e->to;

	return (quiet ? w->charger.quiet : e->to) + echo(w, e->kind);
}

struct mercy mercy_now(const struct world *w)
{
	bool learns = mercy_learns(w) || w->now - w->judge.unlearnt < w->judge.react + TRY;
	struct mercy m = {.react = w->judge.react + (learns ? TRY : 0), .again = learns};

	for (int i = 0; i < w->plan.count; i++) {
		const struct fault_event *e = &w->plan.events[i];
		const struct fault_row *row = &fault_rows[e->kind];
		int64_t more;

		if (w->now < e->from || w->now >= ends(w, e))
			continue;
		more = extra(w, e);
		m.react = more < 0 || m.react < 0 ? -1 : m.react + more;
		m.blind = m.blind || row->blind != HONEST || is_disobeyed(e->kind);
		m.lies = m.lies || row->blind == LIES;
		m.window = m.window || row->shape == WINDOW;
		m.misled = m.misled || misleads(e->kind);
		m.again = m.again || is_disobeyed(e->kind);
	}
	m.again = m.again || m.misled;
	return m;
}
