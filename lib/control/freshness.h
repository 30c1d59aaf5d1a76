/*
 * Decides whether data are still valid. A meter can repeat an old telegram without end, or stop
 * sending a phase; a charger can stop answering. Each rule is a function of the data and their
 * times; `now` is ms of a monotonic clock.
 */
#ifndef CONTROL_FRESHNESS_H
#define CONTROL_FRESHNESS_H

#include <stdbool.h>

#include "base/stamp.h"
#include "control/charger_state.h"

/* The state of a meter that the next telegram is compared with. */
struct freshness {
	instant clock;               /* of the meter, in its last telegram */
	int64_t clock_seen;          /* when that clock value first came */
	bool phases[BALANCE_PHASES]; /* phases that the meter has sent */
};

void freshness_start(struct freshness *f);

/*
 * Whether the meter's clock has stopped: a relay or a bridge repeats an old telegram. Several
 * telegrams may have the same second. False for a meter without a clock (INSTANT_NONE).
 */
bool freshness_frozen(struct freshness *f, int64_t now, instant clock);

/*
 * The phase (0..2) that the meter sent before and does not send now, or -1. The current of such a
 * phase is unknown; the last value is not valid any longer.
 */
int freshness_missing(struct freshness *f, const int32_t currents[BALANCE_PHASES], int phases);

/* The car's currents if they were read at most `patience` ms ago, or NULL. */
const int32_t *freshness_car(const struct charger_state *charger, int64_t now, int64_t patience);

/* Whether no exchange reached the charger for `timeout` ms: it has fallen back by itself. */
bool freshness_lost(const struct charger_state *charger, int64_t now, int64_t timeout);

#endif
