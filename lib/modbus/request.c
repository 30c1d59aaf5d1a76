#include "modbus/request.h"

#include "frame/adu_build.h"
#include "frame/rtu.h"

enum {
	SHORTEST_WRITE = 6
}; /* assumed size of a request with an unknown function, without checksum */

/* Parses unit to data; sets q->exception when the request is wrong. */
static void parse(struct modbus_request *q, const uint8_t *adu, size_t size)
{
	struct adu_access a = {.words = q->words};

	q->exception = adu_parse_request(&a, adu, size);
	q->call = (struct modbus_call){.unit = a.unit,
	                               .function = a.function,
	                               .address = a.address,
	                               .count = a.count,
	                               .words = q->words};
}

static int take_tcp(struct modbus_request *q, const uint8_t *data, size_t size, bool *found)
{
	size_t length;

	if (size < MBAP_HEADER)
		return 0;
	if (!mbap_header_good(data))
		return -1;
	length = mbap_length(data);
	if (size < MBAP_HEADER + length)
		return 0;
	q->transaction = mbap_transaction(data);
	parse(q, data + MBAP_HEADER, length);
	*found = true;
	return (int)(MBAP_HEADER + length);
}

/* A shared line also carries other devices' replies: a valid checksum marks a request. */
static int take_rtu(struct modbus_request *q, const uint8_t *data, size_t size, bool *found)
{
	int length = adu_request_size(data, size);

	if (!length)
		return 0;
	if (length < 0)
		length = SHORTEST_WRITE;
	if (size < (size_t)length + RTU_CRC)
		return 0;
	if (!rtu_crc_good(data, (size_t)length + RTU_CRC))
		return 1;
	parse(q, data, (size_t)length);
	*found = true;
	return length + RTU_CRC;
}

int modbus_request_take(struct modbus_request *q, const uint8_t *data, size_t size, bool *found)
{
	*found = false;
	return (q->rtu ? take_rtu : take_tcp)(q, data, size, found);
}

size_t modbus_request_reply(const struct modbus_request *q, int exception,
                            uint8_t frame[MBAP_FRAME_MAX])
{
	const struct adu_access a = {.unit = (uint8_t)q->call.unit,
	                             .function = (uint8_t)q->call.function,
	                             .address = (uint16_t)q->call.address,
	                             .count = q->call.count,
	                             .words = q->call.words};
	uint8_t *adu = q->rtu ? frame : frame + MBAP_HEADER;
	size_t size = exception ? adu_build_exception(adu, a.unit, a.function, (uint8_t)exception)
	                        : adu_build_response(adu, &a);

	return q->rtu ? rtu_seal(frame, size) : mbap_wrap(frame, q->transaction, size);
}
