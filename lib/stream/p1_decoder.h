/*
 * Checks and decodes framed P1 telegrams, plain or encrypted, by the same rules for all readers:
 *
 *   - A printed CRC must be right.
 *   - A telegram that names DSMR 4 or later, or eMUCS, must print one; so must a telegram of a meter
 *     that printed one before. A meter is known by its header line.
 *   - An encrypted telegram is sound when its tag verifies, or else its CRC; and its frame counter
 *     must rise (stream/seal.h).
 *
 * All streams of a program share one decoder. It owns its memory and the record that it fills; it
 * borrows `seals`. It belongs to one thread.
 */
#ifndef STREAM_P1_DECODER_H
#define STREAM_P1_DECODER_H

#include "frame/p1.h"
#include "record/record.h"
#include "stream/refusal.h"
#include "stream/seal.h"

struct p1_settings {
	struct seals *seals; /* keys and counters; NULL: encrypted telegrams cannot be read */
	int gas_channel;     /* as dsmr_new() has it */
	bool no_crc;         /* take telegrams whose CRC is wrong or missing */
	bool undecoded;      /* leave records of plain telegrams empty: their bytes are enough */
};

/* Receives the result for each telegram. */
struct p1_events {
	/*
	 * A sound telegram: its values (type "p1"), and its bytes, decrypted if it was encrypted.
	 * Both are valid only during the call; the receiver may set the record's source and add to
	 * it.
	 */
	void (*record)(void *context, struct record *r, const struct p1_telegram *telegram);
	/* A refused telegram; `text` is the message for users. */
	void (*refused)(void *context, enum refusal refusal, const char *text);
	void *context;
};

struct p1_decoder;

/* NULL when memory is out. */
struct p1_decoder *p1_decoder_new(const struct p1_settings *settings);
void p1_decoder_free(struct p1_decoder *d);

/* Whether any key is known. */
bool p1_decoder_has_keys(const struct p1_decoder *d);

/*
 * Takes a framed telegram; `time` is when it arrived. Calls one of the events. 0 or EM_NO_MEMORY.
 */
int p1_decoder_plain(struct p1_decoder *d, const struct p1_telegram *t, instant time,
                     const struct p1_events *events);

/* Decrypts what may be an encrypted telegram (seals_open()). 0 or EM_NO_MEMORY. */
int p1_decoder_open(struct p1_decoder *d, struct seal *seal, const uint8_t *apdu, size_t size);

/*
 * Decodes the telegram inside an opened seal. Calls `record` if it is sound, else stores the
 * refusal in `seal`. `framing` goes into the record unless it is NULL. 0 or EM_NO_MEMORY.
 */
int p1_decoder_sealed(struct p1_decoder *d, struct seal *seal, const char *framing, instant time,
                      const struct p1_events *events);

/* Whether a plain text begins like a telegram: `/`, then text. A glo_gate. */
bool p1_like(const uint8_t *plain, size_t size);

#endif
