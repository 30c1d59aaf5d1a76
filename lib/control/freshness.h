/*
 * Decides whether data are still valid. A meter can repeat an old telegram without end, fall behind
 * or stop sending a phase; a charger can stop answering. Each rule is a function of the data and
 * their times; `now` is ms of a monotonic clock.
 */
#ifndef CONTROL_FRESHNESS_H
#define CONTROL_FRESHNESS_H

#include <stdbool.h>

#include "base/stamp.h"
#include "control/charger_state.h"

#define FRESHNESS_DOUBTFUL INT64_MIN /* instead of a lag: the meter's clock has jumped forward */

enum {
	FRESHNESS_GONE = 10000 /* ms after which a clock that vanished is not expected any more */
};

/* The state of a meter that the next telegram is compared with. All times are ms. */
struct freshness {
	bool running;
	int64_t base;  /* our clock less that of the meter, when its telegrams are not late */
	int64_t based; /* time at which that was last found */
	int64_t other; /* another such difference, which may become the base */
	int64_t other_since;
	unsigned other_count;        /* telegrams that showed it */
	instant clock;               /* of the meter, in its last telegram */
	int64_t clock_seen;          /* when that value first came */
	int64_t clock_step;          /* the longest time for which the clock kept a value */
	int64_t clock_told;          /* when a telegram had a clock last */
	bool clockless;              /* the meter had a clock, and tells none now or now and then */
	int64_t clockless_at;        /* when a telegram had none last */
	bool phases[BALANCE_PHASES]; /* phases that the meter has sent */
};

void freshness_start(struct freshness *f);

/*
 * By how many ms a telegram is older than its arrival says: the meter's clock against ours, since
 * it was last in time. A second and a half is no lag, because clocks tell whole seconds. A clock
 * that jumps forward is FRESHNESS_DOUBTFUL until five telegrams agree over four seconds; one that
 * was set back counts as lag for ten minutes. 0 for a meter without a clock (INSTANT_NONE). One
 * whose clock has vanished is FRESHNESS_DOUBTFUL for FRESHNESS_GONE, and then one without a clock.
 */
int64_t freshness_lag(struct freshness *f, int64_t now, instant clock);

/* Whether the meter's clock has stopped: 3 s longer than it ever kept a value before. */
bool freshness_frozen(const struct freshness *f, int64_t now);

/*
 * The first phase (0..2) of those that count which the telegram does not tell, or -1. Its current
 * is unknown; an older value is not valid any longer.
 */
int freshness_missing(struct freshness *f, const int32_t currents[BALANCE_PHASES], int phases);

/* The car's currents if they were read at most `patience` ms ago, or NULL. */
const int32_t *freshness_car(const struct charger_state *charger, int64_t now, int64_t patience);

/* Whether no exchange reached the charger for `timeout` ms: it has fallen back by itself. */
bool freshness_lost(const struct charger_state *charger, int64_t now, int64_t timeout);

#endif
