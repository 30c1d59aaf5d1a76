/*
 * Waits for a descriptor in code that blocks, until a deadline or until somebody sets *stop.
 */
#ifndef IO_WAIT_H
#define IO_WAIT_H

#include <stdatomic.h>
#include <stdint.h>

#include "io/monotonic.h"

/* The clock of all deadlines, in ms: the same one as that of the load balancer. */
static inline int64_t wait_clock(void)
{
	return monotonic_ms();
}

/*
 * Waits until `events` (POLLIN, POLLOUT) happen, or until the deadline, a time of wait_clock().
 * `stop` may be NULL. 0, EM_TIMEOUT, EM_CANCELLED, EM_SYSTEM.
 */
int wait_ready(int fd, short events, int64_t deadline, const atomic_bool *stop);

#endif
