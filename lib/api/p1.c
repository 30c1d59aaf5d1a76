#include "stream/p1_reader.h"

#include <stdlib.h>

#include "api/api.h"

struct p1_api {
	struct emtool_decoder base; /* first */
	struct p1_decoder *decoder;
	struct p1_reader *reader;
};

static struct p1_reader *reader_of(struct emtool_decoder *d)
{
	return ((struct p1_api *)d)->reader;
}

static void on_record(void *context, struct record *r, const struct p1_telegram *telegram)
{
	(void)telegram;
	api_record(context, r);
}

static void on_refused(void *context, enum refusal refusal, const char *text)
{
	api_refused(context, refusal, text);
}

static int feed(struct emtool_decoder *d, const uint8_t *data, size_t size, instant time)
{
	return p1_reader_feed(reader_of(d), time, data, size);
}

static int idle(struct emtool_decoder *d)
{
	return p1_reader_idle(reader_of(d));
}

static int end(struct emtool_decoder *d)
{
	return p1_reader_end(reader_of(d));
}

static struct emtool_counts counts(struct emtool_decoder *d)
{
	const struct p1_reader_counts *c = p1_reader_counts(reader_of(d));

	return (struct emtool_counts){
		.bytes = c->bytes,
		.skipped = c->skipped,
		.records = c->telegrams,
		.refused = p1_reader_refused(reader_of(d)),
	};
}

static void release(struct emtool_decoder *d)
{
	struct p1_api *p1 = (struct p1_api *)d;

	p1_reader_free(p1->reader);
	p1_decoder_free(p1->decoder);
	free(p1);
}

struct emtool_decoder *emtool_p1_new(struct emtool_keys *keys, unsigned flags,
                                     const struct emtool_events *events)
{
	static const struct api_kind kind = {feed, idle, end, counts, release};
	struct p1_settings settings = {.seals = keys ? &keys->seals : NULL,
	                               .no_crc = flags & EMTOOL_P1_NO_CRC};
	struct p1_api *p1 = calloc(1, sizeof *p1);
	struct p1_events inner = {on_record, on_refused, p1};

	if (!p1)
		return NULL;
	p1->base = (struct emtool_decoder){&kind, *events};
	p1->decoder = p1_decoder_new(&settings);
	if (p1->decoder)
		p1->reader = p1_reader_new(p1->decoder, &inner);
	if (p1->reader)
		return &p1->base;
	release(&p1->base);
	return NULL;
}
