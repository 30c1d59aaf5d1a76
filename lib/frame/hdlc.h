/*
 * HDLC frames of format type 3 (IEC 62056-46) without transparency, as meters push them:
 *
 *     7E | 1010 S length(11) | destination | source | control | HCS | information | FCS | 7E
 *
 * The length counts everything between the flags; 7E may occur inside, so frames are cut by length.
 * Addresses have one to four bytes, the last one odd. S: the message continues in the next frame.
 * The header check is present only when there is information. Both checks are CRC-16/X-25, low byte
 * first.
 */
#ifndef FRAME_HDLC_H
#define FRAME_HDLC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HDLC_FLAG = 0x7E, HDLC_MAX = 2047, HDLC_LLC = 3 };

struct hdlc_frame {
	bool segmented;
	const uint8_t *information; /* NULL when there is none */
	size_t information_size;
	size_t size; /* with the opening flag, without the closing one; known with the header */
	bool header_ok;
};

/*
 * Reads the frame whose opening flag is data[0]. 0; EM_TRUNCATED when bytes are missing (the
 * closing flag included); EM_SYNTAX when no frame starts here; EM_CHECKSUM when a check fails
 * (header_ok tells which); EM_PROTOCOL when the closing flag is missing.
 */
int hdlc_parse(struct hdlc_frame *frame, const uint8_t *data, size_t size);

/* Whether bytes begin with the LLC header of a push (E6 E7 00). */
bool hdlc_llc(const uint8_t *data, size_t size);

/* Addresses of one to four bytes, as sent. */
struct hdlc_address {
	uint8_t bytes[8];
	uint8_t size; /* destination and source together */
};

/* Writes a frame with both flags into out[n + 20]; n is at most 2000. Returns its size. */
size_t hdlc_build(uint8_t *out, const struct hdlc_address *address, bool segmented,
                  const uint8_t *information, size_t n);

#endif
