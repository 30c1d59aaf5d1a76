/* The list of outputs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/news.h"
#include "output/output.h"

int output_write(struct output *list, const struct record *r, const struct output **failed)
{
	int first = 0;

	for (struct output *o = list; o; o = o->next) {
		int status = r->failed ? EM_NO_MEMORY : o->kind->write(o, r);

		if (status && !first) {
			first = status;
			*failed = o;
		}
	}
	return first;
}

int output_flush(struct output *list, const struct output **failed)
{
	int first = 0;

	for (struct output *o = list; o; o = o->next) {
		int status = o->kind->flush(o);

		if (status && !first) {
			first = status;
			*failed = o;
		}
	}
	return first;
}

bool output_kept(struct output *list, int ms)
{
	for (struct output *o = list; o; o = o->next)
		if (o->kind->kept && !o->kind->kept(o, ms))
			return false;
	return true;
}

int output_close(struct output *list, const struct output **failed)
{
	static struct output culprit; /* lives longer than the list; only its text is used */
	int first = 0;

	while (list) {
		struct output *next = list->next;
		int status = list->kind->close(list);

		if (status && !first) {
			first = status;
			culprit.name = list->name;
			memcpy(culprit.problem, list->problem, sizeof culprit.problem);
			*failed = &culprit;
		}
		free(list);
		list = next;
	}
	return first;
}

/* ---- outputs that must not end the program ---- */

static const char *reason_of(const struct output *o, int error)
{
	if (*o->problem)
		return o->problem;
	return error == EM_SYSTEM ? strerror(errno) : error_text(error);
}

/* Says once that an output fails. */
static void note_failure(struct output *o, int error)
{
	if (!o->failing)
		news(NEWS_WARNING, "%s: %s; the program goes on without it", o->name,
		     reason_of(o, error));
	o->failing = true;
}

static void note_success(struct output *o)
{
	if (o->failing)
		news(NEWS_WARNING, "%s: takes records again, %llu were dropped", o->name,
		     (unsigned long long)o->dropped);
	o->failing = false;
}

void output_offer(struct output *list, const struct record *r)
{
	for (struct output *o = list; o; o = o->next) {
		int error = r->failed ? EM_NO_MEMORY : o->kind->write(o, r);

		o->refused = error != 0;
		o->dropped += o->refused;
		if (error)
			note_failure(o, error);
	}
}

void output_nudge(struct output *list)
{
	for (struct output *o = list; o; o = o->next) {
		int error = o->kind->flush(o);

		if (error)
			note_failure(o, error);
		else if (!o->refused)
			note_success(o);
	}
}

void output_hurry(struct output *list, int64_t deadline)
{
	for (struct output *o = list; o; o = o->next) {
		o->deadline = deadline;
		if (o->kind->kept)
			o->kind->kept(o, 0);
	}
}

int output_end(struct output **list, struct output *ended)
{
	struct output *o = *list;
	int error = o->kind->close(o);

	if (error && !*o->problem)
		snprintf(o->problem, sizeof o->problem, "%s", reason_of(o, error));
	*ended = *o;
	*list = o->next;
	free(o);
	return error ? error : ended->dropped ? EM_SYSTEM : 0;
}
