/*
 * The relay of `emtool p1`: whole telegrams to everybody who connects. Telegrams that arrive together
 * are gathered and written to each client with one call. What a client's socket does not take at once
 * is lost for that client, up to the next whole telegram; only the rest of a telegram that was cut is
 * kept for it. So nobody waits for a slow one, and the relay's memory does not grow.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/error.h"
#include "cmd/p1.h"
#include "cmd/say.h"
#include "io/address.h"

enum {
	CLIENTS_LIMIT = 4096,
	BACKLOG = 1024,
	BATCH = 32768,       /* bytes that are gathered at most */
	SOCKET_BUFFER = 32768 /* small: a slow client shall be behind by seconds, not by minutes */
};

struct client {
	uv_tcp_t socket;
	uv_write_t request;
	struct p1_relay *relay;
	struct client *next, *previous;
	char *rest; /* of a telegram that was cut, while it is being written */
	uint64_t lost;
	char name[ADDRESS_TEXT];
};

struct p1_relay {
	uv_tcp_t listener;
	uv_prepare_t gather;
	struct client *clients;
	size_t count;
	char *batch;
	size_t size, capacity;
	size_t *ends; /* of the telegrams in the batch */
	size_t end_count, end_capacity;
	unsigned users; /* handles that still point here */
	bool closing;
	char drain[1024];
};

static void release(struct p1_relay *relay)
{
	if (--relay->users)
		return;
	free(relay->batch);
	free(relay->ends);
	free(relay);
}

static void on_closed(uv_handle_t *handle)
{
	release(handle->data);
}

static void on_client_closed(uv_handle_t *handle)
{
	struct client *c = (struct client *)(void *)handle;

	release(c->relay);
	free(c->rest);
	free(c);
}

static void drop(struct client *c)
{
	if (uv_is_closing((uv_handle_t *)&c->socket))
		return;
	if (c->lost)
		say_note("relay: %s was too slow for %llu telegrams", c->name, (unsigned long long)c->lost);
	*(c->previous ? &c->previous->next : &c->relay->clients) = c->next;
	if (c->next)
		c->next->previous = c->previous;
	c->relay->count--;
	uv_close((uv_handle_t *)&c->socket, on_client_closed);
}

static void on_written(uv_write_t *request, int status)
{
	struct client *c = request->data;

	free(c->rest);
	c->rest = NULL;
	if (status)
		drop(c);
}

/* The rest of a telegram that did not fit: it must follow, or the client would see half of it. */
static void write_rest(struct client *c, const char *data, size_t size)
{
	uv_buf_t buffer;

	c->rest = malloc(size);
	if (!c->rest) {
		drop(c);
		return;
	}
	memcpy(c->rest, data, size);
	buffer = uv_buf_init(c->rest, (unsigned)size);
	c->request.data = c;
	if (uv_write(&c->request, (uv_stream_t *)&c->socket, &buffer, 1, on_written))
		drop(c);
}

static void deliver(struct p1_relay *relay, struct client *c)
{
	uv_buf_t buffer = uv_buf_init(relay->batch, (unsigned)relay->size);
	size_t done = 0, whole = 0;
	int n;

	if (c->rest) {
		c->lost += relay->end_count;
		return;
	}
	n = uv_try_write((uv_stream_t *)&c->socket, &buffer, 1);
	if (n < 0 && n != UV_EAGAIN) {
		drop(c);
		return;
	}
	done = n > 0 ? (size_t)n : 0;
	if (done == relay->size)
		return;
	while (whole < relay->end_count && relay->ends[whole] <= done)
		whole++;
	c->lost += relay->end_count - whole;
	if (done && (!whole || relay->ends[whole - 1] != done)) {
		c->lost--;
		write_rest(c, relay->batch + done, relay->ends[whole] - done);
	}
}

void p1_relay_flush(struct p1_relay *relay)
{
	struct client *next;

	if (!relay->size)
		return;
	for (struct client *c = relay->clients; c; c = next) {
		next = c->next;
		deliver(relay, c);
	}
	relay->size = relay->end_count = 0;
}

static bool reserve(struct p1_relay *relay, size_t size)
{
	char *batch;
	size_t *ends;

	if (relay->size + size > relay->capacity) {
		batch = realloc(relay->batch, relay->size + size + BATCH);
		if (!batch)
			return false;
		relay->batch = batch;
		relay->capacity = relay->size + size + BATCH;
	}
	if (relay->end_count == relay->end_capacity) {
		ends = realloc(relay->ends, (relay->end_capacity + 64) * sizeof *ends);
		if (!ends)
			return false;
		relay->ends = ends;
		relay->end_capacity += 64;
	}
	return true;
}

void p1_relay_send(struct p1_relay *relay, const struct p1_telegram *t)
{
	if (!relay->count || !reserve(relay, t->whole + 2))
		return;
	memcpy(relay->batch + relay->size, t->data, t->whole);
	relay->size += t->whole;
	if (t->data[t->whole - 1] != '\n') {
		memcpy(relay->batch + relay->size, "\r\n", 2);
		relay->size += 2;
	}
	relay->ends[relay->end_count++] = relay->size;
	if (relay->size >= BATCH)
		p1_relay_flush(relay);
}

static void on_gather(uv_prepare_t *prepare)
{
	p1_relay_flush(prepare->data);
}

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct client *c = (struct client *)(void *)handle;

	(void)suggested;
	*buffer = uv_buf_init(c->relay->drain, sizeof c->relay->drain);
}

/* What clients say is of no interest, but that they leave is. */
static void on_read(uv_stream_t *socket, ssize_t n, const uv_buf_t *buffer)
{
	(void)buffer;
	if (n < 0)
		drop((struct client *)(void *)socket);
}

static void on_accept(uv_stream_t *listener, int status)
{
	struct p1_relay *relay = listener->data;
	struct client *c = status ? NULL : calloc(1, sizeof *c);
	struct sockaddr_storage peer;
	int length = sizeof peer, size = SOCKET_BUFFER;

	if (!c)
		return;
	uv_tcp_init(listener->loop, &c->socket);
	c->relay = relay;
	c->next = relay->clients;
	if (c->next)
		c->next->previous = c;
	relay->clients = c;
	relay->users++;
	relay->count++;
	uv_unref((uv_handle_t *)&c->socket);
	if (uv_accept(listener, (uv_stream_t *)&c->socket) || relay->count > CLIENTS_LIMIT) {
		drop(c);
		return;
	}
	if (!uv_tcp_getpeername(&c->socket, (struct sockaddr *)&peer, &length))
		address_format(c->name, (const struct sockaddr *)&peer);
	uv_tcp_nodelay(&c->socket, 1);
	uv_tcp_keepalive(&c->socket, 1, 60);
	uv_send_buffer_size((uv_handle_t *)&c->socket, &size);
	if (uv_read_start((uv_stream_t *)&c->socket, on_allocate, on_read))
		drop(c);
}

/* A thousand clients need as many descriptors; the usual limit of 1,024 is only the soft one. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= CLIENTS_LIMIT + 64)
		return;
	limit.rlim_cur = limit.rlim_max < CLIENTS_LIMIT + 64 ? limit.rlim_max : CLIENTS_LIMIT + 64;
	setrlimit(RLIMIT_NOFILE, &limit);
}

struct p1_relay *p1_relay_open(struct loop *loop, const char *text)
{
	struct p1_relay *relay;
	struct sockaddr_storage bound;
	struct address address;
	int error;

	if (address_parse(&address, text) || !address.port || address_resolve(&address, true, &bound)) {
		say_error("--relay %s: needs an address and a port, as 0.0.0.0:2001", text);
		return NULL;
	}
	relay = calloc(1, sizeof *relay);
	if (!relay) {
		say_failure("relay", EM_NO_MEMORY);
		return NULL;
	}
	raise_descriptor_limit();
	uv_tcp_init(loop_uv(loop), &relay->listener);
	uv_prepare_init(loop_uv(loop), &relay->gather);
	relay->listener.data = relay->gather.data = relay;
	relay->users = 2;
	uv_prepare_start(&relay->gather, on_gather);
	uv_unref((uv_handle_t *)&relay->listener);
	uv_unref((uv_handle_t *)&relay->gather);
	error = uv_tcp_bind(&relay->listener, (const struct sockaddr *)&bound, 0);
	if (!error)
		error = uv_listen((uv_stream_t *)&relay->listener, BACKLOG, on_accept);
	if (error) {
		say_error("--relay %s: %s", text, uv_strerror(error));
		p1_relay_close(relay);
		return NULL;
	}
	return relay;
}

void p1_relay_close(struct p1_relay *relay)
{
	if (relay->closing)
		return;
	relay->closing = true;
	p1_relay_flush(relay);
	while (relay->clients)
		drop(relay->clients);
	uv_close((uv_handle_t *)&relay->listener, on_closed);
	uv_close((uv_handle_t *)&relay->gather, on_closed);
}
