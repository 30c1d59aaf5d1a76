#include "io/job.h"

#include "base/error.h"

/* The thread of a job. The pool of libuv is not used, because it calls abort() without threads. */
static void work(void *argument)
{
	struct job *job = argument;

	job->result = job->run(job);
	uv_async_send(&job->ended);
}

static void on_closed(uv_handle_t *handle)
{
	struct job *job = handle->data;

	job->done(job, job->result);
}

static void on_ended(uv_async_t *handle)
{
	struct job *job = handle->data;

	if (!job->unable)
		uv_thread_join(&job->thread);
	uv_close((uv_handle_t *)handle, on_closed);
}

void job_start(uv_loop_t *loop, struct job *job)
{
	job->ended.data = job;
	uv_async_init(loop, &job->ended, on_ended);
	job->unable = -uv_thread_create(&job->thread, work, job);
	if (job->unable) {
		job->result = EM_SYSTEM;
		uv_async_send(&job->ended);
	}
}
