/*
 * Tells the service manager the state of the process (sd_notify(3)), by datagrams to the socket in
 * $NOTIFY_SOCKET: READY=1, WATCHDOG=1 as often as $WATCHDOG_USEC asks for, STOPPING=1. Without that
 * variable nothing is sent. The event loop sends WATCHDOG=1, so the service manager restarts a
 * process whose loop hangs.
 */
#ifndef HOST_NOTIFY_H
#define HOST_NOTIFY_H

#include "io/loop.h"

struct notify;

/* Sends READY=1 and begins to feed the watchdog; NULL when there is none, or when memory is out. */
struct notify *notify_ready(struct loop *loop);

/* Sends STOPPING=1. The watchdog is still fed as long as the loop runs. NULL is allowed. */
void notify_stopping(struct notify *n);

/* Stops feeding; the memory is freed when the loop closes the timer. NULL is allowed. */
void notify_end(struct notify *n);

#endif
