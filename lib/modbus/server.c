#include "modbus/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/news.h"
#include "modbus/channel.h"
#include "modbus/target.h"

static struct listener_client *create(void *context)
{
	struct modbus_channel *c = modbus_channel_new(context);

	if (!c)
		return NULL;
	c->client.socket.data = c;
	c->open_handles++;
	return &c->client;
}

static void drop(struct listener_client *client)
{
	modbus_channel_close(client->socket.data);
}

static void start(struct listener_client *client)
{
	struct modbus_channel *c = client->socket.data;

	c->server->counts.connections++;
	if (modbus_channel_serve_stream(c))
		modbus_channel_close(c);
}

static void full(void *context, unsigned limit)
{
	struct modbus_server *s = context;

	if (!s->options.faults.max_connections)
		news(NEWS_WARNING, "%s: %u clients, no more are taken", s->name, limit);
}

static int open_tcp(struct modbus_server *s, const struct modbus_target *t)
{
	unsigned most = s->options.faults.max_connections;
	struct listener_options options = {.limit = most ? most : s->options.limit,
	                                   .idle = s->options.idle,
	                                   .create = create,
	                                   .start = start,
	                                   .drop = drop,
	                                   .full = full};
	int error = listener_open(&s->listener, s->loop, &t->address, &options, s);

	if (!error)
		snprintf(s->name, sizeof s->name, "%s", listener_name(s->listener));
	return error == EM_UNKNOWN ? EM_SYNTAX : error;
}

static int open_line(struct modbus_server *s, const struct modbus_target *t)
{
	struct modbus_channel *c;
	int error;

	snprintf(s->name, sizeof s->name, "%s", t->name);
	c = s->line = modbus_channel_new(s);
	if (!c)
		return EM_NO_MEMORY;
	error = modbus_link_open(&c->line, t, 0, NULL);
	if (!error)
		error = modbus_channel_serve_line(c);
	if (error)
		modbus_channel_close(c);
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
	listener_close(s->listener);
	if (s->line)
		modbus_channel_close(s->line);
	modbus_server_release(s);
}

const char *modbus_server_name(const struct modbus_server *s)
{
	return s->name;
}

bool modbus_server_on_line(const struct modbus_server *s)
{
	return !s->listener;
}

struct modbus_server_counts modbus_server_counts(const struct modbus_server *s)
{
	struct modbus_server_counts counts = s->counts;

	counts.refused = s->listener ? listener_refused(s->listener) : 0;
	return counts;
}
