/*
 * Modbus requests and responses without their RTU or MBAP framing: unit, function and data, and the
 * rules of the standard for them (MODBUS Application Protocol V1.1b3, section 6). The passive
 * framers, the client and the server all take function codes, limits and lengths from here;
 * adu_build.h makes and reads them. A frame's bytes are valid only during the call that emits it.
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

/* Whether the device is busy or cannot be reached: the same request may succeed later. */
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
	bool has_address, has_count; /* answers take them from their request */
	uint16_t address, count;
};

typedef void frame_emit(void *context, const struct modbus_frame *frame);

/* One way in which bytes may be a frame. */
struct adu_shape {
	uint16_t size; /* unit to the last byte before the CRC; 0: unknown, more bytes are needed */
	uint8_t kind;  /* enum frame_kind */
	bool strong;   /* a chance match of its structure is very unlikely */
};

enum { ADU_MAX = 254 }; /* unit and PDU */

/*
 * The size of a request or of a response (exceptions included), from its function code and its
 * first n bytes. These functions do not check the values. 0: more bytes are needed; -1: the
 * function is unknown, or no frame is that long.
 */
int adu_request_size(const uint8_t *data, size_t n);
int adu_response_size(const uint8_t *data, size_t n);

/* The size of a response whose third byte counts the bytes after it, as for functions 1 to 4. */
static inline size_t adu_counted_size(const uint8_t *data)
{
	return 3u + data[2];
}

/*
 * Finds the shapes that unit, function and the bytes after them allow, the request first. Returns
 * their number, 0..2. n bytes are available; a shape may be longer than that.
 */
size_t adu_shapes(const uint8_t *data, size_t n, struct adu_shape shapes[2]);

/* The kind of a function code: a public one, an exception, or neither (0). */
enum { ADU_PUBLIC = 1, ADU_EXCEPTION = 2 };
extern const uint8_t adu_function_kind[256];

/* Whether the function code is one of the public ones, without the exception bit. */
static inline bool adu_function_known(uint8_t function)
{
	return adu_function_kind[function] == ADU_PUBLIC;
}

/*
 * Bytes of data that a read response to this request must state; -1 if the request is not a read.
 */
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
