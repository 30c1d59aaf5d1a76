#include "out/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/news.h"
#include "out/device.h"

extern char **environ;

enum {
	QUEUE = 1000,
	PATIENCE = 5 /* s that a full queue waits for a command to end */
};

struct job {
	struct job *next;
	char **environment; /* ours, then the record's; ended by NULL */
	struct text strings, json;
};

struct exec {
	const char *command;
	struct format_state format;
	struct alarm alarms[ALARM_LIMIT];
	size_t alarm_count;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct job *first, **last;
	size_t waiting;
	uint64_t dropped, failed;
	bool closing;
};

static void free_job(struct job *job)
{
	free(job->environment);
	text_free(&job->strings);
	text_free(&job->json);
	free(job);
}

/* EMTOOL_NAME=value */
static void put_variable(struct text *out, const char *name, size_t length)
{
	text_puts(out, "EMTOOL_");
	for (size_t i = 0; i < length; i++) {
		char c = name[i];

		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		else if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')))
			c = '_';
		text_char(out, c);
	}
	text_char(out, '=');
}

static void put_text(struct text *out, const char *name, const char *value)
{
	put_variable(out, name, strlen(name));
	text_puts(out, value);
	text_char(out, '\0');
}

static size_t put_variables(struct text *out, const struct record *r, const char *alarm)
{
	const struct value *end = r->values + r->count;
	char time[STAMP_TEXT] = "";
	size_t n = 4;

	if (r->time != INSTANT_NONE)
		instant_format(time, r->time);
	for (const struct value *v = r->values; v < end; v = value_next(r, v)) {
		size_t start;

		if (!v->name || v->kind == VALUE_NULL || v->kind >= VALUE_LIST)
			continue;
		put_variable(out, v->name, v->name_length);
		start = out->length;
		value_plain(out, v);
		for (size_t i = start; i < out->length; i++)
			if (!out->data[i])
				out->data[i] = ' ';
		text_char(out, '\0');
		n++;
	}
	put_text(out, "type", r->type);
	put_text(out, "time", time);
	put_text(out, "source", r->source ? r->source : "");
	put_text(out, "alarm", alarm ? alarm : "");
	return n;
}

/* What is inherited, without variables of an outer emtool, which may be secrets. */
static bool make_environment(struct job *job, size_t count)
{
	size_t inherited = 0, n = 0;
	char *p = job->strings.data;

	while (environ[inherited])
		inherited++;
	job->environment = calloc(inherited + count + 1, sizeof *job->environment);
	if (!job->environment)
		return false;
	for (size_t i = 0; i < inherited; i++)
		if (strncmp(environ[i], "EMTOOL_", 7))
			job->environment[n++] = environ[i];
	for (size_t i = 0; i < count; i++, p += strlen(p) + 1)
		job->environment[n++] = p;
	return true;
}

static struct job *make_job(struct exec *e, const struct record *r, const char *alarm)
{
	struct job *job = calloc(1, sizeof *job);
	size_t count;

	if (!job)
		return NULL;
	format_json(&job->json, &e->format, r);
	count = put_variables(&job->strings, r, alarm);
	if (job->json.failed || job->strings.failed || !make_environment(job, count)) {
		free_job(job);
		return NULL;
	}
	return job;
}

/* ---- the thread ---- */

static void feed(int fd, const struct text *json)
{
	size_t done = 0;

	while (done < json->length) {
		ssize_t n = write(fd, json->data + done, json->length - done);

		if (n < 0 && errno != EINTR)
			break; /* it does not want to read it: its own affair */
		done += n > 0 ? (size_t)n : 0;
	}
}

static int spawn(struct exec *e, struct job *job, int read_end, pid_t *child)
{
	char *arguments[] = {"/bin/sh", "-c", (char *)(uintptr_t)e->command, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, pipe_signal;
	int status;

	sigemptyset(&none);
	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, read_end, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO); /* ours is for records */
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &pipe_signal);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	status = posix_spawn(child, arguments[0], &actions, &attributes, arguments, job->environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return status;
}

static void run_job(struct exec *e, struct job *job)
{
	int ends[2], status = 0;
	pid_t child = 0;

	if (pipe(ends)) {
		news(NEWS_WARNING, "%s: %s", e->command, strerror(errno));
		return;
	}
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	status = spawn(e, job, ends[0], &child);
	close(ends[0]);
	if (!status)
		feed(ends[1], &job->json);
	close(ends[1]);
	if (status) {
		news(NEWS_WARNING, "%s: %s", e->command, strerror(status));
		return;
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (status && !e->failed++)
		news(NEWS_WARNING, "%s: ended with %s %d", e->command,
		     WIFSIGNALED(status) ? "signal" : "exit code",
		     WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

static void *run(void *argument)
{
	struct exec *e = argument;

	pthread_mutex_lock(&e->lock);
	for (;;) {
		struct job *job = e->first;

		if (!job) {
			if (e->closing)
				break;
			pthread_cond_wait(&e->changed, &e->lock);
			continue;
		}
		e->first = job->next;
		if (!e->first)
			e->last = &e->first;
		e->waiting--;
		pthread_cond_broadcast(&e->changed);
		pthread_mutex_unlock(&e->lock);
		run_job(e, job);
		free_job(job);
		pthread_mutex_lock(&e->lock);
	}
	pthread_mutex_unlock(&e->lock);
	return NULL;
}

/* ---- called by the program ---- */

static int queue(struct exec *e, const struct record *r, const char *alarm)
{
	struct job *job = make_job(e, r, alarm);

	if (!job)
		return EM_NO_MEMORY;
	pthread_mutex_lock(&e->lock);
	for (int i = 0; i < PATIENCE && e->waiting == QUEUE; i++) {
		struct timespec until;

		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec++;
		pthread_cond_timedwait(&e->changed, &e->lock, &until);
	}
	if (e->waiting == QUEUE) {
		struct job *oldest = e->first;

		e->first = oldest->next;
		e->waiting--;
		if (!e->dropped++)
			news(NEWS_WARNING, "%s: too slow, records are dropped", e->command);
		free_job(oldest);
	}
	*e->last = job;
	e->last = &job->next;
	e->waiting++;
	pthread_cond_broadcast(&e->changed);
	pthread_mutex_unlock(&e->lock);
	return 0;
}

static int exec_write(struct output *output, const struct record *r)
{
	struct exec *e = output->state;
	int error = 0;

	if (!e->alarm_count)
		return queue(e, r, NULL);
	for (size_t i = 0; i < e->alarm_count && !error; i++)
		if (alarm_fires(&e->alarms[i], r))
			error = queue(e, r, e->alarms[i].text);
	return error;
}

static int exec_flush(struct output *output)
{
	(void)output;
	return 0;
}

static void free_exec(struct exec *e)
{
	for (size_t i = 0; i < e->alarm_count; i++)
		alarm_free(&e->alarms[i]);
	free(e);
}

/* All commands have run when the program ends. */
static int exec_close(struct output *output)
{
	struct exec *e = output->state;

	pthread_mutex_lock(&e->lock);
	e->closing = true;
	pthread_cond_broadcast(&e->changed);
	pthread_mutex_unlock(&e->lock);
	pthread_join(e->thread, NULL);
	if (e->dropped)
		news(NEWS_WARNING, "%s: %llu records were dropped", e->command,
		     (unsigned long long)e->dropped);
	free_exec(e);
	return 0;
}

static int start(struct exec *e)
{
	sigset_t all, before;
	int status;

	e->last = &e->first;
	pthread_mutex_init(&e->lock, NULL);
	pthread_cond_init(&e->changed, NULL);
	sigfillset(&all); /* signals are for the program's own thread */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	status = pthread_create(&e->thread, NULL, run, e);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = status;
	return status ? EM_SYSTEM : 0;
}

int output_exec(struct output **out, const struct exec_options *options, char *problem, size_t size)
{
	static const struct output_kind kind = {exec_write, exec_flush, exec_close};
	struct output *output = calloc(1, sizeof *output);
	struct exec *e = calloc(1, sizeof *e);
	int error = output && e ? 0 : EM_NO_MEMORY;

	snprintf(problem, size, "%s", error_text(EM_NO_MEMORY));
	for (size_t i = 0; !error && i < options->alarm_count; i++) {
		error = i < ALARM_LIMIT ? alarm_parse(&e->alarms[i], options->alarms[i]) : EM_RANGE;
		snprintf(problem, size, "'%s' is no condition like current_l1>25", options->alarms[i]);
		e->alarm_count += !error;
	}
	if (!error) {
		e->command = options->command;
		e->format.style = options->style;
		error = start(e);
		snprintf(problem, size, "%s", strerror(errno));
	}
	if (error) {
		if (e)
			free_exec(e);
		free(output);
		return error;
	}
	*output = (struct output){.kind = &kind, .name = options->command, .state = e};
	*out = output;
	return 0;
}
