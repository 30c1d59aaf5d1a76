/*
 * How a controller steers a family of chargers, beside the roles of its rows: how it arms the
 * fallback, feeds the watchdog and pauses. Each device has one constant struct.
 */
#ifndef DEVICE_CHARGER_FACTS_H
#define DEVICE_CHARGER_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "device/role.h"

/* How a charger learns that its controller is alive. */
enum charger_feed {
	FEED_READ,     /* any request */
	FEED_TIMEOUT,  /* writing the time-out again */
	FEED_SETPOINT, /* writing the set-point again */
	FEED_LIFE_SIGN /* writing `life` to the row of that role */
};

/* A number that is written to the row of a role, as raw register value. */
struct charger_write {
	enum register_role role; /* ROLE_NONE: nothing is written */
	uint32_t value;
};

/* How a controller steers a charger, beside the roles of its rows; all zero for other devices. */
struct charger_facts {
	/* Written and read back after each connect, in this order; ROLE_NONE ends the list. */
	const enum register_role *arm;
	/* What the rows of `arm` hold in a new charger; a role ROLE_NONE ends the list. */
	const struct charger_write *factory;
	enum charger_feed feed;
	uint32_t life; /* the value of a life sign */
	struct charger_write pause,
		resume;               /* for a set-point below its `least`, and from there on */
	struct charger_write control; /* written after each connect */
	uint16_t gap;                 /* ms between requests */
	bool falls_back;              /* by itself, when no controller feeds it */
	/*
	 * What the state's row holds, a number or letters: no car, it waits, the charger pauses it,
	 * it charges
	 */
	struct {
		const char *empty, *ready, *paused, *charging;
	} states;
};

#endif
