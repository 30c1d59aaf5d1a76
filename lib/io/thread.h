/*
 * Threads beside the event loop: how they start, and how they wait for each other. All waiting uses
 * the monotonic clock.
 */
#ifndef IO_THREAD_H
#define IO_THREAD_H

#include <pthread.h>
#include <stdint.h>

/*
 * Starts a thread that receives no signals, because those belong to the main thread. 0, or
 * EM_SYSTEM with errno.
 */
int thread_start(pthread_t *thread, void *(*run)(void *argument), void *argument);

/* Prepares a lock and a condition for thread_wait(). */
void thread_prepare(pthread_mutex_t *lock, pthread_cond_t *changed);

/* Waits for a change, at most `ms`. The caller holds the lock. */
void thread_wait(pthread_mutex_t *lock, pthread_cond_t *changed, int64_t ms);

#endif
