#include "modbus/request.h"

#include "base/crc.h"

enum { READ_HOLDING = 3, READ_INPUT = 4, WRITE_ONE = 6, WRITE_MANY = 16 };

static uint16_t u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static bool is_read(int function)
{
	return function == READ_HOLDING || function == READ_INPUT;
}

static int check(const struct modbus_call *c, size_t data, unsigned bytes)
{
	unsigned limit = is_read(c->function) ? 125 : 123;

	if (c->count < 1 || c->count > limit)
		return 3;
	if (c->function == WRITE_MANY && (bytes != 2 * c->count || data != bytes))
		return 3;
	return c->address + c->count > 65536 ? 2 : 0;
}

/* A PDU of at least one byte; what is wrong with it becomes q->exception. */
static void parse(struct modbus_request *q, const uint8_t *pdu, size_t size)
{
	struct modbus_call *c = &q->call;

	c->function = pdu[0];
	c->words = q->words;
	c->count = 1;
	if (!is_read(pdu[0]) && pdu[0] != WRITE_ONE && pdu[0] != WRITE_MANY) {
		q->exception = 1;
		return;
	}
	if (size < (pdu[0] == WRITE_MANY ? 6 : 5)) {
		q->exception = 3;
		return;
	}
	c->address = u16(pdu + 1);
	if (pdu[0] == WRITE_ONE)
		q->words[0] = u16(pdu + 3);
	else
		c->count = u16(pdu + 3);
	q->exception = check(c, size - (pdu[0] == WRITE_MANY ? 6 : 5), size > 5 ? pdu[5] : 0);
	for (unsigned i = 0; !q->exception && pdu[0] == WRITE_MANY && i < c->count; i++)
		q->words[i] = u16(pdu + 6 + 2 * i);
}

static int take_tcp(struct modbus_request *q, const uint8_t *data, size_t size, bool *found)
{
	unsigned length;

	if (size < 7)
		return 0;
	length = u16(data + 4);
	if (u16(data + 2) || length < 2 || length > 254)
		return -1;
	if (size < 6 + length)
		return 0;
	q->transaction = u16(data);
	q->call.unit = data[6];
	parse(q, data + 7, length - 1);
	*found = true;
	return (int)(6 + length);
}

/*
 * On a shared line the replies of others pass by too, and a request is where a checksum fits. The
 * length is known for the functions served; others are told by the shortest request, 8 bytes.
 */
static int take_rtu(struct modbus_request *q, const uint8_t *data, size_t size, bool *found)
{
	size_t need = 8;

	if (size < 8)
		return 0;
	if (data[1] == WRITE_MANY)
		need = 9u + data[6];
	if (need > 256)
		return 1;
	if (size < need)
		return 0;
	if (crc16_modbus(data, need - 2) != (data[need - 2] | data[need - 1] << 8))
		return 1;
	q->call.unit = data[0];
	parse(q, data + 1, need - 3);
	*found = true;
	return (int)need;
}

int request_take(struct modbus_request *q, const uint8_t *data, size_t size, bool *found)
{
	*found = false;
	return (q->rtu ? take_rtu : take_tcp)(q, data, size, found);
}

static size_t put(uint8_t *to, uint16_t word)
{
	to[0] = (uint8_t)(word >> 8);
	to[1] = (uint8_t)word;
	return 2;
}

static size_t build(const struct modbus_request *q, int exception, uint8_t *pdu)
{
	const struct modbus_call *c = &q->call;
	size_t n = 1;

	pdu[0] = (uint8_t)c->function;
	if (exception) {
		pdu[0] |= 0x80;
		pdu[n++] = (uint8_t)exception;
		return n;
	}
	if (!is_read(c->function)) {
		n += put(pdu + n, (uint16_t)c->address);
		return n +
		       put(pdu + n, c->function == WRITE_ONE ? q->words[0] : (uint16_t)c->count);
	}
	pdu[n++] = (uint8_t)(2 * c->count);
	for (unsigned i = 0; i < c->count; i++)
		n += put(pdu + n, q->words[i]);
	return n;
}

size_t request_reply(const struct modbus_request *q, int exception, uint8_t frame[REQUEST_FRAME])
{
	size_t n = q->rtu ? 0 : 6;
	uint16_t crc;

	frame[n++] = (uint8_t)q->call.unit;
	n += build(q, exception, frame + n);
	if (!q->rtu) {
		put(frame, q->transaction);
		put(frame + 2, 0);
		put(frame + 4, (uint16_t)(n - 6));
		return n;
	}
	crc = crc16_modbus(frame, n);
	frame[n++] = (uint8_t)crc;
	frame[n++] = (uint8_t)(crc >> 8);
	return n;
}
