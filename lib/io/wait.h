/*
 * Waiting on a descriptor, for code that blocks: until a deadline, and not after a wish to stop.
 */
#ifndef IO_WAIT_H
#define IO_WAIT_H

#include <stdatomic.h>
#include <stdint.h>

int64_t wait_clock(void); /* monotonic, ms */

/*
 * Waits until `events` (POLLIN, POLLOUT) happen or the deadline, a time of wait_clock(), has come;
 * `stop` may be NULL. 0, EM_TIMEOUT, EM_CANCELLED, EM_SYSTEM.
 */
int wait_ready(int fd, short events, int64_t deadline, const atomic_bool *stop);

#endif
