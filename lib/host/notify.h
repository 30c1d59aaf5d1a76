/*
 * Tells a service manager that started us how we are (sd_notify(3)), by a datagram to the socket in
 * $NOTIFY_SOCKET: READY=1, WATCHDOG=1 as often as $WATCHDOG_USEC asks for, STOPPING=1. Without the
 * variable nothing happens. The watchdog is fed by the event loop: when that hangs, it starves.
 */
#ifndef HOST_NOTIFY_H
#define HOST_NOTIFY_H

#include "io/loop.h"

/* One state as sd_notify(3) has it, `STATUS=...`. Lost silently when nobody listens. */
void notify_send(const char *state);

struct notify;

/* Sends READY=1 and feeds the watchdog; NULL when nobody asked for it, or when memory is out. */
struct notify *notify_ready(struct loop *loop);

/* Sends STOPPING=1; NULL is allowed. The watchdog is fed as long as the loop runs. */
void notify_stopping(struct notify *n);

/* Ends the feeding; memory is given back when the loop closes. NULL is allowed. */
void notify_end(struct notify *n);

#endif
