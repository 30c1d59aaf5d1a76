/*
 * What polling commands need beside a session: blocking work (Modbus exchanges) on a worker thread
 * while the loop still handles signals, and pauses that end early when the command must end.
 */
#ifndef CMD_SESSION_POLLING_H
#define CMD_SESSION_POLLING_H

#include <stdatomic.h>
#include <stdbool.h>

#include "cmd/session/reading.h"
#include "modbus/client.h"

/*
 * For commands that poll a device, before session_begin(): drops privileges as session_confine()
 * does. `file` is a file that the command writes, or NULL.
 */
void polling_confine(const struct reading *options, const char *host, const char *file);

/*
 * Runs work(context) on a worker thread and returns its result. When a signal or --duration ends
 * the command meanwhile, it sets *stop (see modbus_options.stop) and waits for the work to end.
 */
int polling_work(struct session *s, atomic_bool *stop, int (*work)(void *context), void *context);

/* Waits; false when the command must end: a signal, --duration, --count, an output that failed. */
bool polling_sleep(struct session *s, double seconds);

/*
 * Waits for the next of the times begin + n * interval, so that the interval does not depend on how
 * long a reading takes. `begin` is a polling_now(). False as above.
 */
bool polling_next(struct session *s, double begin, double interval);
double polling_now(void); /* seconds of a monotonic clock */

/* Whether the command must end. */
bool polling_ended(const struct session *s);

/*
 * Prints why a request failed and what it was for, and sets the exit code: 5 after time-outs, 4 for
 * local errors, else 1.
 */
void polling_failed(struct session *s, const struct modbus_client *c, int error, const char *what);

#endif
