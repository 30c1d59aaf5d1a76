/*
 * A load balancer that computes what fits: the fuse less a margin less what the house draws without
 * the car, on the highest phase that the car uses. The limit falls at once to what fits and rises
 * to what has fitted throughout a quiet time, which follows recent raises (balance/quiet.h). When even the car's minimum does not fit, the limit
 * stays at the minimum for a short overload, as long as no fuse can notice it; then the car pauses,
 * and restarts when there was room for long enough. The limit is 0 or at least the minimum, in whole
 * amperes, or the maximum itself.
 *
 * The load of the house comes from balance/house_load.h. Beside that model there is one rule that
 * believes nothing but the meter: a phase above the fuse lowers the limit.
 */
#ifndef BALANCE_HEADROOM_H
#define BALANCE_HEADROOM_H

#include <stdbool.h>
#include <stdint.h>

#include "balance/fuse.h"
#include "balance/house_load.h"
#include "balance/input.h"
#include "balance/quiet.h"
#include "balance/room_window.h"
#include "balance/settings.h"
#include "balance/threshold.h"

enum headroom_reason {
	HEADROOM_HELD,    /* nothing to change */
	HEADROOM_LOWERED, /* less fits */
	HEADROOM_RAISED,  /* more has fitted for the quiet time */
	HEADROOM_WAITING, /* more fits, but not for long enough */
	HEADROOM_RIDING,  /* held at the minimum during a short overload */
	HEADROOM_PAUSED,  /* not even the minimum fits */
	HEADROOM_RESTARTED,
	HEADROOM_CAPPED, /* override or maximum below the minimum */
	HEADROOM_NO_DATA
};

struct headroom {
	int32_t limit, used; /* mA */
	int32_t decided;     /* mA: the limit that was told in the last step, limit or less */
	int32_t most;        /* mA: the limit is never above */
	int32_t room;        /* mA that fitted at the last telegram */
	int32_t currents[BALANCE_PHASES];
	int64_t now;        /* ms: time of the last step */
	int64_t held;       /* ms of that which `house` has not been told */
	int64_t told;       /* time of the last telegram, less its lag */
	int64_t since;      /* time from which telegrams came without a gap */
	int64_t fits_since; /* time since which there is room for a restart, INT64_MIN: none */
	int64_t ride;       /* ms of overload sat out, leaking away */
	int32_t rides;      /* ms that a second like the last one adds to it */
	int64_t raised;     /* time of the last raise, INT64_MIN: none */
	int32_t before;     /* mA: the limit before it */
	int64_t wary_until; /* until then those limits are not tried again: */
	int32_t tried, tried_most; /* mA: limits above the one and up to the other did not last */
	int32_t tries;             /* lower limits in a row that did not end an excess */
	int64_t decided_at;        /* time of the last one that counts */
	int64_t tried_at;          /* when the charger applied it, or else now */
	int64_t unused[BALANCE_PHASES]; /* since when the car leaves a phase unused, INT64_MIN */
	uint8_t state, reason;
	bool paused, seen;
	bool hot;     /* the currents of the last telegram wear a fuse of the fastest kind */
	bool resumed; /* the user's pause has ended since the last telegram */
	struct house_load house;
	struct fuse_wear wear[BALANCE_PHASES];
	struct quiet quiet;
	struct room_window window; /* last: it is large */
};

/* `settings`: phases and phase order count from the start. */
void headroom_start(struct headroom *h, const struct balance_settings *settings);

/*
 * A car already charges with that limit and those currents: the next steps go on from there. Phases
 * that it leaves alone count as unused at once, or the worst phase order would stop it.
 */
void headroom_adopt(struct headroom *h, int64_t now, int32_t limit, const int32_t *car);

/* The user's pause has ended: the car restarts with the next telegram if the minimum fits then. */
void headroom_resume(struct headroom *h);

/* One step. Returns how many more like it, each a second later, would change nothing. */
int64_t headroom_step(struct headroom *h, const struct balance_settings *s, const struct fuse *fuse,
                      const struct balance_input *in);

/* So many more steps like the last one, at most as many as it returned. */
void headroom_hold(struct headroom *h, int64_t seconds);

/* s since the last telegram, or since the start. */
int32_t headroom_age(const struct headroom *h);

#endif
