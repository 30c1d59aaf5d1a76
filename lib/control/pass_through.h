/*
 * Requests of other Modbus clients that pass through to the charger, which often takes a single
 * connection. They run on the charger's worker thread between its exchanges, one at a time, so that
 * steering waits for one request at most.
 *
 * Reads pass. Writes pass unless the balancer owns the registers: set-point, time-out, fallback and
 * what else it needs to steer; those, and all writes of a dry run, get exception 3 and one line of
 * news. A charger that is away gives exception 11 at once, a slow one within its reply time.
 *
 * The caller owns the struct and the charger. All functions belong on the loop.
 */
#ifndef CONTROL_PASS_THROUGH_H
#define CONTROL_PASS_THROUGH_H

#include "control/charger.h"
#include "modbus/handler.h"

struct pass_request;

struct pass_through {
	struct charger *charger;
	uv_timer_t timer; /* the next request that has waited too long */
	struct pass_request *first, *running;
	bool told; /* a refused write was reported */
};

/* Before the first request. The charger has been opened and has a device. */
void pass_through_start(struct pass_through *p, struct charger *charger);

/* A request for the charger: an exception, MODBUS_LATER, or 0 for one that the server refuses. */
int pass_through_request(struct pass_through *p, const struct modbus_call *call);

/*
 * No further request may come: drops those that wait. One may still run, so the struct lives until
 * charger_close().
 */
void pass_through_end(struct pass_through *p);

#endif
