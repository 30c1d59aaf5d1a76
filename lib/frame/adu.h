/*
 * Modbus requests and responses without what carries them (RTU, MBAP): unit, function and data, and
 * what the standard says of them (MODBUS Application Protocol V1.1b3, section 6). The passive framers,
 * the client and the server all take function codes, limits and lengths from here; adu_build.h makes
 * and reads them. A frame's bytes are borrowed for the call in which it is emitted.
 */
#ifndef FRAME_ADU_H
#define FRAME_ADU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/stamp.h"

enum adu_function {
	ADU_READ_COILS = 1,
	ADU_READ_DISCRETE = 2,
	ADU_READ_HOLDING = 3,
	ADU_READ_INPUT = 4,
	ADU_WRITE_COIL = 5,
	ADU_WRITE_REGISTER = 6,
	ADU_READ_STATUS = 7,
	ADU_DIAGNOSTICS = 8,
	ADU_COMM_COUNTER = 11,
	ADU_COMM_LOG = 12,
	ADU_WRITE_COILS = 15,
	ADU_WRITE_REGISTERS = 16,
	ADU_SERVER_ID = 17,
	ADU_READ_FILE = 20,
	ADU_WRITE_FILE = 21,
	ADU_MASK_WRITE = 22,
	ADU_READ_WRITE = 23,
	ADU_READ_FIFO = 24,
	ADU_ENCAPSULATED = 43
};

/* The most that one request may ask for */
enum {
	ADU_MAX_READ_BITS = 2000,
	ADU_MAX_READ_WORDS = 125,
	ADU_MAX_WRITE_BITS = 1968,
	ADU_MAX_WRITE_WORDS = 123,
	ADU_MAX_EXCHANGED_WORDS = 121, /* written by function 23 */
	ADU_MAX_FIFO_WORDS = 31
};

enum { ADU_EXCEPTION_BIT = 0x80, ADU_COIL_ON = 0xFF00 };

enum adu_exception {
	ADU_ILLEGAL_FUNCTION = 1,
	ADU_ILLEGAL_ADDRESS = 2,
	ADU_ILLEGAL_VALUE = 3,
	ADU_DEVICE_FAILURE = 4,
	ADU_ACKNOWLEDGE = 5,
	ADU_BUSY = 6,
	ADU_PATH_UNAVAILABLE = 10,
	ADU_TARGET_SILENT = 11
};

/* Whether the device is busy or not reached, so that the same request may succeed later. */
static inline bool adu_exception_passes(unsigned code)
{
	return code == ADU_ACKNOWLEDGE || code == ADU_BUSY || code == ADU_PATH_UNAVAILABLE ||
	       code == ADU_TARGET_SILENT;
}

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
 * The size of a request or of a response (an exception is one), as its function code and its first n
 * bytes tell, whether it makes sense or not. 0: more bytes are needed; -1: the function is unknown, or
 * no frame is that long.
 */
int adu_request_size(const uint8_t *data, size_t n);
int adu_response_size(const uint8_t *data, size_t n);

/* The size of a response whose third byte counts the rest: that to functions 1 to 4, for example. */
static inline size_t adu_counted_size(const uint8_t *data)
{
	return 3u + data[2];
}

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
	case ADU_READ_HOLDING:
	case ADU_READ_INPUT:
	case ADU_READ_WRITE: return load_be16(request + 4) * 2;
	case ADU_READ_COILS:
	case ADU_READ_DISCRETE: return (load_be16(request + 4) + 7) / 8;
	default: return -1;
	}
}

/* Whether a response of this size answers this request: same unit, function, matching lengths. */
bool adu_answers(const uint8_t *request, size_t request_size, const uint8_t *response, size_t size);

/* Fills address and count from a request (or the echo of a write). */
void adu_address(struct modbus_frame *frame, const uint8_t *data, size_t size);

#endif
