/*
 * One exchange with a charger, on a worker thread: arm, read, steer, feed. Internal to charger.c.
 */
#ifndef CONTROL_CHARGER_EXCHANGE_H
#define CONTROL_CHARGER_EXCHANGE_H

#include "control/charger.h"

/* 0 or EM_*; the reason is in c->message, or else the client's. */
int charger_exchange(struct charger *c);

/*
 * Whether the charger will not be armed. A charger that is busy, or was armed before, is asked again
 * later; nothing is written to it meanwhile.
 */
bool charger_refuses(const struct charger *c, int error);

/* Whether a write is due that tells the charger that somebody is there. */
bool charger_hungry(const struct charger *c, uint64_t now);

/* Whether the set-point in the charger is about to expire. */
bool charger_stale(const struct charger *c, uint64_t now);

#endif
