#include "frame/mbus.h"

#include <string.h>

#include "base/error.h"

static uint8_t sum(const uint8_t *data, size_t n)
{
	uint8_t total = 0;

	for (size_t i = 0; i < n; i++)
		total = (uint8_t)(total + data[i]);
	return total;
}

int mbus_parse(struct mbus_frame *frame, const uint8_t *data, size_t size)
{
	size_t length;

	frame->size = 0;
	if (size >= 1 && data[0] != MBUS_START)
		return EM_SYNTAX;
	if (size >= 3 && data[1] != data[2])
		return EM_SYNTAX;
	if (size < 4)
		return EM_TRUNCATED;
	if (data[3] != MBUS_START)
		return EM_SYNTAX;
	length = data[1] < MBUS_HEAD ? data[1] + 256u : data[1];
	frame->size = length + MBUS_OVERHEAD;
	if (size < frame->size)
		return EM_TRUNCATED;
	if (sum(data + 4, length) != data[4 + length])
		return EM_CHECKSUM;
	if (data[5 + length] != MBUS_STOP)
		return EM_PROTOCOL;
	frame->control = data[4];
	frame->address = data[5];
	frame->information = data[6];
	frame->payload = data + 4 + MBUS_HEAD;
	frame->payload_size = length - MBUS_HEAD;
	return 0;
}

int mbus_short(const uint8_t *data, size_t size)
{
	if (size && data[0] == MBUS_ACK)
		return 1;
	if (!size || data[0] != MBUS_SHORT)
		return 0;
	if (size < 5)
		return -1;
	return data[4] == MBUS_STOP && sum(data + 1, 2) == data[3] ? 5 : 0;
}

size_t mbus_build(uint8_t *out, uint8_t information, const uint8_t *payload, size_t n)
{
	const uint8_t head[MBUS_HEAD] = {0x53, 0xFF, information, 0x01, 0x67};
	size_t length = MBUS_HEAD + n;

	out[0] = out[3] = MBUS_START;
	out[1] = out[2] = (uint8_t)length;
	memcpy(out + 4, head, sizeof head);
	if (n)
		memcpy(out + 4 + sizeof head, payload, n);
	out[4 + length] = sum(out + 4, length);
	out[5 + length] = MBUS_STOP;
	return length + MBUS_OVERHEAD;
}
