#include "frame/rtu.h"

#include <string.h>

#include "base/bytes.h"
#include "frame/adu_build.h"
#include "frame/rtu_decide.h"

enum { ANSWER_MS = 3000 };

void rtu_init(struct rtu *rtu, frame_emit *emit, void *context)
{
	memset(rtu, 0, sizeof *rtu);
	rtu->emit = emit;
	rtu->context = context;
	rtu->time = INSTANT_NONE;
	rtu->synced = true;
}

size_t rtu_seal(uint8_t *frame, size_t size)
{
	uint16_t crc = crc16_modbus(frame, size);

	frame[size] = (uint8_t)crc;
	frame[size + 1] = (uint8_t)(crc >> 8);
	return size + RTU_CRC;
}

/* Unit, function and byte count of an answer, from its first three bytes. */
static inline uint32_t answer_head(const uint8_t *p)
{
	return (uint32_t)p[0] << 16 | (uint32_t)load_be16(p + 1);
}

static inline void remember(struct rtu *rtu, const struct modbus_frame *frame)
{
	struct rtu_request *request;
	int expected = adu_expected_bytes(frame->data, frame->size);

	rtu->newest = !rtu->newest;
	rtu->waiting = rtu->waiting ? 2 : 1;
	rtu->expected = expected > 0 && expected < 256
	                        ? ((uint32_t)frame->unit << 16 | (uint32_t)frame->data[1] << 8 |
	                           (uint32_t)expected)
	                        : 0;
	request = &rtu->outstanding[rtu->newest];
	request->sequence = frame->sequence;
	request->time = frame->time;
	request->size = frame->size;
	if (frame->size == 6)
		memcpy(request->data, frame->data, 6);
	else
		memcpy(request->data, frame->data, frame->size);
}

/*
 * Whether the skipped bytes may be a damaged request like this one: two of its fixed bytes match.
 */
static bool gap_hides_request(const struct rtu *rtu, const uint8_t *request)
{
	static const uint8_t fixed[] = {0, 1, 4, 5}; /* unit, function, count */

	for (size_t i = 0; i < rtu->gap_size; i++) {
		const uint8_t *gap = rtu->gap + i;
		size_t left = rtu->gap_size - i;
		unsigned same = 0;

		if (left >= 2 && (!memcmp(gap, request, 2) || !memcmp(gap, request + 4, 2)))
			return true;
		for (size_t k = 0; k < sizeof fixed; k++)
			same += fixed[k] < left && gap[fixed[k]] == request[fixed[k]];
		if (same >= 2)
			return true;
	}
	return false;
}

/*
 * Bytes skipped between a request and its apparent answer may have been another request, and a late
 * answer may belong to a request that was never seen. Both would give a value the wrong name, which
 * is worse than no value.
 */
static bool doubtful(const struct rtu *rtu, int index)
{
	const struct rtu_request *request = rtu_outstanding(rtu, (unsigned)index);

	if (request->time != INSTANT_NONE && rtu->time != INSTANT_NONE &&
	    rtu->time - request->time > ANSWER_MS)
		return true;
	return request->size >= 6 && gap_hides_request(rtu, request->data);
}

static inline void deliver(struct rtu *rtu, const struct modbus_frame *frame)
{
	if (rtu->seen[frame->unit] < UINT8_MAX)
		rtu->seen[frame->unit]++;
	rtu->frames++;
	rtu->synced = true;
	rtu->gap_size = 0;
	rtu->offset += frame->length;
	rtu->emit(rtu->context, frame);
}

static inline unsigned known_slot(const uint8_t *p)
{
	return (p[2] ^ p[3]) % RTU_KNOWN;
}

static void accept(struct rtu *rtu, const uint8_t *p, const struct rtu_decision *d)
{
	struct modbus_frame frame = {.offset = rtu->offset,
	                             .time = rtu->time,
	                             .data = p,
	                             .size = (uint16_t)(d->length - RTU_CRC),
	                             .length = (uint16_t)d->length,
	                             .kind = (uint8_t)d->kind,
	                             .unit = p[0],
	                             .function = (uint8_t)(p[1] & ~ADU_EXCEPTION_BIT),
	                             .exception = d->kind == FRAME_EXCEPTION ? p[2] : 0};

	if (d->kind == FRAME_REQUEST) {
		frame.sequence = ++rtu->sequence;
		adu_address(&frame, p, frame.size);
		if (frame.unit != 0)
			remember(rtu, &frame);
		if (frame.size == 6 && p[1] <= ADU_READ_INPUT)
			memcpy(&rtu->known[known_slot(p)], p, sizeof rtu->known[0]);
	} else if (d->request >= 0 && !doubtful(rtu, d->request)) {
		const struct rtu_request *request = rtu_outstanding(rtu, (unsigned)d->request);

		frame.answers = request->sequence;
		adu_address(&frame, request->data, request->size);
		rtu->waiting = (unsigned)d->request; /* this one and older ones are settled */
		rtu->expected = rtu->waiting ? rtu->expected : 0;
	} else {
		/* the echo of a write contains its address, the answer to a read does not */
		if (d->kind == FRAME_RESPONSE && (adu_is_write(p[1]) || p[1] == ADU_MASK_WRITE))
			adu_address(&frame, p, frame.size);
		rtu->waiting = 0;
		rtu->expected = 0;
	}
	deliver(rtu, &frame);
}

/*
 * A shortcut for the usual case, a bus without errors. It takes the expected answer, and a read
 * request that equals an earlier one byte for byte, so that its CRC need not be checked again.
 * Returns the length of the frame, or 0: then rtu_decide() decides.
 */
static inline size_t take_expected(struct rtu *rtu, const uint8_t *p, size_t n)
{
	struct modbus_frame frame = {.offset = rtu->offset,
	                             .time = rtu->time,
	                             .data = p,
	                             .unit = p[0],
	                             .function = p[1],
	                             .has_address = true,
	                             .has_count = true};
	const struct rtu_request *request = rtu_outstanding(rtu, 0);
	size_t length = adu_counted_size(p) + RTU_CRC;
	uint64_t whole;

	if (answer_head(p) == rtu->expected) {
		if (n < length || !rtu_crc_good(p, length) ||
		    (rtu->time != INSTANT_NONE && doubtful(rtu, 0)))
			return 0;
		frame.kind = FRAME_RESPONSE;
		frame.answers = request->sequence;
		frame.address = load_be16(request->data + 2);
		frame.count = load_be16(request->data + 4);
		rtu->waiting = 0;
		rtu->expected = 0;
	} else {
		memcpy(&whole, p, sizeof whole);
		if (whole == 0 || rtu->known[known_slot(p)] != whole || rtu->waiting > 1)
			return 0;
		length = sizeof whole;
		frame.size = 6;
		frame.sequence = ++rtu->sequence;
		frame.address = load_be16(p + 2);
		frame.count = load_be16(p + 4);
		remember(rtu, &frame);
	}
	frame.length = (uint16_t)length;
	frame.size = (uint16_t)(length - RTU_CRC);
	deliver(rtu, &frame);
	return length;
}

static void skip(struct rtu *rtu, const uint8_t *p, size_t length)
{
	rtu->crc_errors += rtu->synced && length;
	rtu->synced = rtu->synced && length > 1;
	rtu->skipped += length;
	rtu->offset += length;
	if (rtu->waiting == 0)
		return; /* no request waits, so the gap does not matter */
	for (size_t i = 0; i < length && rtu->gap_size < sizeof rtu->gap; i++)
		rtu->gap[rtu->gap_size++] = p[i];
}

/*
 * Out of sync: the number of bytes from p on where no frame can begin, judged by three bytes each.
 * The framer accepts frames of unknown functions only in sync; an exception has a code of 1..11.
 */
static size_t hopeless(const uint8_t *p, size_t n)
{
	size_t i = 0;

	for (; i + 2 < n; i++) {
		unsigned believed = ADU_PUBLIC | (p[i + 2] - 1u < 11 ? ADU_EXCEPTION : 0);

		if (adu_function_kind[p[i + 1]] & believed && p[i] <= 247)
			break;
	}
	return i;
}

/* Decides as much as the bytes allow; returns the number of bytes consumed. */
static size_t run(struct rtu *rtu, const uint8_t *p, size_t n, bool final)
{
	size_t at = 0;

	while (at < n) {
		struct rtu_decision d;

		if (rtu->synced && rtu->gap_size == 0 && n - at >= 8) {
			size_t length = take_expected(rtu, p + at, n - at);

			at += length;
			if (length)
				continue;
		}
		if (!rtu->synced) {
			size_t length = hopeless(p + at, n - at);

			skip(rtu, p + at, length);
			at += length;
			if (at == n)
				break;
		}
		/* a full carry buffer forces a decision, whatever a shape needs */
		d = rtu_decide(rtu, p + at, n - at, final || n - at >= RTU_CARRY);
		if (d.step == STEP_WAIT)
			break;
		if (d.step == STEP_FRAME)
			accept(rtu, p + at, &d);
		else
			skip(rtu, p + at, d.length);
		at += d.length;
	}
	return at;
}

void rtu_feed(struct rtu *rtu, const uint8_t *data, size_t size, instant time)
{
	rtu->time = time;
	while (rtu->carried && size) {
		size_t room = sizeof rtu->carry - rtu->carried;
		size_t taken = size < room ? size : room, before = rtu->carried, done;

		memcpy(rtu->carry + rtu->carried, data, taken);
		done = run(rtu, rtu->carry, before + taken, false);
		if (done >= before) { /* all remaining bytes are in data */
			data += done - before;
			size -= done - before;
			rtu->carried = 0;
		} else {
			data += taken;
			size -= taken;
			rtu->carried = before + taken - done;
			memmove(rtu->carry, rtu->carry + done, rtu->carried);
		}
	}
	if (size) {
		size_t done = run(rtu, data, size, false);

		rtu->carried = size - done;
		memcpy(rtu->carry, data + done, rtu->carried);
	}
}

/* Whether the bytes held back contain a frame that is strong enough to end the wait. */
static bool strong_frame_held(const struct rtu *rtu)
{
	for (size_t i = 1; i < rtu->carried; i++)
		if (rtu_strong_frame(rtu->carry + i, rtu->carried - i))
			return true;
	return false;
}

void rtu_idle(struct rtu *rtu)
{
	size_t done;

	while (rtu->carried) {
		struct rtu_decision d = rtu_decide(rtu, rtu->carry, rtu->carried, true);

		if (d.step != STEP_FRAME && !strong_frame_held(rtu))
			return;
		if (d.step == STEP_FRAME)
			accept(rtu, rtu->carry, &d);
		else
			skip(rtu, rtu->carry, d.length);
		rtu->carried -= d.length;
		memmove(rtu->carry, rtu->carry + d.length, rtu->carried);
		done = run(rtu, rtu->carry, rtu->carried, false);
		rtu->carried -= done;
		memmove(rtu->carry, rtu->carry + done, rtu->carried);
	}
}

void rtu_end(struct rtu *rtu)
{
	run(rtu, rtu->carry, rtu->carried, true);
	rtu->carried = 0;
}
