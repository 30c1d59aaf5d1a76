#include "control/charger_watch.h"

#include <stdlib.h>

#include "balance/input.h"

/* mA: a paused car draws less; lower than CAR_CHARGES, to notice one that goes on. */
enum { DRAWS = 2000 };

void charger_watch_start(struct charger_watch *w)
{
	w->told = w->shown = CURRENT_NONE;
	w->paused = w->held = false;
	w->fine = w->low = w->greedy = CHARGER_NEVER;
}

void charger_watch_told(struct charger_watch *w, int64_t now, int32_t told, bool paused)
{
	if (told == w->told && paused == w->paused)
		return;
	if (w->held || w->told == CURRENT_NONE) { /* else it still owes the set-point before */
		w->told_at = now;
		w->shown = CURRENT_NONE;
	}
	w->told = told;
	w->paused = paused;
	w->held = false;
	w->low = CHARGER_NEVER;
}

static bool near(int32_t a, int32_t b)
{
	return abs(a - b) <= WATCH_TOLERANCE;
}

/* What the charger makes of the set-point: its own maximum is no quarrel. */
static int32_t expected(const struct charger_watch *w, const struct watch_reading *seen)
{
	return seen->most != CURRENT_NONE && seen->most < w->told ? seen->most : w->told;
}

/* Whether it allows more than it was told, or holds another set-point. */
static bool differs(const struct charger_watch *w, const struct watch_reading *seen)
{
	if (w->told == CURRENT_NONE)
		return false;
	if (w->paused)
		return seen->car != CURRENT_NONE && seen->car > DRAWS;
	if (seen->limit != CURRENT_NONE && seen->limit > w->told + WATCH_TOLERANCE)
		return true;
	return seen->set_point != CURRENT_NONE && !near(seen->set_point, w->told) &&
	       !near(seen->set_point, expected(w, seen));
}

static bool known(const struct charger_watch *w, const struct watch_reading *seen)
{
	return w->told != CURRENT_NONE &&
	       (w->paused ? seen->car != CURRENT_NONE
	                  : seen->set_point != CURRENT_NONE || seen->limit != CURRENT_NONE);
}

/* A charger that still moves towards older set-points gets more time. */
static void follow(struct charger_watch *w, int64_t now, const struct watch_reading *seen)
{
	int32_t shown = seen->set_point != CURRENT_NONE ? seen->set_point : seen->limit;

	if (w->shown != CURRENT_NONE && shown != w->shown)
		w->told_at = now;
	w->shown = shown;
}

static unsigned quarrel(struct charger_watch *w, int64_t now, const struct watch_reading *seen,
                        bool settings)
{
	w->fine = CHARGER_NEVER;
	if (w->changed || w->deaf)
		return 0;
	if (w->held || settings) {
		w->changed = true;
		return WATCH_CHANGED;
	}
	follow(w, now, seen);
	w->deaf = now - w->told_at >= WATCH_PATIENCE;
	return w->deaf ? WATCH_DEAF : 0;
}

static unsigned agree(struct charger_watch *w, int64_t now, const struct watch_reading *seen)
{
	w->held = w->held || known(w, seen);
	if (w->fine == CHARGER_NEVER)
		w->fine = now;
	if ((!w->changed && !w->deaf) || now - w->fine < WATCH_HOLDS)
		return 0;
	w->changed = w->deaf = false;
	return WATCH_WELL;
}

/*
 * Without a set-point to read back, a lower limit may mean that the charger has fallen back or that
 * somebody else has lowered it. Repeating the set-point harms nothing.
 */
static unsigned repeat(struct charger_watch *w, int64_t now, const struct watch_reading *seen)
{
	bool low = seen->set_point == CURRENT_NONE && w->told != CURRENT_NONE && !w->paused &&
	           seen->limit != CURRENT_NONE && seen->limit < expected(w, seen) - WATCH_TOLERANCE;

	if (!low)
		w->low = CHARGER_NEVER;
	else if (w->low == CHARGER_NEVER)
		w->low = now;
	if (!low || now - w->low < WATCH_LOW)
		return 0;
	w->low = now;
	return WATCH_AGAIN;
}

static bool draws_too_much(const struct charger_watch *w, const struct watch_reading *seen)
{
	int32_t limit = seen->limit != CURRENT_NONE ? seen->limit : w->told;

	return limit != CURRENT_NONE && !w->paused && seen->car != CURRENT_NONE &&
	       seen->car > car_most_at(limit);
}

static unsigned look_at_car(struct charger_watch *w, int64_t now, const struct watch_reading *seen)
{
	if (!draws_too_much(w, seen)) {
		w->greedy = CHARGER_NEVER;
		w->greedy_said = w->greedy_said && now - w->greedy_end < WATCH_CALM;
		return 0;
	}
	w->greedy_end = now;
	if (w->greedy == CHARGER_NEVER)
		w->greedy = now;
	if (w->greedy_said || now - w->greedy <= WATCH_CAR)
		return 0;
	w->greedy_said = true;
	return WATCH_GREEDY;
}

/* A paused car needs a while to stop. */
static bool stopping(const struct charger_watch *w, int64_t now)
{
	return w->paused && !w->held && now - w->told_at < WATCH_PATIENCE;
}

unsigned charger_watch_look(struct charger_watch *w, int64_t now, const struct watch_reading *seen,
                            bool settings)
{
	bool other = differs(w, seen);
	unsigned events = other || settings ? quarrel(w, now, seen, settings) : agree(w, now, seen);

	if (other && !stopping(w, now))
		events |= WATCH_AGAIN;
	return events | repeat(w, now, seen) | look_at_car(w, now, seen);
}
