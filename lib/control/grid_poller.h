/*
 * Asks a Modbus meter for a reading each second, on a thread of its own. A reading that takes longer
 * delays the next one; one of more than two seconds is old, and no reading. The first failure after a
 * success is news, and the first success after a failure. Internal to control.
 */
#ifndef CONTROL_GRID_POLLER_H
#define CONTROL_GRID_POLLER_H

#include <uv.h>

#include "control/grid_kind.h"

struct grid_poller;

/*
 * `source` is borrowed; `record` gets the readings on the loop until the poller is closed. 0, or EM_*
 * with a text in `problem`.
 */
int grid_poller_open(struct grid_poller **out, uv_loop_t *loop, const struct grid_source *source,
                     const struct grid_sink *sink, char *problem, size_t size);

/* Ends a running request; the loop frees the rest. Accepts NULL. */
void grid_poller_close(struct grid_poller *p);

/* The number of polls without a reading. */
uint64_t grid_poller_failed(const struct grid_poller *p);

#endif
