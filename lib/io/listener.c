#include "io/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/select.h>
#include <unistd.h>

#include "base/error.h"
#include "io/guests.h"

enum { BACKLOG = 1024 };

struct listener {
	uv_tcp_t socket;
	struct listener_options options;
	void *context;
	struct guests guests;
	struct listener_client *first;
	unsigned count, refused;
	char name[ADDRESS_TEXT];
};

static void enlist(struct listener *l, struct listener_client *c)
{
	c->listener = l;
	c->previous = NULL;
	c->next = l->first;
	if (c->next)
		c->next->previous = c;
	l->first = c;
	l->count++;
}

void listener_forget(struct listener_client *c)
{
	struct listener *l = c->listener;

	if (!l)
		return;
	*(c->previous ? &c->previous->next : &l->first) = c->next;
	if (c->next)
		c->next->previous = c->previous;
	l->count--;
	c->listener = NULL;
}

/* With every place taken, the client that is silent for longest may have to go. */
static bool make_room(struct listener *l, uint64_t now)
{
	struct listener_client *oldest = l->first;

	if (l->count < l->guests.limit)
		return true;
	for (struct listener_client *c = oldest; c; c = c->next)
		if (c->last < oldest->last)
			oldest = c;
	if (!oldest || !l->options.idle || now - oldest->last < l->options.idle)
		return false;
	l->options.drop(oldest);
	return true;
}

static void free_handle(uv_handle_t *handle)
{
	free(handle);
}

/* The descriptor of a new connection, a high one if that can be had; -1 when there are too many. */
static int accept_high(uv_stream_t *socket)
{
	uv_tcp_t *door = malloc(sizeof *door);
	int low, high = -1;

	if (!door)
		return -1;
	uv_tcp_init(socket->loop, door);
	if (!uv_accept(socket, (uv_stream_t *)door) && !uv_fileno((uv_handle_t *)door, &low)) {
		high = fcntl(low, F_DUPFD_CLOEXEC, FD_SETSIZE);
		if (high < 0)
			high = fcntl(low, F_DUPFD_CLOEXEC, 0);
	}
	uv_close((uv_handle_t *)door, free_handle);
	return high;
}

static void begin(struct listener *l, int fd, uint64_t now)
{
	struct listener_client *c = l->options.create(l->context);

	if (!c) {
		close(fd);
		return;
	}
	uv_tcp_init(l->socket.loop, &c->socket);
	c->last = now;
	enlist(l, c);
	if (!uv_tcp_open(&c->socket, fd)) {
		l->options.start(c);
		return;
	}
	close(fd);
	l->options.drop(c);
}

static void on_connection(uv_stream_t *socket, int status)
{
	struct listener *l = socket->data;
	uint64_t now = uv_now(socket->loop);
	int fd = status ? -1 : accept_high(socket);

	if (fd < 0)
		return;
	if (make_room(l, now)) {
		begin(l, fd, now);
		return;
	}
	close(fd);
	l->refused++;
	if (l->options.full && guests_refused(&l->guests, now))
		l->options.full(l->context, l->guests.limit);
}

static void take_name(struct listener *l)
{
	struct sockaddr_storage bound = {0};
	int size = sizeof bound;

	uv_tcp_getsockname(&l->socket, (struct sockaddr *)&bound, &size);
	address_format(l->name, (const struct sockaddr *)&bound);
}

int listener_open(struct listener **out, uv_loop_t *loop, const struct address *address,
                  const struct listener_options *options, void *context)
{
	struct sockaddr_storage bound;
	struct listener *l;
	int status;

	*out = NULL;
	if (address_resolve(address, true, &bound))
		return EM_UNKNOWN;
	l = calloc(1, sizeof *l);
	if (!l)
		return EM_NO_MEMORY;
	l->options = *options;
	l->context = context;
	guests_begin(&l->guests, options->limit);
	uv_tcp_init(loop, &l->socket);
	l->socket.data = l;
	if (options->background)
		uv_unref((uv_handle_t *)&l->socket);
	status = uv_tcp_bind(&l->socket, (const struct sockaddr *)&bound, 0);
	if (!status)
		status = uv_listen((uv_stream_t *)&l->socket, BACKLOG, on_connection);
	if (status) {
		listener_close(l);
		errno = -status;
		return EM_SYSTEM;
	}
	take_name(l);
	*out = l;
	return 0;
}

const char *listener_problem(int error)
{
	if (error == EM_UNKNOWN)
		return "no such host";
	if (error != EM_SYSTEM)
		return error_text(error);
	if (errno == EACCES)
		return "ports below 1024 need a right: take a port from 1024 on, or run "
		       "'sudo setcap cap_net_bind_service=+ep' on emtool";
	return uv_strerror(uv_translate_sys_error(errno));
}

void listener_close(struct listener *l)
{
	if (!l)
		return;
	while (l->first)
		l->options.drop(l->first);
	uv_close((uv_handle_t *)&l->socket, free_handle);
}

struct listener_client *listener_first(const struct listener *l)
{
	return l->first;
}

unsigned listener_count(const struct listener *l)
{
	return l->count;
}

unsigned listener_refused(const struct listener *l)
{
	return l->refused;
}

const char *listener_name(const struct listener *l)
{
	return l->name;
}
