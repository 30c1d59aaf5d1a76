/*
 * What was observed of a charger, and when. Nothing in here is a wish: what the charger shall do is in
 * control/controller.h. Times are ms of a monotonic clock.
 */
#ifndef CONTROL_CHARGER_STATE_H
#define CONTROL_CHARGER_STATE_H

#include <stdint.h>

#include "balance/settings.h"

#define CHARGER_NEVER INT64_MIN /* a time at which nothing happened */

enum charger_link {
	CHARGER_ABSENT,  /* there is none */
	CHARGER_AWAY,    /* not reached */
	CHARGER_READY,   /* the last exchange went well */
	CHARGER_REFUSED, /* it does not take the settings that make it fall back by itself */
};

struct charger_state {
	enum charger_link link;
	int32_t car[BALANCE_PHASES]; /* mA that the car draws on each phase */
	int64_t car_read;            /* when that was read, CHARGER_NEVER: not known */
	int64_t silent_since; /* the first of the failed attempts since an exchange went well, CHARGER_NEVER: none */
	int32_t set_point; /* mA that the charger confirmed, CURRENT_NONE: none */
};

#endif
