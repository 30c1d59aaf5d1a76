/*
 * A telegram is kept once, for all clients, in a short row of the newest ones; each client has a
 * place in that row. Telegrams that arrive together go out with one call per client. When the row's
 * end overtakes a client that does not keep up, the client loses whole telegrams; only the telegram
 * that its socket took a part of is held for it. So nobody waits for a slow client, and memory has
 * a bound.
 */
#include "service/relay.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

#include "base/error.h"
#include "base/news.h"
#include "io/address.h"
#include "io/guests.h"
#include "service/service.h"

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

struct relay_telegram {
	unsigned users; /* the row, and clients that are in the middle of it */
	unsigned size;
	char data[];
};

struct relay_client {
	uv_tcp_t socket;
	uv_write_t request;
	struct relay *relay;
	struct relay_client *next, *previous;
	uint64_t place;             /* number of the telegram that it gets next */
	struct relay_telegram *cut; /* whose rest is being written */
	uint64_t lost;
	char name[ADDRESS_TEXT];
};

struct relay {
	uv_tcp_t listener;
	uv_prepare_t gather;
	struct relay_client *clients;
	size_t count;
	struct guests guests;
	struct relay_telegram *row[ROW];
	uint64_t first, end;       /* numbers of the telegrams in the row */
	uint64_t sent;             /* number up to which clients were served */
	size_t row_bytes, waiting; /* bytes in the row, and of those not yet sent */
	size_t held;               /* bytes of all telegrams in memory */
	unsigned users;            /* handles that still point here */
	bool closing;
	struct relay_counts counts;
	char drain[1024];
};

static void telegram_release(struct relay *relay, struct relay_telegram *t)
{
	if (--t->users)
		return;
	relay->held -= t->size;
	free(t);
}

static void release(struct relay *relay)
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
	struct relay_client *c = (struct relay_client *)(void *)handle;

	if (c->cut)
		telegram_release(c->relay, c->cut);
	release(c->relay);
	free(c);
}

static void drop(struct relay_client *c)
{
	if (uv_is_closing((uv_handle_t *)&c->socket))
		return;
	if (c->lost)
		news(NEWS_NOTE, "relay: %s was too slow for %llu telegrams", c->name,
		     (unsigned long long)c->lost);
	*(c->previous ? &c->previous->next : &c->relay->clients) = c->next;
	if (c->next)
		c->next->previous = c->previous;
	c->relay->count--;
	uv_close((uv_handle_t *)&c->socket, on_client_closed);
}

static void deliver(struct relay_client *c);

static void on_written(uv_write_t *request, int status)
{
	struct relay_client *c = request->data;

	telegram_release(c->relay, c->cut);
	c->cut = NULL;
	if (status)
		drop(c);
	else
		deliver(c);
}

/* The rest of a telegram must follow, or the client would see a part of it. */
static void write_rest(struct relay_client *c, struct relay_telegram *t, size_t done)
{
	struct relay *relay = c->relay;
	uv_buf_t rest = uv_buf_init(t->data + done, (unsigned)(t->size - done));

	if (relay->held > HELD_BYTES + relay->count * HELD_PER_CLIENT) {
		news(NEWS_NOTE, "relay: %s is too slow", c->name);
		relay->counts.hung_up++;
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
static void deliver(struct relay_client *c)
{
	struct relay *relay = c->relay;
	uv_buf_t buffers[ROW];
	unsigned n = 0;
	size_t done;
	int taken;

	if (c->cut || uv_is_closing((uv_handle_t *)&c->socket))
		return;
	if (c->place < relay->first) {
		c->lost += relay->first - c->place;
		relay->counts.lost += relay->first - c->place;
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

void relay_flush(struct relay *relay)
{
	struct relay_client *next;

	if (relay->sent == relay->end)
		return;
	for (struct relay_client *c = relay->clients; c; c = next) {
		next = c->next;
		deliver(c);
	}
	relay->sent = relay->end;
	relay->waiting = 0;
}

static void forget_first(struct relay *relay)
{
	struct relay_telegram *t = relay->row[relay->first++ % ROW];

	relay->row_bytes -= t->size;
	telegram_release(relay, t);
}

/* With the line end behind the CRC, which the framer leaves outside. */
static struct relay_telegram *telegram_new(const struct p1_telegram *source)
{
	static const char line_end[2] = {'\r', '\n'};
	bool ended = source->data[source->whole - 1] == '\n';
	size_t size = source->whole + (ended ? 0 : 2);
	struct relay_telegram *t = malloc(sizeof *t + size);

	if (!t)
		return NULL;
	*t = (struct relay_telegram){1, (unsigned)size};
	memcpy(t->data, source->data, source->whole);
	if (!ended)
		memcpy(t->data + source->whole, line_end, sizeof line_end);
	return t;
}

void relay_send(struct relay *relay, const struct p1_telegram *source)
{
	struct relay_telegram *t = relay->count && source->whole ? telegram_new(source) : NULL;

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
		relay_flush(relay);
}

static void on_gather(uv_prepare_t *prepare)
{
	relay_flush(prepare->data);
}

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct relay_client *c = (struct relay_client *)(void *)handle;

	(void)suggested;
	*buffer = uv_buf_init(c->relay->drain, sizeof c->relay->drain);
}

/* What clients say is of no interest, but that they leave is. */
static void on_read(uv_stream_t *socket, ssize_t n, const uv_buf_t *buffer)
{
	(void)buffer;
	if (n < 0)
		drop((struct relay_client *)(void *)socket);
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

static void client_start(struct relay_client *c)
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
	struct relay *relay = listener->data;
	int fd = status ? -1 : accept_high(listener);
	struct relay_client *c = fd < 0 ? NULL : calloc(1, sizeof *c);

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
		relay->counts.refused++;
		drop(c);
		if (guests_refused(&relay->guests, uv_now(listener->loop)))
			news(NEWS_WARNING, "relay: %u clients, no more are taken",
			     relay->guests.limit);
	} else {
		relay->counts.clients++;
		client_start(c);
	}
}

static int listen_at(struct relay *relay, const struct sockaddr *address)
{
	int error = uv_tcp_bind(&relay->listener, address, 0);

	return error ? error : uv_listen((uv_stream_t *)&relay->listener, BACKLOG, on_accept);
}

static void relay_begin(struct relay *relay, uv_loop_t *loop)
{
	guests_begin(&relay->guests, CLIENTS_LIMIT);
	uv_tcp_init(loop, &relay->listener);
	uv_prepare_init(loop, &relay->gather);
	relay->listener.data = relay->gather.data = relay;
	relay->users = 2;
	uv_prepare_start(&relay->gather, on_gather);
	uv_unref((uv_handle_t *)&relay->listener);
	uv_unref((uv_handle_t *)&relay->gather);
}

int relay_open(struct relay **out, struct loop *loop, const char *address, char *problem,
               size_t size)
{
	struct sockaddr_storage bound;
	struct relay *relay;
	int error = service_address(&bound, address, problem, size);

	*out = NULL;
	if (error)
		return error;
	relay = calloc(1, sizeof *relay);
	if (!relay)
		return service_failed(EM_NO_MEMORY, problem, size);
	relay_begin(relay, loop_uv(loop));
	error = listen_at(relay, (const struct sockaddr *)&bound);
	if (error) {
		relay_close(relay);
		return service_unable(error, problem, size);
	}
	*out = relay;
	return 0;
}

struct relay_counts relay_counts(const struct relay *relay)
{
	return relay->counts;
}

void relay_close(struct relay *relay)
{
	if (relay->closing)
		return;
	relay_flush(relay);
	relay->closing = true;
	while (relay->clients)
		drop(relay->clients);
	uv_close((uv_handle_t *)&relay->listener, on_closed);
	uv_close((uv_handle_t *)&relay->gather, on_closed);
}
