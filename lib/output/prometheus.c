#include "output/prometheus.h"

#include <errno.h>
#include <stdlib.h>

#include "base/error.h"
#include "io/replace.h"
#include "io/whole.h"
#include "io/writer.h"

enum { PERIOD = 1000 }; /* ms between two versions of the file */

struct exposition {
	struct metrics *metrics;
	const char *path;
	int fd;
	struct loop *loop;
	uv_timer_t timer;
	bool dirty;   /* the file lacks something */
	bool waiting; /* the timer will write */
	bool written; /* written at least once */
	uint64_t last;
	int failure; /* of a record, or of the file until it is written; flush reports it */
	int reason;  /* its errno */
};

static void put_file(struct exposition *e)
{
	struct text out = {0};

	metrics_print(e->metrics, &out);
	e->failure = out.failed ? EM_NO_MEMORY
	                        : file_replace(e->path, out.data, out.length, REPLACE_SHARED);
	e->reason = errno;
	text_free(&out);
	e->dirty = e->failure != 0;
	e->written = true;
	e->last = uv_now(loop_uv(e->loop));
}

static void on_timer(uv_timer_t *timer)
{
	struct exposition *e = timer->data;

	e->waiting = false;
	put_file(e);
}

static int exposition_write(struct output *output, const struct record *r)
{
	struct exposition *e = output->state;
	int error;

	if (!strcmp(r->type, "stats"))
		return 0;
	e->dirty = true;
	error = metrics_take(e->metrics, r, loop_clock());
	if (error)
		e->failure = error;
	return error;
}

/* Writes the file, now or when its time has come. A program that goes on tries again. */
static int exposition_flush(struct output *output)
{
	struct exposition *e = output->state;
	uint64_t now = uv_now(loop_uv(e->loop));

	if (e->path && e->dirty && !e->waiting) {
		e->waiting = e->written && now - e->last < PERIOD;
		if (!e->waiting)
			put_file(e);
		else if (uv_timer_start(&e->timer, on_timer, PERIOD - (now - e->last), 0))
			return EM_NO_MEMORY;
	}
	errno = e->reason;
	return e->failure;
}

/* Waits for a reader until the deadline of the output. */
static int print_in_time(struct output *output, const struct text *all)
{
	const struct exposition *e = output->state;
	struct writer *writer;
	int error = writer_start(&writer, e->fd, output->name);

	if (error)
		return error;
	writer_put(writer, all->data, all->length);
	return writer_close(writer, output->deadline, output->problem, sizeof output->problem);
}

static int print_all(struct output *output)
{
	const struct exposition *e = output->state;
	struct text all = {0};
	int error;

	metrics_print(e->metrics, &all);
	if (all.failed)
		error = EM_NO_MEMORY;
	else
		error = output->deadline ? print_in_time(output, &all)
		                         : write_whole(e->fd, all.data, all.length);
	text_free(&all);
	return error;
}

static void on_closed(uv_handle_t *timer)
{
	free(timer->data);
}

static int exposition_close(struct output *output)
{
	struct exposition *e = output->state;
	int error;

	uv_timer_stop(&e->timer);
	if (e->path && e->dirty && e->failure != EM_NO_MEMORY)
		put_file(e);
	errno = e->reason;
	error = e->failure;
	if (!error && !e->path)
		error = print_all(output);
	metrics_free(e->metrics);
	e->metrics = NULL;
	/* The loop closes the handle later, so its memory must stay until then. */
	uv_close((uv_handle_t *)&e->timer, on_closed);
	return error;
}

struct output *output_prometheus(struct loop *loop, const char *path, int fd, const char *name)
{
	static const struct output_kind kind = {exposition_write, exposition_flush,
	                                        exposition_close};
	struct output *output = calloc(1, sizeof *output);
	struct exposition *e = calloc(1, sizeof *e);
	struct metrics *metrics = metrics_new();

	if (!output || !e || !metrics) {
		metrics_free(metrics);
		free(e);
		free(output);
		return NULL;
	}
	*e = (struct exposition){.metrics = metrics, .path = path, .fd = fd, .loop = loop};
	uv_timer_init(loop_uv(loop), &e->timer);
	uv_unref((uv_handle_t *)&e->timer);
	e->timer.data = e;
	*output = (struct output){.kind = &kind, .name = name, .state = e};
	return output;
}
