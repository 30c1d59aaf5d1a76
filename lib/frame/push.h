/*
 * Meter pushes out of a byte stream: finds out by itself whether it carries wired M-Bus frames,
 * HDLC frames, bare APDUs (as encrypted P1 lines do) or any of them as hexadecimal text, joins
 * segments and general block transfers, and hands over whole APDUs. Any cutting of the stream into
 * chunks gives the same APDUs.
 *
 * What is damaged is dropped and looked through for the next start; each loss is reported once,
 * with its class. APDUs that come without frames carry no check of their own, so they are taken
 * only where nothing was lost, or when they are ciphered with a tag; inside dropped frames never.
 *
 * The framer owns its buffers; the owner zero-initialises it and calls push_free(). An APDU is lent
 * for the call.
 */
#ifndef FRAME_PUSH_H
#define FRAME_PUSH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* What was lost, and why. */
enum push_loss {
	PUSH_CHECKSUM,    /* a frame's check does not hold */
	PUSH_TRUNCATED,   /* bytes, segments or blocks are missing */
	PUSH_LENGTH,      /* a message is longer than its limit */
	PUSH_UNSUPPORTED, /* a frame that carries something else */
	PUSH_MALFORMED    /* bytes that break the format */
};

enum push_framing { PUSH_APDU, PUSH_MBUS, PUSH_HDLC };

const char *push_framing_name(enum push_framing framing);

struct push_apdu {
	const uint8_t *data;
	size_t size;
	enum push_framing framing;
	bool torn; /* a bare APDU found behind lost bytes: only a verified one may count */
};

enum { PUSH_LIMIT = 1 << 16, PUSH_BLOCKS = 64 }; /* bytes of an APDU, blocks of a transfer */

/* Who takes what the framer finds. */
struct push_sink {
	bool (*apdu)(void *context, const struct push_apdu *apdu); /* whether it was sound */
	void (*fault)(void *context, enum push_loss loss, const char *what);
	/* Size of the plain APDU that data starts with: 0 more bytes are needed, -1 there is none. */
	long (*measure)(const uint8_t *data, size_t size);
	void *context;
};

struct push_framer {
	struct text input;   /* bytes not yet taken; until the form is known, as they came */
	struct text message; /* segments of an M-Bus or HDLC message */
	struct text blocks;  /* general block transfer */
	const struct push_sink *sink;
	uint64_t bytes, skipped, frames;
	uint64_t junk;            /* skipped since the last end */
	uint64_t lost;            /* skipped since the last frame */
	size_t digits;            /* hexadecimal digits seen while the form is not known */
	size_t line, line_before; /* digits in this line of text and in the one before */
	size_t refused; /* size of a bare APDU that still stands in the input, though it was refused */
	uint32_t next_block;
	uint8_t next_segment, form, half; /* half: the first digit of a byte, 0x10 | value */
	uint8_t before[3];                /* the last bytes that went by */
	bool message_open, blocks_open, framed, torn, found;
	bool suspect; /* what looked like an HDLC header failed its check */
	enum push_framing framing;
};

/* Bytes that arrived. EM_NO_MEMORY: something is lost, and nothing will be found any more. */
int push_feed(struct push_framer *f, const struct push_sink *sink, const void *data, size_t size);

/* The line fell silent (more than two seconds), or the stream ended: what is incomplete is lost. */
int push_end(struct push_framer *f, const struct push_sink *sink);

/* Whether bytes are held back that more bytes could complete. */
bool push_pending(const struct push_framer *f);

void push_free(struct push_framer *f);

#endif
