/*
 * The decision at a byte tries the most certain rule first:
 *
 *   1. A shape that the function code allows, complete, with a good CRC. The outstanding requests
 *      say which of two shapes is tried first, and decide between shapes of equal length.
 *   2. In sync (the previous frame ended here) that is enough. Out of sync a shape that noise can
 *      produce by chance (exceptions, two-byte requests, single writes) also needs a known unit or
 *      a valid frame right after it.
 *   3. In sync without a match: the framer skips a whole frame whose CRC is wrong if a valid frame
 *      follows its end. The damaged frame must be a perfect request or the expected answer: a
 *      damaged `01 03 50 0A` also reads as an answer of 85 bytes, and would swallow nine good
 *      frames.
 *   4. In sync with an unknown function code: the shortest stretch with a good CRC. The shortest,
 *      because zeros after a good frame keep its CRC good.
 *   5. Otherwise the framer skips the byte and is out of sync.
 *
 * A decision that needs more bytes waits for them, until silence or the end of the stream.
 */
#include "frame/rtu_decide.h"

enum { KNOWN_UNIT = 16, KNOWN_ANSWER = 2, SCAN_MIN = 4, RETRY_MS = 1000 };

/* The newest outstanding request that a response of this size would answer, or -1. */
static int find_request(const struct rtu *rtu, const uint8_t *p, size_t size)
{
	for (unsigned i = 0; i < rtu->waiting; i++)
		if (adu_answers(rtu_outstanding(rtu, i)->data, rtu_outstanding(rtu, i)->size, p,
		                size))
			return (int)i;
	return -1;
}

static bool is_echo(uint8_t function)
{
	return function == ADU_WRITE_COIL || function == ADU_WRITE_REGISTER ||
	       function == ADU_DIAGNOSTICS || function == ADU_WRITE_FILE ||
	       function == ADU_MASK_WRITE;
}

/* A write repeated after a second is a retry, not the answer: answers arrive within a second. */
static bool is_retry(const struct rtu *rtu, const uint8_t *p, int request)
{
	instant before = rtu_outstanding(rtu, (unsigned)request)->time;

	return is_echo(p[1]) && before != INSTANT_NONE && rtu->time != INSTANT_NONE &&
	       rtu->time - before > RETRY_MS;
}

enum fit { FIT_NO, FIT_MAYBE, FIT_YES };

static bool whole(const struct adu_shape *shape, size_t n)
{
	return shape->size != 0 && shape->size + (size_t)RTU_CRC <= n;
}

/* Whether all bytes of a shape have arrived, with a good CRC. */
static enum fit fits(const struct adu_shape *shape, const uint8_t *p, size_t n)
{
	if (!whole(shape, n))
		return FIT_MAYBE;
	return rtu_crc_good(p, shape->size + RTU_CRC) ? FIT_YES : FIT_NO;
}

/* The next length above `length` with a good CRC; `crc` is that of `length` bytes. 0: none in n. */
static size_t scan_on(uint16_t crc, const uint8_t *p, size_t n, size_t length)
{
	size_t end = n < RTU_FRAME_MAX ? n : RTU_FRAME_MAX;
	size_t more = end > length ? crc16_8005_to_zero(crc, p + length, end - length) : 0;

	return more ? length + more : 0;
}

/* The shortest length with a good CRC; 0: none in n bytes. */
static size_t scan(const uint8_t *p, size_t n)
{
	return n < SCAN_MIN ? 0 : scan_on(crc16_modbus(p, SCAN_MIN - 1), p, n, SCAN_MIN - 1);
}

static bool vendor_function(uint8_t function)
{
	return function >= 1 && function < ADU_EXCEPTION_BIT && !adu_function_known(function);
}

/*
 * Whether a valid frame begins at p. For a vendor's function, unit and function must equal
 * `vendor`.
 */
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
		if (scan(p, n))
			return FIT_YES;
		return n < RTU_FRAME_MAX ? FIT_MAYBE : FIT_NO;
	}
	return best;
}

bool rtu_recognise(const uint8_t *data, size_t size)
{
	return frame_at(data, size, NULL) == FIT_YES;
}

/* Whether a frame with a good CRC is trusted out of sync, where chance matches occur. */
static enum fit trusted(const struct rtu *rtu, const uint8_t *p, size_t n,
                        const struct adu_shape *shape, int request)
{
	size_t length = shape->size + RTU_CRC;
	bool answer = shape->kind == FRAME_RESPONSE && shape->size > 4;

	if (shape->strong || (request >= 0 && shape->size > 3))
		return FIT_YES;
	if (rtu->seen[p[0]] >= (answer ? KNOWN_ANSWER : KNOWN_UNIT))
		return FIT_YES;
	return frame_at(p + length, n - length, NULL);
}

/*
 * Whether to accept a shape as a frame. Out of sync the check of trust comes first: noise seldom
 * passes it, and it costs less than a CRC.
 */
static enum fit believed(const struct rtu *rtu, const uint8_t *p, size_t n,
                         const struct adu_shape *shape, int request)
{
	enum fit trust;

	if (!whole(shape, n))
		return FIT_MAYBE;
	trust = rtu->synced ? FIT_YES : trusted(rtu, p, n, shape, request);
	return trust != FIT_NO && rtu_crc_good(p, shape->size + RTU_CRC) ? trust : FIT_NO;
}

/* Step 1 and 2. STEP_SKIP means that no shape fits. */
static struct rtu_decision try_shapes(const struct rtu *rtu, const uint8_t *p, size_t n, bool final,
                                      const struct adu_shape *shapes, size_t count)
{
	struct rtu_decision none = {STEP_SKIP, 1, FRAME_REQUEST, -1};
	struct rtu_decision wait = {STEP_WAIT, 0, FRAME_REQUEST, -1};
	int answer = count && shapes[count - 1].kind != FRAME_REQUEST && shapes[count - 1].size
	                     ? find_request(rtu, p,
	                                    shapes[count - 1].size < n ? shapes[count - 1].size : n)
	                     : -1;

	for (size_t turn = 0; turn < count; turn++) {
		/* the expected answer comes first */
		size_t i = answer >= 0 && count == 2 ? 1 - turn : turn;
		const struct adu_shape *shape = &shapes[i];
		int request = shape->kind == FRAME_REQUEST ? -1 : answer;
		enum fit fit = believed(rtu, p, n, shape, request);

		if (fit == FIT_YES && request >= 0 && is_retry(rtu, p, request))
			continue;
		if (fit == FIT_YES)
			return (struct rtu_decision){STEP_FRAME, shape->size + RTU_CRC,
			                             (enum frame_kind)shape->kind, request};
		if (fit == FIT_MAYBE && !final)
			return wait;
	}
	return none;
}

/* Step 3: the length of a damaged frame to skip, 0 for none; *wait: more bytes are needed. */
static size_t damaged_length(const struct rtu *rtu, const uint8_t *p, size_t n,
                             const struct adu_shape *shapes, size_t count, bool final, bool *wait)
{
	for (size_t i = 0; i < count; i++) {
		size_t length = shapes[i].size + RTU_CRC;
		bool contextual = shapes[i].kind == FRAME_REQUEST
		                          ? shapes[i].strong
		                          : shapes[i].size && shapes[i].size <= n &&
		                                    find_request(rtu, p, shapes[i].size) >= 0;
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
static struct rtu_decision try_vendor(const struct rtu *rtu, const uint8_t *p, size_t n, bool final)
{
	struct rtu_decision none = {STEP_SKIP, 1, FRAME_REQUEST, -1};
	struct rtu_decision wait = {STEP_WAIT, 0, FRAME_REQUEST, -1};
	int request = find_request(rtu, p, 2);
	enum frame_kind kind = request >= 0 ? FRAME_RESPONSE : FRAME_REQUEST;
	size_t first = scan(p, n), length = first;
	size_t shortest = first; /* without the zeros that keep a CRC good */
	bool known = request >= 0 || rtu->seen[p[0]] >= KNOWN_UNIT;

	while (length) {
		enum fit fit = frame_at(p + length, n - length, p);
		size_t next;

		if (fit == FIT_YES || (final && fit == FIT_MAYBE))
			return (struct rtu_decision){STEP_FRAME, shortest, kind, request};
		if (fit == FIT_MAYBE)
			return wait;
		next = scan_on(0, p, n, length);
		if (next != length + 1 || p[length] != 0)
			shortest = next;
		length = next;
	}
	if (!final && n < RTU_FRAME_MAX)
		return wait;
	if (first && known)
		return (struct rtu_decision){STEP_FRAME, first, kind, request};
	return none;
}

struct rtu_decision rtu_decide(const struct rtu *rtu, const uint8_t *p, size_t n, bool final)
{
	struct adu_shape shapes[2];
	size_t count = adu_shapes(p, n, shapes), damaged;
	struct rtu_decision d = try_shapes(rtu, p, n, final, shapes, count);
	bool wait = false;

	if (d.step != STEP_SKIP || !rtu->synced)
		return d;
	damaged = damaged_length(rtu, p, n, shapes, count, final, &wait);
	if (wait)
		return (struct rtu_decision){STEP_WAIT, 0, FRAME_REQUEST, -1};
	if (damaged)
		return (struct rtu_decision){STEP_SKIP, damaged, FRAME_REQUEST, -1};
	/* an echo of diagnostics may be longer than eight bytes */
	if (n >= 2 && p[0] >= 1 && p[0] <= 247 &&
	    (vendor_function(p[1]) ||
	     (p[1] == ADU_DIAGNOSTICS && n >= 4 && p[2] == 0 && p[3] == 0)))
		return try_vendor(rtu, p, n, final);
	return d;
}

bool rtu_strong_frame(const uint8_t *p, size_t n)
{
	struct adu_shape shapes[2];
	size_t count = adu_shapes(p, n, shapes);

	for (size_t k = 0; k < count; k++)
		if (shapes[k].strong && fits(&shapes[k], p, n) == FIT_YES)
			return true;
	return false;
}
