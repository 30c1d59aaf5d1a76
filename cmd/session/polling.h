/*
 * What polling commands need beside a session: blocking work (Modbus exchanges) on a worker
 * thread while the loop goes on and sees signals, and pauses that end when the command is to
 * end.
 */
#ifndef CMD_SESSION_POLLING_H
#define CMD_SESSION_POLLING_H

#include <stdatomic.h>
#include <stdbool.h>

#include "cmd/session/reading.h"
#include "modbus/client.h"

/*
 * For commands that ask a device again and again, before session_begin(): gives up what they do not
 * need, as session_confine() does. `file` is one that the command writes, or NULL.
 */
void polling_confine(const struct reading *options, const char *host, const char *file);

/*
 * Runs work(context) on a worker; its result. When a signal or --duration ends the command
 * meanwhile, *stop becomes true, which modbus_options.stop hands on, and work is waited for.
 */
int polling_work(struct session *s, atomic_bool *stop, int (*work)(void *context), void *context);

/* Waits; false when the command is to end: a signal, --duration, --count, an output that failed. */
bool polling_sleep(struct session *s, double seconds);

/*
 * Waits for the next of the times begin + n * interval, so that records keep their distance however
 * long a reading takes; `begin` is a polling_now(). False as above.
 */
bool polling_next(struct session *s, double begin, double interval);
double polling_now(void); /* seconds of a monotonic clock */

/* Whether it is to end. */
bool polling_ended(const struct session *s);

/*
 * Says why a request failed and what it was for; notes the exit code: 5 after time-outs, 4 for
 * trouble of our own, else 1.
 */
void polling_failed(struct session *s, const struct modbus_client *c, int error, const char *what);

#endif
