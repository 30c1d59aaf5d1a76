/*
 * The load balancer between a meter and a charger. Its inputs are telegrams and the observed state
 * of the charger, its output is the wanted state of the charger. It opens nothing, prints nothing
 * and reads no clock: `now` is ms of a monotonic clock that also counts while the machine is
 * suspended. It is stepped when a telegram came and at least once a second. The caller owns all
 * arguments.
 */
#ifndef CONTROL_CONTROLLER_H
#define CONTROL_CONTROLLER_H

#include "balance/balancer.h"
#include "control/freshness.h"
#include "control/grid_meter.h"
#include "control/identity.h"
#include "control/obedience.h"
#include "control/standstill.h"
#include "record/record.h"

struct controller_options {
	enum balance_algorithm algorithm;
	struct balance_settings settings;
	struct fuse fuse;
	int64_t charger_timeout; /* ms of silence after which the charger falls back by itself */
};

/* Changes that a user must know; several bits may be set. */
enum controller_event {
	CONTROLLER_FROZEN = 1,  /* the meter's clock has stopped: its telegrams count as no data */
	CONTROLLER_MOVES = 2,   /* the clock runs again */
	CONTROLLER_PARTIAL = 4, /* phase `missing` is not told: telegrams count as no data */
	CONTROLLER_WHOLE = 8,   /* the meter tells all phases again */
	CONTROLLER_LATE = 16,   /* telegrams are `lag` ms old when they come: no data */
	CONTROLLER_JUMPED = 32, /* the meter's clock has jumped: no data until it runs steadily */
	CONTROLLER_OLD = 64,    /* no valid data for the fallback time */
	CONTROLLER_FRESH = 128, /* valid data again */
	CONTROLLER_DISBELIEVES = 256, /* the charger's currents contradict the meter */
	CONTROLLER_BELIEVES = 512,    /* they fit again */
	CONTROLLER_ADOPTED = 1024,    /* the car was charging: the limit goes on from there */
	CONTROLLER_LEARNT = 2048,     /* the phase order is known: `order` */
	/* Above the fuse, or without data, and the charger does not do what it is told: */
	CONTROLLER_SILENCE =
		4096,           /* nothing is sent to it for `silence` ms, so that it falls back */
	CONTROLLER_VAIN = 8192, /* the silence before that has not helped */
	CONTROLLER_UNGUARDED = 16384,   /* it cannot fall back by itself */
	CONTROLLER_STANDS = 1 << 15,    /* the registers stand still beside `power`: no data */
	CONTROLLER_ADVANCES = 1 << 16,  /* something new is told */
	CONTROLLER_CLOCKLESS = 1 << 17, /* the clock has vanished: no data for some seconds */
	CONTROLLER_CLOCK = 1 << 18,     /* it is back */
	CONTROLLER_OTHER = 1 << 19,     /* a telegram of another meter, `other`: ignored */
	CONTROLLER_EXCHANGED = 1 << 20, /* another meter than before is used */
	CONTROLLER_UNCOUNTED = 1 << 21, /* a current flows on a phase that does not count */
};

/* The wanted state of the charger. */
struct controller_wanted {
	int32_t set_point; /* mA, CURRENT_NONE: leave it alone */
	int32_t fallback;  /* mA, after the time-out of the charger */
	unsigned events;   /* bits of enum controller_event since the last step */
	int64_t silence; /* ms from now in which nothing at all is sent, 0: no such silence begins */
};

struct controller {
	struct freshness meter;
	struct identity identity;
	struct standstill standstill;
	struct obedience obedience;
	struct controller_wanted wanted; /* of the last step */
	int64_t origin;                  /* time of the start, 0 for the balancer */
	bool running;
	int64_t car_patience, charger_timeout;
	instant wall; /* our wall clock, set by the caller before a step; INSTANT_NONE: none */
	int32_t currents[BALANCE_PHASES]; /* of the last valid telegram */
	struct balance_powers powers;     /* of that telegram */
	int64_t lag;                      /* ms: of the last telegram */
	int64_t heard;                    /* when the last valid telegram came */
	int missing;                      /* the first phase that is not told, -1: none */
	bool doubtful; /* the clock of the last telegram has jumped or vanished */
	bool frozen, late, jumped, old, stands, clockless; /* what was said */
	int64_t power;                                     /* mW: of the last telegram */
	char other[IDENTITY_TEXT];
	bool disbelieves;
	int32_t order;            /* the phase order when it is known, as digits, 0: not known */
	int phases;               /* the highest phase on which a current was told, 0: none */
	bool above;               /* a phase of the last valid telegram is above the fuse */
	bool told;                /* a valid telegram came since the last step */
	bool known;               /* at least one valid telegram ever came */
	bool adopted;             /* the charger's state at the start was looked at */
	struct balancer balancer; /* its settings may change between steps */
};

/* Until the first step it wants no set-point, and the fallback of the settings. */
void controller_start(struct controller *c, const struct controller_options *options);

/* Takes a telegram. Returns bits of enum controller_event. */
unsigned controller_telegram(struct controller *c, int64_t now, const struct grid_reading *reading);

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
