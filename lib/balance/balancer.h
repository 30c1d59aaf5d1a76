/*
 * One interface to both kinds of load balancer: settings and measurements in, the limit and the
 * reason for it out. The algorithm finds what the fuse permits; other ceilings may lower that. It
 * reads no clock. The firmware's state machine counts ticks of a second; it
 * gets as many as the clock says.
 */
#ifndef BALANCE_BALANCER_H
#define BALANCE_BALANCER_H

#include <stdbool.h>
#include <stdint.h>

#include "balance/ceiling.h"
#include "balance/fuse.h"
#include "balance/headroom.h"
#include "balance/input.h"
#include "balance/settings.h"
#include "balance/threshold.h"

enum balance_algorithm { ALGORITHM_THRESHOLD, ALGORITHM_HEADROOM };

extern const char *const balance_algorithm_names[]; /* ends with NULL */

struct balancer {
	enum balance_algorithm algorithm;
	struct balance_settings settings; /* may be changed between steps */
	struct fuse fuse;
	int32_t limit, used; /* mA */
	uint8_t state;       /* enum balance_state */
	int32_t before;      /* the limit of the step before */
	int64_t now;         /* ms: time of the last step */
	struct ceilings ceilings;
	struct threshold threshold;
	int64_t ticked;                  /* ms: time of the firmware's last tick */
	int32_t waiting[BALANCE_PHASES]; /* currents that wait for its next tick */
	bool waits;
	struct headroom headroom; /* last: it is large */
};

/* settings and fuse are copied; 0 A from the start. */
void balancer_start(struct balancer *b, enum balance_algorithm algorithm,
                    const struct balance_settings *settings, const struct fuse *fuse, bool quirks);

/* A car already charges with that limit and those currents: the next steps go on from there. */
void balancer_adopt(struct balancer *b, int64_t now, int32_t limit, const int32_t *car);

/*
 * The user's own pause: 0 A from the next step until it ends. Then the car restarts with the next
 * telegram if the minimum fits, without the wait for a restart.
 */
void balancer_pause(struct balancer *b, bool paused);

/* The user's own mode of charging with the sun instead of that of the settings, or SOLAR_AS_SET. */
static inline void balancer_solar(struct balancer *b, enum solar_mode mode)
{
	b->ceilings.mode = mode;
}

static inline bool balancer_paused(const struct balancer *b)
{
	return b->ceilings.values[CEILING_PAUSE] != CURRENT_NONE;
}

/* One step. Returns how many more like it, each a second later, would change nothing. */
int64_t balancer_step(struct balancer *b, const struct balance_input *in);

/*
 * A step a second after the last one: currents of a telegram in mA or NULL, measured currents of
 * the car or NULL; the charger applies what was decided.
 */
static inline int64_t balancer_tick(struct balancer *b, const int32_t *currents, const int32_t *car)
{
	return balancer_step(b, &(struct balance_input){.now = b->now + 1000,
	                                                .currents = currents,
	                                                .car = car,
	                                                .car_time = b->now + 1000,
	                                                .in_force = CURRENT_NONE,
	                                                .most = CURRENT_NONE});
}

/* So many more steps like the last one, at most as many as it returned. */
void balancer_hold(struct balancer *b, int64_t seconds);

/* Why the limit is what it is, in a few words. */
const char *balancer_reason(const struct balancer *b);

/* s since the last telegram. */
int32_t balancer_age(const struct balancer *b);

/* How the firmware's lamp shows a state: "1 pulse every 1.4 s", ... */
const char *balance_lamp(unsigned state);

#endif
