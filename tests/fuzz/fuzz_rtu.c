/*
 * The passive framer: any bytes, cut anywhere. Frames must be in order, inside the stream, with
 * a good CRC, and the same whatever the cuts.
 */
#include <stdlib.h>
#include <string.h>

#include "base/crc.h"
#include "frame/rtu.h"

enum { LONGEST = 1500 }; /* some frames; byte by byte each costs a look at hundreds */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
	const uint8_t *data;
	size_t size;
	uint64_t end, digest;
};

static void on_frame(void *context, const struct modbus_frame *frame)
{
	struct run *run = context;

	if (frame->offset < run->end || frame->offset + frame->length > run->size)
		abort();
	if (crc16_modbus(run->data + frame->offset, frame->length))
		abort();
	if (memcmp(frame->data, run->data + frame->offset, frame->size))
		abort();
	if (frame->answers && frame->kind == FRAME_REQUEST)
		abort();
	run->end = frame->offset + frame->length;
	run->digest = run->digest * 31 + frame->offset * 7 + frame->kind * 3u + frame->answers +
	              frame->address;
}

static uint64_t frame_with(const uint8_t *data, size_t size, size_t piece)
{
	static struct rtu rtu;
	struct run run = {data, size, 0, 0};

	rtu_init(&rtu, on_frame, &run);
	for (size_t at = 0; at < size; at += piece) {
		size_t n = size - at < piece ? size - at : piece;

		rtu_feed(&rtu, data + at, n, INSTANT_NONE);
		if (rtu.carried >= 2 * RTU_FRAME_MAX) /* no decision waits for longer */
			abort();
	}
	rtu_end(&rtu);
	if (rtu.offset != size)
		abort();
	return run.digest;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t whole;

	if (size > LONGEST)
		return 0;
	whole = frame_with(data, size, size ? size : 1);
	if (frame_with(data, size, 1) != whole || frame_with(data, size, 13) != whole)
		abort();
	return 0;
}
