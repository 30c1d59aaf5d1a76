#include "stream/seal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hex.h"

void seal_refuse(struct seal *seal, enum refusal refusal, const char *reason)
{
	seal->refusal = refusal;
	seal->reason = reason;
}

static int make_room(struct seals *s, size_t size)
{
	uint8_t *plain;

	if (size <= s->capacity)
		return 0;
	plain = realloc(s->plain, size);
	if (!plain)
		return EM_NO_MEMORY;
	s->plain = plain;
	s->capacity = size;
	return 0;
}

/* Reads the header into the seal; returns whether it can be used. */
static bool read_header(struct seal *seal, struct glo *glo, const uint8_t *apdu, size_t size)
{
	int error = glo_parse(glo, apdu, size);

	if (error == EM_TRUNCATED)
		seal_refuse(seal, REFUSED_LENGTH, "the ciphered length exceeds the frame");
	else if (error)
		seal_refuse(seal, REFUSED_LENGTH, "the ciphering header");
	else if (glo->title_length != GLO_TITLE)
		seal_refuse(seal, REFUSED_UNSUPPORTED, "the length of the system title is not 8");
	else if (glo->total != size)
		seal_refuse(seal, REFUSED_LENGTH, "bytes after the ciphered part");
	if (seal->refusal)
		return false;
	seal->parsed = true;
	seal->tagged = glo->tag != NULL;
	seal->broadcast = glo->control & GLO_BROADCAST;
	seal->counter = glo->counter;
	memcpy(seal->title, glo->title, GLO_TITLE);
	return true;
}

static void judge_opening(struct seal *seal, enum glo_verdict verdict, bool encrypted)
{
	if (verdict == GLO_WRONG_KEY && seal->key_known && !encrypted)
		seal_refuse(seal, REFUSED_MALFORMED, "not ciphered, and not a notification");
	else if (verdict == GLO_UNSUPPORTED)
		seal_refuse(seal, REFUSED_UNSUPPORTED,
		            "compressed, or a suite other than AES-128-GCM");
	else if (verdict == GLO_AUTH_FAILED)
		seal_refuse(seal, REFUSED_AUTH_FAILED,
		            "the tag does not verify: authentication key wrong, "
		            "or the push was changed");
	else if (verdict != GLO_OK && !seal->key_known)
		seal_refuse(seal, REFUSED_WRONG_KEY, "no key for this system title");
	else if (verdict != GLO_OK)
		seal_refuse(seal, REFUSED_WRONG_KEY, "the encryption key does not fit this push");
}

int seals_open(struct seals *s, struct seal *seal, const uint8_t *apdu, size_t size, glo_gate *gate)
{
	const struct glo_key *key;
	enum glo_verdict verdict;
	struct glo glo;

	*seal = (struct seal){0};
	if (!read_header(seal, &glo, apdu, size))
		return 0;
	if (make_room(s, glo.body_length + 1))
		return EM_NO_MEMORY;
	key = s->keys ? glo_keyring_find(s->keys, &glo) : NULL;
	seal->key_known = key != NULL;
	verdict = glo_open(&glo, key, gate, s->plain, &seal->authenticated);
	judge_opening(seal, verdict, glo.control & GLO_ENCRYPTED);
	if (!seal->refusal && !seal->authenticated && s->require_authentication)
		seal_refuse(seal, REFUSED_AUTH_FAILED,
		            "not authenticated, as --require-auth demands");
	seal->plain = s->plain;
	seal->size = glo.body_length;
	return 0;
}

int seals_accept(struct seals *s, struct seal *seal, const struct stamp *clock)
{
	int64_t seconds = clock && stamp_valid(clock) ? stamp_instant(clock) / 1000 : 0;

	if (!counters_rising(&s->counters, seal->title, seal->counter, seconds)) {
		if (!s->accept_replay) {
			seal_refuse(seal, REFUSED_REPLAY, "the frame counter did not rise");
			return 0;
		}
	} else {
		seal->restarted = seal->counter == 0 &&
		                  !counters_rising(&s->counters, seal->title, 0, 0);
	}
	return counters_set(&s->counters, seal->title, seal->counter, seconds);
}

void seal_envelope(struct record *r, const struct seal *seal, const char *framing)
{
	record_text(r, "system_title", record_hex(r, seal->title, GLO_TITLE), 2 * GLO_TITLE);
	record_int(r, "frame_counter", seal->counter);
	if (framing)
		record_word(r, "framing", framing);
	record_bool(r, "authenticated", seal->authenticated);
}

void seal_text(char out[SEAL_TEXT], const struct seal *seal)
{
	char title[2 * GLO_TITLE];

	hex_write(title, seal->title, GLO_TITLE);
	if (seal->parsed)
		snprintf(out, SEAL_TEXT, "meter %.*s, counter %" PRIu32 ": %s", 2 * GLO_TITLE,
		         title, seal->counter, seal->reason);
	else
		snprintf(out, SEAL_TEXT, "%s", seal->reason);
}

void seals_free(struct seals *s)
{
	counters_free(&s->counters);
	free(s->plain);
	s->plain = NULL;
	s->capacity = 0;
}
