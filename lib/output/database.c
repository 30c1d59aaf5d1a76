#include "output/database.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/queue_limits.h"
#include "io/thread.h"
#include "io/wait.h"
#include "output/database_thread.h"

enum {
	PATIENCE =
		10000, /* ms that a program waits at its end for a database that is locked or away */
	LIVE_OPEN = 1000, /* ms that a live program waits for the first opening */
	PARTING = 200     /* ms of the end of a live program that are kept for the disk */
};

static int tell_failure(struct output *output, struct database *d, int error)
{
	if (error)
		snprintf(output->problem, sizeof output->problem, "%s", d->problem);
	return error;
}

static const char too_many[] = "too many records wait for a database that is locked, full or away";

/*
 * Before a row is made, because the rows tell once which columns they have. EM_TIMEOUT when the
 * record must be dropped.
 */
static int check_room(struct output *output, struct database *d)
{
	int error;

	pthread_mutex_lock(&d->lock);
	error = d->error;
	if (!error && (d->waiting.length > QUEUE_BYTES || d->rows + d->taken >= QUEUE_RECORDS))
		error = EM_TIMEOUT;
	pthread_mutex_unlock(&d->lock);
	if (error != EM_TIMEOUT)
		return tell_failure(output, d, error);
	snprintf(output->problem, sizeof output->problem, "%s", too_many);
	return error;
}

/* The caller holds the lock. */
static int wait_for_room(struct database *d)
{
	while (!d->error && !d->trouble && d->waiting.length > QUEUE_BYTES)
		database_wait(d, 1000);
	if (!d->error && d->waiting.length > QUEUE_BYTES) {
		snprintf(d->problem, sizeof d->problem, "%s", too_many);
		d->error = EM_TIMEOUT;
	}
	return d->error;
}

/* The caller holds the lock. */
static int add(struct database *d, const struct text *made)
{
	bool first = !d->waiting.length;

	if (first)
		d->since = wait_clock();
	text_add(&d->waiting, made->data, made->length);
	d->rows++;
	if (first || d->waiting.length >= DATABASE_PLENTY)
		pthread_cond_broadcast(&d->changed);
	return d->waiting.failed ? EM_NO_MEMORY : 0;
}

static int database_write(struct output *output, const struct record *r)
{
	struct database *d = output->state;
	struct text *made;
	int error = d->live ? check_room(output, d) : 0;

	if (error)
		return error;
	made = row_make(&d->maker, r, database_clock());
	if (made->failed)
		return EM_NO_MEMORY;
	pthread_mutex_lock(&d->lock);
	error = d->live ? d->error : wait_for_room(d);
	if (!error)
		error = add(d, made);
	pthread_mutex_unlock(&d->lock);
	return tell_failure(output, d, error);
}

/* The thread writes records within a second anyway; this only reports its failures. */
static int database_flush(struct output *output)
{
	struct database *d = output->state;
	int error;

	pthread_mutex_lock(&d->lock);
	error = d->error;
	pthread_mutex_unlock(&d->lock);
	return tell_failure(output, d, error);
}

static bool database_kept(struct output *output, int ms)
{
	struct database *d = output->state;
	int64_t end = wait_clock() + ms;
	bool kept;

	pthread_mutex_lock(&d->lock);
	d->hurry = d->waiting.length > 0;
	pthread_cond_broadcast(&d->changed);
	for (int64_t now = end - ms; (d->waiting.length || d->busy) && !d->error && now < end;) {
		database_wait(d, end - now);
		now = wait_clock();
	}
	kept = !d->waiting.length && !d->busy && !d->error;
	pthread_mutex_unlock(&d->lock);
	return kept;
}

static void database_free(struct database *d)
{
	if (d->state)
		d->engine->close(d->state);
	free(d->state);
	slots_free(&d->slots);
	row_maker_free(&d->maker);
	text_free(&d->waiting);
	url_free(&d->url);
	free(d);
}

/* Waits for the thread: until it ends, or in a live program until the deadline. */
static bool end_thread(struct database *d, int64_t deadline)
{
	bool finished;

	pthread_mutex_lock(&d->lock);
	d->closing = true;
	d->deadline = deadline ? deadline - PARTING : wait_clock() + PATIENCE;
	pthread_cond_broadcast(&d->changed);
	for (int64_t now; !d->finished && deadline && (now = wait_clock()) < deadline;)
		database_wait(d, deadline - now);
	finished = d->finished || !deadline;
	if (d->live && (d->error || !finished))
		d->rows += d->taken;
	pthread_mutex_unlock(&d->lock);
	return finished;
}

static int database_close(struct output *output)
{
	struct database *d = output->state;
	int error;

	if (!end_thread(d,
	                output->deadline)) { /* it hangs in a call; the process is about to end */
		pthread_detach(d->thread);
		snprintf(output->problem, sizeof output->problem, "it does not answer");
		output->dropped += d->rows;
		return EM_TIMEOUT;
	}
	pthread_join(d->thread, NULL);
	error = tell_failure(output, d, d->error);
	if (error && d->live)
		output->dropped += d->rows;
	database_free(d);
	return error;
}

static int start_thread(struct database *d)
{
	thread_prepare(&d->lock, &d->changed);
	return thread_start(&d->thread, database_run, d);
}

/* A failure that lasts, such as a wrong path, is found when a live program begins. */
static int await_opening(struct database *d, char *problem, size_t size)
{
	int64_t end = wait_clock() + LIVE_OPEN;
	int error;

	pthread_mutex_lock(&d->lock);
	for (int64_t now = end - LIVE_OPEN; !d->opened && now < end; now = wait_clock())
		database_wait(d, end - now);
	error = d->error;
	pthread_mutex_unlock(&d->lock);
	if (error) {
		pthread_join(d->thread, NULL);
		snprintf(problem, size, "%s", d->problem);
	}
	return error;
}

/* Opens the database here, or in a live program on the thread. */
static int begin(struct database *d, char *problem, size_t size)
{
	int error = d->live ? 0 : d->engine->open(d->state, &d->url, d->path, problem, size);

	if (error)
		return error;
	error = start_thread(d);
	snprintf(problem, size, "%s", strerror(errno));
	return error || !d->live ? error : await_opening(d, problem, size);
}

const char *database_file(const char *url)
{
	if (!strncmp(url, "sqlite:", 7))
		url += 7;
	else if (strstr(url, "://"))
		return NULL;
	return strncmp(url, "//", 2) ? url : url + 2;
}

static int choose_engine(struct database *d, const char *text, char *problem, size_t size)
{
	int error;

	if (!strncmp(text, "mysql://", 8) || !strncmp(text, "mariadb://", 10)) {
		error = url_parse(&d->url, text);
		d->engine = &database_mysql;
		if (error == EM_UNSUPPORTED)
			snprintf(problem, size,
			         "a password in the URL is visible to everybody: use "
			         "EMTOOL_DB_PASSWORD_FILE");
		else if (error || !*d->url.path || url_unknown_option(&d->url, "socket|ca"))
			snprintf(problem, size, "expected mysql://user@host[:port]/database");
		else
			return 0;
		return EM_SYNTAX;
	}
	d->engine = &database_sqlite;
	d->path = database_file(text);
	if (!d->path)
		return snprintf(problem, size, "unknown kind of database"), EM_SYNTAX;
	if (!*d->path)
		return snprintf(problem, size, "the path is missing"), EM_SYNTAX;
	return 0;
}

int output_database(struct output **out, const struct database_options *options, char *problem,
                    size_t size)
{
	static const struct output_kind kind = {database_write, database_flush, database_close,
	                                        database_kept};
	struct output *output = calloc(1, sizeof *output);
	struct database *d = calloc(1, sizeof *d);
	int error = output && d ? 0 : EM_NO_MEMORY;

	snprintf(problem, size, "%s", error_text(EM_NO_MEMORY));
	if (!error)
		error = choose_engine(d, options->url, problem, size);
	if (!error) {
		d->name = options->url;
		d->live = options->live;
		d->retain_days = options->retain_days;
		d->slots.length = (int64_t)((options->debounce > 0 ? options->debounce : 300) *
		                            1000);
		d->state = calloc(1, d->engine->size);
		error = d->state ? begin(d, problem, size) : EM_NO_MEMORY;
	}
	if (error) {
		if (d)
			database_free(d);
		free(output);
		return error;
	}
	*output = (struct output){.kind = &kind, .name = options->url, .state = d};
	*out = output;
	return 0;
}
