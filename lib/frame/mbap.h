/*
 * Modbus TCP: MBAP headers (MODBUS Messaging on TCP/IP V1.0b), and the framer of captured
 * connections, one for both directions. Answers are matched by transaction id, unit and function.
 * The framer skips bytes that are not a header one by one: gateways leak RTU checksums into the
 * stream.
 *
 *   +-------------+---------------+--------------+------+-----+
 *   | transaction | protocol 0 (2)| length 2..254 | unit | PDU |
 *   +-------------+---------------+--------------+------+-----+
 */
#ifndef FRAME_MBAP_H
#define FRAME_MBAP_H

#include "base/bytes.h"
#include "frame/adu.h"

enum {
	MBAP_HEADER = 6,
	MBAP_FRAME_MAX = MBAP_HEADER + ADU_MAX, /* RTU frames are shorter */
	MBAP_OUTSTANDING = 16
};

/* The fields of a header: the transaction, and the number of bytes that follow it. */
static inline uint16_t mbap_transaction(const uint8_t *header)
{
	return load_be16(header);
}

static inline size_t mbap_length(const uint8_t *header)
{
	return load_be16(header + 4);
}

/* Whether the bytes can be a header: protocol 0, a length within limits. */
static inline bool mbap_header_good(const uint8_t *header)
{
	return !header[2] && !header[3] && mbap_length(header) >= 2 &&
	       mbap_length(header) <= ADU_MAX;
}

/*
 * Writes the header before the `size` bytes (unit, PDU) at frame + MBAP_HEADER; the frame's size.
 */
size_t mbap_wrap(uint8_t *frame, uint16_t transaction, size_t size);

struct mbap_request {
	uint64_t sequence;
	uint16_t transaction;
	uint16_t size;
	uint8_t data[ADU_MAX];
};

struct mbap {
	frame_emit *emit;
	void *context;
	uint64_t sequence, frames, errors, skipped;
	instant time;
	struct mbap_request outstanding[MBAP_OUTSTANDING]; /* oldest first */
	size_t waiting;
	struct {
		uint64_t offset;
		size_t carried;
		uint8_t carry[MBAP_FRAME_MAX];
	} side[2]; /* 0: from the client, 1: from the server */
};

void mbap_init(struct mbap *mbap, frame_emit *emit, void *context);

void mbap_feed(struct mbap *mbap, unsigned direction, const uint8_t *data, size_t size,
               instant time);

/* Whether the bytes may begin with a header. Call rtu_recognise() first. */
bool mbap_recognise(const uint8_t *data, size_t size);

#endif
