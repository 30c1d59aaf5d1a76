/*
 * One interface to both kinds of load balancer: settings and measurements in, the limit and the
 * reason for it out. It reads no clock: a tick is a second unless the caller decides otherwise.
 */
#ifndef BALANCE_BALANCER_H
#define BALANCE_BALANCER_H

#include <stdbool.h>
#include <stdint.h>

#include "balance/fuse.h"
#include "balance/headroom.h"
#include "balance/settings.h"
#include "balance/threshold.h"

enum balance_algorithm { ALGORITHM_THRESHOLD, ALGORITHM_HEADROOM };

extern const char *const balance_algorithm_names[]; /* ends with NULL */

struct balancer {
	enum balance_algorithm algorithm;
	struct balance_settings settings; /* may be changed between ticks */
	struct fuse fuse;
	int32_t limit, used; /* mA */
	uint8_t state;       /* enum balance_state */
	int32_t before;      /* the limit of the tick before */
	struct threshold threshold;
	struct headroom headroom; /* last: it is large */
};

/* settings and fuse are copied; 0 A from the start. */
void balancer_start(struct balancer *b, enum balance_algorithm algorithm,
                    const struct balance_settings *settings, const struct fuse *fuse, bool quirks);

/*
 * One tick: currents of a telegram in mA or NULL, measured currents of the car or NULL. Returns
 * whether another equal tick could differ.
 */
static inline bool balancer_tick(struct balancer *b, const int32_t *currents, const int32_t *car)
{
	bool changes;

	b->before = b->limit;
	if (b->algorithm == ALGORITHM_THRESHOLD) {
		changes = threshold_tick(&b->threshold, &b->settings, currents);
		b->limit = b->threshold.limit;
		b->used = b->threshold.used;
		b->state = b->threshold.state;
	} else {
		changes = headroom_tick(&b->headroom, &b->settings, &b->fuse, currents, car);
		b->limit = b->headroom.limit;
		b->used = b->headroom.used;
		b->state = b->headroom.state;
	}
	return changes;
}

/* `ticks` more ticks like the last one, which returned false. */
void balancer_hold(struct balancer *b, int64_t ticks);

/* Why the limit is what it is, in a few words. */
const char *balancer_reason(const struct balancer *b);

/* Ticks since the last telegram. */
int32_t balancer_age(const struct balancer *b);

/* How the firmware's lamp shows a state: "1 short pulse every 1.4 s", ... */
const char *balance_lamp(unsigned state);

#endif
