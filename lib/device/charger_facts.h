/*
 * How a family of chargers is steered, beside the roles of its rows: what is armed, what feeds the
 * watchdog, what pauses. A device has one of these; all of it is constant.
 */
#ifndef DEVICE_CHARGER_FACTS_H
#define DEVICE_CHARGER_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "device/role.h"

/* What tells a charger that its controller is alive. */
enum charger_feed {
	FEED_READ,     /* any request */
	FEED_TIMEOUT,  /* writing the time-out again */
	FEED_SETPOINT, /* writing the set-point again */
	FEED_LIFE_SIGN /* writing `life` to the row of that role */
};

/* A number written to the row of a role, as the registers have it. */
struct charger_write {
	enum register_role role; /* ROLE_NONE: nothing is written */
	uint32_t value;
};

/* How a charger is steered, beside the roles of its rows; all zero for what is no charger. */
struct charger_facts {
	/* Written and read back after each connect, in this order; up to ROLE_NONE. */
	const enum register_role *arm;
	enum charger_feed feed;
	uint32_t life;                      /* the value of a life sign */
	struct charger_write pause, resume; /* below the set-point's `least`, and from there on */
	struct charger_write control;       /* written after each connect */
	uint16_t gap;                       /* ms between requests */
	bool falls_back;                    /* by itself, when nobody feeds it */
	/* Values of the state's row: a car that waits, one that the charger pauses, one that charges */
	struct {
		uint8_t ready, paused, charging;
	} states;
};

#endif
