#include "frame/mbap.h"

#include <string.h>

void mbap_init(struct mbap *mbap, frame_emit *emit, void *context)
{
	memset(mbap, 0, sizeof *mbap);
	mbap->emit = emit;
	mbap->context = context;
	mbap->time = INSTANT_NONE;
}

size_t mbap_wrap(uint8_t *frame, uint16_t transaction, size_t size)
{
	store_be16(frame, transaction);
	store_be16(frame + 2, 0);
	store_be16(frame + 4, (unsigned)size);
	return MBAP_HEADER + size;
}

/* Header and PDU agree: protocol 0, a length within limits, a shape of that size. */
static bool plausible(const uint8_t *p, size_t n, enum frame_kind kind)
{
	struct adu_shape shapes[2];
	uint8_t copy[ADU_MAX];
	size_t length = mbap_length(p), count;

	if (!mbap_header_good(p))
		return false;
	if (n < MBAP_HEADER + length)
		return true;
	memcpy(copy, p + MBAP_HEADER, length);
	if (copy[1] & ADU_EXCEPTION_BIT)
		return kind != FRAME_REQUEST && (int)length == adu_response_size(copy, length);
	if (!adu_function_known(copy[1]))
		return true;
	copy[0] = 1; /* TCP allows all unit ids */
	count = adu_shapes(copy, length, shapes);
	for (size_t i = 0; i < count; i++)
		if (shapes[i].kind == kind && shapes[i].size == length)
			return true;
	return false;
}

bool mbap_recognise(const uint8_t *p, size_t size)
{
	return size >= MBAP_HEADER &&
	       (plausible(p, size, FRAME_REQUEST) || plausible(p, size, FRAME_RESPONSE));
}

static void drop_request(struct mbap *mbap, size_t i)
{
	mbap->waiting--;
	memmove(&mbap->outstanding[i], &mbap->outstanding[i + 1],
	        (mbap->waiting - i) * sizeof mbap->outstanding[0]);
}

static void remember(struct mbap *mbap, const struct modbus_frame *frame, uint16_t transaction)
{
	struct mbap_request *request;

	if (mbap->waiting == MBAP_OUTSTANDING)
		drop_request(mbap, 0);
	request = &mbap->outstanding[mbap->waiting++];
	request->sequence = frame->sequence;
	request->transaction = transaction;
	request->size = frame->size;
	memcpy(request->data, frame->data, frame->size);
}

static void match(struct mbap *mbap, struct modbus_frame *frame, uint16_t transaction)
{
	for (size_t i = 0; i < mbap->waiting; i++) {
		struct mbap_request *request = &mbap->outstanding[i];

		if (request->transaction != transaction ||
		    !adu_answers(request->data, request->size, frame->data, frame->size))
			continue;
		frame->answers = request->sequence;
		adu_address(frame, request->data, request->size);
		drop_request(mbap, i);
		return;
	}
}

static void accept(struct mbap *mbap, unsigned direction, const uint8_t *p)
{
	uint16_t transaction = mbap_transaction(p);
	struct modbus_frame frame = {.offset = mbap->side[direction].offset,
	                             .time = mbap->time,
	                             .data = p + MBAP_HEADER,
	                             .size = (uint16_t)mbap_length(p),
	                             .length = (uint16_t)(MBAP_HEADER + mbap_length(p)),
	                             .unit = p[6],
	                             .function = (uint8_t)(p[7] & ~ADU_EXCEPTION_BIT)};

	if (direction == 0) {
		frame.kind = FRAME_REQUEST;
		frame.sequence = ++mbap->sequence;
		adu_address(&frame, frame.data, frame.size);
		remember(mbap, &frame, transaction);
	} else {
		frame.kind = p[7] & ADU_EXCEPTION_BIT ? FRAME_EXCEPTION : FRAME_RESPONSE;
		frame.exception = p[7] & ADU_EXCEPTION_BIT ? p[8] : 0;
		match(mbap, &frame, transaction);
	}
	mbap->frames++;
	mbap->emit(mbap->context, &frame);
}

/* Decides as much as the bytes allow; returns the number of bytes consumed. */
static size_t run(struct mbap *mbap, unsigned direction, const uint8_t *p, size_t n)
{
	enum frame_kind kind = direction ? FRAME_RESPONSE : FRAME_REQUEST;
	bool lost = false;
	size_t at = 0;

	while (n - at >= MBAP_HEADER) {
		size_t length = MBAP_HEADER + mbap_length(p + at), step = 1;

		if (plausible(p + at, n - at, kind)) {
			if (n - at < length)
				break;
			accept(mbap, direction, p + at);
			step = length;
			lost = false;
		} else {
			mbap->errors += !lost;
			mbap->skipped++;
			lost = true;
		}
		at += step;
		mbap->side[direction].offset += step;
	}
	return at;
}

void mbap_feed(struct mbap *mbap, unsigned direction, const uint8_t *data, size_t size,
               instant time)
{
	mbap->time = time;
	while (size) {
		uint8_t *carry = mbap->side[direction].carry;
		size_t *carried = &mbap->side[direction].carried, room = MBAP_FRAME_MAX - *carried;
		size_t taken = size < room ? size : room, done;

		memcpy(carry + *carried, data, taken);
		*carried += taken;
		data += taken;
		size -= taken;
		done = run(mbap, direction, carry, *carried);
		*carried -= done;
		memmove(carry, carry + done, *carried);
	}
}
