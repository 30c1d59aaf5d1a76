#include "modbus/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/news.h"
#include "modbus/channel.h"
#include "modbus/target.h"

static void listener_closed(uv_handle_t *handle)
{
	server_release(handle->data);
}

/* With every place taken, the connection that is silent for longest may have to go. */
static bool has_room(struct modbus_server *s, unsigned limit)
{
	struct modbus_channel *c, *oldest = NULL;

	if (s->live < limit)
		return true;
	for (c = s->channels; c; c = c->next)
		if (!oldest || c->last < oldest->last)
			oldest = c;
	if (!oldest || uv_now(s->loop) - oldest->last < s->options.idle)
		return false;
	channel_close(oldest);
	return true;
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct modbus_server *s = listener->data;
	const struct modbus_server_options *o = &s->options;
	unsigned limit = o->faults.max_connections ? o->faults.max_connections : o->limit;
	struct modbus_channel *c;
	bool room;

	if (status)
		return;
	room = has_room(s, limit);
	c = channel_new(s);
	if (!c)
		return;
	uv_tcp_init(s->loop, &c->io.tcp);
	c->io.handle.data = c;
	c->open_handles++;
	if (uv_accept(listener, &c->io.stream) || !room) {
		s->counts.refused++;
		channel_close(c);
		if (!o->faults.max_connections && guests_refused(&s->guests, uv_now(s->loop)))
			news(NEWS_WARNING, "%s: %u clients, no more are taken", s->name, limit);
		return;
	}
	s->counts.connections++;
	if (channel_serve_stream(c))
		channel_close(c);
}

static int system_error(int status)
{
	errno = -status;
	return EM_SYSTEM;
}

static void name_listener(struct modbus_server *s)
{
	struct sockaddr_storage a = {0};
	int size = sizeof a;

	uv_tcp_getsockname(&s->listener, (struct sockaddr *)&a, &size);
	address_format(s->name, (struct sockaddr *)&a);
}

static int open_tcp(struct modbus_server *s, const struct modbus_target *t)
{
	struct sockaddr_storage address;
	int error;

	if (address_resolve(&t->address, true, &address))
		return EM_SYNTAX;
	error = uv_tcp_init(s->loop, &s->listener);
	if (error)
		return system_error(error);
	s->listener.data = s;
	s->references++;
	error = uv_tcp_bind(&s->listener, (struct sockaddr *)&address, 0);
	if (!error)
		error = uv_listen((uv_stream_t *)&s->listener, 64, on_connection);
	if (error)
		return system_error(error);
	name_listener(s);
	return 0;
}

static int open_line(struct modbus_server *s, const struct modbus_target *t)
{
	struct modbus_channel *c;
	int error;

	snprintf(s->name, sizeof s->name, "%s", t->name);
	c = channel_new(s);
	if (!c)
		return EM_NO_MEMORY;
	error = link_open(&c->line, t, 0, NULL);
	if (!error)
		error = channel_serve_line(c);
	if (error)
		channel_close(c);
	return error == EM_UNREACHABLE ? EM_SYSTEM : error;
}

int modbus_server_open(struct modbus_server **out, uv_loop_t *loop, const char *address,
                       const struct modbus_server_options *options)
{
	struct modbus_server *s = calloc(1, sizeof *s);
	struct modbus_target t;
	int error, saved;

	*out = NULL;
	if (!s)
		return EM_NO_MEMORY;
	s->loop = loop;
	s->options = *options;
	s->random = random_seed(1);
	s->references = 1;
	if (!s->options.limit)
		s->options.limit = 32;
	if (!s->options.idle)
		s->options.idle = 60000;
	error = modbus_target_parse(
		&t, address,
		&(struct modbus_target_defaults){.listen = true, .host = options->host});
	s->rtu = t.framing == MODBUS_RTU;
	if (!error)
		error = t.carrier == MODBUS_OVER_SERIAL ? open_line(s, &t) : open_tcp(s, &t);
	saved = errno;
	if (error)
		modbus_server_close(s);
	else
		*out = s;
	errno = saved;
	return error;
}

void modbus_server_close(struct modbus_server *s)
{
	if (!s)
		return;
	s->closing = true;
	while (s->channels)
		channel_close(s->channels);
	if (s->listener.data)
		uv_close((uv_handle_t *)&s->listener, listener_closed);
	server_release(s);
}

const char *modbus_server_name(const struct modbus_server *s)
{
	return s->name;
}

struct modbus_server_counts modbus_server_counts(const struct modbus_server *s)
{
	return s->counts;
}
