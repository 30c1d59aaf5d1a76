/*
 * Modbus TCP as captured: MBAP headers (MODBUS Messaging on TCP/IP V1.0b), one framer per connection
 * with both directions. Answers are matched by transaction id, unit and function. A header that is
 * none is slid over byte by byte: gateways leak RTU checksums into the stream.
 *
 *   +-------------+---------------+--------------+------+-----+
 *   | transaction | protocol 0 (2)| length 2..254 | unit | PDU |
 *   +-------------+---------------+--------------+------+-----+
 */
#ifndef FRAME_MBAP_H
#define FRAME_MBAP_H

#include "frame/adu.h"

enum { MBAP_HEADER = 6, MBAP_OUTSTANDING = 16, MBAP_CARRY = MBAP_HEADER + ADU_MAX };

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
		uint8_t carry[MBAP_CARRY];
	} side[2]; /* 0: from the client, 1: from the server */
};

void mbap_init(struct mbap *mbap, frame_emit *emit, void *context);

void mbap_feed(struct mbap *mbap, unsigned direction, const uint8_t *data, size_t size,
               instant time);

/* Whether bytes begin with what may be a header. Ask rtu_recognise() first. */
bool mbap_recognise(const uint8_t *data, size_t size);

#endif
