/*
 * A stream of unknown kind: each decoder gets the bytes until one of them accepts something; that
 * one stays. Until then only what says something about the source is passed on of their refusals,
 * damage and keys, and from the second on: the first may mean that it is another kind.
 */
#include <stdlib.h>

#include "control/grid_kind.h"

enum { CANDIDATES = 3 };

static const struct grid_stream *const candidates[CANDIDATES] = {&grid_p1, &grid_dlms, &grid_json};

struct any_stream;

struct candidate {
	struct any_stream *any;
	struct grid_sink sink;
	const struct grid_stream *kind;
	void *stream;    /* NULL: out of the race */
	unsigned doubts; /* refusals while the kind was not known */
};

struct any_stream {
	const struct grid_sink *sink;
	struct candidate candidates[CANDIDATES];
	const struct candidate *chosen; /* NULL: not known yet */
	uint64_t refused;               /* passed on before it was known */
};

static void on_record(void *context, const struct record *r)
{
	struct candidate *c = context;

	c->any->chosen = c;
	c->any->sink->record(c->any->sink->context, r);
}

static bool is_telling(enum refusal refusal)
{
	return refusal == REFUSED_CHECKSUM || refusal == REFUSED_WRONG_KEY ||
	       refusal == REFUSED_AUTH_FAILED || refusal == REFUSED_REPLAY;
}

static void on_refused(void *context, enum refusal refusal, const char *text)
{
	struct candidate *c = context;
	struct any_stream *any = c->any;

	if (!any->chosen && (!is_telling(refusal) || c->doubts++ == 0))
		return;
	any->refused += !any->chosen;
	any->sink->refused(any->sink->context, refusal, text);
}

static void drop(struct candidate *c)
{
	if (c->stream)
		c->kind->close(c->stream);
	c->stream = NULL;
}

static void any_close(void *stream)
{
	struct any_stream *any = stream;

	for (size_t i = 0; i < CANDIDATES; i++)
		drop(&any->candidates[i]);
	free(any);
}

static void *any_open(const struct grid_sink *sink, struct seals *seals)
{
	struct any_stream *any = calloc(1, sizeof *any);
	bool open = true;

	if (!any)
		return NULL;
	any->sink = sink;
	for (size_t i = 0; i < CANDIDATES && open; i++) {
		struct candidate *c = &any->candidates[i];

		c->any = any;
		c->kind = candidates[i];
		c->sink = (struct grid_sink){on_record, on_refused, c};
		c->stream = c->kind->open(&c->sink, seals);
		open = c->stream != NULL;
	}
	if (open)
		return any;
	any_close(any);
	return NULL;
}

/* Leaves the chosen one alone in the race, after it has returned. */
static void settle(struct any_stream *any)
{
	for (size_t i = 0; i < CANDIDATES && any->chosen; i++)
		if (&any->candidates[i] != any->chosen)
			drop(&any->candidates[i]);
}

static int any_feed(void *stream, const uint8_t *data, size_t size, bool whole)
{
	struct any_stream *any = stream;
	bool known = any->chosen != NULL;
	int error = 0;

	for (size_t i = 0; i < CANDIDATES && !error && known == (any->chosen != NULL); i++)
		if (any->candidates[i].stream)
			error = candidates[i]->feed(any->candidates[i].stream, data, size, whole);
	if (!known)
		settle(any);
	return error;
}

/* Which of its functions a decoder is told. */
enum moment { IDLE, END, CUT };

static int tell(struct any_stream *any, enum moment moment)
{
	int error = 0;

	for (size_t i = 0; i < CANDIDATES && !error; i++) {
		const struct grid_stream *kind = candidates[i];
		void *one = any->candidates[i].stream;

		if (one)
			error = moment == IDLE  ? kind->idle(one)
			        : moment == END ? kind->end(one)
			                        : kind->cut(one);
		settle(any);
	}
	return error;
}

static int any_idle(void *stream)
{
	return tell(stream, IDLE);
}

static int any_end(void *stream)
{
	return tell(stream, END);
}

static int any_cut(void *stream)
{
	return tell(stream, CUT);
}

static uint64_t any_refused(const void *stream)
{
	const struct any_stream *any = stream;
	const struct candidate *c = any->chosen;

	return c ? c->kind->refused(c->stream) : any->refused;
}

const struct grid_stream grid_any = {any_open, any_close, any_feed,   any_idle,
                                     any_end,  any_cut,   any_refused};
