/*
 * The ceiling of the sun: the car gets what would be exported. `minimum` gives it its minimum at any
 * time; `surplus` starts when the minimum has been there for the wait `restart_wait`, and pauses when
 * it has not for `ride_wait`; a run and a pause last at least `solar_run` and `solar_pause`. Times are
 * ms, currents mA per phase of the car.
 */
#ifndef BALANCE_SOLAR_H
#define BALANCE_SOLAR_H

#include "balance/settings.h"

/* SOLAR_AS_SET: what the setting says. */
enum solar_mode { SOLAR_AS_SET = -1, SOLAR_OFF, SOLAR_MINIMUM, SOLAR_SURPLUS };

struct solar {
	bool runs, ran;
	int64_t since;  /* since when the surplus asks for a change, INT64_MIN: it does not */
	int64_t began;  /* of this run or pause */
	int32_t before; /* the surplus of the last step */
};

void solar_start(struct solar *s);

/* Every ten seconds with the surplus; returns the ceiling, with SOLAR_MINIMUM at least the minimum. */
int32_t solar_step(struct solar *s, const struct balance_settings *settings, enum solar_mode mode,
                   int64_t now, int32_t surplus);

#endif
