/*
 * The streams of `emtool p1`: valid telegrams go to the outputs, the relay and the query service.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd/p1/p1.h"

struct p1_peer {
	struct p1 *p1;
	char *source;
	struct p1_reader *reader;
	struct p1_reader_counts counted; /* already added to the totals */
	instant time;
	instant printed; /* --interval: time of the last printed telegram */
};

/* Escapes control characters, so that a telegram cannot control the user's terminal. */
static void put_lines(struct text *out, const char *data, size_t length)
{
	while (length) {
		const char *end = memchr(data, '\n', length);
		size_t line = end ? (size_t)(end - data) + 1 : length, size = line;

		while (size && (data[size - 1] == '\n' || data[size - 1] == '\r'))
			size--;
		text_printable(out, data, size);
		text_puts(out, end ? "\r\n" : "");
		data += line;
		length -= line;
	}
}

void format_p1_raw(struct text *out, struct format_state *state, const struct record *r)
{
	if (!r->count || r->values[0].kind != VALUE_TEXT)
		return;
	if (state->style.terminal)
		put_lines(out, r->values[0].as.text.data, r->values[0].as.text.length);
	else
		text_add(out, r->values[0].as.text.data, r->values[0].as.text.length);
}

static bool lacks_line_end(const struct p1_telegram *t)
{
	return t->whole == 0 || t->data[t->whole - 1] != '\n';
}

static void fill_raw(struct record *r, const struct p1_telegram *t)
{
	size_t size = t->whole + 2;
	char *copy;

	record_begin(r, "p1");
	copy = record_store(r, size);
	if (!copy)
		return;
	memcpy(copy, t->data, t->whole);
	copy[t->whole] = '\r';
	copy[t->whole + 1] = '\n';
	record_text(r, "telegram", copy, lacks_line_end(t) ? size : t->whole);
}

/*
 * --interval: one telegram per peer every so many seconds, by the receiver's clock, or else by the
 * meter's, which may be set back.
 */
static bool is_due(struct p1_peer *s, const struct record *r)
{
	double interval = s->p1->options->reading.interval;
	const struct value *meter = r->time == INSTANT_NONE ? record_find(r, "meter_time") : NULL;
	instant now = meter && meter->kind == VALUE_TIME ? stamp_instant(&meter->as.time) : r->time;

	if (interval <= 0 || now == INSTANT_NONE)
		return true;
	if (s->printed != INSTANT_NONE && now >= s->printed &&
	    now - s->printed < (instant)(interval * 1000))
		return false;
	s->printed = now;
	return true;
}

static void on_record(void *context, struct record *r, const struct p1_telegram *t)
{
	struct p1_peer *s = context;
	struct p1 *p1 = s->p1;

	if (p1->relay)
		relay_send(p1->relay, t);
	if (p1->query)
		query_keep(p1->query, t, s->time);
	if (p1->session.stopping)
		return;
	r->source = s->source;
	if (!is_due(s, r))
		return;
	if (p1->options->raw)
		fill_raw(r, t);
	session_emit(&p1->session, r);
}

static void on_refused(void *context, enum refusal refusal, const char *text)
{
	struct p1_peer *s = context;

	say_refused(&s->p1->refused, s->source, refusal, text, s->p1->ring.count > 0);
}

/* Adds the stream's new counts to the totals. */
static void count(struct p1_peer *s)
{
	const struct p1_reader_counts *n = p1_reader_counts(s->reader);
	struct p1_reader_counts *total = &s->p1->total;

	total->bytes += n->bytes - s->counted.bytes;
	total->skipped += n->skipped - s->counted.skipped;
	total->good += n->good - s->counted.good;
	for (int i = 0; i < REFUSALS; i++)
		total->refused[i] += n->refused[i] - s->counted.refused[i];
	s->counted = *n;
}

void *p1_open_stream(void *context, const struct peer *peer)
{
	struct p1_peer *s = calloc(1, sizeof *s);
	const struct p1_events events = {on_record, on_refused, s};

	if (!s)
		return NULL;
	s->p1 = context;
	s->printed = INSTANT_NONE;
	s->source = peer->name ? strdup(peer->name) : NULL;
	s->reader = p1_reader_new(s->p1->decoder, &events);
	if (s->reader && (s->source || !peer->name))
		return s;
	p1_reader_free(s->reader);
	free(s->source);
	free(s);
	return NULL;
}

void p1_data(void *stream, const struct chunk *chunk)
{
	struct p1_peer *s = stream;
	struct p1 *p1 = s->p1;

	s->time = chunk->time;
	if (p1_reader_feed(s->reader, chunk->time, chunk->data, chunk->size))
		session_no_memory(&p1->session);
	count(s);
	if (p1->session.source)
		source_judge(p1->session.source, p1->total.good, p1->total.bytes - p1->total.good);
}

void p1_idle_event(void *stream, instant time)
{
	struct p1_peer *s = stream;

	(void)time;
	if (p1_reader_idle(s->reader))
		session_no_memory(&s->p1->session);
}

void p1_close_stream(void *stream, instant time)
{
	struct p1_peer *s = stream;

	/* a lost connection drops the incomplete telegram */
	if (time == INSTANT_NONE ? p1_reader_end(s->reader) : p1_reader_cut(s->reader))
		session_no_memory(&s->p1->session);
	count(s);
	p1_reader_free(s->reader);
	free(s->source);
	free(s);
}
