/*
 * Sealed messages: general-glo-ciphering APDUs as meters push them over M-Bus, HDLC and P1. `seals`
 * holds the keys, the rules and the last frame counter of each meter. All streams of a program
 * share one, so that a repeated message is a replay on whichever stream it arrives. A `seal` holds
 * the findings about one message.
 *
 * The owner zero-initialises `seals`, sets the keyring (borrowed) and rules, and calls seals_free().
 */
#ifndef STREAM_SEAL_H
#define STREAM_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/cosem/counters.h"
#include "protocol/glo.h"
#include "record/record.h"
#include "stream/refusal.h"

struct seals {
	const struct glo_keyring *keys; /* NULL or empty: no message can be decrypted */
	bool require_authentication;    /* refuse a message whose tag cannot be verified */
	bool accept_replay;             /* take a message whose counter did not rise */
	struct counters counters;
	uint8_t *plain; /* the last plain text */
	size_t capacity;
};

struct seal {
	enum refusal refusal;
	const char *reason; /* a few words for refusals */
	bool parsed;        /* title, counter and the flags below are known */
	bool tagged, authenticated;
	bool key_known;            /* there is a key for this title */
	bool broadcast, restarted; /* the user should be warned */
	uint8_t title[GLO_TITLE];
	uint32_t counter;
	const uint8_t *plain; /* in `seals`, until the next message */
	size_t size;
};

/*
 * Reads an APDU, decrypts it and checks its tag; `gate` tells whether the plain text makes sense.
 * Stores a refusal in `seal`. Then the caller checks the plain text, and calls seals_accept() if it
 * is sound. 0 or EM_NO_MEMORY.
 */
int seals_open(struct seals *seals, struct seal *seal, const uint8_t *apdu, size_t size,
               glo_gate *gate);

/* Checks the frame counter. `clock` is the meter's clock, or NULL. 0 or EM_NO_MEMORY. */
int seals_accept(struct seals *seals, struct seal *seal, const struct stamp *clock);

/* Refuses a message because of its plain text. */
void seal_refuse(struct seal *seal, enum refusal refusal, const char *reason);

/* Adds system_title, frame_counter, framing (unless NULL) and authenticated. */
void seal_envelope(struct record *r, const struct seal *seal, const char *framing);

/* "meter 454D546750000009, counter 5: the frame counter did not rise" */
enum { SEAL_TEXT = 200 };
void seal_text(char out[SEAL_TEXT], const struct seal *seal);

void seals_free(struct seals *seals);

#endif
