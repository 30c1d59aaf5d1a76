#include "stream/p1_decoder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc.h"
#include "base/error.h"
#include "protocol/dsmr/dsmr.h"

enum { PROOF = 16, SIGNERS = 1024, TEXT = 120 };

struct p1_decoder {
	struct p1_settings settings;
	struct seals none; /* used if the settings have none */
	struct dsmr *dsmr;
	struct record record;
	struct p1_framer inner;    /* of decrypted telegrams */
	uint32_t signers[SIGNERS]; /* headers of meters that sent a CRC, by their hash; 0: free */
	/* of the encrypted telegram that is being read */
	struct seal *seal;
	const char *framing;
	instant time;
	const struct p1_events *events;
	bool taken;
	int error;
};

bool p1_like(const uint8_t *plain, size_t size)
{
	if (size < PROOF || plain[0] != '/')
		return false;
	for (size_t i = 0; i < PROOF; i++)
		if ((plain[i] < 0x20 || plain[i] > 0x7E) && plain[i] != '\r' && plain[i] != '\n')
			return false;
	return true;
}

/* A hash of the header line, which identifies a meter; never 0. */
static uint32_t meter_mark(const struct p1_telegram *t)
{
	const uint8_t *end = memchr(t->data, '\n', t->size);
	size_t size = end ? (size_t)(end - t->data) : t->size;
	uint32_t mark = (uint32_t)crc16_arc(t->data, size) << 16 | crc16_x25(t->data, size);

	return mark ? mark : 1;
}

/* Two meters may share a slot: then it holds the one that sent a CRC last. */
static void remember_signer(struct p1_decoder *d, const struct p1_telegram *t)
{
	uint32_t mark = meter_mark(t);

	d->signers[mark % SIGNERS] = mark;
}

static bool owes_crc(const struct p1_decoder *d, const struct p1_telegram *t)
{
	uint32_t mark = meter_mark(t);

	return d->signers[mark % SIGNERS] == mark || p1_demands_crc(t->data, t->size);
}

/* The CRC rule for a plain telegram; fills `text` for a refusal. */
static enum refusal check_crc(struct p1_decoder *d, const struct p1_telegram *t, char text[TEXT])
{
	unsigned long long offset = t->offset;

	if (t->crc == P1_CRC_OK) {
		remember_signer(d, t);
		return REFUSED_NOT;
	}
	if (t->crc == P1_CRC_BAD) {
		snprintf(text, TEXT, "CRC %04X at byte %llu, computed %04X", t->printed, offset,
		         t->computed);
		return d->settings.no_crc ? REFUSED_NOT : REFUSED_CHECKSUM;
	}
	if ((d->settings.no_crc && t->ended) || !owes_crc(d, t))
		return REFUSED_NOT;
	snprintf(text, TEXT, "no CRC at byte %llu, though this meter sends one", offset);
	return REFUSED_CHECKSUM;
}

int p1_decoder_plain(struct p1_decoder *d, const struct p1_telegram *t, instant time,
                     const struct p1_events *events)
{
	char text[TEXT];
	enum refusal refusal = check_crc(d, t, text);
	int error = 0;

	if (refusal) {
		events->refused(events->context, refusal, text);
		return 0;
	}
	if (d->settings.undecoded)
		record_begin(&d->record, "p1");
	else
		error = dsmr_decode(d->dsmr, t, &d->record);
	if (error)
		return error;
	d->record.time = time;
	d->record.source = NULL;
	events->record(events->context, &d->record, t);
	return 0;
}

/*
 * Only the first telegram of a plain text counts; its clock helps to recognise a restarted counter.
 */
static void on_inner(void *context, const struct p1_telegram *t)
{
	struct p1_decoder *d = context;
	struct record *r = &d->record;
	const struct value *clock;

	if (d->taken)
		return;
	d->taken = true;
	if (!d->seal->authenticated && t->crc != P1_CRC_OK) {
		seal_refuse(d->seal, REFUSED_AUTH_FAILED, "neither its tag nor its CRC verifies");
		return;
	}
	d->error = dsmr_decode(d->dsmr, t, r);
	if (d->error)
		return;
	clock = record_find(r, "meter_time");
	d->error = seals_accept(d->settings.seals, d->seal,
	                        clock && clock->kind == VALUE_TIME ? &clock->as.time : NULL);
	if (d->error || d->seal->refusal)
		return;
	seal_envelope(r, d->seal, d->framing);
	r->time = d->time;
	r->source = NULL;
	if (r->failed)
		d->error = EM_NO_MEMORY;
	else
		d->events->record(d->events->context, r, t);
}

int p1_decoder_sealed(struct p1_decoder *d, struct seal *seal, const char *framing, instant time,
                      const struct p1_events *events)
{
	int error;

	d->seal = seal;
	d->framing = framing;
	d->time = time;
	d->events = events;
	d->taken = false;
	d->error = 0;
	error = p1_feed(&d->inner, seal->plain, seal->size);
	p1_end(&d->inner);
	if (!d->taken)
		seal_refuse(seal, REFUSED_MALFORMED, "no whole telegram in it");
	return error ? error : d->error;
}

bool p1_decoder_has_keys(const struct p1_decoder *d)
{
	const struct glo_keyring *keys = d->settings.seals->keys;

	return keys && keys->count;
}

int p1_decoder_open(struct p1_decoder *d, struct seal *seal, const uint8_t *apdu, size_t size)
{
	return seals_open(d->settings.seals, seal, apdu, size, p1_like);
}

struct p1_decoder *p1_decoder_new(const struct p1_settings *settings)
{
	struct p1_decoder *d = calloc(1, sizeof *d);

	if (!d)
		return NULL;
	d->settings = *settings;
	if (!d->settings.seals)
		d->settings.seals = &d->none;
	p1_init(&d->inner, &(struct p1_handler){.telegram = on_inner, .context = d});
	d->dsmr = dsmr_new(settings->gas_channel);
	if (d->dsmr)
		return d;
	p1_decoder_free(d);
	return NULL;
}

void p1_decoder_free(struct p1_decoder *d)
{
	if (!d)
		return;
	dsmr_free(d->dsmr);
	p1_free(&d->inner);
	seals_free(&d->none);
	record_free(&d->record);
	free(d);
}
