#include "cmd/polling.h"

#include <math.h>
#include <stdlib.h>

#include "cmd/say.h"
#include "io/modbus_job.h"

struct errand {
	struct modbus_job job;
	struct session *session;
	int (*work)(void *context);
	void *context;
	bool done;
	int result;
};

static int run(struct modbus_job *job)
{
	struct errand *e = job->data;

	return e->work(e->context);
}

static void done(struct modbus_job *job, int result)
{
	struct errand *e = job->data;

	e->done = true;
	e->result = result;
	loop_stop(e->session->loop);
}

bool polling_ended(const struct session *s)
{
	return s->stopping || loop_signal(s->loop) || loop_expired(s->loop);
}

int polling_work(struct session *s, atomic_bool *stop, int (*work)(void *context), void *context)
{
	struct errand e = {.job = {.run = run, .done = done}, .session = s, .work = work,
	                   .context = context};

	e.job.data = &e;
	/* Commands poll one device: four threads, libuv's default, only cost time at the start. */
	setenv("UV_THREADPOOL_SIZE", "2", 0);
	if (modbus_job_start(loop_uv(s->loop), &e.job))
		return EM_NO_MEMORY;
	while (!e.done) {
		if (polling_ended(s))
			atomic_store(stop, true);
		uv_run(loop_uv(s->loop), UV_RUN_ONCE);
	}
	return e.result;
}

static void awake(uv_timer_t *timer)
{
	loop_stop(timer->data);
}

static void timer_closed(uv_handle_t *handle)
{
	*(bool *)handle->data = true;
}

bool polling_sleep(struct session *s, double seconds)
{
	uv_timer_t timer;
	bool closed = false;

	session_flush(s);
	if (polling_ended(s))
		return false;
	uv_timer_init(loop_uv(s->loop), &timer);
	timer.data = s->loop;
	/* Never early, or the next poll would come at once: the loop's clock is old and cuts to whole ms. */
	uv_update_time(loop_uv(s->loop));
	uv_timer_start(&timer, awake, (uint64_t)ceil(seconds * 1000) + 1, 0);
	loop_run(s->loop);
	timer.data = &closed;
	uv_close((uv_handle_t *)&timer, timer_closed);
	while (!closed)
		uv_run(loop_uv(s->loop), UV_RUN_NOWAIT);
	return !polling_ended(s);
}

double polling_now(void)
{
	return (double)uv_hrtime() / 1e9;
}

bool polling_next(struct session *s, double begin, double interval)
{
	return polling_sleep(s, interval - fmod(polling_now() - begin, interval));
}

void polling_failed(struct session *s, const struct modbus_client *c, int error, const char *what)
{
	if (error == EM_CANCELLED && polling_ended(s))
		return;
	say_error("%s: %s%s%s", modbus_client_name(c), what, *what ? ": " : "",
	          modbus_client_message(c));
	session_fail(s, error == EM_TIMEOUT ? EXIT_TIMEOUT : EXIT_DEVICE);
}
