/*
 * A load balancer that computes what fits: the fuse less a margin less what the house draws without
 * the car, on the highest phase that the car uses. The limit falls at once to what fits and rises
 * to what has fitted throughout a quiet window. When even the car's minimum does not fit, the limit
 * stays at the minimum for a short overload, as long as no fuse can notice it; then the car pauses,
 * and restarts when there was room for long enough. The limit is 0 or at least the minimum, in whole
 * amperes, or the maximum itself.
 *
 * It needs the car's own currents. Without them it takes the limit of the last seconds for the
 * car's current: the highest of them before it lowers (a car follows late), the lowest before it
 * raises.
 */
#ifndef BALANCE_HEADROOM_H
#define BALANCE_HEADROOM_H

#include <stdbool.h>
#include <stdint.h>

#include "balance/fuse.h"
#include "balance/settings.h"
#include "balance/threshold.h"

enum { HEADROOM_WINDOW = 4096, HEADROOM_FOLLOW = 8 }; /* more than the longest wait; a power of 2 */

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

struct headroom_point {
	int64_t time;
	int32_t room;
};

struct headroom {
	int32_t limit, used; /* mA */
	int32_t room;        /* mA that fitted at the last telegram */
	int32_t currents[BALANCE_PHASES];
	int32_t age;        /* ticks since the last telegram */
	int64_t now;        /* ticks since the start */
	int64_t since;      /* tick from which telegrams came without a gap */
	int64_t fits_since; /* tick since which there is room for a restart, -1: none */
	int32_t ride;       /* tenths of a second of overload sat out, leaking away */
	int32_t follow[HEADROOM_FOLLOW]; /* the last limits, a ring */
	uint8_t learned[BALANCE_PHASES]; /* s for which the car left that phase unused */
	uint8_t state, reason;
	bool paused, seen;
	struct fuse_wear wear[BALANCE_PHASES];
	/* minima of room over the quiet window: times rise, rooms rise */
	uint32_t head, count;
	uint32_t followed; /* ticks since the limit changed, at most HEADROOM_FOLLOW */
	struct headroom_point window[HEADROOM_WINDOW];
};

void headroom_start(struct headroom *h);

/*
 * One tick. currents as in threshold_tick; car: the car's current per phase in mA, NULL when it is
 * not measured. Returns whether another equal tick could differ.
 */
bool headroom_tick(struct headroom *h, const struct balance_settings *s, const struct fuse *fuse,
                   const int32_t *currents, const int32_t *car);

/* `ticks` more ticks like the last one, which returned false. */
void headroom_hold(struct headroom *h, int64_t ticks);

#endif
