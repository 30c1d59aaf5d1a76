/*
 * Something that takes its time, beside the event loop: `run` is called on a thread of its own and
 * may block, `done` afterwards on the loop. The owner keeps the job, and what `run` uses, until
 * `done` was called. loop_free() waits for jobs.
 */
#ifndef IO_JOB_H
#define IO_JOB_H

#include <stdbool.h>
#include <uv.h>

struct job {
	int (*run)(struct job *job);               /* on the thread: 0 or EM_* */
	void (*done)(struct job *job, int result); /* on the loop */
	void *data;                                /* the owner's */
	/* ours */
	uv_thread_t thread;
	uv_async_t ended;
	int result;
	int unable; /* `run` was not called, there was no thread: why, as errno has it; else 0 */
};

/* `done` will be called in any case; with EM_SYSTEM when there was no thread. */
void job_start(uv_loop_t *loop, struct job *job);

#endif
