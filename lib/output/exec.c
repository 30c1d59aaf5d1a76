#include "output/exec.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/news.h"
#include "base/queue_limits.h"
#include "base/ring.h"
#include "io/wait.h"
#include "output/alarm.h"

enum {
	ALARMS_LIMIT = 64,
	MERCY = 2000,     /* ms between SIGTERM and SIGKILL */
	MERCY_LIVE = 200, /* the same at the end of a live program */
	LAST_WAIT = 5     /* s for the running command after a signal */
};

struct exec_job {
	struct text input, variables;
};

struct exec {
	struct exec_config config;
	struct loop *loop;
	struct alarm *alarms[ALARMS_LIMIT];
	size_t alarm_count;
	struct ring queue; /* of struct exec_job */
	int failure;       /* libuv error: a command could not be started or fed */
	/* the running command */
	struct exec_job *job;
	uv_process_t process;
	uv_pipe_t pipe;
	uv_timer_t timer;
	uv_write_t write;
	int open;         /* handles that are not closed yet */
	bool killing;     /* SIGTERM was sent */
	bool slow;        /* it is said that records are dropped */
	int64_t deadline; /* ms, when the running command has to end; 0: none */
};

static void start_next(struct exec *e);

static void report(const struct exec *e, const char *before, long long number, const char *after)
{
	news(NEWS_WARNING, "--exec: %.300s: %s%lld%s", e->config.command, before, number, after);
}

static void job_free(struct exec_job *job)
{
	if (!job)
		return;
	text_free(&job->input);
	text_free(&job->variables);
	free(job);
}

static void on_closed(uv_handle_t *handle)
{
	struct exec *e = handle->data;

	if (--e->open)
		return;
	job_free(e->job);
	e->job = NULL;
	if (!loop_signal(e->loop) && (!e->deadline || wait_clock() < e->deadline))
		start_next(e);
}

static void close_all(struct exec *e)
{
	uv_close((uv_handle_t *)&e->timer, on_closed);
	uv_close((uv_handle_t *)&e->process, on_closed);
	if (!uv_is_closing((uv_handle_t *)&e->pipe))
		uv_close((uv_handle_t *)&e->pipe, on_closed);
}

static void on_exit_of_child(uv_process_t *process, int64_t status, int signal)
{
	struct exec *e = process->data;

	if (signal)
		report(e, "ended by signal ", signal, "");
	else if (status)
		report(e, "exit status ", status, "");
	close_all(e);
}

/* Ends the command together with the rest of its process group. */
static void on_late(uv_timer_t *timer)
{
	struct exec *e = timer->data;

	if (!e->killing && e->deadline)
		news(NEWS_WARNING, "--exec: %.300s: ended together with emtool", e->config.command);
	else if (!e->killing)
		report(e, "took longer than ", (long long)e->config.limit, " s and was ended");
	kill(-e->process.pid, e->killing ? SIGKILL : SIGTERM);
	e->killing = true;
	uv_timer_start(&e->timer, on_late, e->deadline ? MERCY_LIVE : MERCY, 0);
}

/* A broken pipe is no failure, because a command need not read its input. */
static void on_written(uv_write_t *write, int status)
{
	struct exec *e = write->data;

	if (status && status != UV_EPIPE && status != UV_ECANCELED)
		e->failure = status;
	if (!uv_is_closing((uv_handle_t *)&e->pipe))
		uv_close((uv_handle_t *)&e->pipe, on_closed);
}

extern char **environ;

/*
 * The environment of emtool without EMTOOL_* (a command must not see EMTOOL_KEY), plus the record.
 */
static char **environment(struct exec_job *job)
{
	size_t count = 0, i = 0;
	char **list;

	for (char **p = environ; *p; p++)
		count++;
	for (size_t at = 0; at < job->variables.length; at++)
		count += job->variables.data[at] == '\0';
	list = calloc(count + 1, sizeof *list);
	if (!list)
		return NULL;
	for (char **p = environ; *p; p++)
		if (strncmp(*p, "EMTOOL_", 7) != 0 && strncmp(*p, "NOTIFY_SOCKET=", 14) != 0)
			list[i++] = *p;
	for (size_t at = 0; at < job->variables.length; at += strlen(job->variables.data + at) + 1)
		list[i++] = job->variables.data + at;
	return list;
}

static int spawn(struct exec *e, char **variables)
{
	char *arguments[] = {"sh", "-c", (char *)e->config.command, NULL};
	uv_stdio_container_t stdio[3] = {
		{.flags = UV_CREATE_PIPE | UV_READABLE_PIPE,
	         .data.stream = (uv_stream_t *)&e->pipe},
		{.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO},
		{.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO},
	};
	uv_process_options_t options = {.exit_cb = on_exit_of_child,
	                                .file = "/bin/sh",
	                                .args = arguments,
	                                .flags = UV_PROCESS_DETACHED,
	                                .env = variables,
	                                .stdio_count = 3,
	                                .stdio = stdio};

	return uv_spawn(loop_uv(e->loop), &e->process, &options);
}

static void feed(struct exec *e)
{
	uv_buf_t buffer = uv_buf_init(e->job->input.data, (unsigned)e->job->input.length);
	int error = uv_write(&e->write, (uv_stream_t *)&e->pipe, &buffer, 1, on_written);

	if (error)
		on_written(&e->write, error);
}

/* ms that a command may take. */
static uint64_t time_limit(const struct exec *e)
{
	uint64_t limit = (uint64_t)(e->config.limit * 1000);
	int64_t left = e->deadline - wait_clock();

	if (!e->deadline || left > (int64_t)limit)
		return limit;
	return left > 0 ? (uint64_t)left : 0;
}

static void start_next(struct exec *e)
{
	uv_loop_t *uv = loop_uv(e->loop);
	char **variables;

	if (e->job || !e->queue.count || e->failure)
		return;
	variables = environment(ring_at(&e->queue, 0));
	if (!variables) {
		e->failure = UV_ENOMEM;
		return;
	}
	e->job = ring_take(&e->queue, 0);
	e->killing = false;
	uv_pipe_init(uv, &e->pipe, 0);
	uv_timer_init(uv, &e->timer);
	e->process.data = e->pipe.data = e->timer.data = e->write.data = e;
	e->open = 3;
	e->failure = spawn(e, variables);
	free(variables);
	if (e->failure) {
		close_all(e);
		return;
	}
	uv_timer_start(&e->timer, on_late, time_limit(e), 0);
	feed(e);
}

/* The output fails when commands can't be started, but not when a command fails. */
static int tell_failure(struct output *output)
{
	struct exec *e = output->state;
	int failure = e->failure;

	if (e->config.live)
		e->failure = 0;
	if (!failure || failure == UV_ENOMEM)
		return failure ? EM_NO_MEMORY : 0;
	snprintf(output->problem, sizeof output->problem, "%.120s: %s", e->config.command,
	         uv_strerror(failure));
	return EM_SYSTEM;
}

/*
 * Shows the record to all alarms; whether the command has to run, and for which alarm.
 * EM_NO_MEMORY.
 */
static int due(struct exec *e, const struct record *r, const char **alarm)
{
	int run = e->alarm_count == 0;

	*alarm = NULL;
	for (size_t i = 0; i < e->alarm_count && run >= 0; i++) {
		int begins = alarm_begins(e->alarms[i], r);

		if (begins > 0 && !*alarm)
			*alarm = alarm_text(e->alarms[i]);
		run = begins ? begins : run;
	}
	return run;
}

static int exec_write(struct output *output, const struct record *r)
{
	struct exec *e = output->state;
	struct format_state state = {.style = e->config.style};
	struct exec_job *job;
	const char *alarm;
	int run = due(e, r, &alarm);

	if (run <= 0)
		return run;
	job = calloc(1, sizeof *job);
	if (!job)
		return EM_NO_MEMORY;
	format_json(&job->input, &state, r);
	exec_variables(&job->variables, r, alarm);
	if (job->input.failed || job->variables.failed) {
		job_free(job);
		return EM_NO_MEMORY;
	}
	if (ring_put(&e->queue, job))
		start_next(e);
	else
		job_free(job);
	return tell_failure(output);
}

static int exec_flush(struct output *output)
{
	struct exec *e = output->state;

	if (e->queue.dropped && (!e->config.live || !e->queue.count)) {
		report(e, "too slow, ", (long long)e->queue.dropped, " records were dropped");
		if (e->config.live)
			output->dropped += e->queue.dropped;
		e->queue.dropped = 0;
		e->slow = false;
	} else if (e->queue.dropped && !e->slow) {
		report(e, "too slow, ", QUEUE_RECORDS, " records wait, others are dropped");
		e->slow = true;
	}
	return tell_failure(output);
}

/* The running command and those that follow have time until the deadline. */
static void set_deadline(struct exec *e, int64_t deadline)
{
	e->deadline = deadline - MERCY_LIVE;
	if (e->job && !uv_is_closing((uv_handle_t *)&e->timer))
		uv_timer_start(&e->timer, on_late, time_limit(e), 0);
}

/* After a signal the running command has a little time, and the queue is dropped. */
static void drain(struct exec *e)
{
	bool hurried = e->deadline != 0;

	while (e->job) {
		if (loop_signal(e->loop) && !hurried && e->process.pid > 0 &&
		    !uv_is_closing((uv_handle_t *)&e->timer)) {
			hurried = true;
			e->config.limit = LAST_WAIT;
			uv_timer_start(&e->timer, on_late, LAST_WAIT * 1000, 0);
		}
		uv_run(loop_uv(e->loop), UV_RUN_ONCE);
	}
	if (e->queue.count && !e->failure)
		report(e, "emtool ends, ", (long long)e->queue.count,
		       " records were not handed over");
}

static void exec_free(struct exec *e)
{
	while (e->queue.count)
		job_free(ring_take(&e->queue, 0));
	ring_free(&e->queue);
	for (size_t i = 0; i < e->alarm_count; i++)
		alarm_free(e->alarms[i]);
	free(e);
}

static int exec_close(struct output *output)
{
	struct exec *e = output->state;
	int error;

	exec_flush(output);
	if (output->deadline)
		set_deadline(e, output->deadline);
	drain(e);
	error = tell_failure(output);
	output->dropped += e->queue.dropped;
	if (output->dropped && !*output->problem)
		snprintf(output->problem, sizeof output->problem, "%.120s: too slow",
		         e->config.command);
	exec_free(e);
	return error;
}

static int add_alarms(struct exec *e, const struct exec_config *config, size_t *wrong)
{
	for (*wrong = 0; *wrong < config->alarm_count && *wrong < ALARMS_LIMIT; ++*wrong) {
		int error = alarm_new(&e->alarms[e->alarm_count], config->alarms[*wrong]);

		if (error)
			return error;
		e->alarm_count++;
	}
	return 0;
}

int output_exec(struct output **out, struct loop *loop, const struct exec_config *config,
                size_t *wrong)
{
	static const struct output_kind kind = {exec_write, exec_flush, exec_close};
	struct output *output = calloc(1, sizeof *output);
	struct exec *e = calloc(1, sizeof *e);
	int error = output && e ? 0 : EM_NO_MEMORY;

	if (!error) {
		e->config = *config;
		e->loop = loop;
		error = ring_begin(&e->queue, QUEUE_RECORDS);
		if (!error)
			error = add_alarms(e, config, wrong);
		*output = (struct output){.kind = &kind, .name = "--exec", .state = e};
	}
	if (error) {
		if (e)
			exec_free(e);
		free(output);
		output = NULL;
	}
	*out = output;
	return error;
}
