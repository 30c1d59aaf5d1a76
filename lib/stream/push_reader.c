#include "stream/push_reader.h"

#include <stdlib.h>

#include "protocol/cosem/notification.h"

struct push_reader {
	struct push_decoder *decoder;
	struct push_events events;
	struct push_framer framer;
	struct push_sink sink;
	struct push_reader_counts counts;
	instant time;
	int error;
};

static void take(void *context, struct record *record, const struct seal *seal)
{
	struct push_reader *r = context;

	r->counts.pushes++;
	r->events.record(r->events.context, record, seal);
}

static void refuse(void *context, enum refusal refusal, const char *text, const struct seal *seal)
{
	struct push_reader *r = context;

	r->counts.refused[refusal]++;
	r->events.refused(r->events.context, refusal, text, seal);
}

static bool on_apdu(void *context, const struct push_apdu *apdu)
{
	struct push_reader *r = context;
	const struct push_events events = {take, refuse, r};
	bool sound = true;

	if (!r->error)
		r->error = push_decoder_take(r->decoder, apdu, r->time, &events, &sound);
	return sound;
}

static void on_fault(void *context, enum push_loss loss, const char *what)
{
	static const enum refusal refusals[] = {
		[PUSH_CHECKSUM] = REFUSED_CHECKSUM,   [PUSH_TRUNCATED] = REFUSED_TRUNCATED,
		[PUSH_LENGTH] = REFUSED_LENGTH,       [PUSH_UNSUPPORTED] = REFUSED_UNSUPPORTED,
		[PUSH_MALFORMED] = REFUSED_MALFORMED,
	};

	refuse(context, refusals[loss], what, NULL);
}

struct push_reader *push_reader_new(struct push_decoder *decoder, const struct push_events *events)
{
	struct push_reader *r = calloc(1, sizeof *r);

	if (!r)
		return NULL;
	r->decoder = decoder;
	r->events = *events;
	r->sink = (struct push_sink){on_apdu, on_fault, notification_measure, r};
	return r;
}

void push_reader_free(struct push_reader *r)
{
	if (!r)
		return;
	push_free(&r->framer);
	free(r);
}

int push_reader_feed(struct push_reader *r, instant time, const void *data, size_t size)
{
	int error;

	r->time = time;
	error = push_feed(&r->framer, &r->sink, data, size);
	return error ? error : r->error;
}

int push_reader_end(struct push_reader *r, instant time)
{
	int error;

	r->time = time;
	error = push_end(&r->framer, &r->sink);
	return error ? error : r->error;
}

int push_reader_idle(struct push_reader *r, instant time)
{
	return push_pending(&r->framer) ? push_reader_end(r, time) : r->error;
}

const struct push_reader_counts *push_reader_counts(struct push_reader *r)
{
	r->counts.bytes = r->framer.bytes;
	r->counts.skipped = r->framer.skipped;
	r->counts.frames = r->framer.frames;
	return &r->counts;
}
