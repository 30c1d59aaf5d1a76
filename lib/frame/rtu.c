/*
 * The decision at a byte goes from the certain to the doubtful:
 *
 *   1. A shape that the function code allows, complete, with a good CRC. What is outstanding says
 *      which of two shapes is tried first, and breaks ties of equal length.
 *   2. In sync (the previous frame ended here) that is enough. Out of sync a shape that chance could
 *      make in noise (exceptions, two-byte requests, single writes) also needs a known unit or a
 *      valid frame right behind it.
 *   3. In sync without a match: a frame that only the damaged bytes of which fail its CRC is stepped
 *      over whole if its end is followed by a valid frame. Only a perfect request or the answer that
 *      is waited for may do that: a damaged `01 03 50 0A` also reads as an answer of 85 bytes, and
 *      would swallow nine good frames.
 *   4. In sync with an unknown function code: the shortest stretch with a good CRC. The shortest,
 *      because zeros behind a good frame keep its CRC good.
 *   5. Else the byte is skipped, and we are out of sync.
 *
 * A decision that needs more bytes waits for them; only silence and the end cut that short.
 */
#include "frame/rtu.h"

#include <string.h>

#include "base/crc.h"

enum {
	KNOWN_UNIT = 16, KNOWN_ANSWER = 2, CRC_SIZE = 2, SCAN_MIN = 4,
	RETRY_MS = 1000, ANSWER_MS = 3000
};

enum step { STEP_FRAME, STEP_SKIP, STEP_WAIT };

/* What has been decided: a frame of `length` bytes, or as many bytes to skip. */
struct decision {
	enum step step;
	size_t length;
	enum frame_kind kind;
	int request; /* index in outstanding that it answers, -1: none */
};

void rtu_init(struct rtu *rtu, frame_emit *emit, void *context)
{
	memset(rtu, 0, sizeof *rtu);
	rtu->emit = emit;
	rtu->context = context;
	rtu->time = INSTANT_NONE;
	rtu->synced = true;
}

static inline bool crc_good(const uint8_t *p, size_t length)
{
	return crc16_modbus(p, length) == 0;
}

/* Outstanding requests by age, 0 the newest */
static inline const struct rtu_request *outstanding(const struct rtu *rtu, unsigned age)
{
	return &rtu->outstanding[(rtu->newest + age) % RTU_OUTSTANDING];
}

/* The newest outstanding request that bytes of this size would answer, or -1. */
static int find_request(const struct rtu *rtu, const uint8_t *p, size_t size)
{
	for (unsigned i = 0; i < rtu->waiting; i++)
		if (adu_answers(outstanding(rtu, i)->data, outstanding(rtu, i)->size, p, size))
			return (int)i;
	return -1;
}

static bool is_echo(uint8_t function)
{
	return function == 5 || function == 6 || function == 22 || function == 21 || function == 8;
}

/* A write repeated after a second is a retry, not the answer: answers come within that. */
static bool is_retry(const struct rtu *rtu, const uint8_t *p, int request)
{
	instant before = outstanding(rtu, (unsigned)request)->time;

	return is_echo(p[1]) && before != INSTANT_NONE && rtu->time != INSTANT_NONE &&
	       rtu->time - before > RETRY_MS;
}

enum fit { FIT_NO, FIT_MAYBE, FIT_YES };

/* Whether a shape's bytes are all there with a good CRC. */
static enum fit fits(const struct adu_shape *shape, const uint8_t *p, size_t n)
{
	if (shape->size == 0 || shape->size + CRC_SIZE > (int)n)
		return FIT_MAYBE;
	return crc_good(p, shape->size + CRC_SIZE) ? FIT_YES : FIT_NO;
}

/* The shortest stretch from `from` bytes on whose CRC is good; 0 if there is none in n bytes. */
static size_t scan_length(const uint8_t *p, size_t n, size_t from)
{
	uint16_t crc = crc16_modbus(p, from - 1);

	for (size_t length = from; length <= n && length <= RTU_FRAME_MAX; length++) {
		crc = crc16_8005(crc, p + length - 1, 1);
		if (crc == 0)
			return length;
	}
	return 0;
}

static bool vendor_function(uint8_t function)
{
	return function >= 1 && function < 0x80 && !adu_function_known(function);
}

/* Does a valid frame begin at p? One of a vendor's function must be of the unit and function given. */
static enum fit frame_at(const uint8_t *p, size_t n, const uint8_t *vendor)
{
	struct adu_shape shapes[2];
	size_t count = adu_shapes(p, n, shapes);
	enum fit best = FIT_NO;

	for (size_t i = 0; i < count; i++) {
		enum fit fit = fits(&shapes[i], p, n);

		if (fit > best)
			best = fit;
	}
	if (n == 0)
		return FIT_MAYBE;
	if (count == 0 && vendor && n >= 2 && p[0] == vendor[0] && p[1] == vendor[1]) {
		if (n >= SCAN_MIN && scan_length(p, n, SCAN_MIN))
			return FIT_YES;
		return n < RTU_FRAME_MAX ? FIT_MAYBE : FIT_NO;
	}
	return best;
}

bool rtu_recognise(const uint8_t *data, size_t size)
{
	return frame_at(data, size, NULL) == FIT_YES;
}

/* Out of sync: is a frame whose CRC is good more than chance? */
static enum fit trusted(const struct rtu *rtu, const uint8_t *p, size_t n,
                        const struct adu_shape *shape, int request)
{
	size_t length = shape->size + CRC_SIZE;
	bool answer = shape->kind == FRAME_RESPONSE && shape->size > 4;

	if (shape->strong || (request >= 0 && shape->size > 3))
		return FIT_YES;
	if (rtu->seen[p[0]] >= (answer ? KNOWN_ANSWER : KNOWN_UNIT))
		return FIT_YES;
	return frame_at(p + length, n - length, NULL);
}

/* Step 1 and 2. STEP_SKIP means that no shape fits. */
static struct decision try_shapes(const struct rtu *rtu, const uint8_t *p, size_t n, bool final,
                                  const struct adu_shape *shapes, size_t count)
{
	struct decision none = {STEP_SKIP, 1, FRAME_REQUEST, -1};
	struct decision wait = {STEP_WAIT, 0, FRAME_REQUEST, -1};
	int answer = count && shapes[count - 1].kind != FRAME_REQUEST && shapes[count - 1].size ?
		find_request(rtu, p, shapes[count - 1].size < n ? shapes[count - 1].size : n) : -1;

	for (size_t turn = 0; turn < count; turn++) {
		/* the answer that is waited for comes first */
		size_t i = answer >= 0 && count == 2 ? 1 - turn : turn;
		const struct adu_shape *shape = &shapes[i];
		int request = shape->kind == FRAME_REQUEST ? -1 : answer;
		enum fit fit = fits(shape, p, n);

		if (fit == FIT_YES && request >= 0 && is_retry(rtu, p, request))
			continue;
		if (fit == FIT_YES && !rtu->synced)
			fit = trusted(rtu, p, n, shape, request);
		if (fit == FIT_YES)
			return (struct decision){STEP_FRAME, shape->size + CRC_SIZE,
			                         (enum frame_kind)shape->kind, request};
		if (fit == FIT_MAYBE && !final)
			return wait;
	}
	return none;
}

/* Step 3: the length of a damaged frame to step over, 0 for none; *wait: more bytes will tell. */
static size_t damaged_length(const struct rtu *rtu, const uint8_t *p, size_t n,
                             const struct adu_shape *shapes, size_t count, bool final, bool *wait)
{
	for (size_t i = 0; i < count; i++) {
		size_t length = shapes[i].size + CRC_SIZE;
		bool contextual = shapes[i].kind == FRAME_REQUEST ? shapes[i].strong :
			shapes[i].size && shapes[i].size <= n && find_request(rtu, p, shapes[i].size) >= 0;
		enum fit fit;

		if (!contextual || shapes[i].size == 0 || length > n)
			continue;
		fit = frame_at(p + length, n - length, NULL);
		*wait = fit == FIT_MAYBE && !final;
		if (fit == FIT_YES || *wait)
			return length;
	}
	return 0;
}

/* Step 4: a frame of unknown function. */
static struct decision try_vendor(const struct rtu *rtu, const uint8_t *p, size_t n, bool final)
{
	struct decision none = {STEP_SKIP, 1, FRAME_REQUEST, -1};
	struct decision wait = {STEP_WAIT, 0, FRAME_REQUEST, -1};
	int request = find_request(rtu, p, 2);
	enum frame_kind kind = request >= 0 ? FRAME_RESPONSE : FRAME_REQUEST;
	size_t first = n < SCAN_MIN ? 0 : scan_length(p, n, SCAN_MIN), length = first;
	size_t shortest = first; /* without the zeros that keep a CRC good */
	bool known = request >= 0 || rtu->seen[p[0]] >= KNOWN_UNIT;

	while (length) {
		enum fit fit = frame_at(p + length, n - length, p);
		size_t next;

		if (fit == FIT_YES || (final && fit == FIT_MAYBE))
			return (struct decision){STEP_FRAME, shortest, kind, request};
		if (fit == FIT_MAYBE)
			return wait;
		next = scan_length(p, n, length + 1);
		if (next != length + 1 || p[length] != 0)
			shortest = next;
		length = next;
	}
	if (!final && n < RTU_FRAME_MAX)
		return wait;
	if (first && known)
		return (struct decision){STEP_FRAME, first, kind, request};
	return none;
}

static struct decision decide(const struct rtu *rtu, const uint8_t *p, size_t n, bool final)
{
	struct adu_shape shapes[2];
	size_t count = adu_shapes(p, n, shapes), damaged;
	struct decision d = try_shapes(rtu, p, n, final, shapes, count);
	bool wait = false;

	if (d.step != STEP_SKIP || !rtu->synced)
		return d;
	damaged = damaged_length(rtu, p, n, shapes, count, final, &wait);
	if (wait)
		return (struct decision){STEP_WAIT, 0, FRAME_REQUEST, -1};
	if (damaged)
		return (struct decision){STEP_SKIP, damaged, FRAME_REQUEST, -1};
	/* an echo of diagnostics may be longer than eight bytes */
	if (n >= 2 && p[0] >= 1 && p[0] <= 247 &&
	    (vendor_function(p[1]) || (p[1] == 8 && n >= 4 && p[2] == 0 && p[3] == 0)))
		return try_vendor(rtu, p, n, final);
	return d;
}

/* Unit, function and byte count of an answer, as they stand in its first three bytes. */
static inline uint32_t answer_head(const uint8_t *p)
{
	return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static inline void remember(struct rtu *rtu, const struct modbus_frame *frame)
{
	struct rtu_request *request;
	int expected = adu_expected_bytes(frame->data, frame->size);

	rtu->newest = !rtu->newest;
	rtu->waiting = rtu->waiting ? 2 : 1;
	rtu->expected = expected > 0 && expected < 256 ?
		((uint32_t)frame->unit << 16 | (uint32_t)frame->data[1] << 8 | (uint32_t)expected) : 0;
	request = &rtu->outstanding[rtu->newest];
	request->sequence = frame->sequence;
	request->time = frame->time;
	request->size = frame->size;
	if (frame->size == 6)
		memcpy(request->data, frame->data, 6);
	else
		memcpy(request->data, frame->data, frame->size);
}

/* Could the skipped bytes be a damaged request like this one? Then two of its four fixed bytes show. */
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
 * Bytes skipped between a request and what looks like its answer may have been another request, and
 * an answer that comes late may be to one that was never seen. Either would give a value the wrong
 * name, which is worse than none.
 */
static bool doubtful(const struct rtu *rtu, int index)
{
	const struct rtu_request *request = outstanding(rtu, (unsigned)index);

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

static void accept(struct rtu *rtu, const uint8_t *p, const struct decision *d)
{
	struct modbus_frame frame = {
		.offset = rtu->offset, .time = rtu->time, .data = p, .size = (uint16_t)(d->length - CRC_SIZE),
		.length = (uint16_t)d->length, .kind = (uint8_t)d->kind, .unit = p[0],
		.function = p[1] & 0x7F, .exception = d->kind == FRAME_EXCEPTION ? p[2] : 0};

	if (d->kind == FRAME_REQUEST) {
		frame.sequence = ++rtu->sequence;
		adu_address(&frame, p, frame.size);
		if (frame.unit != 0)
			remember(rtu, &frame);
		if (frame.size == 6 && p[1] <= 4)
			memcpy(&rtu->known[known_slot(p)], p, sizeof rtu->known[0]);
	} else if (d->request >= 0 && !doubtful(rtu, d->request)) {
		const struct rtu_request *request = outstanding(rtu, (unsigned)d->request);

		frame.answers = request->sequence;
		adu_address(&frame, request->data, request->size);
		rtu->waiting = (unsigned)d->request; /* this one and older ones are done with */
		rtu->expected = rtu->waiting ? rtu->expected : 0;
	} else {
		/* a write's echo tells its own address, a read's answer has none */
		if (d->kind == FRAME_RESPONSE && (p[1] == 5 || p[1] == 6 || p[1] == 15 || p[1] == 16 || p[1] == 22))
			adu_address(&frame, p, frame.size);
		rtu->waiting = 0;
		rtu->expected = 0;
	}
	deliver(rtu, &frame);
}

/*
 * The shortcut for a bus in good order, which is nearly all there is: the answer that is waited for,
 * and a read that was asked before, byte for byte, so that its CRC needs no second look. Gives the
 * length of the frame, or 0, and then decide() has to.
 */
static inline size_t take_expected(struct rtu *rtu, const uint8_t *p, size_t n)
{
	struct modbus_frame frame = {.offset = rtu->offset, .time = rtu->time, .data = p, .unit = p[0],
	                             .function = p[1], .has_address = true, .has_count = true};
	const struct rtu_request *request = outstanding(rtu, 0);
	size_t length = p[2] + 5u;
	uint64_t whole;

	if (answer_head(p) == rtu->expected) {
		if (n < length || !crc_good(p, length) || (rtu->time != INSTANT_NONE && doubtful(rtu, 0)))
			return 0;
		frame.kind = FRAME_RESPONSE;
		frame.answers = request->sequence;
		frame.address = (uint16_t)(request->data[2] << 8 | request->data[3]);
		frame.count = (uint16_t)(request->data[4] << 8 | request->data[5]);
		rtu->waiting = 0;
		rtu->expected = 0;
	} else {
		memcpy(&whole, p, sizeof whole);
		if (whole == 0 || rtu->known[known_slot(p)] != whole || rtu->waiting > 1)
			return 0;
		length = sizeof whole;
		frame.size = 6;
		frame.sequence = ++rtu->sequence;
		frame.address = (uint16_t)(p[2] << 8 | p[3]);
		frame.count = (uint16_t)(p[4] << 8 | p[5]);
		remember(rtu, &frame);
	}
	frame.length = (uint16_t)length;
	frame.size = (uint16_t)(length - CRC_SIZE);
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
		return; /* nobody will ask what the gap was */
	for (size_t i = 0; i < length && rtu->gap_size < sizeof rtu->gap; i++)
		rtu->gap[rtu->gap_size++] = p[i];
}

/*
 * Out of sync: how many bytes from p on cannot begin a frame, as the first three bytes show. A frame
 * of unknown function is only believed in sync; an exception has a code of 1..11.
 */
static size_t hopeless(const uint8_t *p, size_t n)
{
	size_t i = 0;

	for (; i + 2 < n; i++) {
		bool exception = p[i + 1] > 0x80 && p[i + 2] - 1u < 11;

		if (p[i] <= 247 && (exception | adu_function_known(p[i + 1])))
			break;
	}
	return i;
}

/* Decides as far as the bytes reach; returns how many are done with. */
static size_t run(struct rtu *rtu, const uint8_t *p, size_t n, bool final)
{
	size_t at = 0;

	while (at < n) {
		struct decision d;

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
		d = decide(rtu, p + at, n - at, final);
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
		if (done >= before) { /* the rest stands in data alone */
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

		rtu->carried = size - done; /* a decision never waits for more than a few frames */
		memcpy(rtu->carry, data + done, rtu->carried);
	}
}

/* Is there a frame in the bytes held back that is strong enough to end the wait? */
static bool strong_frame_behind(const struct rtu *rtu)
{
	for (size_t i = 1; i < rtu->carried; i++) {
		struct adu_shape shapes[2];
		size_t n = rtu->carried - i, count = adu_shapes(rtu->carry + i, n, shapes);

		for (size_t k = 0; k < count; k++)
			if (shapes[k].strong && fits(&shapes[k], rtu->carry + i, n) == FIT_YES)
				return true;
	}
	return false;
}

void rtu_idle(struct rtu *rtu)
{
	size_t done;

	while (rtu->carried) {
		struct decision d = decide(rtu, rtu->carry, rtu->carried, true);

		if (d.step != STEP_FRAME && !strong_frame_behind(rtu))
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
