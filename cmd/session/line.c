#include "cmd/session/line.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/error.h"
#include "cmd/session/say.h"
#include "io/address.h"
#include "io/backoff.h"
#include "io/listener.h"
#include "host/sandbox.h"

enum { RECEIVERS_LIMIT = 256 };

struct receiver {
	struct listener_client client;
	struct line *line;
};

struct line {
	struct loop *loop;
	struct listener *listener; /* NULL: it connects, or is no network at all */
	struct backoff backoff;
	uv_timer_t retry;
	uv_connect_t request;
	bool network, closing;
	struct sockaddr_storage address;
	struct receiver *connected, *pending;
	int fd;    /* file or pseudo-terminal, -1: none */
	int slave; /* kept open, or the terminal would hang up when a reader leaves */
	const char *link;
	unsigned users; /* handles that still point here */
};

static void release(struct line *line)
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
	struct receiver *receiver = (struct receiver *)(void *)handle;

	release(receiver->line);
	free(receiver);
}

static void connect_now(uv_timer_t *timer);

static void drop(struct listener_client *client)
{
	struct receiver *receiver = (struct receiver *)(void *)client;
	struct line *line = receiver->line;

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

/* What a receiver says is ignored; that it leaves is not. */
static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
	(void)buffer;
	if (n < 0)
		drop((struct listener_client *)(void *)stream);
}

static struct listener_client *receiver_new(void *context)
{
	struct receiver *receiver = calloc(1, sizeof *receiver);
	struct line *line = context;

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
	say_warning("%u receivers, no more are taken", limit);
}

static void on_connect(uv_connect_t *request, int status)
{
	struct line *line = request->data;
	struct receiver *receiver = line->pending;

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
	struct line *line = timer->data;
	struct listener_client *client = receiver_new(line);

	if (!client)
		return;
	uv_tcp_init(loop_uv(line->loop), &client->socket);
	line->pending = (struct receiver *)(void *)client;
	line->request.data = line;
	if (uv_tcp_connect(&line->request, &client->socket, (struct sockaddr *)&line->address,
	                   on_connect)) {
		line->pending = NULL;
		uv_close((uv_handle_t *)&client->socket, on_receiver_closed);
		uv_timer_start(timer, connect_now, backoff_next(&line->backoff), 0);
	}
}

static int start_listening(struct line *line, const struct address *address, const char *text)
{
	static const struct listener_options options = {.limit = RECEIVERS_LIMIT,
	                                                .create = receiver_new,
	                                                .start = receiver_start,
	                                                .drop = drop,
	                                                .full = on_full};
	int error = listener_open(&line->listener, loop_uv(line->loop), address, &options, line);

	if (error) {
		say_error("%s: %s", text, listener_problem(error));
		return error == EM_UNKNOWN ? EXIT_DEVICE : EXIT_LOCAL;
	}
	sandbox_files(&(struct sandbox){0});
	sandbox_calls();
	return 0;
}

static int open_network(struct line *line, const char *text, bool listens)
{
	struct address address;

	if (address_parse(&address, text) || !address.port)
		return say_usage("%s: needs an address and a port, as 127.0.0.1:5020", text);
	line->network = true;
	uv_timer_init(loop_uv(line->loop), &line->retry);
	line->retry.data = line;
	line->users++;
	if (listens)
		return start_listening(line, &address, text);
	if (!*address.host)
		strcpy(address.host, "localhost");
	if (address_resolve(&address, false, &line->address)) {
		say_error("%s: no such host", text);
		return EXIT_DEVICE;
	}
	line->backoff = (struct backoff){.first = 250, .most = 1000};
	connect_now(&line->retry);
	return 0;
}

static int open_pty(struct line *line, const char *link)
{
	struct termios raw;
	const char *name = NULL;

	line->fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (line->fd < 0 || grantpt(line->fd) || unlockpt(line->fd) || !(name = ptsname(line->fd)))
		return say_failure("pseudo-terminal", EM_SYSTEM);
	line->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (line->slave < 0 || tcgetattr(line->slave, &raw))
		return say_failure(name, EM_SYSTEM);
	raw.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG | IEXTEN);
	raw.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IXON | ISTRIP | BRKINT);
	raw.c_oflag &= ~(tcflag_t)OPOST;
	tcsetattr(line->slave, TCSANOW, &raw);
	fcntl(line->fd, F_SETFL, fcntl(line->fd, F_GETFL) | O_NONBLOCK);
	if (symlink(name, link))
		return say_failure(link, EM_SYSTEM);
	line->link = link;
	return 0;
}

static int open_output(struct line *line, const char *path)
{
	if (!strcmp(path, "-"))
		line->fd = dup(STDOUT_FILENO);
	else
		line->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	return line->fd < 0 ? say_failure(path, EM_SYSTEM) : 0;
}

struct line *line_open(struct loop *loop, const struct line_options *o, int *status)
{
	int given = !!o->connect + !!o->listen + !!o->pty + !!o->output;
	struct line *line;

	if (given != 1) {
		*status = say_usage(
			"say where to talk: one of --connect, --listen, --pty, --output");
		return NULL;
	}
	line = calloc(1, sizeof *line);
	if (!line) {
		*status = say_failure("line", EM_NO_MEMORY);
		return NULL;
	}
	line->loop = loop;
	line->fd = line->slave = -1;
	line->users = 1;
	if (o->connect || o->listen)
		*status = open_network(line, o->connect ? o->connect : o->listen,
		                       o->listen != NULL);
	else
		*status = o->pty ? open_pty(line, o->pty) : open_output(line, o->output);
	if (*status == 0)
		return line;
	line_close(line);
	return NULL;
}

/* A pseudo-terminal that nobody reads is full: the bytes are lost, as on a line without a cable. */
static bool write_file(struct line *line, const char *data, size_t size)
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

bool line_write(struct line *line, const void *data, size_t size)
{
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

bool line_ready(const struct line *line)
{
	return !line->network || line->connected ||
	       (line->listener && listener_count(line->listener) > 0);
}

bool line_is_file(const struct line *line)
{
	return !line->network && !line->link;
}

void line_close(struct line *line)
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
