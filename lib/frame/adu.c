#include "frame/adu.h"

#include <string.h>

#include "base/bytes.h"
#include "base/reader.h"

enum { DEVICE_IDENTIFICATION = 14 }; /* the subfunction of function 43 that has a known form */

/* Exceptions of vendors' functions count too: only the exception code identifies them. */
#define P ADU_PUBLIC
#define E ADU_EXCEPTION
#define E8 E, E, E, E, E, E, E, E
/* clang-format off */
const uint8_t adu_function_kind[256] = {
	0, P, P, P, P, P, P, P, P, 0, 0, P, P, 0, 0, P, P, P, 0, 0, P, P, P, P, P, [ADU_ENCAPSULATED] = P,
	[0x80] = 0, E, E, E, E, E, E, E, E8, E8, E8, E8, E8, E8, E8, E8, E8, E8, E8, E8, E8, E8, E8
};
/* clang-format on */
#undef P
#undef E
#undef E8

static bool may_broadcast(uint8_t function)
{
	return function == ADU_WRITE_COIL || function == ADU_WRITE_REGISTER ||
	       function == ADU_WRITE_COILS || function == ADU_WRITE_REGISTERS ||
	       function == ADU_MASK_WRITE || function == ADU_READ_WRITE;
}

/*
 * The size of a request or response: a fixed part, plus as many bytes as the byte at `counter`
 * states (0: no such byte). identification_size() and fifo_size() handle the functions that differ.
 */
struct adu_length {
	uint8_t fixed, counter;
};

/* clang-format off */
static const struct adu_length request_lengths[] = {
	[ADU_READ_COILS] = {6, 0}, [ADU_READ_DISCRETE] = {6, 0}, [ADU_READ_HOLDING] = {6, 0},
	[ADU_READ_INPUT] = {6, 0}, [ADU_WRITE_COIL] = {6, 0}, [ADU_WRITE_REGISTER] = {6, 0},
	[ADU_READ_STATUS] = {2, 0}, [ADU_DIAGNOSTICS] = {6, 0}, [ADU_COMM_COUNTER] = {2, 0},
	[ADU_COMM_LOG] = {2, 0}, [ADU_WRITE_COILS] = {7, 6}, [ADU_WRITE_REGISTERS] = {7, 6},
	[ADU_SERVER_ID] = {2, 0}, [ADU_READ_FILE] = {3, 2}, [ADU_WRITE_FILE] = {3, 2},
	[ADU_MASK_WRITE] = {8, 0}, [ADU_READ_WRITE] = {11, 10}, [ADU_READ_FIFO] = {4, 0},
	[ADU_ENCAPSULATED] = {5, 0},
};
static const struct adu_length response_lengths[] = {
	[ADU_READ_COILS] = {3, 2}, [ADU_READ_DISCRETE] = {3, 2}, [ADU_READ_HOLDING] = {3, 2},
	[ADU_READ_INPUT] = {3, 2}, [ADU_WRITE_COIL] = {6, 0}, [ADU_WRITE_REGISTER] = {6, 0},
	[ADU_READ_STATUS] = {3, 0}, [ADU_DIAGNOSTICS] = {6, 0}, [ADU_COMM_COUNTER] = {6, 0},
	[ADU_COMM_LOG] = {3, 2}, [ADU_WRITE_COILS] = {6, 0}, [ADU_WRITE_REGISTERS] = {6, 0},
	[ADU_SERVER_ID] = {3, 2}, [ADU_READ_FILE] = {3, 2}, [ADU_WRITE_FILE] = {3, 2},
	[ADU_MASK_WRITE] = {8, 0}, [ADU_READ_WRITE] = {3, 2},
};
/* clang-format on */

enum { EXCEPTION_SIZE = 3 };

static int within(size_t size)
{
	return size <= ADU_MAX ? (int)size : -1;
}

static int length_of(const struct adu_length *l, const uint8_t *p, size_t n)
{
	if (!l->fixed)
		return -1;
	if (!l->counter)
		return l->fixed;
	return n > l->counter ? within((size_t)l->fixed + p[l->counter]) : 0;
}

static int fifo_size(const uint8_t *p, size_t n)
{
	return n < 4 ? 0 : within(4 + load_be16(p + 2));
}

/* Device identification (43/14): a list of objects, each with its length. */
static int identification_size(const uint8_t *p, size_t n)
{
	size_t at = 8;

	if (n < 8)
		return n > 2 && p[2] != DEVICE_IDENTIFICATION ? -1 : 0;
	for (unsigned i = 0; i < p[7]; i++) {
		if (at + 2 > ADU_MAX)
			return -1; /* no frame can hold such a list: do not wait for its end */
		if (at + 2 > n)
			return 0; /* the length of the next object has not arrived yet */
		at += 2u + p[at + 1];
	}
	return within(at);
}

int adu_request_size(const uint8_t *p, size_t n)
{
	if (n < 2)
		return 0;
	if (p[1] >= sizeof request_lengths / sizeof *request_lengths)
		return -1;
	return length_of(&request_lengths[p[1]], p, n);
}

int adu_response_size(const uint8_t *p, size_t n)
{
	if (n < 2)
		return 0;
	if (p[1] & ADU_EXCEPTION_BIT)
		return EXCEPTION_SIZE;
	if (p[1] == ADU_READ_FIFO)
		return fifo_size(p, n);
	if (p[1] == ADU_ENCAPSULATED)
		return identification_size(p, n);
	if (p[1] >= sizeof response_lengths / sizeof *response_lengths)
		return -1;
	return length_of(&response_lengths[p[1]], p, n);
}

/* The list of shapes being built, and the n bytes at p that they are for. */
struct shapes {
	struct adu_shape *list;
	size_t count;
	const uint8_t *p;
	size_t n;
};

static void add(struct shapes *s, int size, enum frame_kind kind, bool strong)
{
	if (size >= 0)
		s->list[s->count++] = (struct adu_shape){(uint16_t)size, (uint8_t)kind, strong};
}

/* These add the shape of a request or a response. Its size is known from `need` bytes on. */
static void add_request(struct shapes *s, size_t need, bool strong)
{
	add(s, s->n < need ? 0 : adu_request_size(s->p, s->n), FRAME_REQUEST, strong);
}

static void add_response(struct shapes *s, size_t need, bool strong)
{
	add(s, s->n < need ? 0 : adu_response_size(s->p, s->n), FRAME_RESPONSE, strong);
}

/* An echo: the response repeats the request. */
static void add_both(struct shapes *s, size_t need, bool strong)
{
	add_request(s, need, strong);
	add_response(s, need, strong);
}

/* Whether 1..most registers or coils from the address at p lie within 0..65535. */
static bool range_at(const uint8_t *p, unsigned most)
{
	return load_be16(p + 2) >= 1 && load_be16(p + 2) <= most &&
	       load_be16(p) + load_be16(p + 2) <= 65536;
}

/*
 * Functions 1..4: a request has a fixed size and a count within limits, a response states its size.
 */
static void read_shapes(struct shapes *s, const uint8_t *p, size_t n)
{
	bool bits = p[1] <= ADU_READ_DISCRETE;

	if (n < 6 || range_at(p + 2, bits ? ADU_MAX_READ_BITS : ADU_MAX_READ_WORDS))
		add_request(s, 6, true);
	if (n < 3 || (bits ? p[2] >= 1 && p[2] <= 250 : p[2] >= 2 && p[2] <= 250 && p[2] % 2 == 0))
		add_response(s, 3, false);
}

/*
 * Functions 15 and 16: the request repeats its count as a number of bytes, the response does not.
 */
static void write_shapes(struct shapes *s, const uint8_t *p, size_t n)
{
	bool bits = p[1] == ADU_WRITE_COILS;

	if (n >= 6 && !range_at(p + 2, bits ? ADU_MAX_WRITE_BITS : ADU_MAX_WRITE_WORDS))
		return;
	if (n < 7 || p[6] == (bits ? (load_be16(p + 4) + 7) / 8 : load_be16(p + 4) * 2))
		add_request(s, 7, true);
	add_response(s, 0, true);
}

static bool file_read_request(const uint8_t *p, size_t n)
{
	for (size_t i = 3; i < 3u + p[2] && i < n; i += 7)
		if (p[i] != 6)
			return false;
	return p[2] >= 7 && p[2] <= 245 && p[2] % 7 == 0;
}

/* Groups of length, type 6, data; the groups that have arrived must add up. */
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
		size_t size = 7 + 2 * (size_t)load_be16(p + i + 5);

		if (p[i] != 6 || i + size > end)
			return false;
		i += size;
	}
	return p[2] >= 9 && (n <= 3 || p[3] == 6);
}

static void file_shapes(struct shapes *s, const uint8_t *p, size_t n)
{
	if (n < 3) {
		add_both(s, 3, false);
	} else if (p[1] == ADU_READ_FILE) {
		if (file_read_request(p, n))
			add_request(s, 3, true);
		if (file_read_response(p, n))
			add_response(s, 3, true);
	} else if (file_write(p, n)) {
		add_both(s, 3, true);
	}
}

static void read_write_shapes(struct shapes *s, const uint8_t *p, size_t n)
{
	if (n < 11 || (load_be16(p + 4) >= 1 && load_be16(p + 4) <= ADU_MAX_READ_WORDS &&
	               load_be16(p + 8) >= 1 && load_be16(p + 8) <= ADU_MAX_EXCHANGED_WORDS &&
	               p[10] == 2 * load_be16(p + 8)))
		add_request(s, 11, true);
	if (n < 3 || (p[2] >= 2 && p[2] <= 250 && p[2] % 2 == 0))
		add_response(s, 3, false);
}

static void fifo_shapes(struct shapes *s, const uint8_t *p, size_t n)
{
	add_request(s, 0, false);
	if (n < 6 || (load_be16(p + 4) <= ADU_MAX_FIFO_WORDS &&
	              load_be16(p + 2) == 2 * load_be16(p + 4) + 2))
		add_response(s, 6, true);
}

static void identification_shapes(struct shapes *s, const uint8_t *p, size_t n)
{
	if (n < 3) {
		add_request(s, 5, true);
		return;
	}
	if (p[2] != DEVICE_IDENTIFICATION)
		return;
	if (n < 5 || (p[3] >= 1 && p[3] <= 4))
		add_request(s, 5, true);
	if (n >= 6 && (p[3] < 1 || p[3] > 4 || (p[5] != 0 && p[5] != 0xFF)))
		return;
	add_response(s, 8, true);
}

/* Requests of two bytes (unit and function), with the size of the answer. */
static void short_shapes(struct shapes *s, const uint8_t *p, size_t n)
{
	add_request(s, 0, false);
	if (p[1] == ADU_READ_STATUS)
		add_response(s, 0, false);
	else if (p[1] != ADU_COMM_COUNTER && (n < 3 || p[2] >= 1))
		add_response(s, 3, false);
	else if (p[1] == ADU_COMM_COUNTER &&
	         (n < 4 || load_be16(p + 2) == 0 || load_be16(p + 2) == 0xFFFF))
		add_response(s, 4, false);
}

size_t adu_shapes(const uint8_t *p, size_t n, struct adu_shape list[2])
{
	struct shapes s = {list, 0, p, n};

	if (n < 1 || p[0] > 247)
		return 0;
	if (n < 2) {
		add_request(&s, 2, false);
		return s.count;
	}
	if (p[0] == 0 && !may_broadcast(p[1]))
		return 0;
	switch (p[1]) {
	case ADU_READ_COILS:
	case ADU_READ_DISCRETE:
	case ADU_READ_HOLDING:
	case ADU_READ_INPUT: read_shapes(&s, p, n); break;
	case ADU_WRITE_COIL:
		if (n < 6)
			add_request(&s, 6, true);
		else if (load_be16(p + 4) == ADU_COIL_ON || load_be16(p + 4) == 0)
			add_both(&s, 6, true);
		break;
	case ADU_WRITE_REGISTER:
	case ADU_MASK_WRITE: add_both(&s, 0, false); break;
	case ADU_DIAGNOSTICS:
		if (n < 4)
			add_request(&s, 4, false);
		else if (load_be16(p + 2) <= 21)
			add_both(&s, 4, false);
		break;
	case ADU_READ_STATUS:
	case ADU_COMM_COUNTER:
	case ADU_COMM_LOG:
	case ADU_SERVER_ID: short_shapes(&s, p, n); break;
	case ADU_WRITE_COILS:
	case ADU_WRITE_REGISTERS: write_shapes(&s, p, n); break;
	case ADU_READ_FILE:
	case ADU_WRITE_FILE: file_shapes(&s, p, n); break;
	case ADU_READ_WRITE: read_write_shapes(&s, p, n); break;
	case ADU_READ_FIFO: fifo_shapes(&s, p, n); break;
	case ADU_ENCAPSULATED: identification_shapes(&s, p, n); break;
	default:
		if (p[1] > ADU_EXCEPTION_BIT && (n < 3 || (p[2] >= 1 && p[2] <= 11)))
			add(&s, n < 3 ? 0 : adu_response_size(p, n), FRAME_EXCEPTION, false);
	}
	return s.count;
}

bool adu_answers(const uint8_t *request, size_t request_size, const uint8_t *response, size_t size)
{
	uint8_t function = request[1];
	int expected = adu_expected_bytes(request, request_size);

	if (response[0] != request[0])
		return false;
	if (response[1] == (function | ADU_EXCEPTION_BIT))
		return true;
	if (response[1] != function)
		return false;
	if (expected >= 0)
		return size >= 3 && response[2] == expected;
	switch (function) {
	case ADU_WRITE_COIL:
	case ADU_WRITE_REGISTER:
	case ADU_MASK_WRITE:
	case ADU_WRITE_FILE: return size == request_size && !memcmp(request, response, size);
	case ADU_WRITE_COILS:
	case ADU_WRITE_REGISTERS: return size == 6 && !memcmp(request, response, 6);
	case ADU_DIAGNOSTICS:
		return size >= 4 && request_size >= 4 && !memcmp(request, response, 4);
	default: return true;
	}
}

void adu_address(struct modbus_frame *frame, const uint8_t *data, size_t size)
{
	switch (data[1]) {
	case ADU_READ_COILS:
	case ADU_READ_DISCRETE:
	case ADU_READ_HOLDING:
	case ADU_READ_INPUT:
	case ADU_WRITE_COILS:
	case ADU_WRITE_REGISTERS:
	case ADU_READ_WRITE:
		if (size < 6)
			return;
		frame->has_address = frame->has_count = true;
		frame->address = load_be16(data + 2);
		frame->count = load_be16(data + 4);
		return;
	case ADU_WRITE_COIL:
	case ADU_WRITE_REGISTER:
	case ADU_MASK_WRITE:
	case ADU_READ_FIFO:
		if (size < 4)
			return;
		frame->has_address = true;
		frame->address = load_be16(data + 2);
		frame->has_count = data[1] != ADU_READ_FIFO;
		frame->count = 1;
		return;
	default: return;
	}
}
