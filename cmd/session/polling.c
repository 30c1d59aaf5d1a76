#include "cmd/session/polling.h"

#include <errno.h>
#include <math.h>

#include "cmd/session/say.h"
#include "io/job.h"

struct errand {
	struct job job;
	struct session *session;
	int (*work)(void *context);
	void *context;
	bool done;
	int result;
};

static int run(struct job *job)
{
	struct errand *e = job->data;

	return e->work(e->context);
}

static void done(struct job *job, int result)
{
	struct errand *e = job->data;

	e->done = true;
	e->result = result;
	loop_stop(e->session->loop);
}

void polling_confine(const struct reading *options, const char *host, const char *file)
{
	session_confine(options, file, (const char *const[]){"tcp://", host, NULL});
}

bool polling_ended(const struct session *s)
{
	return s->stopping || loop_signal(s->loop) || loop_expired(s->loop);
}

int polling_work(struct session *s, atomic_bool *stop, int (*work)(void *context), void *context)
{
	struct errand e = {
		.job = {.run = run, .done = done}, .session = s, .work = work, .context = context};

	e.job.data = &e;
	job_start(loop_uv(s->loop), &e.job);
	while (!e.done) {
		if (polling_ended(s))
			atomic_store(stop, true);
		uv_run(loop_uv(s->loop), UV_RUN_ONCE);
	}
	if (e.job.unable) {
		errno = e.job.unable;
		session_fail(s, say_failure("thread", EM_SYSTEM));
		s->stopping = true;
		return EM_CANCELLED;
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
	session_confined();
	if (polling_ended(s))
		return false;
	uv_timer_init(loop_uv(s->loop), &timer);
	timer.data = s->loop;
	/*
	 * Rounds up: the loop's clock lags and has whole ms, and an early timer would poll twice.
	 */
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
	if (error == EM_NO_MEMORY) { /* not the client's error, so it has no message */
		session_fail(s, say_failure(modbus_client_name(c), error));
		return;
	}
	say_error("%s: %s%s%s", modbus_client_name(c), what, *what ? ": " : "",
	          modbus_client_message(c));
	session_fail(s, error == EM_TIMEOUT                             ? EXIT_TIMEOUT
	                : error == EM_SYSTEM || error == EM_UNSUPPORTED ? EXIT_LOCAL
	                                                                : EXIT_DEVICE);
}
