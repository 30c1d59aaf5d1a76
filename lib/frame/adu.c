#include "frame/adu.h"

#include <string.h>

#include "base/reader.h"

/* Function codes, MODBUS Application Protocol V1.1b3 section 6 */
enum {
	READ_COILS = 1,
	READ_DISCRETE = 2,
	READ_HOLDING = 3,
	READ_INPUT = 4,
	WRITE_COIL = 5,
	WRITE_REGISTER = 6,
	READ_EXCEPTION_STATUS = 7,
	DIAGNOSTICS = 8,
	COMM_COUNTER = 11,
	COMM_LOG = 12,
	WRITE_COILS = 15,
	WRITE_REGISTERS = 16,
	REPORT_SERVER_ID = 17,
	READ_FILE = 20,
	WRITE_FILE = 21,
	MASK_WRITE = 22,
	READ_WRITE = 23,
	READ_FIFO = 24,
	ENCAPSULATED = 43,
	DEVICE_IDENTIFICATION = 14
};

/* Exceptions are taken from vendors' functions too: their code is all that tells. */
#define P ADU_PUBLIC
#define E ADU_EXCEPTION
#define E8 E, E, E, E, E, E, E, E
/* clang-format off */
const uint8_t adu_function_kind[256] = {
	0, P, P, P, P, P, P, P, P, 0, 0, P, P, 0, 0, P, P, P, 0, 0, P, P, P, P, P, [ENCAPSULATED] = P,
	[0x80] = 0, E, E, E, E, E, E, E, E8, E8, E8, E8, E8, E8, E8, E8, E8, E8, E8, E8, E8, E8, E8
};
/* clang-format on */
#undef P
#undef E
#undef E8

static bool may_broadcast(uint8_t function)
{
	return function == WRITE_COIL || function == WRITE_REGISTER || function == WRITE_COILS ||
	       function == WRITE_REGISTERS || function == MASK_WRITE || function == READ_WRITE;
}

static unsigned u16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* The list of shapes being built; `add` with size 0 says that more bytes are needed. */
struct shapes {
	struct adu_shape *list;
	size_t count;
};

static void add(struct shapes *s, size_t size, enum frame_kind kind, bool strong)
{
	if (size <= ADU_MAX)
		s->list[s->count++] = (struct adu_shape){(uint16_t)size, (uint8_t)kind, strong};
}

/* Reads 1..4: the request has a fixed size and a count within limits, the answer tells its size. */
static void read_shapes(struct shapes *s, const uint8_t *p, size_t n)
{
	bool bits = p[1] <= READ_DISCRETE;
	unsigned limit = bits ? 2000 : 125;

	if (n < 6)
		add(s, 0, FRAME_REQUEST, true);
	else if (u16(p + 4) >= 1 && u16(p + 4) <= limit && u16(p + 2) + u16(p + 4) <= 65536)
		add(s, 6, FRAME_REQUEST, true);
	if (n < 3)
		add(s, 0, FRAME_RESPONSE, false);
	else if (bits ? p[2] >= 1 && p[2] <= 250 : p[2] >= 2 && p[2] <= 250 && p[2] % 2 == 0)
		add(s, 3u + p[2], FRAME_RESPONSE, false);
}

/* Writes of several: the request repeats its count as a number of bytes, the answer leaves it out. */
static void write_shapes(struct shapes *s, const uint8_t *p, size_t n)
{
	unsigned count = n < 6 ? 1 : u16(p + 4);
	bool bits = p[1] == WRITE_COILS;
	unsigned bytes = bits ? (count + 7) / 8 : count * 2;

	if (n >= 6 && (count < 1 || count > (bits ? 1968u : 123u) || u16(p + 2) + count > 65536))
		return;
	if (n < 7)
		add(s, 0, FRAME_REQUEST, true);
	else if (p[6] == bytes)
		add(s, 7 + bytes, FRAME_REQUEST, true);
	add(s, 6, FRAME_RESPONSE, true);
}

static bool file_read_request(const uint8_t *p, size_t n)
{
	for (size_t i = 3; i < 3u + p[2] && i < n; i += 7)
		if (p[i] != 6)
			return false;
	return p[2] >= 7 && p[2] <= 245 && p[2] % 7 == 0;
}

/* Groups of length, type 6, data; those within reach must add up. */
static bool file_read_response(const uint8_t *p, size_t n)
{
	size_t i = 3, end = 3u + p[2];

	while (i < end && i + 1 < n) {
		if (p[i] < 3 || p[i] % 2 == 0 || p[i + 1] != 6 || i + 1 + p[i] > end)
			return false;
		i += 1u + p[i];
	}
	return p[2] >= 4 && p[2] <= 245;
}

static bool file_write(const uint8_t *p, size_t n)
{
	size_t i = 3, end = 3u + p[2];

	while (i < end && i + 6 < n) {
		size_t size = 7 + 2 * (size_t)u16(p + i + 5);

		if (p[i] != 6 || i + size > end)
			return false;
		i += size;
	}
	return p[2] >= 9 && (n <= 3 || p[3] == 6);
}

static void file_shapes(struct shapes *s, const uint8_t *p, size_t n)
{
	if (n < 3) {
		add(s, 0, FRAME_REQUEST, false);
		add(s, 0, FRAME_RESPONSE, false);
	} else if (p[1] == READ_FILE) {
		if (file_read_request(p, n))
			add(s, 3u + p[2], FRAME_REQUEST, true);
		if (file_read_response(p, n))
			add(s, 3u + p[2], FRAME_RESPONSE, true);
	} else if (file_write(p, n)) {
		add(s, 3u + p[2], FRAME_REQUEST, true);
		add(s, 3u + p[2], FRAME_RESPONSE, true);
	}
}

static void read_write_shapes(struct shapes *s, const uint8_t *p, size_t n)
{
	if (n < 11)
		add(s, 0, FRAME_REQUEST, true);
	else if (u16(p + 4) >= 1 && u16(p + 4) <= 125 && u16(p + 8) >= 1 && u16(p + 8) <= 121 &&
	         p[10] == 2 * u16(p + 8))
		add(s, 11u + p[10], FRAME_REQUEST, true);
	if (n < 3)
		add(s, 0, FRAME_RESPONSE, false);
	else if (p[2] >= 2 && p[2] <= 250 && p[2] % 2 == 0)
		add(s, 3u + p[2], FRAME_RESPONSE, false);
}

static void fifo_shapes(struct shapes *s, const uint8_t *p, size_t n)
{
	add(s, 4, FRAME_REQUEST, false);
	if (n < 6)
		add(s, 0, FRAME_RESPONSE, true);
	else if (u16(p + 4) <= 31 && u16(p + 2) == 2 * u16(p + 4) + 2)
		add(s, 4 + u16(p + 2), FRAME_RESPONSE, true);
}

/* Device identification (43/14): the answer is a list of objects, each with its length. */
static void identification_shapes(struct shapes *s, const uint8_t *p, size_t n)
{
	size_t at = 8;

	if (n < 3) {
		add(s, 0, FRAME_REQUEST, true);
		return;
	}
	if (p[2] != DEVICE_IDENTIFICATION)
		return;
	if (n < 5)
		add(s, 0, FRAME_REQUEST, true);
	else if (p[3] >= 1 && p[3] <= 4)
		add(s, 5, FRAME_REQUEST, true);
	if (n >= 6 && (p[3] < 1 || p[3] > 4 || (p[5] != 0 && p[5] != 0xFF)))
		return;
	for (unsigned i = 0; n >= 8 && i < p[7]; i++) {
		if (at + 2 > ADU_MAX)
			return; /* a list that no frame can hold: nobody must wait for its end */
		if (at + 2 > n)
			n = 0; /* the next object's length is still to come */
		else
			at += 2u + p[at + 1];
	}
	add(s, n < 8 ? 0 : at, FRAME_RESPONSE, true);
}

/* Requests of two bytes (unit and function), with the size of the answer. */
static void short_shapes(struct shapes *s, const uint8_t *p, size_t n)
{
	add(s, 2, FRAME_REQUEST, false);
	switch (p[1]) {
	case READ_EXCEPTION_STATUS: add(s, 3, FRAME_RESPONSE, false); return;
	case COMM_COUNTER:
		if (n < 4 || u16(p + 2) == 0 || u16(p + 2) == 0xFFFF)
			add(s, n < 4 ? 0 : 6, FRAME_RESPONSE, false);
		return;
	default: /* a byte count */
		if (n < 3 || p[2] >= 1)
			add(s, n < 3 ? 0 : 3u + p[2], FRAME_RESPONSE, false);
	}
}

static void echo_shapes(struct shapes *s, size_t size, bool strong)
{
	add(s, size, FRAME_REQUEST, strong);
	add(s, size, FRAME_RESPONSE, strong);
}

size_t adu_shapes(const uint8_t *p, size_t n, struct adu_shape list[2])
{
	struct shapes s = {list, 0};

	if (n < 1 || p[0] > 247)
		return 0;
	if (n < 2) {
		add(&s, 0, FRAME_REQUEST, false);
		return s.count;
	}
	if (p[0] == 0 && !may_broadcast(p[1]))
		return 0;
	switch (p[1]) {
	case READ_COILS:
	case READ_DISCRETE:
	case READ_HOLDING:
	case READ_INPUT: read_shapes(&s, p, n); break;
	case WRITE_COIL:
		if (n < 6)
			add(&s, 0, FRAME_REQUEST, true);
		else if (u16(p + 4) == 0xFF00 || u16(p + 4) == 0)
			echo_shapes(&s, 6, true);
		break;
	case WRITE_REGISTER: echo_shapes(&s, 6, false); break;
	case DIAGNOSTICS:
		if (n < 4)
			add(&s, 0, FRAME_REQUEST, false);
		else if (u16(p + 2) <= 21)
			echo_shapes(&s, 6, false);
		break;
	case READ_EXCEPTION_STATUS:
	case COMM_COUNTER:
	case COMM_LOG:
	case REPORT_SERVER_ID: short_shapes(&s, p, n); break;
	case WRITE_COILS:
	case WRITE_REGISTERS: write_shapes(&s, p, n); break;
	case READ_FILE:
	case WRITE_FILE: file_shapes(&s, p, n); break;
	case MASK_WRITE: echo_shapes(&s, 8, false); break;
	case READ_WRITE: read_write_shapes(&s, p, n); break;
	case READ_FIFO: fifo_shapes(&s, p, n); break;
	case ENCAPSULATED: identification_shapes(&s, p, n); break;
	default:
		if (p[1] > 0x80 && (n < 3 || (p[2] >= 1 && p[2] <= 11)))
			add(&s, n < 3 ? 0 : 3, FRAME_EXCEPTION, false);
	}
	return s.count;
}

bool adu_answers(const uint8_t *request, size_t request_size, const uint8_t *response, size_t size)
{
	uint8_t function = request[1];
	int expected = adu_expected_bytes(request, request_size);

	if (response[0] != request[0])
		return false;
	if (response[1] == (function | 0x80))
		return true;
	if (response[1] != function)
		return false;
	if (expected >= 0)
		return size >= 3 && response[2] == expected;
	switch (function) {
	case WRITE_COIL:
	case WRITE_REGISTER:
	case MASK_WRITE:
	case WRITE_FILE: return size == request_size && !memcmp(request, response, size);
	case WRITE_COILS:
	case WRITE_REGISTERS: return size == 6 && !memcmp(request, response, 6);
	case DIAGNOSTICS: return size >= 4 && request_size >= 4 && !memcmp(request, response, 4);
	default: return true;
	}
}

void adu_address(struct modbus_frame *frame, const uint8_t *data, size_t size)
{
	switch (data[1]) {
	case READ_COILS:
	case READ_DISCRETE:
	case READ_HOLDING:
	case READ_INPUT:
	case WRITE_COILS:
	case WRITE_REGISTERS:
	case READ_WRITE:
		if (size < 6)
			return;
		frame->has_address = frame->has_count = true;
		frame->address = (uint16_t)u16(data + 2);
		frame->count = (uint16_t)u16(data + 4);
		return;
	case WRITE_COIL:
	case WRITE_REGISTER:
	case MASK_WRITE:
	case READ_FIFO:
		if (size < 4)
			return;
		frame->has_address = true;
		frame->address = (uint16_t)u16(data + 2);
		frame->has_count = data[1] != READ_FIFO;
		frame->count = 1;
		return;
	default: return;
	}
}
