/*
 * The observed state of a charger, with times. The wanted state is in control/controller.h. Times
 * are ms of a monotonic clock.
 */
#ifndef CONTROL_CHARGER_STATE_H
#define CONTROL_CHARGER_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "balance/settings.h"

#define CHARGER_NEVER INT64_MIN /* no such time */

enum charger_link {
	CHARGER_ABSENT,  /* there is no charger */
	CHARGER_AWAY,    /* it cannot be reached */
	CHARGER_READY,   /* the last exchange succeeded */
	CHARGER_REFUSED, /* it refuses the settings of its own fallback */
};

struct charger_state {
	enum charger_link link;
	int32_t car[BALANCE_PHASES]; /* mA that the car draws on each phase */
	int64_t car_read;            /* time of that reading, CHARGER_NEVER: none */
	int64_t silent_since; /* first failed attempt since the last success, CHARGER_NEVER: none */
	int32_t set_point;    /* mA that was written last, as its register holds it, CURRENT_NONE */
	int32_t ordered;      /* the wanted set-point for which that was, CURRENT_NONE */
	int32_t applied;      /* mA: the limit in force that was read, CURRENT_NONE: not known */
	int64_t applied_read; /* time of that reading, CHARGER_NEVER: none */
	int32_t most;         /* mA: the charger's own maximum, CURRENT_NONE: not known */
	bool reached;         /* while it is away: requests may still reach it */
	bool guarded;         /* it falls back by itself when nothing reaches it for its time-out */
};

#endif
