/*
 * Wired M-Bus long frames (EN 13757-2) with the transport layer that DLMS meters use on them
 * (EN 13757-3 Annex, COSEM over M-Bus):
 *
 *     68 L L 68 | C A CI STSAP DTSAP payload | checksum 16
 *
 * L counts C..payload and is 5..255; meters that send longer frames let the field overflow, so that
 * 01 means 257. The checksum is the sum of the same bytes modulo 256. CI: bits 0-3 number of the
 * segment, bit 4 set on the last one. A frame points into the caller's bytes.
 */
#ifndef FRAME_MBUS_H
#define FRAME_MBUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MBUS_START = 0x68, MBUS_SHORT = 0x10, MBUS_STOP = 0x16, MBUS_ACK = 0xE5 };
enum { MBUS_LAST = 0x10, MBUS_SEGMENT = 0x0F, MBUS_OVERHEAD = 6, MBUS_HEAD = 5, MBUS_MAX = 260 };

struct mbus_frame {
	uint8_t control, address, information; /* C, A, CI */
	const uint8_t *payload;
	size_t payload_size;
	size_t size; /* of the whole frame, known as soon as the four start bytes are */
};

/*
 * Reads the frame that starts at data[0]. 0; EM_TRUNCATED when bytes are missing; EM_SYNTAX when no
 * frame starts here; EM_CHECKSUM; EM_PROTOCOL when the stop byte is missing.
 */
int mbus_parse(struct mbus_frame *frame, const uint8_t *data, size_t size);

/* Size of a short frame or acknowledgement at data[0], 0: there is none, -1: too few bytes. */
int mbus_short(const uint8_t *data, size_t size);

/*
 * Writes a frame with a payload of at most MBUS_MAX - MBUS_HEAD bytes into
 * out[MBUS_MAX + MBUS_OVERHEAD]; returns its size.
 */
size_t mbus_build(uint8_t *out, uint8_t information, const uint8_t *payload, size_t n);

#endif
