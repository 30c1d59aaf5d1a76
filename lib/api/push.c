#include "stream/push_reader.h"

#include <stdlib.h>

#include "api/api.h"

struct push_api {
	struct emtool_decoder base; /* first */
	struct seals none;          /* used if the caller has no keys */
	struct push_decoder *decoder;
	struct push_reader *reader;
	instant time; /* of the last bytes */
};

static void on_record(void *context, struct record *r, const struct seal *seal)
{
	(void)seal;
	api_record(context, r);
}

static void on_refused(void *context, enum refusal refusal, const char *text,
                       const struct seal *seal)
{
	(void)seal;
	api_refused(context, refusal, text);
}

static int feed(struct emtool_decoder *d, const uint8_t *data, size_t size, instant time)
{
	struct push_api *push = (struct push_api *)d;

	push->time = time;
	return push_reader_feed(push->reader, time, data, size);
}

static int idle(struct emtool_decoder *d)
{
	struct push_api *push = (struct push_api *)d;

	return push_reader_idle(push->reader, push->time);
}

static int end(struct emtool_decoder *d)
{
	struct push_api *push = (struct push_api *)d;

	return push_reader_end(push->reader, push->time);
}

static struct emtool_counts counts(struct emtool_decoder *d)
{
	const struct push_reader_counts *c = push_reader_counts(((struct push_api *)d)->reader);
	struct emtool_counts out = {.bytes = c->bytes, .skipped = c->skipped, .records = c->pushes};

	for (int i = 0; i < REFUSALS; i++)
		out.refused += c->refused[i];
	return out;
}

static void release(struct emtool_decoder *d)
{
	struct push_api *push = (struct push_api *)d;

	push_reader_free(push->reader);
	push_decoder_free(push->decoder);
	seals_free(&push->none);
	free(push);
}

struct emtool_decoder *emtool_push_new(struct emtool_keys *keys, const struct emtool_events *events)
{
	static const struct api_kind kind = {feed, idle, end, counts, release};
	struct push_api *push = calloc(1, sizeof *push);
	struct push_events inner = {on_record, on_refused, push};

	if (!push)
		return NULL;
	push->base = (struct emtool_decoder){&kind, *events};
	push->time = INSTANT_NONE;
	push->decoder = push_decoder_new(keys ? &keys->seals : &push->none);
	if (push->decoder)
		push->reader = push_reader_new(push->decoder, &inner);
	if (push->reader)
		return &push->base;
	release(&push->base);
	return NULL;
}
