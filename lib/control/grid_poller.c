#include "control/grid_poller.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/news.h"
#include "io/job.h"
#include "io/monotonic.h"

enum { PERIOD = 1000, REPLY = 1000, OLD = 2000 }; /* ms */

struct grid_poller {
	const struct grid_poll *poll;
	struct grid_sink sink;
	struct modbus_client *client;
	void *state; /* belongs to the worker while a job runs, like `record` */
	struct record record;
	struct job job;
	uv_timer_t timer;
	int unit;
	int64_t begun;
	atomic_bool stop;
	bool running, closing, warned;
	uint64_t failed;
	unsigned users; /* the timer, and a running request */
};

static void release(struct grid_poller *p)
{
	if (--p->users)
		return;
	if (p->state)
		p->poll->close(p->state);
	modbus_client_free(p->client);
	record_free(&p->record);
	free(p);
}

/* Runs on the worker thread. */
static int read_one(struct job *job)
{
	struct grid_poller *p = job->data;

	return p->poll->read(p->state, p->client, p->unit, &p->record);
}

static void fail(struct grid_poller *p, const char *why)
{
	p->failed++;
	if (!p->warned)
		news(NEWS_WARNING, "meter %s: %s", modbus_client_name(p->client), why);
	p->warned = true;
}

static void take(struct grid_poller *p)
{
	if (p->warned)
		news(NEWS_WARNING, "meter %s: answers again", modbus_client_name(p->client));
	p->warned = false;
	p->sink.record(p->sink.context, &p->record);
}

static const char *reason(const struct grid_poller *p, int error)
{
	if (p->job.unable)
		return strerror(p->job.unable);
	return error == EM_UNSUPPORTED ? p->poll->none
	       : error == EM_NO_MEMORY ? error_text(error)
	                               : modbus_client_message(p->client);
}

static void on_read(struct job *job, int error)
{
	struct grid_poller *p = job->data;

	p->running = false;
	if (!p->closing && error)
		fail(p, reason(p, error));
	else if (!p->closing && monotonic_ms() - p->begun > OLD)
		fail(p, "a reading took more than 2 s: not used");
	else if (!p->closing)
		take(p);
	release(p);
}

static void on_timer(uv_timer_t *timer)
{
	struct grid_poller *p = timer->data;

	if (p->running)
		return;
	p->running = true;
	p->users++;
	p->begun = monotonic_ms();
	job_start(timer->loop, &p->job);
}

/* Opens all but the connection. */
static int prepare(struct grid_poller *p, const struct grid_source *source, char *problem,
                   size_t size)
{
	const struct modbus_target_defaults defaults = {.line = source->kind->serial};
	const struct modbus_options options = {.timeout = REPLY, .stop = &p->stop};
	struct modbus_target target;
	int error = modbus_target_parse(&target, source->url, &defaults);

	if (error) {
		snprintf(problem, size, "'%s' %s", source->url,
		         modbus_target_problem(error, false));
		return EM_SYNTAX;
	}
	snprintf(problem, size, "%s", error_text(EM_NO_MEMORY));
	p->client = modbus_client_new(&target, &options);
	p->state = p->poll->open(source);
	return p->client && p->state ? 0 : EM_NO_MEMORY;
}

int grid_poller_open(struct grid_poller **out, uv_loop_t *loop, const struct grid_source *source,
                     const struct grid_sink *sink, char *problem, size_t size)
{
	struct grid_poller *p = calloc(1, sizeof *p);
	int error;

	*out = NULL;
	if (!p) {
		snprintf(problem, size, "%s", error_text(EM_NO_MEMORY));
		return EM_NO_MEMORY;
	}
	p->poll = source->kind->poll;
	p->sink = *sink;
	p->unit = source->unit;
	p->users = 1;
	p->job = (struct job){.run = read_one, .done = on_read, .data = p};
	error = prepare(p, source, problem, size);
	if (error) {
		release(p);
		return error;
	}
	uv_timer_init(loop, &p->timer);
	p->timer.data = p;
	uv_timer_start(&p->timer, on_timer, 0, PERIOD);
	*out = p;
	return 0;
}

static void on_closed(uv_handle_t *handle)
{
	release(handle->data);
}

void grid_poller_close(struct grid_poller *p)
{
	if (!p)
		return;
	p->closing = true;
	atomic_store(&p->stop, true);
	uv_close((uv_handle_t *)&p->timer, on_closed);
}

uint64_t grid_poller_failed(const struct grid_poller *p)
{
	return p->failed;
}
