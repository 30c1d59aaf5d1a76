/*
 * udp://ADDR:PORT: a stream of datagrams per sender. A new sender replaces the one silent for
 * longest.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "io/address.h"
#include "io/source_private.h"

enum { SENDERS_LIMIT = 256, BLOCK = 65536 };

struct sender {
	char name[ADDRESS_TEXT];
	struct source_stream *stream;
	uint64_t last; /* count of datagrams at its latest one */
};

struct udp {
	uv_udp_t socket;
	struct source *source;
	struct sender senders[SENDERS_LIMIT];
	size_t count;
	uint64_t datagrams;
	char block[BLOCK];
};

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct udp *udp = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(udp->block, BLOCK);
}

/* The place of a sender: its own, a free one, or that of the sender silent for longest. */
static struct sender *find_sender(struct udp *udp, const char *name)
{
	struct sender *oldest = &udp->senders[0];

	for (size_t i = 0; i < udp->count; i++) {
		if (!strcmp(udp->senders[i].name, name))
			return &udp->senders[i];
		if (udp->senders[i].last < oldest->last)
			oldest = &udp->senders[i];
	}
	if (udp->count < SENDERS_LIMIT)
		oldest = &udp->senders[udp->count++];
	else if (oldest->stream)
		stream_close(oldest->stream, loop_clock());
	strcpy(oldest->name, name);
	oldest->stream = stream_open(udp->source, name, STREAM_DATAGRAM, true);
	return oldest;
}

static void on_datagram(uv_udp_t *socket, ssize_t n, const uv_buf_t *buffer,
                        const struct sockaddr *from, unsigned flags)
{
	struct udp *udp = socket->data;
	struct chunk chunk = {.data = (const uint8_t *)buffer->base, .time = loop_clock()};
	char name[ADDRESS_TEXT];
	struct sender *sender;

	(void)flags;
	if (n <= 0 || !from)
		return;
	address_format(name, from);
	sender = find_sender(udp, name);
	sender->last = ++udp->datagrams;
	chunk.size = (size_t)n;
	if (sender->stream)
		stream_data(sender->stream, &chunk);
}

static void drop_udp(uv_handle_t *handle)
{
	free(handle->data);
}

static void udp_close(struct source *source)
{
	struct udp *udp = source->state;

	uv_close((uv_handle_t *)&udp->socket, drop_udp);
}

static int udp_open(struct source *source, const char *rest)
{
	struct address address;
	struct sockaddr_storage bound;
	struct udp *udp;
	int status = address_parse(&address, rest);

	if (status || !address.port) {
		source_fail(source, "%s: needs an address and a port, as 0.0.0.0:99", rest);
		return EM_SYNTAX;
	}
	if (address_resolve(&address, true, &bound)) {
		source_fail(source, "%s: no such host", address.host);
		return EM_UNREACHABLE;
	}
	udp = calloc(1, sizeof *udp);
	if (!udp)
		return EM_NO_MEMORY;
	udp->source = source;
	source->state = udp;
	uv_udp_init(loop_uv(source->loop), &udp->socket);
	udp->socket.data = udp;
	status = uv_udp_bind(&udp->socket, (const struct sockaddr *)&bound, 0);
	if (!status)
		status = uv_udp_recv_start(&udp->socket, on_allocate, on_datagram);
	if (!status)
		return 0;
	source_fail(source, "%s: %s", rest, uv_strerror(status));
	udp_close(source);
	errno = -status;
	return EM_SYSTEM;
}

const struct source_kind source_udp = {"udp://", udp_open, udp_close, NULL};
