#include "modbus/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "frame/adu_build.h"
#include "frame/rtu.h"
#include "io/backoff.h"
#include "io/wait.h"
#include "modbus/link.h"
#include "protocol/modbus.h"

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

/* One request from unit to data, and the reply to it. */
struct client_request {
	struct adu_access access;
	uint8_t adu[ADU_MAX];
	size_t size;
	uint8_t reply[ADU_MAX];
};

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
	modbus_link_close(&c->link);
	free(c);
}

static int fail(struct modbus_client *c, int error, const char *why)
{
	snprintf(c->message, sizeof c->message, "%s", why);
	return error;
}

/* Whether the connection is open: chargers close idle ones after a minute. */
static bool connected(struct modbus_client *c)
{
	if (c->link.context && modbus_link_ended(&c->link))
		modbus_link_close(&c->link);
	return c->link.context != NULL;
}

int modbus_client_connect(struct modbus_client *c)
{
	int64_t deadline = wait_clock() + c->options.timeout;
	int error;

	if (connected(c))
		return 0;
	error = modbus_link_open(&c->link, &c->target, deadline, c->options.stop);
	if (error == EM_TIMEOUT)
		snprintf(c->message, sizeof c->message, "no connection within %g s",
		         c->options.timeout / 1000.0);
	else if (error)
		return fail(c, error, c->link.why);
	c->counts.connects += !error;
	return error;
}

static size_t build(struct modbus_client *c, const struct client_request *q,
                    uint8_t frame[MBAP_FRAME_MAX])
{
	if (c->target.framing == MODBUS_MBAP) {
		memcpy(frame + MBAP_HEADER, q->adu, q->size);
		return mbap_wrap(frame, ++c->transaction, q->size);
	}
	memcpy(frame, q->adu, q->size);
	return rtu_seal(frame, q->size);
}

/* Whether a frame answers a different request; the client then keeps waiting. */
static bool foreign(const struct modbus_client *c, const struct client_request *q,
                    const uint8_t *frame, size_t size)
{
	if (c->target.framing != MODBUS_MBAP)
		return frame[0] != q->adu[0];
	return size == MBAP_HEADER + mbap_length(frame) && mbap_header_good(frame) &&
	       mbap_transaction(frame) != c->transaction;
}

/* Checks the reply, unit to data, against the request: 0, EM_EXCEPTION or EM_PROTOCOL. */
static int check(struct modbus_client *c, struct client_request *q, const uint8_t *reply,
                 size_t size)
{
	if (reply[1] == (q->adu[1] | ADU_EXCEPTION_BIT) &&
	    (int)size == adu_response_size(reply, size)) {
		c->exception = reply[2];
		c->counts.exceptions++;
		snprintf(c->message, sizeof c->message, "exception %d (%s)", c->exception,
		         modbus_exception_text((unsigned)c->exception));
		return EM_EXCEPTION;
	}
	if (reply[1] != q->adu[1])
		return fail(c, EM_PROTOCOL,
		            "the reply has a different function code than the request");
	if (!adu_answers(q->adu, q->size, reply, size) ||
	    (int)size != adu_response_size(reply, size))
		return fail(c, EM_PROTOCOL,
		            adu_is_read(q->adu[1])
		                    ? "the reply has a different length than requested"
		                    : "the reply confirms a different write");
	memcpy(q->reply, reply, size);
	return 0;
}

/* Handles a frame that belongs to this request. */
static int take(struct modbus_client *c, struct client_request *q, const uint8_t *frame,
                size_t size)
{
	if (c->target.framing != MODBUS_MBAP)
		return check(c, q, frame, size - RTU_CRC);
	if (size < MBAP_HEADER || !mbap_header_good(frame) ||
	    size != MBAP_HEADER + mbap_length(frame))
		return fail(c, EM_PROTOCOL, "the reply is not a Modbus frame");
	if (frame[MBAP_HEADER] != q->adu[0])
		return fail(c, EM_PROTOCOL, "the reply comes from a different unit");
	return check(c, q, frame + MBAP_HEADER, size - MBAP_HEADER);
}

static int receive(struct modbus_client *c, struct client_request *q)
{
	int64_t deadline = wait_clock() + c->options.timeout;
	uint8_t frame[MBAP_FRAME_MAX];
	int n;

	for (;;) {
		n = modbus_link_receive(&c->link, frame, deadline, c->options.stop);
		if (n < 0)
			break;
		if (!foreign(c, q, frame, (size_t)n))
			return take(c, q, frame, (size_t)n);
		c->counts.foreign++;
		if (wait_clock() < deadline)
			continue;
		snprintf(c->link.why, sizeof c->link.why, "no answer to this request");
		n = EM_TIMEOUT; /* a peer that sends without pause must not block the client */
		break;
	}
	if (n != EM_TIMEOUT)
		return fail(c, n, c->link.why);
	c->counts.timeouts++;
	snprintf(c->message, sizeof c->message, "%s within %g s", c->link.why,
	         c->options.timeout / 1000.0);
	return n;
}

/* Makes one attempt. Without a valid reply the connection is no longer usable. */
static int exchange(struct modbus_client *c, struct client_request *q)
{
	uint8_t frame[MBAP_FRAME_MAX];
	int error;

	if (c->options.steady && !connected(c))
		return fail(c, EM_CLOSED, "connection closed by the peer");
	error = modbus_client_connect(c);
	if (error)
		return error;
	if (c->target.framing != MODBUS_MBAP)
		modbus_link_drain(&c->link, c->late_until, c->options.stop);
	c->counts.requests++;
	error = modbus_link_send(&c->link, frame, build(c, q, frame));
	if (error)
		fail(c, error, c->link.why);
	else if (c->target.framing == MODBUS_MBAP || q->adu[0] || adu_is_read(q->adu[1]))
		error = receive(c, q);
	if (!error || error == EM_EXCEPTION)
		return error;
	if (error == EM_TIMEOUT || error == EM_PROTOCOL)
		c->late_until = wait_clock() + c->options.timeout;
	/* Keeps a serial line open: opening it again could reset the adapter. */
	if (c->target.carrier == MODBUS_OVER_SERIAL && error != EM_CLOSED)
		modbus_link_drain(&c->link, 0, NULL);
	else
		modbus_link_close(&c->link);
	return error;
}

static bool worth_repeating(const struct modbus_client *c, int error)
{
	switch (error) {
	case EM_TIMEOUT:
	case EM_CLOSED:
	case EM_PROTOCOL:
	case EM_CHECKSUM: return true;
	case EM_EXCEPTION: return c->exception == ADU_BUSY;
	case EM_UNREACHABLE: return c->counts.connects > 0; /* the peer could be reached before */
	default: return false;
	}
}

static void pause_for(const struct modbus_client *c, unsigned wait)
{
	int64_t end = wait_clock() + wait;

	while (wait_clock() < end && !(c->options.stop && atomic_load(c->options.stop)))
		nanosleep(&(struct timespec){.tv_nsec = 25000000}, NULL);
}

static int perform(struct modbus_client *c, struct client_request *q)
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

/* Sends the request of q->access, whose count and words are set. */
static int access_by(struct modbus_client *c, struct client_request *q, int unit, int function,
                     unsigned address)
{
	struct adu_access *a = &q->access;

	if (unit < 0 || unit > 255 || address > 65535)
		return fail(c, EM_RANGE, "no such registers");
	a->unit = (uint8_t)unit;
	a->function = (uint8_t)function;
	a->address = (uint16_t)address;
	if (adu_check(a))
		return fail(c, EM_RANGE, "no such registers");
	q->size = adu_build_request(q->adu, a);
	return perform(c, q);
}

int modbus_client_read(struct modbus_client *c, int unit, int function, unsigned address,
                       unsigned count, uint16_t *words)
{
	struct client_request q = {.access = {.count = count, .words = words}};
	int error;

	if (function < 0 || !adu_is_read((unsigned)function))
		return fail(c, EM_RANGE, "no such registers");
	error = access_by(c, &q, unit, function, address);
	if (!error)
		adu_parse_response(&q.access, q.reply);
	return error;
}

int modbus_client_write_by(struct modbus_client *c, int unit, int function, unsigned address,
                           unsigned count, const uint16_t *words)
{
	struct client_request q = {
		.access = {.count = count, .words = (uint16_t *)(uintptr_t)words}};

	if (function < 0 || !adu_is_write((unsigned)function))
		return fail(c, EM_RANGE, "no such registers");
	return access_by(c, &q, unit, function, address);
}

int modbus_client_write(struct modbus_client *c, int unit, unsigned address, unsigned count,
                        const uint16_t *words)
{
	return modbus_client_write_by(c, unit, ADU_WRITE_REGISTERS, address, count, words);
}

int modbus_client_write_one(struct modbus_client *c, int unit, unsigned address, uint16_t word)
{
	return modbus_client_write_by(c, unit, ADU_WRITE_REGISTER, address, 1, &word);
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
