/* The streams that a meter at the main fuse may send, behind one interface. */
#include <stdlib.h>

#include "control/grid_kind.h"
#include "stream/json_reader.h"
#include "stream/p1_reader.h"
#include "stream/push_reader.h"

/* ---- P1 telegrams ---- */

struct p1_stream {
	const struct grid_sink *sink;
	struct p1_decoder *decoder;
	struct p1_reader *reader;
};

static void p1_record(void *context, struct record *r, const struct p1_telegram *telegram)
{
	const struct p1_stream *s = context;

	(void)telegram;
	s->sink->record(s->sink->context, r);
}

static void p1_refused(void *context, enum refusal refusal, const char *text)
{
	const struct p1_stream *s = context;

	s->sink->refused(s->sink->context, refusal, text);
}

static void p1_close(void *stream)
{
	struct p1_stream *s = stream;

	p1_reader_free(s->reader);
	p1_decoder_free(s->decoder);
	free(s);
}

static void *p1_open(const struct grid_sink *sink, struct seals *seals)
{
	struct p1_stream *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->sink = sink;
	s->decoder = p1_decoder_new(&(struct p1_settings){.seals = seals});
	if (s->decoder)
		s->reader = p1_reader_new(s->decoder,
		                          &(struct p1_events){p1_record, p1_refused, s});
	if (s->reader)
		return s;
	p1_close(s);
	return NULL;
}

static int p1_take(void *stream, const uint8_t *data, size_t size, bool whole)
{
	(void)whole; /* a telegram may be longer than a datagram */
	return p1_reader_feed(((struct p1_stream *)stream)->reader, INSTANT_NONE, data, size);
}

static int p1_silent(void *stream)
{
	return p1_reader_idle(((struct p1_stream *)stream)->reader);
}

static int p1_ended(void *stream)
{
	return p1_reader_end(((struct p1_stream *)stream)->reader);
}

static int p1_lost(void *stream)
{
	return p1_reader_cut(((struct p1_stream *)stream)->reader);
}

static uint64_t p1_count(const void *stream)
{
	return p1_reader_refused(((const struct p1_stream *)stream)->reader);
}

const struct grid_stream grid_p1 = {p1_open,  p1_close, p1_take, p1_silent,
                                    p1_ended, p1_lost,  p1_count};

/* ---- DLMS pushes ---- */

struct push_stream {
	const struct grid_sink *sink;
	struct push_decoder *decoder;
	struct push_reader *reader;
	uint64_t refused;
};

static void push_record(void *context, struct record *r, const struct seal *seal)
{
	const struct push_stream *s = context;

	(void)seal;
	s->sink->record(s->sink->context, r);
}

static void push_refused(void *context, enum refusal refusal, const char *text,
                         const struct seal *seal)
{
	struct push_stream *s = context;

	(void)seal;
	s->refused++;
	s->sink->refused(s->sink->context, refusal, text);
}

static void push_close(void *stream)
{
	struct push_stream *s = stream;

	push_reader_free(s->reader);
	push_decoder_free(s->decoder);
	free(s);
}

static void *push_open(const struct grid_sink *sink, struct seals *seals)
{
	struct push_stream *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->sink = sink;
	s->decoder = push_decoder_new(seals);
	if (s->decoder)
		s->reader = push_reader_new(s->decoder,
		                            &(struct push_events){push_record, push_refused, s});
	if (s->reader)
		return s;
	push_close(s);
	return NULL;
}

static int push_take(void *stream, const uint8_t *data, size_t size, bool whole)
{
	(void)whole; /* each frame of a push may be a datagram of its own */
	return push_reader_feed(((struct push_stream *)stream)->reader, INSTANT_NONE, data, size);
}

static int push_silent(void *stream)
{
	return push_reader_idle(((struct push_stream *)stream)->reader, INSTANT_NONE);
}

static int push_ended(void *stream)
{
	return push_reader_end(((struct push_stream *)stream)->reader, INSTANT_NONE);
}

static uint64_t push_count(const void *stream)
{
	return ((const struct push_stream *)stream)->refused;
}

const struct grid_stream grid_dlms = {push_open,  push_close, push_take, push_silent,
                                      push_ended, push_ended, push_count};

/* ---- JSON objects ---- */

struct json_stream {
	const struct grid_sink *sink;
	struct json_reader *reader;
};

static void json_record(void *context, struct record *r)
{
	const struct json_stream *s = context;

	s->sink->record(s->sink->context, r);
}

static void json_refused(void *context, enum refusal refusal, const char *text)
{
	const struct json_stream *s = context;

	s->sink->refused(s->sink->context, refusal, text);
}

static void json_close(void *stream)
{
	json_reader_free(((struct json_stream *)stream)->reader);
	free(stream);
}

static void *json_open(const struct grid_sink *sink, struct seals *seals)
{
	struct json_stream *s = calloc(1, sizeof *s);

	(void)seals;
	if (!s)
		return NULL;
	s->sink = sink;
	s->reader = json_reader_new(&(struct json_events){json_record, json_refused, s});
	if (s->reader)
		return s;
	free(s);
	return NULL;
}

static int json_take(void *stream, const uint8_t *data, size_t size, bool whole)
{
	return json_reader_feed(((struct json_stream *)stream)->reader, data, size, whole);
}

static int json_silent(void *stream)
{
	(void)stream;
	return 0;
}

static int json_ended(void *stream)
{
	return json_reader_end(((struct json_stream *)stream)->reader);
}

static int json_lost(void *stream)
{
	json_reader_cut(((struct json_stream *)stream)->reader);
	return 0;
}

static uint64_t json_count(const void *stream)
{
	return json_reader_refused(((const struct json_stream *)stream)->reader);
}

const struct grid_stream grid_json = {json_open,  json_close, json_take, json_silent,
                                      json_ended, json_lost,  json_count};
