#include "sim/line.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/error.h"
#include "base/news.h"
#include "io/address.h"
#include "io/backoff.h"
#include "io/listener.h"

enum { RECEIVERS_LIMIT = 256 };

struct sim_receiver {
	struct listener_client client;
	struct sim_line *line;
};

struct sim_line {
	struct sim_output output;
	struct loop *loop;
	struct listener *listener; /* NULL: it connects, or uses no network */
	struct backoff backoff;
	uv_timer_t retry;
	uv_connect_t request;
	bool network, closing;
	struct sockaddr_storage address;
	struct sim_receiver *connected, *pending;
	int fd;    /* file or pseudo-terminal, -1: none */
	int slave; /* kept open, or the terminal would close when a reader leaves */
	const char *link;
	unsigned users; /* handles that refer to it */
};

static void release(struct sim_line *line)
{
	if (--line->users == 0)
		free(line);
}

static void on_closed(uv_handle_t *handle)
{
	release(handle->data);
}

static void on_receiver_closed(uv_handle_t *handle)
{
	struct sim_receiver *receiver = (struct sim_receiver *)(void *)handle;

	release(receiver->line);
	free(receiver);
}

static void connect_now(uv_timer_t *timer);

static void drop(struct listener_client *client)
{
	struct sim_receiver *receiver = (struct sim_receiver *)(void *)client;
	struct sim_line *line = receiver->line;

	listener_forget(client);
	uv_close((uv_handle_t *)&client->socket, on_receiver_closed);
	if (line->connected != receiver)
		return;
	line->connected = NULL;
	if (!line->closing)
		uv_timer_start(&line->retry, connect_now, backoff_next(&line->backoff), 0);
}

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	static char ignored[1024];

	(void)handle;
	(void)suggested;
	*buffer = uv_buf_init(ignored, sizeof ignored);
}

/* Ignores data from a receiver, but detects when it closes. */
static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
	(void)buffer;
	if (n < 0)
		drop((struct listener_client *)(void *)stream);
}

static struct listener_client *receiver_new(void *context)
{
	struct sim_receiver *receiver = calloc(1, sizeof *receiver);
	struct sim_line *line = context;

	if (!receiver)
		return NULL;
	receiver->line = line;
	line->users++;
	return &receiver->client;
}

static void receiver_start(struct listener_client *client)
{
	uv_tcp_nodelay(&client->socket, 1);
	uv_read_start((uv_stream_t *)&client->socket, on_allocate, on_read);
}

static void on_full(void *context, unsigned limit)
{
	(void)context;
	news(NEWS_WARNING, "%u receivers, no more are taken", limit);
}

static void on_connect(uv_connect_t *request, int status)
{
	struct sim_line *line = request->data;
	struct sim_receiver *receiver = line->pending;

	line->pending = NULL;
	if (status == 0 && !line->closing) {
		line->connected = receiver;
		backoff_reset(&line->backoff);
		receiver_start(&receiver->client);
		return;
	}
	uv_close((uv_handle_t *)&receiver->client.socket, on_receiver_closed);
	if (!line->closing)
		uv_timer_start(&line->retry, connect_now, backoff_next(&line->backoff), 0);
}

static void connect_now(uv_timer_t *timer)
{
	struct sim_line *line = timer->data;
	struct listener_client *client = receiver_new(line);

	if (!client)
		return;
	uv_tcp_init(loop_uv(line->loop), &client->socket);
	line->pending = (struct sim_receiver *)(void *)client;
	line->request.data = line;
	if (uv_tcp_connect(&line->request, &client->socket, (struct sockaddr *)&line->address,
	                   on_connect)) {
		line->pending = NULL;
		uv_close((uv_handle_t *)&client->socket, on_receiver_closed);
		uv_timer_start(timer, connect_now, backoff_next(&line->backoff), 0);
	}
}

static int start_listening(struct sim_line *line, const struct address *address)
{
	static const struct listener_options options = {.limit = RECEIVERS_LIMIT,
	                                                .create = receiver_new,
	                                                .start = receiver_start,
	                                                .drop = drop,
	                                                .full = on_full};

	return listener_open(&line->listener, loop_uv(line->loop), address, &options, line);
}

static int start_connecting(struct sim_line *line, struct address *address)
{
	if (!*address->host)
		strcpy(address->host, "localhost");
	if (address_resolve(address, false, &line->address))
		return EM_UNKNOWN;
	line->backoff = (struct backoff){.first = 250, .most = 1000};
	connect_now(&line->retry);
	return 0;
}

static int open_network(struct sim_line *line, const struct sim_line_options *o, char *problem,
                        size_t size)
{
	const char *text = o->listen ? o->listen : o->connect;
	struct address address;
	int error;

	if (address_parse(&address, text) || (!address.port && !o->any_port)) {
		snprintf(problem, size, "%s: needs an address and a port, as 127.0.0.1:5020", text);
		return EM_SYNTAX;
	}
	line->network = true;
	uv_timer_init(loop_uv(line->loop), &line->retry);
	line->retry.data = line;
	line->users++;
	error = o->listen ? start_listening(line, &address) : start_connecting(line, &address);
	if (error)
		snprintf(problem, size, "%s: %s", text, listener_problem(error));
	return error;
}

/* Stores which system call failed, and on what. */
static int unable(const char *what, char *problem, size_t size)
{
	snprintf(problem, size, "%s: %s", what,
	         errno == ENOMEM ? error_text(EM_NO_MEMORY) : strerror(errno));
	return EM_SYSTEM;
}

static int open_pty(struct sim_line *line, const char *link, char *problem, size_t size)
{
	struct termios raw;
	const char *name = NULL;

	line->fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (line->fd < 0 || grantpt(line->fd) || unlockpt(line->fd) || !(name = ptsname(line->fd)))
		return unable("pseudo-terminal", problem, size);
	line->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (line->slave < 0 || tcgetattr(line->slave, &raw))
		return unable(name, problem, size);
	raw.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG | IEXTEN);
	raw.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IXON | ISTRIP | BRKINT);
	raw.c_oflag &= ~(tcflag_t)OPOST;
	tcsetattr(line->slave, TCSANOW, &raw);
	fcntl(line->fd, F_SETFL, fcntl(line->fd, F_GETFL) | O_NONBLOCK);
	if (symlink(name, link))
		return unable(link, problem, size);
	line->link = link;
	return 0;
}

static int open_output(struct sim_line *line, const char *path, char *problem, size_t size)
{
	if (!strcmp(path, "-"))
		line->fd = dup(STDOUT_FILENO);
	else
		line->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	return line->fd < 0 ? unable(path, problem, size) : 0;
}

/* Without a reader the pseudo-terminal is full: drops the bytes, like a line without a cable. */
static bool write_file(struct sim_line *line, const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(line->fd, data, size);

		if (n < 0 && errno == EAGAIN && line->link)
			return true;
		if (n < 0 && errno != EINTR)
			return false;
		data += n > 0 ? n : 0;
		size -= n > 0 ? (size_t)n : 0;
	}
	return true;
}

static void send_to(struct listener_client *client, const uv_buf_t *buffer)
{
	int n = uv_try_write((uv_stream_t *)&client->socket, buffer, 1);

	if (n < 0 && n != UV_EAGAIN)
		drop(client);
}

static bool send_all(void *context, const void *data, size_t size)
{
	struct sim_line *line = context;
	uv_buf_t buffer = uv_buf_init((char *)(uintptr_t)data, (unsigned)size);
	struct listener_client *next;

	if (!line->network)
		return write_file(line, data, size);
	if (line->connected)
		send_to(&line->connected->client, &buffer);
	for (struct listener_client *c = line->listener ? listener_first(line->listener) : NULL; c;
	     c = next) {
		next = c->next;
		send_to(c, &buffer);
	}
	return true;
}

static bool is_ready(void *context)
{
	const struct sim_line *line = context;

	return !line->network || line->connected ||
	       (line->listener && listener_count(line->listener) > 0);
}

static struct sim_line *line_new(struct loop *loop)
{
	struct sim_line *line = calloc(1, sizeof *line);

	if (!line)
		return NULL;
	line->output = (struct sim_output){.context = line, .write = send_all, .ready = is_ready};
	line->loop = loop;
	line->fd = line->slave = -1;
	line->users = 1;
	return line;
}

int sim_line_open(struct sim_line **out, struct loop *loop, const struct sim_line_options *o,
                  char *problem, size_t size)
{
	struct sim_line *line = line_new(loop);
	int error;

	*out = NULL;
	if (!line) {
		snprintf(problem, size, "%s", error_text(EM_NO_MEMORY));
		return EM_NO_MEMORY;
	}
	if (o->connect || o->listen)
		error = open_network(line, o, problem, size);
	else if (o->pty)
		error = open_pty(line, o->pty, problem, size);
	else
		error = open_output(line, o->output, problem, size);
	line->output.file = !line->network && !line->link;
	if (error)
		sim_line_close(line);
	else
		*out = line;
	return error;
}

const struct sim_output *sim_line_output(const struct sim_line *line)
{
	return &line->output;
}

const char *sim_line_name(const struct sim_line *line)
{
	return line->listener ? listener_name(line->listener) : NULL;
}

void sim_line_close(struct sim_line *line)
{
	if (!line)
		return;
	line->closing = true;
	listener_close(line->listener);
	if (line->connected)
		drop(&line->connected->client);
	if (line->network)
		uv_close((uv_handle_t *)&line->retry, on_closed);
	if (line->link)
		unlink(line->link);
	if (line->fd >= 0)
		close(line->fd);
	if (line->slave >= 0)
		close(line->slave);
	release(line);
}
