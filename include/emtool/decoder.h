/*
 * A decoder takes bytes, cut anywhere, and gives records. p1.h, push.h and bus.h make decoders, one
 * kind for each protocol; the functions here work on all of them. Use one decoder for each
 * connection.
 *
 * While it is fed, a decoder calls functions of the caller: with a record for each sound telegram,
 * push or transaction, and with a refusal for each other one. A refused one never gives values.
 * These functions must not feed, end or free the decoder that calls them.
 *
 * A decoder copies the bytes that it needs after the call. It holds back at most 64 KiB of input.
 * emtool_free() frees its memory.
 */
#ifndef EMTOOL_DECODER_H
#define EMTOOL_DECODER_H

#include "record.h"

#ifdef __cplusplus
extern "C" {
#endif

struct emtool_decoder;

enum emtool_refusal {
	EMTOOL_REFUSED_CHECKSUM = 1, /* a checksum is wrong, or missing where one is required */
	EMTOOL_REFUSED_TRUNCATED,    /* bytes, segments or blocks are missing */
	EMTOOL_REFUSED_LENGTH,       /* lengths contradict each other or exceed a limit */
	EMTOOL_REFUSED_WRONG_KEY,    /* no key for this meter, or the plain text makes no sense */
	EMTOOL_REFUSED_AUTH_FAILED,  /* the tag does not verify */
	EMTOOL_REFUSED_REPLAY,       /* the frame counter did not rise */
	EMTOOL_REFUSED_UNSUPPORTED,  /* the format is known, but not supported */
	EMTOOL_REFUSED_MALFORMED     /* the bytes break the format */
};

/* "checksum", "wrong_key", ...; never NULL, a constant string. */
const char *emtool_refusal_name(enum emtool_refusal refusal);

/* Copied by the functions that take it. Functions that are NULL are not called. */
struct emtool_events {
	void (*record)(void *context, const struct emtool_record *record);
	/* `text` is a message for people, valid only during the call */
	void (*refused)(void *context, enum emtool_refusal refusal, const char *text);
	void *context; /* passed to both */
};

/*
 * Takes any number of bytes; calls events. `time` is when they arrived, in ms since
 * 1970-01-01T00:00:00Z, or EMTOOL_NO_TIME; it becomes the time of records. This and the next two
 * return 0 or EMTOOL_NO_MEMORY.
 */
int emtool_feed(struct emtool_decoder *decoder, const void *data, size_t size, int64_t time);

/*
 * Nothing arrived for a while (two seconds for P1 and pushes, 100 ms for a bus): the decoder
 * decides or drops the bytes that it holds back. Only needed if that should happen before more
 * bytes arrive.
 */
int emtool_idle(struct emtool_decoder *decoder);

/* The input ended: the decoder decides the bytes that it still holds back. It can be fed again. */
int emtool_end(struct emtool_decoder *decoder);

struct emtool_counts {
	uint64_t bytes;
	uint64_t skipped; /* bytes outside of all telegrams, frames and pushes */
	uint64_t records;
	uint64_t refused;
};

/* The counts so far. */
struct emtool_counts emtool_counts(struct emtool_decoder *decoder);

/* NULL is allowed. */
void emtool_free(struct emtool_decoder *decoder);

#ifdef __cplusplus
}
#endif

#endif
