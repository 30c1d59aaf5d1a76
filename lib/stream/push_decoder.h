/*
 * Checks and decodes the APDUs that meters push, ciphered or not: keys, tags, frame counters, and
 * the decoder for the content, COSEM notifications or P1 telegrams. All streams of a program share
 * one decoder. It owns its memory and the record that it fills; it borrows `seals`. It belongs to
 * one thread.
 *
 * Checks, in this order: ciphering header and lengths; key; tag where there is one; the form of the
 * plain text; its whole body; the frame counter. A push that fails a check gives no values at all.
 */
#ifndef STREAM_PUSH_DECODER_H
#define STREAM_PUSH_DECODER_H

#include "frame/push.h"
#include "record/record.h"
#include "stream/refusal.h"
#include "stream/seal.h"

/* Receives the result for each push. `seal` is NULL for one that is not ciphered. */
struct push_events {
	/*
	 * A sound push: its values (type "dlms" or "p1"), valid only during the call. The receiver
	 * may set the record's source and add to it.
	 */
	void (*record)(void *context, struct record *r, const struct seal *seal);
	/* A refused push; `text` is the message for users. */
	void (*refused)(void *context, enum refusal refusal, const char *text,
	                const struct seal *seal);
	void *context;
};

struct push_decoder;

/* NULL when memory is out. */
struct push_decoder *push_decoder_new(struct seals *seals);
void push_decoder_free(struct push_decoder *d);

/* From now on the decoder neither decodes nor counts APDUs: the user has as many as requested. */
void push_decoder_stop(struct push_decoder *d);

/*
 * Takes a framed APDU; `time` is when it arrived. Calls one of the events; *sound says which. 0 or
 * EM_NO_MEMORY.
 */
int push_decoder_take(struct push_decoder *d, const struct push_apdu *apdu, instant time,
                      const struct push_events *events, bool *sound);

#endif
