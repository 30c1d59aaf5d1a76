#include "modbus/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/crc.h"
#include "modbus/link.h"
#include "io/backoff.h"
#include "io/wait.h"

enum { READ_HOLDING = 3, READ_INPUT = 4, WRITE_ONE = 6, WRITE_MANY = 16, BUSY = 6 };

struct modbus_client {
	struct modbus_target target;
	struct modbus_options options;
	struct modbus_link link;
	struct modbus_counts counts;
	uint16_t transaction;
	int64_t late_until; /* RTU: until then the reply to an earlier attempt may still come */
	int exception;
	char message[192];
};

/* One request: what is sent, and what its reply must look like. */
struct request {
	uint8_t unit;
	uint8_t pdu[256];
	size_t size;
	size_t echo;        /* bytes of the reply's PDU that repeat the request's */
	uint8_t bytes;      /* reads: length of the data */
	uint8_t reply[256]; /* reads: the data */
};

const char *modbus_exception_text(int code)
{
	/* clang-format off */
	static const char *const words[] = {
		[1] = "illegal function", [2] = "illegal data address", [3] = "illegal data value",
		[4] = "server device failure", [5] = "acknowledge", [6] = "server device busy",
		[8] = "memory parity error", [10] = "gateway path unavailable",
		[11] = "gateway target device failed to respond",
	};
	/* clang-format on */

	if (code < 0 || code >= (int)(sizeof words / sizeof *words) || !words[code])
		return "unknown exception";
	return words[code];
}

struct modbus_client *modbus_client_new(const struct modbus_target *target,
                                        const struct modbus_options *options)
{
	struct modbus_client *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->target = *target;
	c->options = *options;
	if (!c->options.timeout)
		c->options.timeout = 2000;
	return c;
}

void modbus_client_free(struct modbus_client *c)
{
	if (!c)
		return;
	link_close(&c->link);
	free(c);
}

static int fail(struct modbus_client *c, int error, const char *why)
{
	snprintf(c->message, sizeof c->message, "%s", why);
	return error;
}

/* Whether there is a connection: chargers close idle ones after a minute. */
static bool connected(struct modbus_client *c)
{
	if (c->link.context && link_ended(&c->link))
		link_close(&c->link);
	return c->link.context != NULL;
}

int modbus_client_connect(struct modbus_client *c)
{
	int64_t deadline = wait_clock() + c->options.timeout;
	int error;

	if (connected(c))
		return 0;
	error = link_open(&c->link, &c->target, deadline, c->options.stop);
	if (error == EM_TIMEOUT)
		snprintf(c->message, sizeof c->message, "no connection within %g s",
		         c->options.timeout / 1000.0);
	else if (error)
		return fail(c, error, c->link.why);
	c->counts.connects += !error;
	return error;
}

void modbus_client_disconnect(struct modbus_client *c)
{
	link_close(&c->link);
}

static size_t build(struct modbus_client *c, const struct request *q, uint8_t frame[LINK_FRAME])
{
	size_t size = q->size + 1;
	uint16_t crc;

	if (c->target.framing == MODBUS_MBAP) {
		c->transaction++;
		frame[0] = (uint8_t)(c->transaction >> 8);
		frame[1] = (uint8_t)c->transaction;
		frame[2] = frame[3] = frame[4] = 0;
		frame[5] = (uint8_t)size;
		frame[6] = q->unit;
		memcpy(frame + 7, q->pdu, q->size);
		return size + 6;
	}
	frame[0] = q->unit;
	memcpy(frame + 1, q->pdu, q->size);
	crc = crc16_modbus(frame, size);
	frame[size] = (uint8_t)crc;
	frame[size + 1] = (uint8_t)(crc >> 8);
	return size + 2;
}

/* Whether a frame answers another request than ours; the wait for the right one goes on then. */
static bool foreign(const struct modbus_client *c, const struct request *q, const uint8_t *frame,
                    int size)
{
	if (c->target.framing != MODBUS_MBAP)
		return frame[0] != q->unit;
	return size == 6 + (frame[4] << 8 | frame[5]) && !frame[2] && !frame[3] &&
	       (frame[0] << 8 | frame[1]) != c->transaction;
}

/* The reply's PDU against the request: 0, EM_EXCEPTION or EM_PROTOCOL. */
static int check(struct modbus_client *c, struct request *q, const uint8_t *pdu, size_t size)
{
	if (size == 2 && pdu[0] == (q->pdu[0] | 0x80)) {
		c->exception = pdu[1];
		c->counts.exceptions++;
		snprintf(c->message, sizeof c->message, "exception %d (%s)", pdu[1],
		         modbus_exception_text(pdu[1]));
		return EM_EXCEPTION;
	}
	if (pdu[0] != q->pdu[0])
		return fail(c, EM_PROTOCOL, "the answer has another function");
	if (q->echo) {
		if (size != q->echo || memcmp(pdu, q->pdu, q->echo) != 0)
			return fail(c, EM_PROTOCOL, "the answer confirms another write");
		return 0;
	}
	if (size != 2u + q->bytes || pdu[1] != q->bytes)
		return fail(c, EM_PROTOCOL, "the answer has another length");
	memcpy(q->reply, pdu + 2, q->bytes);
	return 0;
}

static int receive(struct modbus_client *c, struct request *q)
{
	int64_t deadline = wait_clock() + c->options.timeout;
	uint8_t frame[LINK_FRAME];
	bool tcp = c->target.framing == MODBUS_MBAP;
	int n;

	for (;;) {
		n = link_receive(&c->link, frame, deadline, c->options.stop);
		if (n < 0)
			break;
		if (foreign(c, q, frame, n)) {
			c->counts.foreign++;
			if (wait_clock() < deadline)
				continue;
			snprintf(c->link.why, sizeof c->link.why, "no answer to this request");
			n = EM_TIMEOUT; /* a peer that never falls silent must not keep us */
			break;
		}
		if (!tcp)
			return check(c, q, frame + 1, (size_t)n - 3);
		if (n < 9 || n != 6 + (frame[4] << 8 | frame[5]) || frame[2] || frame[3])
			return fail(c, EM_PROTOCOL, "a reply that is no Modbus frame");
		if (frame[6] != q->unit)
			return fail(c, EM_PROTOCOL, "the answer comes from another unit");
		return check(c, q, frame + 7, (size_t)n - 7);
	}
	if (n == EM_TIMEOUT) {
		c->counts.timeouts++;
		snprintf(c->message, sizeof c->message, "%s within %g s", c->link.why,
		         c->options.timeout / 1000.0);
		return n;
	}
	return fail(c, n, c->link.why);
}

/* One attempt. After anything but an answer the connection is not to be trusted any more. */
static int exchange(struct modbus_client *c, struct request *q)
{
	uint8_t frame[LINK_FRAME];
	int error;

	if (c->options.steady && !connected(c))
		return fail(c, EM_CLOSED, "connection closed by the peer");
	error = modbus_client_connect(c);
	if (error)
		return error;
	if (c->target.framing != MODBUS_MBAP)
		link_drain(&c->link, c->late_until, c->options.stop);
	c->counts.requests++;
	error = link_send(&c->link, frame, build(c, q, frame));
	if (error)
		fail(c, error, c->link.why);
	else if (c->target.framing == MODBUS_MBAP || q->unit || !q->echo)
		error = receive(c, q);
	if (!error || error == EM_EXCEPTION)
		return error;
	if (error == EM_TIMEOUT || error == EM_PROTOCOL)
		c->late_until = wait_clock() + c->options.timeout;
	/* A serial line keeps its settings: opening it again could reset the adapter. */
	if (c->target.carrier == MODBUS_OVER_SERIAL && error != EM_CLOSED)
		link_drain(&c->link, 0, NULL);
	else
		link_close(&c->link);
	return error;
}

static bool worth_repeating(const struct modbus_client *c, int error)
{
	switch (error) {
	case EM_TIMEOUT:
	case EM_CLOSED:
	case EM_PROTOCOL:
	case EM_CHECKSUM: return true;
	case EM_EXCEPTION: return c->exception == BUSY;
	case EM_UNREACHABLE: return c->counts.connects > 0; /* it was there a moment ago */
	default: return false;
	}
}

static void pause_for(const struct modbus_client *c, unsigned wait)
{
	int64_t end = wait_clock() + wait;

	while (wait_clock() < end && !(c->options.stop && atomic_load(c->options.stop)))
		nanosleep(&(struct timespec){.tv_nsec = 25000000}, NULL);
}

static int perform(struct modbus_client *c, struct request *q)
{
	struct backoff backoff = {.first = 50, .most = 1000};
	unsigned attempt;
	int error;

	for (attempt = 0;; attempt++) {
		c->exception = 0;
		error = exchange(c, q);
		if (!error || attempt >= c->options.retries || !worth_repeating(c, error))
			return error;
		c->counts.retries++;
		if (error != EM_TIMEOUT)
			pause_for(c, backoff_next(&backoff));
	}
}

static void put(struct request *q, uint16_t word)
{
	q->pdu[q->size++] = (uint8_t)(word >> 8);
	q->pdu[q->size++] = (uint8_t)word;
}

static bool in_range(int unit, unsigned address, unsigned count, unsigned limit)
{
	return unit >= 0 && unit <= 255 && count >= 1 && count <= limit && address <= 65535 &&
	       address + count <= 65536;
}

int modbus_client_read(struct modbus_client *c, int unit, int function, unsigned address,
                       unsigned count, uint16_t *words)
{
	struct request q = {.unit = (uint8_t)unit, .pdu = {(uint8_t)function}, .size = 1};
	int error;

	if (!in_range(unit, address, count, MODBUS_READ_LIMIT) ||
	    (function != READ_HOLDING && function != READ_INPUT))
		return fail(c, EM_RANGE, "no such registers");
	put(&q, (uint16_t)address);
	put(&q, (uint16_t)count);
	q.bytes = (uint8_t)(2 * count);
	error = perform(c, &q);
	for (unsigned i = 0; !error && i < count; i++)
		words[i] = (uint16_t)(q.reply[2 * i] << 8 | q.reply[2 * i + 1]);
	return error;
}

int modbus_client_write(struct modbus_client *c, int unit, unsigned address, unsigned count,
                        const uint16_t *words)
{
	struct request q = {.unit = (uint8_t)unit, .pdu = {WRITE_MANY}, .size = 1, .echo = 5};

	if (!in_range(unit, address, count, MODBUS_WRITE_LIMIT))
		return fail(c, EM_RANGE, "no such registers");
	put(&q, (uint16_t)address);
	put(&q, (uint16_t)count);
	q.pdu[q.size++] = (uint8_t)(2 * count);
	for (unsigned i = 0; i < count; i++)
		put(&q, words[i]);
	return perform(c, &q);
}

int modbus_client_write_one(struct modbus_client *c, int unit, unsigned address, uint16_t word)
{
	struct request q = {.unit = (uint8_t)unit, .pdu = {WRITE_ONE}, .size = 1, .echo = 5};

	if (!in_range(unit, address, 1, 1))
		return fail(c, EM_RANGE, "no such register");
	put(&q, (uint16_t)address);
	put(&q, word);
	return perform(c, &q);
}

int modbus_client_exception(const struct modbus_client *c)
{
	return c->exception;
}

const char *modbus_client_message(const struct modbus_client *c)
{
	return c->message;
}

const char *modbus_client_name(const struct modbus_client *c)
{
	return c->target.name;
}

struct modbus_counts modbus_client_counts(const struct modbus_client *c)
{
	return c->counts;
}
