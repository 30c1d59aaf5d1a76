/*
 * What the parts of the headroom algorithm share: headroom.c decides, headroom_meter.c has the rule that
 * believes the meter alone, headroom_stride.c tells for how long nothing changes.
 */
#ifndef BALANCE_HEADROOM_PRIVATE_H
#define BALANCE_HEADROOM_PRIVATE_H

#include "balance/headroom.h"

#define NEVER INT64_MIN

enum {
	STEP = 1000,  /* mA: a car notices no less */
	WARY = 60000, /* ms in which a raise that did not last is not tried again */
};

static inline int32_t headroom_least(int32_t a, int32_t b)
{
	return a < b ? a : b;
}

static inline int64_t headroom_ms(int64_t seconds)
{
	return seconds * 1000;
}

static inline int32_t headroom_whole(int32_t current, int32_t most)
{
	return current >= most ? most : current < 0 ? 0 : current / STEP * STEP;
}

static inline void headroom_conclude(struct headroom *h, enum balance_state state,
                                     enum headroom_reason reason)
{
	h->state = (uint8_t)state;
	h->reason = (uint8_t)reason;
}

/* Limits above that one up to the present one are not tried again for a while. */
static inline void headroom_refute(struct headroom *h, int32_t limit, int64_t duration)
{
	h->wary_until = h->now + duration;
	h->tried = limit;
	h->tried_most = h->limit;
}

/* The highest current above the fuse on any phase, 0: none. */
static inline int32_t headroom_excess(const struct headroom *h, const struct fuse *fuse)
{
	return h->used > fuse->rated ? h->used - fuse->rated : 0;
}

/* A limit is raised to what has fitted since then. */
static inline int64_t headroom_quiet_since(const struct headroom *h,
                                           const struct balance_settings *s)
{
	return h->now - quiet_time(&h->quiet, headroom_ms(s->quiet_wait), &h->house.grid);
}

/*
 * What a phase is above the fuse, that many times, the car has to draw less than it can have drawn
 * in that telegram. INT32_MAX: no phase is above the fuse.
 */
static inline int32_t headroom_meter_room(const struct headroom *h, const struct fuse *fuse,
                                          int32_t times)
{
	int32_t over = headroom_excess(h, fuse) * times;

	return over && !h->paused ? house_load_car_most(&h->house, h->now - h->held) - over
	                          : INT32_MAX;
}

/*
 * Believes the meter alone, down to the minimum, which may be ridden out. What it refutes although the
 * house seems to leave room is not tried again soon.
 */
void headroom_obey_meter(struct headroom *h, const struct balance_settings *s,
                         const struct fuse *fuse);

/*
 * A try is a lower limit for a car whose currents are not known, or not how late they are. It may draw
 * far less than its limit, so that the excess stays: the next try, when the car had time to follow,
 * takes twice as much. `before`: the limit before this telegram.
 */
void headroom_count_tries(struct headroom *h, const struct fuse *fuse, int32_t before);

/* A try begins when the charger applies it. One that never does gets no more time. */
void headroom_wait_for_charger(struct headroom *h, int32_t in_force);

/* What was the same in the step before does not change until the clock does it: s. */
int64_t headroom_unchanged_for(const struct headroom *h, const struct balance_settings *s);

#endif
