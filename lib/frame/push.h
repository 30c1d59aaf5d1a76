/*
 * Finds meter pushes in a byte stream. The framer finds out by itself whether the stream carries
 * wired M-Bus frames, HDLC frames, bare APDUs (as encrypted P1 lines do) or any of them as
 * hexadecimal text. It joins segments and general block transfers, and emits whole APDUs. The APDUs
 * do not depend on how the stream is cut into chunks.
 *
 * The framer drops a damaged frame and searches its bytes for the next start. It reports each loss
 * once, with its class. APDUs without frames have no checksum, so the framer takes them only where
 * no bytes were lost, or when they are ciphered with a tag, and never inside dropped frames.
 *
 * The framer owns its buffers. The caller zero-initialises it and calls push_free(). An APDU is
 * valid only during the call.
 */
#ifndef FRAME_PUSH_H
#define FRAME_PUSH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* Why data was lost. */
enum push_loss {
	PUSH_CHECKSUM,    /* the checksum of a frame is wrong */
	PUSH_TRUNCATED,   /* bytes, segments or blocks are missing */
	PUSH_LENGTH,      /* a message is longer than its limit */
	PUSH_UNSUPPORTED, /* a frame with another payload */
	PUSH_MALFORMED    /* bytes that break the format */
};

enum push_framing { PUSH_APDU, PUSH_MBUS, PUSH_HDLC };

const char *push_framing_name(enum push_framing framing);

struct push_apdu {
	const uint8_t *data;
	size_t size;
	enum push_framing framing;
	bool torn; /* a bare APDU after lost bytes: accept it only if verified */
};

enum { PUSH_LIMIT = 1 << 16, PUSH_BLOCKS = 64 }; /* bytes of an APDU, blocks of a transfer */

/* Receives what the framer finds. */
struct push_sink {
	/* Returns whether the APDU was sound. */
	bool (*apdu)(void *context, const struct push_apdu *apdu);
	void (*fault)(void *context, enum push_loss loss, const char *what);
	/* The size of the plain APDU at data; 0: more bytes are needed; -1: there is none. */
	long (*measure)(const uint8_t *data, size_t size);
	void *context;
};

struct push_framer {
	struct text input;   /* bytes not yet consumed; raw until the form is known */
	struct text message; /* segments of an M-Bus or HDLC message */
	struct text blocks;  /* general block transfer */
	const struct push_sink *sink;
	uint64_t bytes, skipped, frames;
	uint64_t junk;            /* skipped since the last end */
	uint64_t lost;            /* skipped since the last frame */
	size_t digits;            /* hexadecimal digits seen while the form is not known */
	size_t line, line_before; /* digits in this line of text and in the one before */
	size_t refused;           /* size of a refused bare APDU that is still in the input */
	uint32_t next_block;
	uint8_t next_segment, form, half; /* half: the first digit of a byte, 0x10 | value */
	uint8_t before[3];                /* the last bytes consumed */
	bool message_open, blocks_open, framed, torn, found;
	bool suspect; /* an apparent HDLC header had a wrong checksum */
	enum push_framing framing;
};

/* Takes bytes that arrived. After EM_NO_MEMORY data is lost and the framer finds nothing more. */
int push_feed(struct push_framer *f, const struct push_sink *sink, const void *data, size_t size);

/* The line was silent for over two seconds, or the stream ended: incomplete messages are lost. */
int push_end(struct push_framer *f, const struct push_sink *sink);

/* Whether the framer holds back bytes of an incomplete frame or message. */
bool push_pending(const struct push_framer *f);

void push_free(struct push_framer *f);

#endif
