#include "protocol/cosem/dlms.h"

#include <stdlib.h>

#include "base/error.h"

enum { TELEGRAM_PROOF = 16 };

static enum push_verdict refuse(struct dlms_note *note, enum push_verdict verdict,
                                const char *reason)
{
	note->verdict = verdict;
	note->reason = reason;
	return verdict;
}

enum push_verdict dlms_no_memory(struct dlms_note *note)
{
	note->no_memory = true;
	return refuse(note, PUSH_UNSUPPORTED, "out of memory");
}

/* A P1 telegram begins with `/`, three letters and more text. */
static bool telegram_like(const uint8_t *data, size_t size)
{
	if (size < TELEGRAM_PROOF || data[0] != '/')
		return false;
	for (size_t i = 0; i < TELEGRAM_PROOF; i++)
		if ((data[i] < 0x20 || data[i] > 0x7E) && data[i] != '\r' && data[i] != '\n')
			return false;
	return true;
}

static bool gate(const uint8_t *plain, size_t size)
{
	return notification_gate(plain, size) || telegram_like(plain, size);
}

static enum push_verdict body_error(struct dlms_note *note, int error)
{
	switch (error) {
	case EM_TRUNCATED: return refuse(note, PUSH_MALFORMED, "the body ends inside a value");
	case EM_RANGE:
		return refuse(note, PUSH_MALFORMED, "the body is nested too deep or too long");
	case EM_UNSUPPORTED: return refuse(note, PUSH_UNSUPPORTED, "compact array");
	default: return refuse(note, PUSH_MALFORMED, "value of an unknown type");
	}
}

/*
 * Without a tag changed bytes show only where they make no sense: as a time, or as the meter's
 * number, which is what a segment of another push ends in.
 */
static bool meant(const struct notification *head, const struct sample *samples, int count)
{
	if (!notification_plausible(head))
		return false;
	for (int i = 0; i < count; i++) {
		const struct axdr_item *item = samples[i].item;

		if (!samples[i].code || samples[i].code->kind != CODE_IDENTITY ||
		    !axdr_string(item))
			continue;
		for (uint32_t k = 0; k < item->length; k++)
			if (item->data[k] > 0x7E || (item->data[k] && item->data[k] < 0x20))
				return false;
	}
	return true;
}

static enum push_verdict read_plain(struct dlms *d, const uint8_t *data, size_t size,
                                    const char *framing, struct record *r, struct dlms_note *note)
{
	struct reader reader = reader_make(data, size);
	struct layout_body body = {.items = d->items, .book = &d->book};
	struct notification head;
	const struct layout *layout;
	enum push_verdict verdict;
	int count;

	if (notification_read(&head, &reader))
		return refuse(note, PUSH_MALFORMED, "the head of the notification");
	count = axdr_parse(d->items, &reader);
	if (count < 0)
		return body_error(note, count);
	if (reader_left(&reader))
		return refuse(note, PUSH_MALFORMED, "bytes behind the body");
	if (!axdr_container(&d->items[0]))
		return refuse(note, PUSH_MALFORMED, "the body is no structure");
	body.count = (size_t)count;
	body.head = &head;
	code_book_trim(&d->book);
	layout = layout_find(&body);
	count = layout_collect(layout, &body, d->samples);
	if (count < 0)
		return refuse(note, PUSH_MALFORMED, "list and values do not agree");
	if (note->ciphered && !note->authenticated && !meant(&head, d->samples, count))
		return refuse(note, PUSH_MALFORMED,
		              "time or meter number make no sense: push was changed");
	note->layout = layout->name;
	sample_head(d->samples, count, &head, r);
	if (note->ciphered) {
		verdict = dlms_accept(d, note, head.has_time ? &head.time : NULL);
		if (verdict != PUSH_OK)
			return verdict;
	}
	dlms_envelope(r, note, framing);
	sample_values(d->samples, count, &head, r);
	return PUSH_OK;
}

enum push_verdict dlms_accept(struct dlms *d, struct dlms_note *note, const struct stamp *clock)
{
	int64_t seconds = clock && stamp_valid(clock) ? stamp_instant(clock) / 1000 : 0;

	note->verdict = PUSH_OK;
	if (!note->ciphered)
		return PUSH_OK;
	if (!counters_rising(&d->counters, note->title, note->counter, seconds)) {
		if (!d->accept_replay)
			return refuse(note, PUSH_REPLAY, "the frame counter did not rise");
	} else {
		note->restarted = note->counter == 0 && d->counters.count &&
		                  !counters_rising(&d->counters, note->title, 0, 0);
	}
	if (counters_set(&d->counters, note->title, note->counter, seconds))
		return dlms_no_memory(note);
	return PUSH_OK;
}

void dlms_envelope(struct record *r, const struct dlms_note *note, const char *framing)
{
	if (note->ciphered) {
		record_text(r, "system_title", record_hex(r, note->title, GLO_TITLE),
		            2 * GLO_TITLE);
		record_int(r, "frame_counter", note->counter);
	}
	record_word(r, "framing", framing);
	record_bool(r, "authenticated", note->authenticated);
}

static bool room(struct dlms *d, size_t size)
{
	uint8_t *bigger;

	if (size <= d->plain_capacity)
		return true;
	bigger = realloc(d->plain, size);
	if (!bigger)
		return false;
	d->plain = bigger;
	d->plain_capacity = size;
	return true;
}

static enum push_verdict header_error(struct dlms_note *note, int error)
{
	if (error == EM_TRUNCATED)
		return refuse(note, PUSH_LENGTH, "the ciphered length exceeds the frame");
	return refuse(note, PUSH_LENGTH, "the ciphering header");
}

static enum push_verdict open_error(struct dlms_note *note, enum glo_verdict error)
{
	switch (error) {
	case GLO_UNSUPPORTED:
		return refuse(note, PUSH_UNSUPPORTED,
		              "compressed, or another suite than AES-128-GCM");
	case GLO_AUTH_FAILED:
		return refuse(note, PUSH_AUTH_FAILED,
		              "the tag does not verify: authentication key wrong, "
		              "or the push was changed");
	default: break;
	}
	if (!note->key_known)
		return refuse(note, PUSH_WRONG_KEY, "no key for this system title");
	return refuse(note, PUSH_WRONG_KEY, "the encryption key does not fit this push");
}

static enum push_verdict read_ciphered(struct dlms *d, const struct push_apdu *apdu,
                                       struct record *r, struct dlms_note *note)
{
	const struct glo_key *key;
	enum glo_verdict verdict;
	struct glo glo;
	int error = glo_parse(&glo, apdu->data, apdu->size);

	if (error)
		return header_error(note, error);
	if (glo.title_length != GLO_TITLE)
		return refuse(note, PUSH_UNSUPPORTED, "a system title of another length than 8");
	if (glo.total != apdu->size)
		return refuse(note, PUSH_LENGTH, "bytes behind the ciphered part");
	if (!room(d, glo.body_length + 1))
		return dlms_no_memory(note);
	note->ciphered = true;
	note->tagged = glo.tag != NULL;
	note->broadcast = glo.control & GLO_BROADCAST;
	note->counter = glo.counter;
	memcpy(note->title, glo.title, GLO_TITLE);
	key = d->keys ? glo_keyring_find(d->keys, &glo) : NULL;
	note->key_known = key != NULL;
	verdict = glo_open(&glo, key, gate, d->plain, &note->authenticated);
	if (verdict == GLO_WRONG_KEY && key && !(glo.control & GLO_ENCRYPTED))
		return refuse(note, PUSH_MALFORMED, "not ciphered, and no notification either");
	if (verdict != GLO_OK)
		return open_error(note, verdict);
	if (!note->authenticated && d->require_authentication)
		return refuse(note, PUSH_AUTH_FAILED,
		              "not authenticated, as --require-auth demands");
	if (telegram_like(d->plain, glo.body_length)) {
		note->telegram = d->plain;
		note->telegram_size = glo.body_length;
		return PUSH_OK;
	}
	if (apdu->torn && !note->authenticated)
		return refuse(note, PUSH_TRUNCATED,
		              "found behind lost bytes, and not authenticated");
	return read_plain(d, d->plain, glo.body_length, push_framing_name(apdu->framing), r, note);
}

enum push_verdict dlms_decode(struct dlms *d, const struct push_apdu *apdu, struct record *r,
                              struct dlms_note *note)
{
	*note = (struct dlms_note){0};
	if (!apdu->size)
		return refuse(note, PUSH_MALFORMED, "empty message");
	switch (apdu->data[0]) {
	case GLO_TAG:
	case GLO_DED_TAG: return read_ciphered(d, apdu, r, note);
	case NOTIFICATION_TAG:
		if (d->require_authentication)
			return refuse(note, PUSH_AUTH_FAILED,
			              "not ciphered, as --require-auth demands");
		return read_plain(d, apdu->data, apdu->size, push_framing_name(apdu->framing), r,
		                  note);
	default: return refuse(note, PUSH_UNSUPPORTED, "another kind of APDU");
	}
}

void dlms_free(struct dlms *d)
{
	counters_free(&d->counters);
	free(d->plain);
	d->plain = NULL;
	d->plain_capacity = 0;
}
