#include "frame/hdlc.h"

#include <string.h>

#include "base/crc.h"
#include "base/error.h"

enum { FORMAT = 1, ADDRESS = 3, ADDRESS_MAX = 4, CHECK = 2 };

/* Moves *at past an address; false when it is longer than four bytes. */
static int skip_address(const uint8_t *data, size_t size, size_t *at)
{
	for (unsigned n = 0; n < ADDRESS_MAX; n++) {
		if (*at >= size)
			return EM_TRUNCATED;
		if (data[(*at)++] & 1)
			return 0;
	}
	return EM_SYNTAX;
}

static bool check(const uint8_t *data, size_t n)
{
	return crc16_x25(data, n) == (data[n] | data[n + 1] << 8);
}

int hdlc_parse(struct hdlc_frame *frame, const uint8_t *data, size_t size)
{
	size_t length, at = ADDRESS;
	int error;

	*frame = (struct hdlc_frame){0};
	if (size >= 1 && data[0] != HDLC_FLAG)
		return EM_SYNTAX;
	if (size >= 2 && (data[FORMAT] & 0xF0) != 0xA0)
		return EM_SYNTAX;
	if (size < ADDRESS)
		return EM_TRUNCATED;
	length = (size_t)(data[FORMAT] & 0x07) << 8 | data[FORMAT + 1];
	frame->segmented = data[FORMAT] & 0x08;
	error = skip_address(data, size, &at);
	if (!error)
		error = skip_address(data, size, &at);
	if (error)
		return error;
	at++; /* control */
	frame->size = length + 1;
	if (length < at - 1 + CHECK || length == at - 1 + CHECK + 1)
		return EM_SYNTAX;
	if (length > at - 1 + CHECK) {
		if (size < at + CHECK)
			return EM_TRUNCATED;
		frame->header_ok = check(data + 1, at - 1);
		frame->information = data + at + CHECK;
		frame->information_size = length + 1 - CHECK - (at + CHECK);
	} else {
		frame->header_ok = true;
	}
	if (size < frame->size + 1)
		return EM_TRUNCATED;
	if (!frame->header_ok || !check(data + 1, length - CHECK))
		return data[frame->size] == HDLC_FLAG || frame->header_ok ? EM_CHECKSUM : EM_SYNTAX;
	return data[frame->size] == HDLC_FLAG ? 0 : EM_PROTOCOL;
}

bool hdlc_llc(const uint8_t *data, size_t size)
{
	return size >= HDLC_LLC && data[0] == 0xE6 && (data[1] == 0xE7 || data[1] == 0xE6) &&
	       data[2] == 0x00;
}

static size_t put_check(uint8_t *data, size_t n)
{
	uint16_t crc = crc16_x25(data, n);

	data[n] = (uint8_t)crc;
	data[n + 1] = (uint8_t)(crc >> 8);
	return CHECK;
}

size_t hdlc_build(uint8_t *out, const struct hdlc_address *address, bool segmented,
                  const uint8_t *information, size_t n)
{
	size_t at = ADDRESS, length = 2 + address->size + 1u + (n ? CHECK + n : 0) + CHECK;

	out[0] = HDLC_FLAG;
	out[1] = (uint8_t)(0xA0 | (segmented ? 0x08 : 0) | length >> 8);
	out[2] = (uint8_t)length;
	memcpy(out + at, address->bytes, address->size);
	at += address->size;
	out[at++] = 0x13;
	if (n) {
		at += put_check(out + 1, at - 1);
		memcpy(out + at, information, n);
		at += n;
	}
	at += put_check(out + 1, at - 1);
	out[at++] = HDLC_FLAG;
	return at;
}
