#include "stream/p1_reader.h"

#include <stdio.h>
#include <stdlib.h>

enum { TEXT = 120 };

struct p1_reader {
	struct p1_decoder *decoder;
	struct p1_events events;
	struct p1_framer framer;
	struct p1_reader_counts counts;
	instant time;
	int error;
};

static void refuse(void *context, enum refusal refusal, const char *text)
{
	struct p1_reader *r = context;

	r->counts.refused[refusal]++;
	r->events.refused(r->events.context, refusal, text);
}

static void take(void *context, struct record *record, const struct p1_telegram *t)
{
	struct p1_reader *r = context;

	r->counts.telegrams++;
	r->events.record(r->events.context, record, t);
}

static void on_telegram(void *context, const struct p1_telegram *t)
{
	struct p1_reader *r = context;
	const struct p1_events events = {take, refuse, r};
	uint64_t before = r->counts.telegrams;

	if (r->error)
		return;
	r->error = p1_decoder_plain(r->decoder, t, r->time, &events);
	if (r->counts.telegrams > before)
		r->counts.good += t->whole;
}

static void on_lost(void *context, uint64_t offset, const char *why)
{
	char text[TEXT];

	snprintf(text, sizeof text, "telegram at byte %llu: %s", (unsigned long long)offset, why);
	refuse(context, REFUSED_TRUNCATED, text);
}

static bool is_letter(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Whether the title begins with three letters, as a manufacturer's does. */
static bool has_maker(const uint8_t *apdu)
{
	return is_letter(apdu[2]) && is_letter(apdu[3]) && is_letter(apdu[4]);
}

static void refuse_seal(struct p1_reader *r, const struct seal *seal)
{
	char text[SEAL_TEXT];

	seal_text(text, seal);
	refuse(r, seal->refusal, text);
}

/*
 * Takes an encrypted telegram, or bytes that look like one. Returns false if the framer should
 * search the bytes for others. Without keys only the manufacturer's letters tell the two apart.
 */
static bool on_sealed(void *context, const uint8_t *apdu, size_t size, uint64_t offset)
{
	struct p1_reader *r = context;
	const struct p1_events events = {take, refuse, r};
	bool has_keys = p1_decoder_has_keys(r->decoder);
	struct seal seal = {0};

	(void)offset;
	if (!r->error)
		r->error = p1_decoder_open(r->decoder, &seal, apdu, size);
	if (r->error || !seal.parsed || (!has_keys && !has_maker(apdu)))
		return false;
	if (!seal.refusal)
		r->error = p1_decoder_sealed(r->decoder, &seal, NULL, r->time, &events);
	if (seal.refusal)
		refuse_seal(r, &seal);
	else if (!r->error)
		r->counts.good += size;
	return !seal.refusal || seal.refusal == REFUSED_REPLAY || !has_keys;
}

struct p1_reader *p1_reader_new(struct p1_decoder *decoder, const struct p1_events *events)
{
	struct p1_reader *r = calloc(1, sizeof *r);

	if (!r)
		return NULL;
	r->decoder = decoder;
	r->events = *events;
	p1_init(&r->framer, &(struct p1_handler){.telegram = on_telegram,
	                                         .sealed = on_sealed,
	                                         .lost = on_lost,
	                                         .context = r});
	return r;
}

void p1_reader_free(struct p1_reader *r)
{
	if (!r)
		return;
	p1_free(&r->framer);
	free(r);
}

int p1_reader_feed(struct p1_reader *r, instant time, const uint8_t *data, size_t size)
{
	int error;

	r->time = time;
	error = p1_feed(&r->framer, data, size);
	return error ? error : r->error;
}

int p1_reader_idle(struct p1_reader *r)
{
	p1_idle(&r->framer);
	return r->error;
}

int p1_reader_end(struct p1_reader *r)
{
	p1_end(&r->framer);
	return r->error;
}

int p1_reader_cut(struct p1_reader *r)
{
	p1_cut(&r->framer);
	return r->error;
}

const struct p1_reader_counts *p1_reader_counts(struct p1_reader *r)
{
	r->counts.bytes = r->framer.counts.bytes;
	r->counts.skipped = r->framer.counts.skipped;
	return &r->counts;
}

uint64_t p1_reader_refused(const struct p1_reader *r)
{
	uint64_t sum = 0;

	for (int i = REFUSED_NOT + 1; i < REFUSALS; i++)
		sum += r->counts.refused[i];
	return sum;
}
