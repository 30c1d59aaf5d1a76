/*
 * The event loop of a long-running command: libuv's, with the two things every command wants of it:
 * an end on SIGINT and SIGTERM, and an end after a time. Rooms that need more use loop_uv().
 */
#ifndef IO_LOOP_H
#define IO_LOOP_H

#include <uv.h>

#include "base/stamp.h"

struct loop;

/* NULL when memory or descriptors are out, errno tells. Catches SIGINT and SIGTERM until it is freed. */
struct loop *loop_new(void);

/* Waits for jobs, closes every other handle that is still open, runs their close callbacks, frees the loop. */
void loop_free(struct loop *loop);

/* Runs until loop_stop(), a signal, the end of its time, or until nothing is left to wait for. */
void loop_run(struct loop *loop);

void loop_stop(struct loop *loop);

/* Whether it was told to end, in whatever way: what arrives from then on is not for it. */
bool loop_stopped(const struct loop *loop);

/* Lets loop_run() end after so many seconds. */
void loop_limit(struct loop *loop, double seconds);

/* Ends it as if its time were over. */
void loop_expire(struct loop *loop);

/* The signal that ended it, 0 when none did. */
int loop_signal(const struct loop *loop);

/* Whether the time given to loop_limit() ended it. */
bool loop_expired(const struct loop *loop);

uv_loop_t *loop_uv(struct loop *loop);

/* The wall clock, in ms. */
instant loop_clock(void);

#endif
