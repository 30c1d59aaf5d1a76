/*
 * The load balancer between a meter and a charger. Its inputs are telegrams and the observed state
 * of the charger, its output is the wanted state of the charger. It opens nothing, prints nothing
 * and reads no clock: `now` is ms of a monotonic clock, and a step is a tick of the balancer. The
 * caller owns all arguments.
 */
#ifndef CONTROL_CONTROLLER_H
#define CONTROL_CONTROLLER_H

#include "balance/balancer.h"
#include "control/freshness.h"
#include "record/record.h"

struct controller_options {
	enum balance_algorithm algorithm;
	struct balance_settings settings;
	struct fuse fuse;
	int64_t tick;            /* ms between steps */
	int64_t charger_timeout; /* ms of silence after which the charger falls back by itself */
};

/* Changes with a telegram, for messages; several bits may be set. */
enum controller_event {
	CONTROLLER_FROZEN = 1, /* the meter's clock has stopped: its telegrams count as no data */
	CONTROLLER_MOVES = 2,  /* the clock runs again */
	CONTROLLER_PARTIAL =
		4, /* the phase `missing` is no longer sent: telegrams count as no data */
	CONTROLLER_WHOLE = 8, /* the meter sends all phases again */
};

/* The wanted state of the charger. */
struct controller_wanted {
	int32_t set_point; /* mA, CURRENT_NONE: leave it alone */
	int32_t fallback;  /* mA, after the time-out of the charger */
};

struct controller {
	struct freshness meter;
	struct controller_wanted wanted; /* of the last step */
	int64_t car_patience, charger_timeout;
	int32_t currents[BALANCE_PHASES]; /* of the last valid telegram */
	int missing;                      /* the phase that is no longer sent, -1: none */
	bool frozen;
	bool told;                /* a telegram came since the last step */
	bool known;               /* at least one telegram ever came */
	struct balancer balancer; /* its settings may change between steps */
};

void controller_start(struct controller *c, const struct controller_options *options);

/*
 * Takes a telegram: three currents in mA, CURRENT_NONE for a missing phase, and the meter's clock,
 * INSTANT_NONE for a missing clock. Returns bits of enum controller_event.
 */
unsigned controller_telegram(struct controller *c, int64_t now,
                             const int32_t currents[BALANCE_PHASES], instant clock);

/* Decides with the telegrams since the last step and the observed state of the charger. */
struct controller_wanted controller_step(struct controller *c, int64_t now,
                                         const struct charger_state *charger);

/* Whether the charger can be reached but does not hold what the last step wanted. */
bool controller_differs(const struct controller *c, const struct charger_state *charger);

/*
 * Fills a record of type "balance" with the last step; the caller sets the time. 0 or EM_NO_MEMORY.
 */
void controller_describe(const struct controller *c, int64_t now,
                         const struct charger_state *charger, struct record *record);

#endif
