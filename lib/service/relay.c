/*
 * A short queue keeps the newest telegrams, once for all clients; each client has a position in the
 * queue. Telegrams that arrive together go out with one call per client. When the queue drops a
 * telegram that a slow client has not got, the client loses the whole telegram; the relay holds
 * only the telegram that the client has got a part of. So no client waits for a slow one, and
 * memory has a limit.
 */
#include "service/relay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/news.h"
#include "io/listener.h"
#include "service/service.h"

enum {
	CLIENTS_LIMIT = 4096,
	ROW = 64, /* most telegrams in the queue, a power of two */
	ROW_BYTES = 256 << 10,
	GATHER = 32, /* telegrams and bytes that wait for the end of the loop iteration */
	GATHER_BYTES = 32 << 10,
	HELD_BYTES = 512 << 10, /* limit of all telegrams: this, plus the next one per client */
	HELD_PER_CLIENT = 4 << 10,
	SOCKET_BUFFER = 64 << 10 /* keeps a slow client a minute late, not an hour */
};

struct relay_telegram {
	unsigned users; /* the queue, and clients that have got a part of it */
	unsigned size;
	char data[];
};

struct relay_client {
	struct listener_client client;
	uv_write_t request;
	struct relay *relay;
	uint64_t place;             /* number of the telegram that it gets next */
	struct relay_telegram *cut; /* the telegram whose rest is being written */
	uint64_t lost;
	char name[ADDRESS_TEXT];
};

struct relay {
	struct listener *listener;
	uv_prepare_t gather;
	struct relay_telegram *row[ROW];
	uint64_t first, end;       /* numbers of the telegrams in the row */
	uint64_t sent;             /* number up to which clients were served */
	size_t row_bytes, waiting; /* bytes in the row, and of those not yet sent */
	size_t held;               /* bytes of all telegrams in memory */
	unsigned users;            /* handles that refer to it */
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

static void drop(struct listener_client *client)
{
	struct relay_client *c = (struct relay_client *)(void *)client;

	if (uv_is_closing((uv_handle_t *)&client->socket))
		return;
	if (c->lost)
		news(NEWS_NOTE, "relay: %s was too slow for %llu telegrams", c->name,
		     (unsigned long long)c->lost);
	listener_forget(client);
	uv_close((uv_handle_t *)&client->socket, on_client_closed);
}

static void deliver(struct relay_client *c);

static void on_written(uv_write_t *request, int status)
{
	struct relay_client *c = request->data;

	telegram_release(c->relay, c->cut);
	c->cut = NULL;
	if (status)
		drop(&c->client);
	else
		deliver(c);
}

/* Queues the rest of a telegram, so that the client never gets only a part. */
static void write_rest(struct relay_client *c, struct relay_telegram *t, size_t done)
{
	struct relay *relay = c->relay;
	uv_buf_t rest = uv_buf_init(t->data + done, (unsigned)(t->size - done));

	if (relay->held > HELD_BYTES + listener_count(relay->listener) * HELD_PER_CLIENT) {
		news(NEWS_NOTE, "relay: %s is too slow", c->name);
		relay->counts.hung_up++;
		drop(&c->client);
		return;
	}
	c->request.data = c;
	if (uv_write(&c->request, (uv_stream_t *)&c->client.socket, &rest, 1, on_written)) {
		drop(&c->client);
		return;
	}
	c->cut = t;
	t->users++;
}

/* Writes as many of the client's missing telegrams as its socket accepts. */
static void deliver(struct relay_client *c)
{
	struct relay *relay = c->relay;
	uv_buf_t buffers[ROW];
	unsigned n = 0;
	size_t done;
	int taken;

	if (c->cut || uv_is_closing((uv_handle_t *)&c->client.socket))
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
	taken = uv_try_write((uv_stream_t *)&c->client.socket, buffers, n);
	if (taken < 0 && taken != UV_EAGAIN) {
		drop(&c->client);
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
	struct listener_client *next;

	if (relay->sent == relay->end)
		return;
	for (struct listener_client *c = listener_first(relay->listener); c; c = next) {
		next = c->next;
		deliver((struct relay_client *)(void *)c);
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

/* Adds the line end after the CRC, which the framer leaves out. */
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
	struct relay_telegram *t = listener_count(relay->listener) && source->whole
	                                   ? telegram_new(source)
	                                   : NULL;

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

/* Ignores data from clients, but detects when they close. */
static void on_read(uv_stream_t *socket, ssize_t n, const uv_buf_t *buffer)
{
	(void)buffer;
	if (n < 0)
		drop((struct listener_client *)(void *)socket);
}

static struct listener_client *client_new(void *context)
{
	struct relay *relay = context;
	struct relay_client *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->relay = relay;
	c->place = relay->end;
	relay->users++;
	return &c->client;
}

static void client_start(struct listener_client *client)
{
	struct relay_client *c = (struct relay_client *)(void *)client;
	struct sockaddr_storage peer;
	int length = sizeof peer, size = SOCKET_BUFFER;

	c->relay->counts.clients++;
	uv_unref((uv_handle_t *)&client->socket);
	if (!uv_tcp_getpeername(&client->socket, (struct sockaddr *)&peer, &length))
		address_format(c->name, (const struct sockaddr *)&peer);
	uv_tcp_nodelay(&client->socket, 1);
	uv_tcp_keepalive(&client->socket, 1, 60);
	uv_send_buffer_size((uv_handle_t *)&client->socket, &size);
	if (uv_read_start((uv_stream_t *)&client->socket, on_allocate, on_read))
		drop(client);
}

static void on_full(void *context, unsigned limit)
{
	(void)context;
	news(NEWS_WARNING, "relay: %u clients, no more are taken", limit);
}

static int listen_at(struct relay *relay, uv_loop_t *loop, const struct address *address)
{
	static const struct listener_options options = {.limit = CLIENTS_LIMIT,
	                                                .background = true,
	                                                .create = client_new,
	                                                .start = client_start,
	                                                .drop = drop,
	                                                .full = on_full};

	return listener_open(&relay->listener, loop, address, &options, relay);
}

int relay_open(struct relay **out, struct loop *loop, const char *text, char *problem, size_t size)
{
	struct address address;
	struct relay *relay;
	int error = service_address(&address, text, problem, size);

	*out = NULL;
	if (error)
		return error;
	relay = calloc(1, sizeof *relay);
	error = relay ? listen_at(relay, loop_uv(loop), &address) : EM_NO_MEMORY;
	if (error) {
		snprintf(problem, size, "%s", listener_problem(error));
		free(relay);
		return error;
	}
	uv_prepare_init(loop_uv(loop), &relay->gather);
	relay->gather.data = relay;
	relay->users = 1;
	uv_prepare_start(&relay->gather, on_gather);
	uv_unref((uv_handle_t *)&relay->gather);
	*out = relay;
	return 0;
}

struct relay_counts relay_counts(const struct relay *relay)
{
	struct relay_counts counts = relay->counts;

	counts.refused = listener_refused(relay->listener);
	return counts;
}

void relay_close(struct relay *relay)
{
	relay_flush(relay);
	listener_close(relay->listener);
	uv_close((uv_handle_t *)&relay->gather, on_closed);
}
