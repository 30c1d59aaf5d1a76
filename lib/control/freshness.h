/*
 * What a load balancer may still believe. A meter can repeat an old telegram for ever, or stop
 * sending a phase; a charger can stop answering. Each rule is a function of what came and when; `now` is ms of
 * a monotonic clock.
 */
#ifndef CONTROL_FRESHNESS_H
#define CONTROL_FRESHNESS_H

#include <stdbool.h>

#include "base/stamp.h"
#include "control/charger_state.h"

/* What is remembered of a meter to judge its next telegram. */
struct freshness {
	instant clock;               /* of the meter, in its last telegram */
	int64_t clock_seen;          /* when that was new */
	bool phases[BALANCE_PHASES]; /* those that the meter has told */
};

void freshness_start(struct freshness *f);

/*
 * Whether the meter's clock stands still: a relay or a bridge repeats an old telegram. Several
 * telegrams may carry the same second; a meter without a clock (INSTANT_NONE) is believed.
 */
bool freshness_frozen(struct freshness *f, int64_t now, instant clock);

/*
 * The phase (0..2) that the meter told before and does not tell now, or -1. The current of such a
 * phase is not known, and the last one does not hold for ever.
 */
int freshness_missing(struct freshness *f, const int32_t currents[BALANCE_PHASES], int phases);

/* The car's currents if they were read at most `patience` ms ago, or NULL. */
const int32_t *freshness_car(const struct charger_state *charger, int64_t now, int64_t patience);

/* Whether nobody has reached the charger for `timeout` ms: by then it has fallen back by itself. */
bool freshness_lost(const struct charger_state *charger, int64_t now, int64_t timeout);

#endif
