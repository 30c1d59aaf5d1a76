#include "output/database.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/news.h"
#include "output/database_batch.h"

enum {
	DELAY = 1000,             /* ms within which a row is written */
	PLENTY = 1 << 21,         /* bytes that are written at once, before that time is over */
	LIMIT = 16 << 20,         /* bytes that may wait for a database that is locked or away */
	PATIENCE = 10000,         /* ms that the program waits for such a database when it ends */
	PRUNE_EVERY = 3600 * 1000 /* ms */
};

struct database {
	const struct database_engine *engine;
	void *state; /* state of the engine; only the thread uses it */
	struct url url;
	const char *path, *name;
	double retain_days;
	struct slots slots;

	struct row_maker maker; /* used on the main thread only */

	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct text waiting; /* entries, see database_batch.h */
	int64_t since;       /* when the first of them arrived */
	bool trouble;        /* locked or away */
	bool closing;
	int64_t closed;   /* since when */
	bool hurry, busy; /* hurry: somebody waits for a commit; busy: the thread writes a batch */
	int error;
	char problem[200];
};

static int64_t clock_ms(clockid_t which)
{
	struct timespec now;

	clock_gettime(which, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits for a change, at most `ms`. The caller holds the lock. */
static void wait_change(struct database *d, int64_t ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	ms += until.tv_nsec / 1000000;
	until.tv_sec += (time_t)(ms / 1000);
	until.tv_nsec = (long)(ms % 1000) * 1000000;
	pthread_cond_timedwait(&d->changed, &d->lock, &until);
}

/* ---- the thread ---- */

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
	int error = 0;

	/* Adds columns first, because in MariaDB a change of the table ends the transaction. */
	for (const char *p = batch->data; !error && (p = entry_column(batch, p, &name, &number));)
		error = d->engine->add_column(d->state, name, number);
	if (!error)
		error = write_rows(d, batch);
	if (error)
		d->engine->rollback(d->state);
	slots_settle(&d->slots, !error);
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
	wait_change(d, d->closing ? 100
	                          : 1000); /* a server that refuses connections does so at once */
	go_on = !d->closing || clock_ms(CLOCK_MONOTONIC) - d->closed < PATIENCE;
	pthread_cond_broadcast(&d->changed);
	pthread_mutex_unlock(&d->lock);
	return go_on;
}

static bool may_pass(int error)
{
	return error == EM_TIMEOUT || error == EM_CLOSED;
}

static void trouble_over(struct database *d)
{
	pthread_mutex_lock(&d->lock);
	if (d->trouble)
		news(NEWS_WARNING, "%s: available again, records are written", d->name);
	d->trouble = false;
	pthread_mutex_unlock(&d->lock);
}

/* Tries until the batch is written; gives up when the error is permanent. */
static int insist(struct database *d, const struct text *batch)
{
	int error = write_batch(d, batch);

	while (may_pass(error) && be_patient(d)) {
		if (error == EM_CLOSED) {
			d->engine->close(d->state);
			error = d->engine->open(d->state, &d->url, d->path, d->problem,
			                        sizeof d->problem);
		}
		if (!error || error == EM_TIMEOUT)
			error = write_batch(d, batch);
	}
	if (!error)
		trouble_over(d);
	return error;
}

static int prune(struct database *d)
{
	instant before = clock_ms(CLOCK_REALTIME) - (instant)(d->retain_days * 86400e3);
	bool more = true;
	int error = 0;

	while (more && !error)
		error = d->engine->prune(d->state, before, &more);
	return may_pass(error) ? 0 : error; /* the next pruning removes the rest */
}

/* Waits for entries and takes them; false when the output closes and none are left. */
static bool take(struct database *d, struct text *batch, int64_t *next_prune)
{
	int64_t now;

	pthread_mutex_lock(&d->lock);
	d->busy = false;
	pthread_cond_broadcast(&d->changed);
	for (;;) {
		now = clock_ms(CLOCK_MONOTONIC);
		if (d->closing || d->waiting.length >= PLENTY || (d->hurry && d->waiting.length))
			break;
		if (d->waiting.length && now - d->since >= DELAY)
			break;
		if (!d->waiting.length && now >= *next_prune)
			break;
		wait_change(d, d->waiting.length ? DELAY - (now - d->since) : 60000);
	}
	struct text empty = *batch;

	empty.length = 0;
	*batch = d->waiting;
	d->waiting = empty;
	d->busy = batch->length > 0;
	d->hurry = false;
	pthread_cond_broadcast(&d->changed);
	pthread_mutex_unlock(&d->lock);
	return batch->length || !d->closing;
}

static void *run(void *argument)
{
	struct database *d = argument;
	struct text batch = {0};
	int64_t next_prune = d->retain_days > 0 ? 0 : INT64_MAX;
	int error = 0;

	while (!error && take(d, &batch, &next_prune)) {
		if (batch.length)
			error = insist(d, &batch);
		if (!error && clock_ms(CLOCK_MONOTONIC) >= next_prune) {
			error = prune(d);
			next_prune = clock_ms(CLOCK_MONOTONIC) + PRUNE_EVERY;
		}
	}
	if (!error && next_prune == 0)
		error = prune(d);
	pthread_mutex_lock(&d->lock);
	d->error = error;
	if (error)
		snprintf(d->problem, sizeof d->problem, "%s",
		         error == EM_NO_MEMORY ? error_text(error) : d->engine->problem(d->state));
	pthread_cond_broadcast(&d->changed);
	pthread_mutex_unlock(&d->lock);
	text_free(&batch);
	return NULL;
}

/* ---- on the main thread ---- */

static int tell_failure(struct output *output, struct database *d, int error)
{
	if (error)
		snprintf(output->problem, sizeof output->problem, "%s", d->problem);
	return error;
}

static int database_write(struct output *output, const struct record *r)
{
	struct database *d = output->state;
	struct text *made = row_make(&d->maker, r, clock_ms(CLOCK_REALTIME));
	int error;

	if (made->failed)
		return EM_NO_MEMORY;
	pthread_mutex_lock(&d->lock);
	while (!d->error && !d->trouble && d->waiting.length > LIMIT)
		wait_change(d, 1000);
	error = d->error;
	if (!error && d->waiting.length > LIMIT) {
		snprintf(d->problem, sizeof d->problem, "%s",
		         "too many records wait for a database that is locked or away");
		error = d->error = EM_TIMEOUT;
	}
	if (!error) {
		bool first = !d->waiting.length;

		if (first)
			d->since = clock_ms(CLOCK_MONOTONIC);
		text_add(&d->waiting, made->data, made->length);
		error = d->waiting.failed ? EM_NO_MEMORY : 0;
		if (first || d->waiting.length >= PLENTY)
			pthread_cond_broadcast(&d->changed);
	}
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
	int64_t end = clock_ms(CLOCK_MONOTONIC) + ms;
	bool kept;

	pthread_mutex_lock(&d->lock);
	d->hurry = d->waiting.length > 0;
	pthread_cond_broadcast(&d->changed);
	for (int64_t now = end - ms; (d->waiting.length || d->busy) && !d->error && now < end;) {
		wait_change(d, end - now);
		now = clock_ms(CLOCK_MONOTONIC);
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

static int database_close(struct output *output)
{
	struct database *d = output->state;
	int error;

	pthread_mutex_lock(&d->lock);
	d->closing = true;
	d->closed = clock_ms(CLOCK_MONOTONIC);
	pthread_cond_broadcast(&d->changed);
	pthread_mutex_unlock(&d->lock);
	pthread_join(d->thread, NULL);
	error = tell_failure(output, d, d->error);
	database_free(d);
	return error;
}

static int start_thread(struct database *d)
{
	pthread_condattr_t monotonic;
	sigset_t all, before;
	int status;

	pthread_mutex_init(&d->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&d->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	sigfillset(&all); /* signals go to the main thread */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	status = pthread_create(&d->thread, NULL, run, d);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = status;
	return status ? EM_SYSTEM : 0;
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
		d->retain_days = options->retain_days;
		d->slots.length = (int64_t)((options->debounce > 0 ? options->debounce : 300) *
		                            1000);
		d->state = calloc(1, d->engine->size);
		error = d->state ? d->engine->open(d->state, &d->url, d->path, problem, size)
		                 : EM_NO_MEMORY;
	}
	if (!error) {
		error = start_thread(d);
		snprintf(problem, size, "%s", strerror(errno));
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
