/*
 * Modbus RTU (MODBUS over Serial Line V1.02): the checksum of frames, and the passive framer. The
 * framer works from bytes alone: any chunking gives the same frames, and it needs no timing. It
 * finds a frame by the structure of its function code, its CRC and the outstanding requests. A
 * damaged frame does not cost a good frame after it.
 *
 *   +------+----------+-------------+--------+
 *   | unit | function | data 0..252 | CRC lo hi |
 *   +------+----------+-------------+--------+
 *
 * The owner initialises the framer with rtu_init(). The framer allocates nothing, and its work is
 * linear in the size of the input.
 */
#ifndef FRAME_RTU_H
#define FRAME_RTU_H

#include "base/crc.h"
#include "frame/adu.h"

enum { RTU_CRC = 2 /* bytes of the checksum */, RTU_FRAME_MAX = ADU_MAX + RTU_CRC };
enum { RTU_CARRY = 2048, RTU_OUTSTANDING = 2, RTU_KNOWN = 64 };

/* Whether the checksum of a frame is right; `length` includes the checksum. */
static inline bool rtu_crc_good(const uint8_t *frame, size_t length)
{
	return crc16_modbus(frame, length) == 0;
}

/* Writes the checksum after `size` bytes; returns the frame's size. */
size_t rtu_seal(uint8_t *frame, size_t size);

struct rtu_request {
	uint64_t sequence;
	instant time;
	uint16_t size;
	uint8_t data[RTU_FRAME_MAX];
};

struct rtu {
	frame_emit *emit;
	void *context;
	uint64_t offset;   /* of the next byte to decide, from the start of the stream */
	uint64_t sequence; /* requests so far */
	uint64_t frames, crc_errors, skipped; /* skipped: bytes outside of frames */
	instant time;                         /* of the latest chunk */
	bool synced;                          /* the byte to decide follows a frame */
	unsigned waiting;                     /* requests outstanding */
	unsigned newest;                      /* index of the latest in the ring below */
	struct rtu_request outstanding[RTU_OUTSTANDING];
	uint32_t expected; /* unit, function, byte count of the answer to the latest; 0: none */
	uint64_t known
		[RTU_KNOWN]; /* requests of 8 bytes whose CRC was good, by a hash of their address */
	uint8_t gap[32];     /* the first bytes skipped since the last frame */
	size_t gap_size;
	uint8_t seen[256]; /* frames per unit, up to 255 */
	size_t carried;
	uint8_t carry[RTU_CARRY]; /* bytes not decided yet */
};

void rtu_init(struct rtu *rtu, frame_emit *emit, void *context);

/*
 * `time`: when the bytes arrived, INSTANT_NONE without a clock. The framer uses it only to tell
 * retries from echoes and to detect late answers.
 */
void rtu_feed(struct rtu *rtu, const uint8_t *data, size_t size, instant time);

/* Silence on the line: releases a frame that waits for a longer one that never came. */
void rtu_idle(struct rtu *rtu);

/* Whether bytes begin with a whole frame. */
bool rtu_recognise(const uint8_t *data, size_t size);

/* The stream ended: decides all remaining bytes. */
void rtu_end(struct rtu *rtu);

#endif
