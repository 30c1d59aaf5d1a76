/* A step of the headroom algorithm a second after the last one, for tests that count seconds. */
#ifndef HEADROOM_TICK_H
#define HEADROOM_TICK_H

#include "balance/headroom.h"

/* The charger applies what was decided. */
static inline int64_t headroom_tick(struct headroom *h, const struct balance_settings *s,
                                    const struct fuse *fuse, const int32_t *currents,
                                    const int32_t *car)
{
	return headroom_step(h, s, fuse,
	                     &(struct balance_input){.now = h->now + 1000,
	                                             .currents = currents,
	                                             .car = car,
	                                             .car_time = h->now + 1000,
	                                             .in_force = CURRENT_NONE,
	                                             .most = CURRENT_NONE});
}

#endif
