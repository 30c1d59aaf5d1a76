/*
 * Modbus frames as a listener sees them, whatever carried them (RTU, MBAP), and the shapes that the
 * protocol allows (MODBUS Application Protocol V1.1b3). A frame's bytes are borrowed for the call in
 * which it is emitted.
 */
#ifndef FRAME_ADU_H
#define FRAME_ADU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/stamp.h"

enum frame_kind { FRAME_REQUEST, FRAME_RESPONSE, FRAME_EXCEPTION };

struct modbus_frame {
	uint64_t offset;   /* of the first byte, from the start of the stream */
	uint64_t sequence; /* counts the requests of a stream from 1; 0 for answers */
	uint64_t answers;  /* sequence of the request that this answers, 0: unpaired or a request */
	instant time;
	const uint8_t *data;         /* unit, function, ...: without CRC or MBAP header */
	uint16_t size;               /* of data */
	uint16_t length;             /* of the whole frame on the wire */
	uint8_t kind;                /* enum frame_kind */
	uint8_t unit;                /* 0..247, 0 is a broadcast; with MBAP 0..255 */
	uint8_t function;            /* without the exception bit */
	uint8_t exception;           /* its code, 0 for none */
	bool has_address, has_count; /* of answers: as their request had them */
	uint16_t address, count;
};

typedef void frame_emit(void *context, const struct modbus_frame *frame);

/* One way in which bytes may be a frame. */
struct adu_shape {
	uint16_t size; /* unit to the last byte before the CRC; 0: more bytes are needed to tell */
	uint8_t kind;  /* enum frame_kind */
	bool strong;   /* its structure alone rules out nearly all chance */
};

enum { ADU_MAX = 254 }; /* unit and PDU */

/*
 * The shapes that unit, function and what follows allow, request first; 0..2 of them. n is how many
 * bytes there are to look at; a shape may be longer than that.
 */
size_t adu_shapes(const uint8_t *data, size_t n, struct adu_shape shapes[2]);

/* What a function code is: a public one, the exception to one, or neither (0). */
enum { ADU_PUBLIC = 1, ADU_EXCEPTION = 2 };
extern const uint8_t adu_function_kind[256];

/* Whether the function code is one of the public ones, without the exception bit. */
static inline bool adu_function_known(uint8_t function)
{
	return adu_function_kind[function] == ADU_PUBLIC;
}

/* Bytes of data that a read response to this request must announce; -1 if the request is no read. */
static inline int adu_expected_bytes(const uint8_t *request, size_t size)
{
	if (size < 6)
		return -1;
	switch (request[1]) {
	case 3:
	case 4:
	case 23: return (request[4] << 8 | request[5]) * 2;
	case 1:
	case 2: return ((request[4] << 8 | request[5]) + 7) / 8;
	default: return -1;
	}
}

/* Whether a response of this size answers this request: same unit, function, matching lengths. */
bool adu_answers(const uint8_t *request, size_t request_size, const uint8_t *response, size_t size);

/* Fills address and count from a request (or the echo of a write). */
void adu_address(struct modbus_frame *frame, const uint8_t *data, size_t size);

#endif
