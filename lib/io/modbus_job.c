#include "io/modbus_job.h"

#include "base/error.h"

static void work(uv_work_t *w)
{
	struct modbus_job *job = w->data;

	job->result = job->run(job);
}

static void after(uv_work_t *w, int status)
{
	struct modbus_job *job = w->data;

	job->done(job, status ? EM_CANCELLED : job->result);
}

int modbus_job_start(uv_loop_t *loop, struct modbus_job *job)
{
	job->work.data = job;
	return uv_queue_work(loop, &job->work, work, after) ? EM_SYSTEM : 0;
}
