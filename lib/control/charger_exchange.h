/*
 * The steps of an exchange with a charger, on a worker thread: arm, steer, look, feed. Each returns
 * 0 or EM_*; the reason is in c->message or in the client's message. Internal to charger*.c.
 */
#ifndef CONTROL_CHARGER_EXCHANGE_H
#define CONTROL_CHARGER_EXCHANGE_H

#include "base/text.h"
#include "control/charger.h"

int charger_exchange(struct charger *c);

/* Writes the set-point `order`, or pauses the session, whatever was written before. */
int charger_steer(struct charger *c);

/* Connects, and arms the charger when the connection is new or the fallback has changed. */
int charger_make_safe(struct charger *c);

/* Reads and keeps, once, what the charger held before it is armed for the first time. */
void charger_keep_before(struct charger *c);

/* Whether a setting of its fallback differs from what was armed, in the last look. */
bool charger_disarmed(const struct charger *c);

/* Writes those settings again. */
int charger_rearm(struct charger *c);

/*
 * Adds "time-out 60 s instead of 30 s, " for each setting that differs; `only_differing` false:
 * "time-out 60 s, " for each one that is armed.
 */
void charger_tell_settings(const struct charger *c, struct text *out, bool only_differing);

/*
 * Reads everything that is observed, on a new connection also the charger's maximum. Rows that the
 * charger refuses count as not known.
 */
int charger_look(struct charger *c, bool everything);

/* The current of the car on the phase with the highest current, CURRENT_NONE: not known. */
int32_t charger_car(const struct charger *c);

/* Compares what was read with what was written, and tells what differs. */
int charger_judge(struct charger *c);

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
