/* tcp://HOST:PORT connects and reconnects; tcp-listen://ADDR:PORT has a stream for each peer. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "io/address.h"
#include "io/backoff.h"
#include "io/job.h"
#include "io/listener.h"
#include "io/source_private.h"

enum {
	PEERS_LIMIT = 4096,
	PEER_IDLE = 60000, /* ms of silence after which a peer gives way to a new one */
	BLOCK = 65536
};

/* One TCP connection, accepted or made. */
struct connection {
	struct listener_client client;
	struct source_stream *stream;
};

struct tcp {
	struct source *source;
	struct address address;
	struct listener *listener; /* NULL: it connects */
	struct connection *connected;
	uv_timer_t retry; /* connecting: waits between attempts */
	uv_timer_t quiet; /* connecting: no data for too long */
	uv_connect_t request;
	struct job lookup;
	atomic_bool stop; /* of the lookup */
	struct sockaddr_storage found;
	struct backoff backoff;
	unsigned users; /* handles and requests that still point to this */
	bool closing, listens;
	char block[BLOCK]; /* one is enough: data is handed on at once */
};

static void connect_later(struct tcp *tcp, const char *reason);

static void release(struct tcp *tcp)
{
	if (--tcp->users == 0)
		free(tcp);
}

static void on_closed(uv_handle_t *handle)
{
	release(handle->data);
}

static void on_connection_closed(uv_handle_t *handle)
{
	struct connection *c = (struct connection *)(void *)handle;

	release(handle->data);
	free(c);
}

static void connection_drop(struct listener_client *client)
{
	struct connection *c = (struct connection *)(void *)client;
	struct tcp *tcp = client->socket.data;

	listener_forget(client);
	if (tcp->connected == c)
		tcp->connected = NULL;
	if (c->stream)
		stream_close(c->stream, loop_clock());
	uv_close((uv_handle_t *)&client->socket, on_connection_closed);
}

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct tcp *tcp = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(tcp->block, BLOCK);
}

static void on_quiet(uv_timer_t *timer)
{
	struct tcp *tcp = timer->data;

	if (tcp->connected) {
		connection_drop(&tcp->connected->client);
		connect_later(tcp, "no data for too long");
	}
}

static void watch_silence(struct tcp *tcp)
{
	if (!tcp->listens && tcp->source->config.timeout > 0)
		uv_timer_start(&tcp->quiet, on_quiet,
		               (uint64_t)(tcp->source->config.timeout * 1000), 0);
}

static void on_read(uv_stream_t *socket, ssize_t n, const uv_buf_t *buffer)
{
	struct connection *c = (struct connection *)(void *)socket;
	struct tcp *tcp = socket->data;
	struct chunk chunk = {.data = (const uint8_t *)buffer->base, .time = loop_clock()};

	if (n > 0) {
		chunk.size = (size_t)n;
		c->client.last = uv_now(socket->loop);
		backoff_reset(&tcp->backoff);
		stream_data(c->stream, &chunk);
		watch_silence(tcp);
	} else if (n < 0) {
		connection_drop(&c->client);
		if (!tcp->listens)
			connect_later(tcp,
			              n == UV_EOF ? "closed by the peer" : uv_strerror((int)n));
	}
}

static struct listener_client *connection_new(void *context)
{
	struct connection *c = calloc(1, sizeof *c);
	struct tcp *tcp = context;

	if (!c)
		return NULL;
	c->client.socket.data = tcp;
	tcp->users++;
	return &c->client;
}

static void connection_start(struct listener_client *client)
{
	struct connection *c = (struct connection *)(void *)client;
	struct tcp *tcp = client->socket.data;
	struct sockaddr_storage peer;
	int length = sizeof peer;
	char name[ADDRESS_TEXT];
	int status = uv_tcp_getpeername(&client->socket, (struct sockaddr *)&peer, &length);

	if (!status) { /* else it has left already */
		address_format(name, (const struct sockaddr *)&peer);
		uv_tcp_keepalive(&client->socket, 1, 60);
		c->stream = stream_open(tcp->source, name, STREAM_BYTES, true);
		status = c->stream ? uv_read_start((uv_stream_t *)&client->socket, on_allocate,
		                                   on_read)
		                   : UV_ENOMEM;
	}
	if (!status)
		return;
	connection_drop(client);
	if (!tcp->listens)
		connect_later(tcp, uv_strerror(status));
}

static void on_full(void *context, unsigned limit)
{
	struct tcp *tcp = context;

	source_report(tcp->source, "%u peers, no more are taken", limit);
}

static struct tcp *tcp_new(struct source *source)
{
	struct tcp *tcp = calloc(1, sizeof *tcp);
	uv_loop_t *uv = loop_uv(source->loop);

	if (!tcp)
		return NULL;
	tcp->source = source;
	tcp->backoff = BACKOFF_NETWORK;
	uv_timer_init(uv, &tcp->retry);
	uv_timer_init(uv, &tcp->quiet);
	uv_unref((uv_handle_t *)&tcp->quiet);
	tcp->retry.data = tcp->quiet.data = tcp;
	tcp->users = 2;
	source->state = tcp;
	return tcp;
}

static void tcp_close(struct source *source)
{
	struct tcp *tcp = source->state;

	tcp->closing = true;
	atomic_store(&tcp->stop, true);
	listener_close(tcp->listener);
	if (tcp->connected)
		connection_drop(&tcp->connected->client);
	uv_close((uv_handle_t *)&tcp->retry, on_closed);
	uv_close((uv_handle_t *)&tcp->quiet, on_closed);
}

static int parse_address(struct source *source, struct address *address, const char *text)
{
	char host_port[300];
	size_t length = strcspn(text, "/?");
	int status = EM_SYNTAX;

	if (length < sizeof host_port) {
		memcpy(host_port, text, length);
		host_port[length] = '\0';
		status = address_parse(address, host_port);
	}
	if (!status && address->port == 0)
		status = EM_SYNTAX;
	if (status)
		source_fail(source, "%s: needs an address and a port, as 192.168.1.40:99", text);
	return status ? EM_SYNTAX : 0;
}

static int listen_open(struct source *source, const char *rest)
{
	static const struct listener_options options = {.limit = PEERS_LIMIT,
	                                                .idle = PEER_IDLE,
	                                                .create = connection_new,
	                                                .start = connection_start,
	                                                .drop = connection_drop,
	                                                .full = on_full};
	struct address address;
	struct tcp *tcp;
	int status = parse_address(source, &address, rest), saved;

	if (status)
		return status;
	tcp = tcp_new(source);
	if (!tcp)
		return EM_NO_MEMORY;
	tcp->listens = true;
	status = listener_open(&tcp->listener, loop_uv(source->loop), &address, &options, tcp);
	if (!status)
		return 0;
	saved = errno;
	source_fail(source, "%s: %s", rest, listener_problem(status));
	tcp_close(source);
	errno = saved;
	return status == EM_UNKNOWN ? EM_UNREACHABLE : status;
}

static void on_connect(uv_connect_t *request, int status)
{
	struct connection *c = (struct connection *)(void *)request->handle;
	struct tcp *tcp = request->data;

	if (!tcp->closing && status) {
		connection_drop(&c->client);
		connect_later(tcp, uv_strerror(status));
	} else if (!tcp->closing) {
		tcp->source->status = 0;
		source_back(tcp->source, "connected");
		watch_silence(tcp);
		connection_start(&c->client);
	}
	release(tcp);
}

static void connect_found(struct tcp *tcp)
{
	struct listener_client *client = connection_new(tcp);
	int status = UV_ENOMEM;

	if (client) {
		uv_tcp_init(loop_uv(tcp->source->loop), &client->socket);
		tcp->connected = (struct connection *)(void *)client;
		tcp->request.data = tcp;
		tcp->users++;
		status = uv_tcp_connect(&tcp->request, &client->socket,
		                        (struct sockaddr *)&tcp->found, on_connect);
	}
	if (client && status) {
		tcp->users--;
		connection_drop(client);
	}
	if (status)
		connect_later(tcp, uv_strerror(status));
}

static int look_up(struct job *job)
{
	struct tcp *tcp = job->data;

	return address_lookup(&tcp->address, &tcp->stop, &tcp->found);
}

static void on_lookup(struct job *job, int error)
{
	struct tcp *tcp = job->data;

	if (!tcp->closing && error)
		connect_later(tcp, job->unable ? strerror(job->unable) : "no such host");
	else if (!tcp->closing)
		connect_found(tcp);
	release(tcp);
}

/* Looks the name up on another thread, because that may take long. */
static void connect_now(uv_timer_t *timer)
{
	struct tcp *tcp = timer->data;

	if (!address_numeric(&tcp->address, &tcp->found)) {
		connect_found(tcp);
		return;
	}
	tcp->lookup = (struct job){.run = look_up, .done = on_lookup, .data = tcp};
	tcp->users++;
	job_start(loop_uv(tcp->source->loop), &tcp->lookup);
}

/* Waits and tries again, each time twice as long. */
static void connect_later(struct tcp *tcp, const char *reason)
{
	char place[ADDRESS_HOST + 8], news[128];

	tcp->source->status = tcp->source->bytes ? EM_CLOSED : EM_UNREACHABLE;
	if (tcp->closing)
		return;
	uv_timer_stop(&tcp->quiet); /* it watches a connection, not an attempt */
	snprintf(place, sizeof place, "%s:%u", tcp->address.host, tcp->address.port);
	snprintf(news, sizeof news, "%s, trying again", reason);
	source_lost(tcp->source, place, news);
	uv_timer_start(&tcp->retry, connect_now, backoff_next(&tcp->backoff), 0);
}

static int connect_open(struct source *source, const char *rest)
{
	struct address address;
	int status = parse_address(source, &address, rest);
	struct tcp *tcp;

	if (status)
		return status;
	tcp = tcp_new(source);
	if (!tcp)
		return EM_NO_MEMORY;
	tcp->address = address;
	source->status = EM_UNREACHABLE; /* until it is reached */
	if (!*tcp->address.host)
		strcpy(tcp->address.host, "localhost");
	connect_now(&tcp->retry);
	return 0;
}

const struct source_kind source_tcp = {"tcp://", connect_open, tcp_close, NULL};
const struct source_kind source_listen = {"tcp-listen://", listen_open, tcp_close, NULL};
