/* Encrypted P1 telegrams: the deciphered text through the same decoder as plain ones. */
#include "cmd/decrypt/decrypt.h"
#include "cmd/session/say.h"
#include "protocol/dsmr/dsmr.h"

/* What the one telegram of a push becomes. */
struct taking {
	struct decrypt *decrypt;
	struct dlms_note *note;
	bool taken;
};

static void refuse(struct taking *t, enum push_verdict verdict, const char *reason)
{
	t->note->verdict = verdict;
	t->note->reason = reason;
}

/* A verified tag says more than a CRC of 16 bits; without one the CRC has to hold. */
static void on_telegram(void *context, const struct p1_telegram *telegram)
{
	struct taking *t = context;
	struct record *r = &t->decrypt->session.record;
	const struct value *clock;

	if (t->taken)
		return;
	t->taken = true;
	if (!t->note->authenticated && telegram->crc != P1_CRC_OK) {
		refuse(t, PUSH_CHECKSUM, "CRC of the telegram");
		return;
	}
	if (dsmr_decode(t->decrypt->dsmr, telegram, r)) {
		dlms_no_memory(t->note);
		return;
	}
	for (size_t i = 0; i < r->count; i++)
		if (r->values[i].kind ==
		    VALUE_NULL) /* its line stands in `unknown`, with its code */
			r->values[i].obis = NULL;
	clock = record_find(r, "meter_time");
	if (dlms_accept(&t->decrypt->dlms, t->note,
	                clock && clock->kind == VALUE_TIME ? &clock->as.time : NULL) == PUSH_OK)
		dlms_envelope(r, t->note, "p1");
}

enum push_verdict decrypt_telegram(struct decrypt *d, struct dlms_note *note)
{
	struct taking taking = {.decrypt = d, .note = note};
	const struct p1_handler handler = {.telegram = on_telegram, .context = &taking};
	int error;

	if (!d->dsmr)
		d->dsmr = dsmr_new(0);
	if (!d->dsmr)
		return dlms_no_memory(note);
	record_begin(&d->session.record, "p1");
	p1_free(&d->telegram);
	p1_init(&d->telegram, &handler);
	error = p1_feed(&d->telegram, note->telegram, note->telegram_size);
	p1_end(&d->telegram);
	if (error)
		dlms_no_memory(note);
	else if (!taking.taken)
		refuse(&taking, PUSH_MALFORMED, "no whole telegram in it");
	return note->verdict;
}
