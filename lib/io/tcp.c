/* tcp://HOST:PORT connects and reconnects; tcp-listen://ADDR:PORT has a stream per peer. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "io/address.h"
#include "io/guests.h"
#include "io/job.h"
#include "io/source_private.h"

enum { PEERS_LIMIT = 4096, BACKLOG = 511, BLOCK = 65536, BACKOFF_MIN = 250, BACKOFF_MAX = 30000 };

/* One TCP connection, accepted or made. */
struct connection {
	uv_tcp_t socket;
	struct source_stream *stream;
	struct connection *next;
	uint64_t last; /* loop time of its latest bytes */
};

struct tcp {
	struct source *source;
	struct address address;
	uv_tcp_t listener;
	uv_timer_t retry; /* connecting: waits between attempts */
	uv_timer_t quiet; /* connecting: no data for too long */
	uv_connect_t request;
	struct job lookup;
	struct sockaddr_storage found;
	struct connection *connections;
	size_t count;
	struct guests guests;
	unsigned backoff; /* ms */
	unsigned users;   /* handles and requests that still point here */
	bool closing, warned, listens;
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

static void connection_drop(struct tcp *tcp, struct connection *c)
{
	for (struct connection **link = &tcp->connections; *link; link = &(*link)->next) {
		if (*link == c) {
			*link = c->next;
			tcp->count--;
			break;
		}
	}
	if (c->stream)
		stream_close(c->stream, loop_clock());
	uv_close((uv_handle_t *)&c->socket, on_connection_closed);
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

	if (tcp->connections) {
		connection_drop(tcp, tcp->connections);
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
		c->last = uv_now(socket->loop);
		tcp->backoff = BACKOFF_MIN;
		stream_data(c->stream, &chunk);
		watch_silence(tcp);
	} else if (n < 0) {
		connection_drop(tcp, c);
		if (!tcp->listens)
			connect_later(tcp,
			              n == UV_EOF ? "closed by the peer" : uv_strerror((int)n));
	}
}

static struct connection *connection_new(struct tcp *tcp)
{
	struct connection *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	uv_tcp_init(loop_uv(tcp->source->loop), &c->socket);
	c->socket.data = tcp;
	c->last = uv_now(c->socket.loop);
	c->next = tcp->connections;
	tcp->connections = c;
	tcp->users++;
	tcp->count++;
	return c;
}

static void connection_start(struct tcp *tcp, struct connection *c)
{
	struct sockaddr_storage peer;
	int length = sizeof peer;
	char name[ADDRESS_TEXT];
	int status = uv_tcp_getpeername(&c->socket, (struct sockaddr *)&peer, &length);

	if (!status) { /* else it has left already */
		address_format(name, (const struct sockaddr *)&peer);
		uv_tcp_keepalive(&c->socket, 1, 60);
		c->stream = stream_open(tcp->source, name, STREAM_BYTES, true);
		status = c->stream ? uv_read_start((uv_stream_t *)&c->socket, on_allocate, on_read)
		                   : UV_ENOMEM;
	}
	if (!status)
		return;
	connection_drop(tcp, c);
	if (!tcp->listens)
		connect_later(tcp, uv_strerror(status));
}

/* With every place taken, the peer that is silent for longest may have to go. */
static bool has_room(struct tcp *tcp, uint64_t now)
{
	struct connection *oldest = tcp->connections;

	if (tcp->count < tcp->guests.limit)
		return true;
	for (struct connection *c = oldest; c; c = c->next)
		if (c->last < oldest->last)
			oldest = c;
	if (!oldest || now - oldest->last < GUESTS_IDLE)
		return false;
	connection_drop(tcp, oldest);
	return true;
}

/* Peers beyond the limit are accepted and closed at once, so they do not wait in vain. */
static void on_accept(uv_stream_t *listener, int status)
{
	struct tcp *tcp = listener->data;
	uint64_t now = uv_now(listener->loop);
	bool room = !status && has_room(tcp, now);
	struct connection *c = status ? NULL : connection_new(tcp);

	if (!c)
		return;
	if (!room && guests_refused(&tcp->guests, now))
		source_report(tcp->source, "%u peers, no more are taken", tcp->guests.limit);
	if (uv_accept(listener, (uv_stream_t *)&c->socket) || !room)
		connection_drop(tcp, c);
	else
		connection_start(tcp, c);
}

static struct tcp *tcp_new(struct source *source)
{
	struct tcp *tcp = calloc(1, sizeof *tcp);
	uv_loop_t *uv = loop_uv(source->loop);

	if (!tcp)
		return NULL;
	tcp->source = source;
	tcp->backoff = BACKOFF_MIN;
	uv_tcp_init(uv, &tcp->listener);
	uv_timer_init(uv, &tcp->retry);
	uv_timer_init(uv, &tcp->quiet);
	uv_unref((uv_handle_t *)&tcp->quiet);
	tcp->listener.data = tcp->retry.data = tcp->quiet.data = tcp;
	tcp->users = 3;
	source->state = tcp;
	return tcp;
}

static void tcp_close(struct source *source)
{
	struct tcp *tcp = source->state;

	tcp->closing = true;
	while (tcp->connections)
		connection_drop(tcp, tcp->connections);
	uv_close((uv_handle_t *)&tcp->listener, on_closed);
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
	struct address address;
	struct sockaddr_storage bound;
	struct tcp *tcp;
	int status = parse_address(source, &address, rest);

	if (status)
		return status;
	if (address_resolve(&address, true, &bound)) {
		source_fail(source, "%s: no such host", address.host);
		return EM_UNREACHABLE;
	}
	tcp = tcp_new(source);
	if (!tcp)
		return EM_NO_MEMORY;
	tcp->listens = true;
	guests_begin(&tcp->guests, PEERS_LIMIT);
	status = uv_tcp_bind(&tcp->listener, (const struct sockaddr *)&bound, 0);
	if (!status)
		status = uv_listen((uv_stream_t *)&tcp->listener, BACKLOG, on_accept);
	if (!status)
		return 0;
	if (status == UV_EACCES)
		source_fail(source,
		            "%s: ports below 1024 need a right: take a port from 1024 on, or run "
		            "'sudo setcap cap_net_bind_service=+ep' on emtool",
		            rest);
	else
		source_fail(source, "%s: %s", rest, uv_strerror(status));
	tcp_close(source);
	errno = -status;
	return EM_SYSTEM;
}

static void on_connect(uv_connect_t *request, int status)
{
	struct connection *c = (struct connection *)(void *)request->handle;
	struct tcp *tcp = request->data;

	if (!tcp->closing && status) {
		connection_drop(tcp, c);
		connect_later(tcp, uv_strerror(status));
	} else if (!tcp->closing) {
		tcp->source->status = 0;
		if (tcp->warned)
			source_report(tcp->source, "%s:%u: connected", tcp->address.host,
			              tcp->address.port);
		tcp->warned = false;
		watch_silence(tcp);
		connection_start(tcp, c);
	}
	release(tcp);
}

static void connect_found(struct tcp *tcp)
{
	struct connection *c = connection_new(tcp);
	int status = UV_ENOMEM;

	if (c) {
		tcp->request.data = tcp;
		tcp->users++;
		status = uv_tcp_connect(&tcp->request, &c->socket, (struct sockaddr *)&tcp->found,
		                        on_connect);
	}
	if (c && status) {
		tcp->users--;
		connection_drop(tcp, c);
	}
	if (status)
		connect_later(tcp, uv_strerror(status));
}

static int look_up(struct job *job)
{
	struct tcp *tcp = job->data;

	return address_resolve(&tcp->address, false, &tcp->found);
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

/* Names are looked up beside the loop: that may take a while. */
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

/* Waits and tries again, twice as long each time; one line per loss, not one per attempt. */
static void connect_later(struct tcp *tcp, const char *reason)
{
	tcp->source->status = tcp->source->bytes ? EM_CLOSED : EM_UNREACHABLE;
	if (tcp->closing)
		return;
	uv_timer_stop(&tcp->quiet); /* it watches a connection, not an attempt */
	if (!tcp->warned)
		source_report(tcp->source, "%s:%u: %s, trying again", tcp->address.host,
		              tcp->address.port, reason);
	tcp->warned = true;
	uv_timer_start(&tcp->retry, connect_now, tcp->backoff, 0);
	tcp->backoff = tcp->backoff * 2 > BACKOFF_MAX ? BACKOFF_MAX : tcp->backoff * 2;
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
