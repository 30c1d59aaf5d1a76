/*
 * One exchange with a charger, on a worker thread: arm, read, steer, feed. Internal to charger.c.
 */
#ifndef CONTROL_CHARGER_EXCHANGE_H
#define CONTROL_CHARGER_EXCHANGE_H

#include "control/charger.h"

/* 0 or EM_*; the reason is in c->message or in the client's message. */
int charger_exchange(struct charger *c);

/*
 * Whether the error means that the charger refuses arming for good. A busy charger, or one that was
 * armed before, is tried again later; until then the controller writes nothing to it.
 */
bool charger_refuses(const struct charger *c, int error);

/* Whether a write is due that feeds the charger's watchdog. */
bool charger_hungry(const struct charger *c, uint64_t now);

/* Whether the set-point in the charger is about to expire. */
bool charger_stale(const struct charger *c, uint64_t now);

#endif
