/*
 * The load balancer between a meter and a charger, without either: telegrams and what was observed of
 * the charger go in, what the charger shall do comes out. It opens nothing, prints nothing and reads
 * no clock: `now` is ms of a monotonic clock, and a step is a tick of the balancer. The caller owns
 * all that is handed in.
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

/* What changed with a telegram, for people; several may come at once. */
enum controller_event {
	CONTROLLER_FROZEN = 1,  /* the meter's clock stands still: its telegrams are no data */
	CONTROLLER_MOVES = 2,   /* it goes on */
	CONTROLLER_PARTIAL = 4, /* the phase `missing` is no longer told: telegrams are no data */
	CONTROLLER_WHOLE = 8,   /* all phases are there again */
};

/* What the charger shall do. */
struct controller_wanted {
	int32_t set_point; /* mA, CURRENT_NONE: leave it alone */
	int32_t fallback;  /* mA when it hears nothing any more */
};

struct controller {
	struct freshness meter;
	struct controller_wanted wanted; /* of the last step */
	int64_t car_patience, charger_timeout;
	int32_t currents[BALANCE_PHASES]; /* of the last telegram that counts */
	int missing;                      /* the phase that is no longer told, -1: none */
	bool frozen;
	bool told;                /* a telegram came since the last step */
	bool known;               /* at least one ever did */
	struct balancer balancer; /* its settings may be changed between steps */
};

void controller_start(struct controller *c, const struct controller_options *options);

/*
 * A telegram: three currents in mA, CURRENT_NONE where a phase is not told, and the meter's clock,
 * INSTANT_NONE when it tells none. Returns the bits of enum controller_event that apply.
 */
unsigned controller_telegram(struct controller *c, int64_t now,
                             const int32_t currents[BALANCE_PHASES], instant clock);

/* Decides with the telegrams since the last step and what was observed of the charger. */
struct controller_wanted controller_step(struct controller *c, int64_t now,
                                         const struct charger_state *charger);

/* Whether the charger can be reached and does not hold what the last step wanted. */
bool controller_differs(const struct controller *c, const struct charger_state *charger);

/* The last step as a record of type "balance"; 0 or EM_NO_MEMORY, record->time is the caller's. */
void controller_describe(const struct controller *c, int64_t now,
                         const struct charger_state *charger, struct record *record);

#endif
