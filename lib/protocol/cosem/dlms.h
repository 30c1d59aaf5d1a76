/*
 * COSEM pushes into records: deciphers an APDU, makes sure that it is what it claims to be, and
 * reads its values. Whatever fails a check gives no values at all, only its class.
 *
 * Checks, in this order: ciphering header and lengths; key; tag where there is one; the form of the
 * plain text (head, date, container); the whole body, to its last byte; the frame counter.
 */
#ifndef COSEM_DLMS_H
#define COSEM_DLMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame/push.h"
#include "protocol/axdr.h"
#include "protocol/cosem/counters.h"
#include "protocol/cosem/layout.h"
#include "protocol/glo.h"
#include "record/record.h"

/* A decoder for any number of streams; the owner zero-initialises it and calls dlms_free(). */
struct dlms {
	const struct glo_keyring *keys;
	bool require_authentication; /* refuse pushes whose tag cannot be verified, or that have none */
	bool accept_replay;
	struct counters counters;
	struct code_book book;
	struct axdr_item items[AXDR_ITEMS];
	struct sample samples[SAMPLES];
	uint8_t *plain;
	size_t plain_capacity;
};

/* What was found out beside the values. */
struct dlms_note {
	enum push_verdict verdict;
	const char *reason; /* a few words for verdicts other than PUSH_OK */
	const char *layout; /* name of the layout, or NULL */
	bool ciphered, tagged, authenticated;
	bool key_known;            /* a key was there for this title */
	bool broadcast, restarted; /* worth a warning */
	bool no_memory;            /* the verdict says nothing about the push */
	uint8_t title[GLO_TITLE];
	uint32_t counter;
	const uint8_t *telegram; /* the plain text when it is a P1 telegram, and its size */
	size_t telegram_size;
};

/*
 * Decodes one APDU into a record that record_begin() has emptied; type and time are the caller's.
 * With PUSH_OK the record holds the values, unless note->telegram is set: then it holds nothing yet
 * and dlms_accept() has to follow once the telegram proves sound. The record borrows from the
 * decoder and from the APDU.
 */
enum push_verdict dlms_decode(struct dlms *d, const struct push_apdu *apdu, struct record *r,
                              struct dlms_note *note);

/* Applies the check of the frame counter; PUSH_REPLAY or PUSH_OK. `clock` is the meter's. */
enum push_verdict dlms_accept(struct dlms *d, struct dlms_note *note, const struct stamp *clock);

/* The keys of a ciphered push: system_title, frame_counter, framing, authenticated. */
void dlms_envelope(struct record *r, const struct dlms_note *note, const char *framing);

/* Refuses a push for want of memory. */
enum push_verdict dlms_no_memory(struct dlms_note *note);

void dlms_free(struct dlms *d);

#endif
