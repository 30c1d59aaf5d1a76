/*
 * The relay of `emtool p1`: whole telegrams to everybody who connects.
 *
 * A telegram is kept once, for all clients, in a short row of the newest ones; each client has a
 * place in that row. Telegrams that arrive together go out with one call per client. A client that
 * does not keep up is overtaken by the row's end and has lost whole telegrams; only the telegram
 * that its socket took a part of is held for it. So nobody waits for a slow one, and memory has a
 * bound.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

#include "base/error.h"
#include "cmd/p1/p1.h"
#include "cmd/session/say.h"
#include "io/address.h"
#include "io/guests.h"

enum {
	CLIENTS_LIMIT = 4096,
	BACKLOG = 1024,
	ROW = 64, /* telegrams that are kept at most, a power of two */
	ROW_BYTES = 256 << 10,
	GATHER = 32, /* telegrams and bytes that wait for the end of the loop's turn */
	GATHER_BYTES = 32 << 10,
	HELD_BYTES = 512 << 10, /* all telegrams together, and so much more per client */
	HELD_PER_CLIENT = 4 << 10,
	SOCKET_BUFFER = 64 << 10 /* a slow client shall be behind by a minute, not by an hour */
};

struct telegram {
	unsigned users; /* the row, and clients that are in the middle of it */
	unsigned size;
	char data[];
};

struct client {
	uv_tcp_t socket;
	uv_write_t request;
	struct p1_relay *relay;
	struct client *next, *previous;
	uint64_t place;       /* number of the telegram that it gets next */
	struct telegram *cut; /* whose rest is being written */
	uint64_t lost;
	char name[ADDRESS_TEXT];
};

struct p1_relay {
	uv_tcp_t listener;
	uv_prepare_t gather;
	struct client *clients;
	size_t count;
	struct guests guests;
	struct telegram *row[ROW];
	uint64_t first, end;       /* numbers of the telegrams in the row */
	uint64_t sent;             /* number up to which clients were served */
	size_t row_bytes, waiting; /* bytes in the row, and of those not yet sent */
	size_t held;               /* bytes of all telegrams in memory */
	unsigned users;            /* handles that still point here */
	bool closing;
	char drain[1024];
};

static void telegram_release(struct p1_relay *relay, struct telegram *t)
{
	if (--t->users)
		return;
	relay->held -= t->size;
	free(t);
}

static void release(struct p1_relay *relay)
{
	if (--relay->users)
		return;
	while (relay->first < relay->end)
		telegram_release(relay, relay->row[relay->first++ % ROW]);
	free(relay);
}

static void on_closed(uv_handle_t *handle)
{
	release(handle->data);
}

static void on_client_closed(uv_handle_t *handle)
{
	struct client *c = (struct client *)(void *)handle;

	if (c->cut)
		telegram_release(c->relay, c->cut);
	release(c->relay);
	free(c);
}

static void drop(struct client *c)
{
	if (uv_is_closing((uv_handle_t *)&c->socket))
		return;
	if (c->lost)
		say_note("relay: %s was too slow for %llu telegrams", c->name,
		         (unsigned long long)c->lost);
	*(c->previous ? &c->previous->next : &c->relay->clients) = c->next;
	if (c->next)
		c->next->previous = c->previous;
	c->relay->count--;
	uv_close((uv_handle_t *)&c->socket, on_client_closed);
}

static void deliver(struct client *c);

static void on_written(uv_write_t *request, int status)
{
	struct client *c = request->data;

	telegram_release(c->relay, c->cut);
	c->cut = NULL;
	if (status)
		drop(c);
	else
		deliver(c);
}

/* The rest of a telegram must follow, or the client would see a part of it. */
static void write_rest(struct client *c, struct telegram *t, size_t done)
{
	struct p1_relay *relay = c->relay;
	uv_buf_t rest = uv_buf_init(t->data + done, (unsigned)(t->size - done));

	if (relay->held > HELD_BYTES + relay->count * HELD_PER_CLIENT) {
		say_note("relay: %s is too slow", c->name);
		drop(c);
		return;
	}
	c->request.data = c;
	if (uv_write(&c->request, (uv_stream_t *)&c->socket, &rest, 1, on_written)) {
		drop(c);
		return;
	}
	c->cut = t;
	t->users++;
}

/* All that the client's socket takes of what it has not got yet. */
static void deliver(struct client *c)
{
	struct p1_relay *relay = c->relay;
	uv_buf_t buffers[ROW];
	unsigned n = 0;
	size_t done;
	int taken;

	if (c->cut || uv_is_closing((uv_handle_t *)&c->socket))
		return;
	if (c->place < relay->first) {
		c->lost += relay->first - c->place;
		c->place = relay->first;
	}
	for (uint64_t i = c->place; i < relay->end; i++, n++)
		buffers[n] = uv_buf_init(relay->row[i % ROW]->data, relay->row[i % ROW]->size);
	if (!n)
		return;
	taken = uv_try_write((uv_stream_t *)&c->socket, buffers, n);
	if (taken < 0 && taken != UV_EAGAIN) {
		drop(c);
		return;
	}
	done = taken > 0 ? (size_t)taken : 0;
	while (c->place < relay->end && done >= relay->row[c->place % ROW]->size)
		done -= relay->row[c->place++ % ROW]->size;
	if (c->place < relay->end)
		write_rest(c, relay->row[c->place++ % ROW], done);
}

void p1_relay_flush(struct p1_relay *relay)
{
	struct client *next;

	if (relay->sent == relay->end)
		return;
	for (struct client *c = relay->clients; c; c = next) {
		next = c->next;
		deliver(c);
	}
	relay->sent = relay->end;
	relay->waiting = 0;
}

static void forget_first(struct p1_relay *relay)
{
	struct telegram *t = relay->row[relay->first++ % ROW];

	relay->row_bytes -= t->size;
	telegram_release(relay, t);
}

/* With the line end behind the CRC, which the framer leaves outside. */
static struct telegram *telegram_new(const struct p1_telegram *source)
{
	static const char line_end[2] = {'\r', '\n'};
	bool ended = source->data[source->whole - 1] == '\n';
	size_t size = source->whole + (ended ? 0 : 2);
	struct telegram *t = malloc(sizeof *t + size);

	if (!t)
		return NULL;
	*t = (struct telegram){1, (unsigned)size};
	memcpy(t->data, source->data, source->whole);
	if (!ended)
		memcpy(t->data + source->whole, line_end, sizeof line_end);
	return t;
}

void p1_relay_send(struct p1_relay *relay, const struct p1_telegram *source)
{
	struct telegram *t = relay->count && source->whole ? telegram_new(source) : NULL;

	if (!t)
		return;
	while (relay->first < relay->end &&
	       (relay->end - relay->first == ROW || relay->row_bytes + t->size > ROW_BYTES))
		forget_first(relay);
	relay->row[relay->end++ % ROW] = t;
	relay->row_bytes += t->size;
	relay->waiting += t->size;
	relay->held += t->size;
	if (relay->end - relay->sent >= GATHER || relay->waiting >= GATHER_BYTES)
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

static void free_handle(uv_handle_t *handle)
{
	free(handle);
}

/*
 * Accepts onto a descriptor that select() could not handle: the low ones stay free for libraries
 * that use it, however many clients there are. -1 when there are too many.
 */
static int accept_high(uv_stream_t *listener)
{
	uv_tcp_t *door = malloc(sizeof *door);
	int low, high = -1;

	if (!door)
		return -1;
	uv_tcp_init(listener->loop, door);
	if (!uv_accept(listener, (uv_stream_t *)door) && !uv_fileno((uv_handle_t *)door, &low)) {
		high = fcntl(low, F_DUPFD_CLOEXEC, FD_SETSIZE);
		if (high < 0)
			high = fcntl(low, F_DUPFD_CLOEXEC, 0);
	}
	uv_close((uv_handle_t *)door, free_handle);
	return high;
}

static void client_start(struct client *c)
{
	struct sockaddr_storage peer;
	int length = sizeof peer, size = SOCKET_BUFFER;

	if (!uv_tcp_getpeername(&c->socket, (struct sockaddr *)&peer, &length))
		address_format(c->name, (const struct sockaddr *)&peer);
	uv_tcp_nodelay(&c->socket, 1);
	uv_tcp_keepalive(&c->socket, 1, 60);
	uv_send_buffer_size((uv_handle_t *)&c->socket, &size);
	if (uv_read_start((uv_stream_t *)&c->socket, on_allocate, on_read))
		drop(c);
}

static void on_accept(uv_stream_t *listener, int status)
{
	struct p1_relay *relay = listener->data;
	int fd = status ? -1 : accept_high(listener);
	struct client *c = fd < 0 ? NULL : calloc(1, sizeof *c);

	if (!c || relay->closing) {
		free(c);
		if (fd >= 0)
			close(fd);
		return;
	}
	uv_tcp_init(listener->loop, &c->socket);
	c->relay = relay;
	c->place = relay->end;
	c->next = relay->clients;
	if (c->next)
		c->next->previous = c;
	relay->clients = c;
	relay->users++;
	relay->count++;
	uv_unref((uv_handle_t *)&c->socket);
	if (uv_tcp_open(&c->socket, fd)) {
		close(fd);
		drop(c);
	} else if (relay->count > relay->guests.limit) {
		drop(c);
		if (guests_refused(&relay->guests, uv_now(listener->loop)))
			say_warning("relay: %u clients, no more are taken", relay->guests.limit);
	} else {
		client_start(c);
	}
}

struct p1_relay *p1_relay_open(struct loop *loop, const char *text, int *status)
{
	struct p1_relay *relay;
	struct sockaddr_storage bound;
	struct address address;
	int error;

	if (address_parse(&address, text) || !address.port ||
	    address_resolve(&address, true, &bound)) {
		*status = say_usage("--relay %s: needs an address and a port, as 0.0.0.0:2001",
		                    text);
		return NULL;
	}
	relay = calloc(1, sizeof *relay);
	if (!relay) {
		*status = say_failure("relay", EM_NO_MEMORY);
		return NULL;
	}
	guests_begin(&relay->guests, CLIENTS_LIMIT);
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
		*status = EXIT_LOCAL;
		p1_relay_close(relay);
		return NULL;
	}
	return relay;
}

void p1_relay_close(struct p1_relay *relay)
{
	if (relay->closing)
		return;
	p1_relay_flush(relay);
	relay->closing = true;
	while (relay->clients)
		drop(relay->clients);
	uv_close((uv_handle_t *)&relay->listener, on_closed);
	uv_close((uv_handle_t *)&relay->gather, on_closed);
}
