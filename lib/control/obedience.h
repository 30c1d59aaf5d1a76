/*
 * A charger that does not do what it is told while the fuse needs it. Our reads and writes keep its
 * communication time-out alive, so it would never fall back by itself. After 20 s the controller
 * sends it nothing at all for its time-out and ten seconds, so that its own time-out acts, and looks
 * again. Each further silence is twice as long as the one before it: a charger may go back to its
 * old limit whenever it is asked, or its time-out may be longer than it tells. A pure function of
 * observations; times are ms of a monotonic clock, currents mA.
 */
#ifndef CONTROL_OBEDIENCE_H
#define CONTROL_OBEDIENCE_H

#include <stdbool.h>

#include "control/charger_state.h"

/* Some chargers need up to 15 s to apply a set-point. The meter has to show what a silence did. */
enum {
	OBEDIENCE_WAIT = 20000, /* ms */
	OBEDIENCE_MORE = 10000, /* ms of a silence beside the time-out */
	OBEDIENCE_ABOVE = 500,  /* mA by which a limit may be above what it was told */
};

enum obedience_event {
	OBEDIENCE_SILENCE = 1,   /* a silence of `length` ms begins */
	OBEDIENCE_VAIN = 2,      /* and the one before it has not helped */
	OBEDIENCE_UNGUARDED = 4, /* it has no time-out that could help; once an episode */
};

struct obedience {
	int64_t shortest;     /* ms of the first silence */
	int64_t length;       /* of the running or last one, 0: none in this episode */
	int64_t since;        /* since when it has not obeyed, CHARGER_NEVER: it obeys */
	int64_t ends;         /* of the running silence, or when it obeyed last */
	int32_t applied, car; /* what it fell to last, CURRENT_NONE: not known */
	bool silent;          /* nothing is sent now */
	bool vain;            /* the last silence has not helped */
	bool told;            /* it was told that there is no time-out */
};

/* timeout: ms of silence after which the charger falls back by itself. */
void obedience_start(struct obedience *o, int64_t timeout);

/*
 * needed: the fuse needs that the charger obeys now. told: what it was told, CURRENT_NONE: nothing.
 * car: the currents of the car as far as they are believed, or NULL. Returns bits of enum
 * obedience_event.
 */
unsigned obedience_step(struct obedience *o, int64_t now, bool needed, int32_t told,
                        const struct charger_state *charger, const int32_t *car);

#endif
