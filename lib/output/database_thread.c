/* The thread of the SQL outputs. */
#include "output/database_thread.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "base/error.h"
#include "base/news.h"
#include "io/thread.h"
#include "io/wait.h"

enum {
	DELAY = 1000,             /* ms within which a row is written */
	PRUNE_EVERY = 3600 * 1000 /* ms */
};

int64_t database_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void database_wait(struct database *d, int64_t ms)
{
	thread_wait(&d->lock, &d->changed, ms);
}

static int write_rows(struct database *d, const struct text *batch)
{
	struct database_row row;
	int error = d->engine->begin(d->state);

	for (const char *p = batch->data; !error && (p = entry_row(batch, p, &row));) {
		if (slots_changed(&d->slots, &row, d->engine, d->state, &error))
			row.debounced = true;
		if (!error)
			error = d->engine->insert(d->state, &row);
	}
	return error ? error : d->engine->commit(d->state);
}

static int write_batch(struct database *d, const struct text *batch)
{
	const char *name;
	bool number;
	int error = 0, saved;

	/* Adds columns first, because in MariaDB a change of the table ends the transaction. */
	for (const char *p = batch->data; !error && (p = entry_column(batch, p, &name, &number));)
		error = d->engine->add_column(d->state, name, number);
	if (!error)
		error = write_rows(d, batch);
	saved = errno;
	if (error)
		d->engine->rollback(d->state);
	slots_settle(&d->slots, !error);
	errno = saved;
	return error;
}

/* Remembers a temporary failure and waits a little; false when there is no time left. */
static bool be_patient(struct database *d)
{
	bool go_on;

	pthread_mutex_lock(&d->lock);
	if (!d->trouble)
		news(NEWS_WARNING, "%s: %s; trying again", d->name, d->engine->problem(d->state));
	d->trouble = true;
	database_wait(d, d->closing ? 100
	                            : 1000); /* a server that refuses connections does so at once */
	go_on = !d->closing || wait_clock() < d->deadline;
	pthread_cond_broadcast(&d->changed);
	pthread_mutex_unlock(&d->lock);
	return go_on;
}

/* Whether to try again; a live program also waits for a disk that is full, and for memory. */
static bool may_pass(const struct database *d, int error)
{
	if (error == EM_TIMEOUT || error == EM_CLOSED)
		return true;
	return d->live &&
	       (error == EM_NO_MEMORY || (error == EM_SYSTEM && (errno == ENOSPC || errno == EIO)));
}

static void trouble_over(struct database *d)
{
	pthread_mutex_lock(&d->lock);
	if (d->trouble)
		news(NEWS_WARNING, "%s: available again, records are written", d->name);
	d->trouble = false;
	pthread_mutex_unlock(&d->lock);
}

static int open_again(struct database *d)
{
	d->engine->close(d->state);
	return d->engine->open(d->state, &d->url, d->path, d->problem, sizeof d->problem);
}

/* Opens it in a live program: tells the result of the first attempt, and goes on trying. */
static int open_first(struct database *d)
{
	int error = open_again(d);

	pthread_mutex_lock(&d->lock);
	d->error = may_pass(d, error) ? 0 : error;
	d->opened = true;
	pthread_cond_broadcast(&d->changed);
	pthread_mutex_unlock(&d->lock);
	while (may_pass(d, error) && be_patient(d))
		error = open_again(d);
	if (!error)
		trouble_over(d);
	return error;
}

/* Tries until the batch is written; gives up when the error is permanent. */
static int insist(struct database *d, const struct text *batch)
{
	int error = write_batch(d, batch);
	bool open = error != EM_CLOSED;

	while (may_pass(d, error) && be_patient(d)) {
		error = open ? 0 : open_again(d);
		open = !error;
		if (open)
			error = write_batch(d, batch);
		open = open && error != EM_CLOSED;
	}
	if (!error)
		trouble_over(d);
	return error;
}

static int prune(struct database *d)
{
	instant before = database_clock() - (instant)(d->retain_days * 86400e3);
	bool more = true;
	int error = 0;

	while (more && !error)
		error = d->engine->prune(d->state, before, &more);
	return may_pass(d, error) ? 0 : error; /* the next pruning removes the rest */
}

/* Waits for entries and takes them; false when the output closes and none are left. */
static bool take(struct database *d, struct text *batch, int64_t *next_prune)
{
	int64_t now;

	pthread_mutex_lock(&d->lock);
	d->busy = false;
	d->taken = 0;
	pthread_cond_broadcast(&d->changed);
	for (;;) {
		now = wait_clock();
		if (d->closing || d->waiting.length >= DATABASE_PLENTY ||
		    (d->hurry && d->waiting.length))
			break;
		if (d->waiting.length && now - d->since >= DELAY)
			break;
		if (!d->waiting.length && now >= *next_prune)
			break;
		database_wait(d, d->waiting.length ? DELAY - (now - d->since) : 60000);
	}
	struct text empty = *batch;

	empty.length = 0;
	*batch = d->waiting;
	d->waiting = empty;
	d->taken = d->rows;
	d->rows = 0;
	d->busy = batch->length > 0;
	d->hurry = false;
	pthread_cond_broadcast(&d->changed);
	pthread_mutex_unlock(&d->lock);
	return batch->length || !d->closing;
}

void *database_run(void *argument)
{
	struct database *d = argument;
	struct text batch = {0};
	int64_t next_prune = d->retain_days > 0 ? 0 : INT64_MAX;
	int error = d->live ? open_first(d) : 0;

	while (!error && take(d, &batch, &next_prune)) {
		if (batch.length)
			error = insist(d, &batch);
		if (!error && wait_clock() >= next_prune) {
			error = prune(d);
			next_prune = wait_clock() + PRUNE_EVERY;
		}
	}
	if (!error && next_prune == 0)
		error = prune(d);
	pthread_mutex_lock(&d->lock);
	d->error = error;
	if (error == EM_NO_MEMORY)
		snprintf(d->problem, sizeof d->problem, "%s", error_text(error));
	else if (error && *d->engine->problem(d->state))
		snprintf(d->problem, sizeof d->problem, "%s", d->engine->problem(d->state));
	d->finished = true;
	pthread_cond_broadcast(&d->changed);
	pthread_mutex_unlock(&d->lock);
	text_free(&batch);
	return NULL;
}
