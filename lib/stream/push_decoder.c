#include "stream/push_decoder.h"

#include <stdlib.h>

#include "base/error.h"
#include "protocol/cosem/dlms.h"
#include "stream/p1_decoder.h"

struct push_decoder {
	struct seals *seals;
	struct dlms dlms;
	struct p1_decoder *p1; /* made by the first telegram */
	struct record record;
	bool stopped;
	/* of the APDU that is being decoded */
	struct seal seal;
	const struct push_events *events;
};

static bool gate(const uint8_t *plain, size_t size)
{
	return notification_gate(plain, size) || p1_like(plain, size);
}

static void refuse(struct push_decoder *d, enum refusal refusal, const char *reason)
{
	seal_refuse(&d->seal, refusal, reason);
}

/* Reads the values of a notification; stores a refusal in the seal. */
static int read_notification(struct push_decoder *d, const uint8_t *data, size_t size,
                             const char *framing, instant time)
{
	struct record *r = &d->record;
	const char *reason = NULL;
	bool ciphered = d->seal.parsed;
	int error = dlms_parse(&d->dlms, data, size, &reason);

	if (error) {
		refuse(d, error == EM_UNSUPPORTED ? REFUSED_UNSUPPORTED : REFUSED_MALFORMED,
		       reason);
		return 0;
	}
	if (ciphered && !d->seal.authenticated && !dlms_is_plausible(&d->dlms)) {
		refuse(d, REFUSED_MALFORMED,
		       "time or meter number make no sense: push was changed");
		return 0;
	}
	error = ciphered ? seals_accept(d->seals, &d->seal, dlms_clock(&d->dlms)) : 0;
	if (error || d->seal.refusal)
		return error;
	record_begin(r, "dlms");
	r->time = time;
	r->source = NULL;
	dlms_head(&d->dlms, r);
	if (ciphered) {
		seal_envelope(r, &d->seal, framing);
	} else {
		record_word(r, "framing", framing);
		record_bool(r, "authenticated", false);
	}
	dlms_values(&d->dlms, r);
	if (r->failed)
		return EM_NO_MEMORY;
	d->events->record(d->events->context, r, ciphered ? &d->seal : NULL);
	return 0;
}

/* A null value loses its code: `unknown` contains the line with its code. */
static void on_telegram(void *context, struct record *r, const struct p1_telegram *telegram)
{
	struct push_decoder *d = context;

	(void)telegram;
	for (size_t i = 0; i < r->count; i++)
		if (r->values[i].kind == VALUE_NULL)
			r->values[i].obis = NULL;
	d->events->record(d->events->context, r, &d->seal);
}

static int read_telegram(struct push_decoder *d, instant time)
{
	const struct p1_events events = {.record = on_telegram, .context = d};

	if (!d->p1)
		d->p1 = p1_decoder_new(&(struct p1_settings){.seals = d->seals});
	return d->p1 ? p1_decoder_sealed(d->p1, &d->seal, "p1", time, &events) : EM_NO_MEMORY;
}

static int read_ciphered(struct push_decoder *d, const struct push_apdu *apdu, instant time)
{
	int error = seals_open(d->seals, &d->seal, apdu->data, apdu->size, gate);

	if (error || d->seal.refusal)
		return error;
	if (p1_like(d->seal.plain, d->seal.size))
		return read_telegram(d, time);
	if (apdu->torn && !d->seal.authenticated) {
		refuse(d, REFUSED_TRUNCATED, "follows lost bytes and is not authenticated");
		return 0;
	}
	return read_notification(d, d->seal.plain, d->seal.size, push_framing_name(apdu->framing),
	                         time);
}

static int read_plain(struct push_decoder *d, const struct push_apdu *apdu, instant time)
{
	if (d->seals->require_authentication) {
		refuse(d, REFUSED_AUTH_FAILED, "not ciphered, as --require-auth demands");
		return 0;
	}
	return read_notification(d, apdu->data, apdu->size, push_framing_name(apdu->framing), time);
}

static int decode(struct push_decoder *d, const struct push_apdu *apdu, instant time)
{
	uint8_t tag = apdu->size ? apdu->data[0] : 0;

	d->seal = (struct seal){0};
	if (tag == GLO_TAG || tag == GLO_DED_TAG)
		return read_ciphered(d, apdu, time);
	if (tag == NOTIFICATION_TAG)
		return read_plain(d, apdu, time);
	if (apdu->size)
		refuse(d, REFUSED_UNSUPPORTED, "another kind of APDU");
	else
		refuse(d, REFUSED_MALFORMED, "empty message");
	return 0;
}

int push_decoder_take(struct push_decoder *d, const struct push_apdu *apdu, instant time,
                      const struct push_events *events, bool *sound)
{
	char text[SEAL_TEXT];
	int error;

	*sound = true;
	if (d->stopped)
		return 0;
	d->events = events;
	error = decode(d, apdu, time);
	if (error || !d->seal.refusal)
		return error;
	*sound = false;
	seal_text(text, &d->seal);
	events->refused(events->context, d->seal.refusal, text, d->seal.parsed ? &d->seal : NULL);
	return 0;
}

struct push_decoder *push_decoder_new(struct seals *seals)
{
	struct push_decoder *d = calloc(1, sizeof *d);

	if (d)
		d->seals = seals;
	return d;
}

void push_decoder_stop(struct push_decoder *d)
{
	d->stopped = true;
}

void push_decoder_free(struct push_decoder *d)
{
	if (!d)
		return;
	p1_decoder_free(d->p1);
	record_free(&d->record);
	free(d);
}
