#include "modbus/channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "modbus/later.h"

#define LINE_SILENCE 50 /* ms without bytes after which a partial frame on a line is dropped */

static void advance(struct modbus_channel *c);

void modbus_server_release(struct modbus_server *s)
{
	if (!--s->references)
		free(s);
}

struct modbus_channel *modbus_channel_new(struct modbus_server *s)
{
	struct modbus_channel *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->server = s;
	c->request.rtu = s->rtu;
	s->references++;
	uv_timer_init(s->loop, &c->timer);
	c->timer.data = c;
	c->open_handles = 1;
	return c;
}

static void closed(uv_handle_t *handle)
{
	struct modbus_channel *c = handle->data;
	struct modbus_server *s = c->server;

	if (--c->open_handles)
		return;
	modbus_link_close(&c->line);
	free(c);
	modbus_server_release(s);
}

void modbus_channel_close(struct modbus_channel *c)
{
	uv_handle_t *io = c->serial ? (uv_handle_t *)&c->poll : (uv_handle_t *)&c->client.socket;

	if (uv_is_closing((uv_handle_t *)&c->timer))
		return;
	modbus_later_forget(c->later);
	listener_forget(&c->client);
	if (c->server->line == c)
		c->server->line = NULL;
	uv_close((uv_handle_t *)&c->timer, closed);
	if (c->open_handles == 2)
		uv_close(io, closed);
}

/* Damages a reply in a way that a client can detect: TCP has no checksum, so the transaction. */
static void spoil(struct modbus_channel *c)
{
	if (c->server->rtu)
		c->reply[c->size / 2] ^= 0x10;
	else
		c->reply[1] ^= 0x55;
}

static void written(uv_write_t *w, int status)
{
	struct modbus_channel *c = w->data;

	c->busy = false;
	if (status)
		modbus_channel_close(c);
	else
		advance(c);
}

static void send_stream(struct modbus_channel *c)
{
	uv_buf_t buffer = uv_buf_init((char *)c->reply, (unsigned)c->size);
	int n = uv_try_write((uv_stream_t *)&c->client.socket, &buffer, 1);

	if (n == (int)c->size) {
		c->busy = false;
		return;
	}
	if (n > 0) {
		buffer.base += n;
		buffer.len -= (size_t)n;
	}
	c->write.data = c;
	if ((n < 0 && n != UV_EAGAIN) ||
	    uv_write(&c->write, (uv_stream_t *)&c->client.socket, &buffer, 1, written))
		modbus_channel_close(c);
}

static void send_line(struct modbus_channel *c)
{
	c->busy = false;
	if (modbus_link_send(&c->line, c->reply, c->size))
		modbus_channel_close(c);
}

static void send_now(struct modbus_channel *c)
{
	if (c->hang_up)
		modbus_channel_close(c);
	else if (!c->size)
		c->busy = false;
	else if (c->serial)
		send_line(c);
	else
		send_stream(c);
}

static void delayed(uv_timer_t *timer)
{
	struct modbus_channel *c = timer->data;

	send_now(c);
	if (!uv_is_closing((uv_handle_t *)timer))
		advance(c);
}

static int outcome(struct modbus_channel *c)
{
	struct modbus_server *s = c->server;
	struct modbus_request *q = &c->request;
	int exception;

	if (s->options.faults.exception)
		return s->options.faults.exception;
	if (q->exception) /* an absent unit does not answer faulty requests either */
		q->call.count = 0;
	q->call.origin = c;
	exception = s->options.handler(s->options.data, &q->call);
	return exception ? exception : q->exception;
}

/* Builds the reply to c->request and sends it, now or after the delay. */
static void reply(struct modbus_channel *c, int exception)
{
	const struct modbus_faults *faults = &c->server->options.faults;
	uint64_t delay = faults->delay;

	c->server->counts.exceptions += exception > 0;
	c->client.last = uv_now(c->server->loop);
	c->busy = true;
	c->size = 0;
	if (exception >= 0 && !(c->server->rtu && !c->request.call.unit))
		c->size = modbus_request_reply(&c->request, exception, c->reply);
	if (faults->drop > 0 && random_unit(&c->server->random) < faults->drop) {
		c->hang_up = !c->serial;
		c->size = 0;
	} else if (c->size && faults->corrupt > 0 &&
	           random_unit(&c->server->random) < faults->corrupt) {
		spoil(c);
	}
	if (delay)
		uv_timer_start(&c->timer, delayed, delay, 0);
	else
		send_now(c);
}

static void answer(struct modbus_channel *c)
{
	int exception = outcome(c);

	c->server->counts.requests++;
	c->busy = true;
	if (exception != MODBUS_LATER)
		reply(c, exception);
}

void modbus_channel_reply(struct modbus_channel *c, int exception)
{
	reply(c, exception);
	if (!c->busy)
		advance(c);
}

static void take(struct modbus_channel *c, size_t n)
{
	c->have -= n;
	memmove(c->input, c->input + n, c->have);
}

static void rubbish(uv_timer_t *timer)
{
	struct modbus_channel *c = timer->data;

	c->have = 0;
}

static void alloc(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
	struct modbus_channel *c = handle->data;

	(void)size;
	*buffer = uv_buf_init((char *)c->input + c->have, (unsigned)(sizeof c->input - c->have));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
	struct modbus_channel *c = stream->data;

	(void)buffer;
	if (n < 0) {
		modbus_channel_close(c);
		return;
	}
	c->have += (size_t)n;
	advance(c);
}

/* When the buffer is full, reading stops until requests have been answered. */
static void regulate(struct modbus_channel *c)
{
	bool full = c->have == sizeof c->input;

	if (c->serial || full == c->stopped)
		return;
	c->stopped = full;
	if (full)
		uv_read_stop((uv_stream_t *)&c->client.socket);
	else
		uv_read_start((uv_stream_t *)&c->client.socket, alloc, on_read);
}

/* Answers the received requests one after the other. */
static void advance(struct modbus_channel *c)
{
	if (!c->busy)
		uv_timer_stop(&c->timer);
	while (!c->busy && !uv_is_closing((uv_handle_t *)&c->timer)) {
		bool found;
		int n = modbus_request_take(&c->request, c->input, c->have, &found);

		if (n < 0) {
			c->server->counts.malformed++;
			modbus_channel_close(c);
			return;
		}
		if (!n)
			break;
		take(c, (size_t)n);
		if (found)
			answer(c);
	}
	if (uv_is_closing((uv_handle_t *)&c->timer))
		return;
	if (c->server->rtu && !c->busy && c->have)
		uv_timer_start(&c->timer, rubbish, LINE_SILENCE, 0);
	regulate(c);
}

int modbus_channel_serve_stream(struct modbus_channel *c)
{
	uv_tcp_nodelay(&c->client.socket, 1);
	return uv_read_start((uv_stream_t *)&c->client.socket, alloc, on_read) ? EM_SYSTEM : 0;
}

static void on_line(uv_poll_t *poll, int status, int events)
{
	struct modbus_channel *c = poll->data;
	ssize_t n;

	(void)events;
	if (c->have == sizeof c->input) /* more than two frames during one answer: not a master */
		c->have = 0;
	n = status ? -1 : read(c->line.fd, c->input + c->have, sizeof c->input - c->have);
	if (n > 0) {
		c->have += (size_t)n;
		advance(c);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		modbus_channel_close(c);
	}
}

int modbus_channel_serve_line(struct modbus_channel *c)
{
	c->serial = true;
	if (uv_poll_init(c->server->loop, &c->poll, c->line.fd))
		return EM_SYSTEM;
	c->poll.data = c;
	c->open_handles++;
	return uv_poll_start(&c->poll, UV_READABLE, on_line) ? EM_SYSTEM : 0;
}
