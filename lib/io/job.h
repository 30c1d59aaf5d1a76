/*
 * Blocking work beside the event loop: `run` is called on a thread of its own and may block; `done`
 * is called on the loop afterwards. The owner keeps the job, and everything that `run` uses, until
 * `done` was called. loop_free() waits for jobs.
 */
#ifndef IO_JOB_H
#define IO_JOB_H

#include <stdbool.h>
#include <uv.h>

struct job {
	int (*run)(struct job *job);               /* on the thread: 0 or EM_* */
	void (*done)(struct job *job, int result); /* on the loop */
	void *data;                                /* for the owner */
	/* for job.c */
	uv_thread_t thread;
	uv_async_t ended;
	int result;
	int unable; /* errno when there was no thread and `run` was not called; else 0 */
};

/* `done` is called in any case, with EM_SYSTEM when there was no thread. */
void job_start(uv_loop_t *loop, struct job *job);

#endif
