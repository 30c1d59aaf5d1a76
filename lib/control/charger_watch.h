/*
 * Compares what a charger shows with what it was told: does it hold the set-point, has somebody
 * else written to it, does the car obey? A pure function of readings and their times. Currents are
 * mA, times are ms of a monotonic clock. Internal to charger*.c.
 */
#ifndef CONTROL_CHARGER_WATCH_H
#define CONTROL_CHARGER_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "control/charger_state.h"

enum {
	WATCH_TOLERANCE = 100, /* mA between two readings of the same current */
	WATCH_PATIENCE = 6000, /* ms in which a charger has to apply a set-point */
	WATCH_HOLDS = 5000,    /* ms without a difference, after which all is well again */
	WATCH_LOW = 10000,     /* ms of a limit below the set-point, before that is repeated */
	WATCH_CAR = 10000,     /* ms for which a car may draw too much */
	WATCH_CALM = 60000     /* ms after which a car that draws too much is reported anew */
};

/* What a look found; several bits may be set. The first four are reported once per episode. */
enum watch_event {
	WATCH_CHANGED = 1, /* what it held is different now: somebody else wrote, or it restarted */
	WATCH_DEAF = 2,    /* it has not applied the set-point in time */
	WATCH_WELL = 4,    /* it holds everything again */
	WATCH_GREEDY = 8,  /* the car draws more than the limit in force */
	WATCH_AGAIN = 16   /* the set-point is to be written again */
};

/* A reading; CURRENT_NONE: not known. */
struct watch_reading {
	int32_t set_point; /* read back */
	int32_t limit;     /* in force */
	int32_t most;      /* the charger's own maximum */
	int32_t car;       /* on the phase with the highest current */
};

struct charger_watch {
	int32_t told;    /* as the charger's register holds it, CURRENT_NONE: nothing yet */
	bool paused;     /* told by a switch of its own: `told` is 0, and set-points mean nothing */
	bool held;       /* it was seen to hold what it was told */
	int64_t told_at; /* when it was told, or last seen to move */
	int32_t shown;   /* the last reading while it does not hold */
	int64_t fine;    /* since when nothing differs, CHARGER_NEVER */
	int64_t low;     /* since when the limit is lower, CHARGER_NEVER */
	int64_t greedy;  /* since when the car draws too much, CHARGER_NEVER */
	int64_t greedy_end;
	bool changed, deaf, greedy_said; /* what has been reported and is not over */
};

/* Forgets what was told, for a new connection; what was reported stays reported. */
void charger_watch_start(struct charger_watch *w);

/* A set-point was written, or the session was paused by its switch. */
void charger_watch_told(struct charger_watch *w, int64_t now, int32_t told, bool paused);

/*
 * Judges a reading. `settings` tells that the time-out or the fallback differs from what was
 * written. Returns bits of enum watch_event.
 */
unsigned charger_watch_look(struct charger_watch *w, int64_t now, const struct watch_reading *seen,
                            bool settings);

#endif
