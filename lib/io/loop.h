/*
 * The event loop of a long-running command: the loop of libuv that also ends on SIGINT and SIGTERM
 * and after a time limit. Rooms that need more use loop_uv().
 */
#ifndef IO_LOOP_H
#define IO_LOOP_H

#include <uv.h>

#include "base/stamp.h"

struct loop;

/*
 * Catches SIGINT and SIGTERM until loop_free(). NULL with errno when memory or descriptors are out.
 */
struct loop *loop_new(void);

/* Waits for jobs, closes all open handles, runs their close callbacks, and frees the loop. */
void loop_free(struct loop *loop);

/*
 * Runs until loop_stop(), a signal, or the end of its time, or until nothing is left to wait for.
 */
void loop_run(struct loop *loop);

void loop_stop(struct loop *loop);

/* Whether the loop was told to end. Data that arrives from then on must be left alone. */
bool loop_stopped(const struct loop *loop);

/* When it was first told to end, a time of wait_clock(); 0: not yet. */
int64_t loop_ended(const struct loop *loop);

/* loop_run() ends after so many seconds. */
void loop_limit(struct loop *loop, double seconds);

/* Ends the loop as if its time were over. */
void loop_expire(struct loop *loop);

/* The signal that ended the loop, 0 when it was none. */
int loop_signal(const struct loop *loop);

/* Whether the time given to loop_limit() ended the loop. */
bool loop_expired(const struct loop *loop);

uv_loop_t *loop_uv(struct loop *loop);

/* The wall clock, in ms. */
instant loop_clock(void);

#endif
