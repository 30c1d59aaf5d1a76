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
#include "host/sandbox.h"

enum { RETRY_MS = 250, RECEIVERS_LIMIT = 256 };

struct receiver {
	uv_tcp_t socket;
	struct line *line;
	struct receiver *next;
};

struct line {
	struct loop *loop;
	uv_tcp_t listener;
	uv_timer_t retry;
	uv_connect_t request;
	bool network, listens, closing;
	struct sockaddr_storage address;
	struct receiver *receivers, *pending;
	size_t count;
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

static void drop(struct receiver *receiver)
{
	struct line *line = receiver->line;

	for (struct receiver **link = &line->receivers; *link; link = &(*link)->next) {
		if (*link == receiver) {
			*link = receiver->next;
			line->count--;
			break;
		}
	}
	uv_close((uv_handle_t *)&receiver->socket, on_receiver_closed);
	if (!line->listens && !line->closing)
		uv_timer_start(&line->retry, connect_now, RETRY_MS, 0);
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
		drop((struct receiver *)(void *)stream);
}

static struct receiver *receiver_new(struct line *line)
{
	struct receiver *receiver = calloc(1, sizeof *receiver);

	if (!receiver)
		return NULL;
	receiver->line = line;
	uv_tcp_init(loop_uv(line->loop), &receiver->socket);
	line->users++;
	return receiver;
}

static void receiver_start(struct receiver *receiver)
{
	struct line *line = receiver->line;

	receiver->next = line->receivers;
	line->receivers = receiver;
	line->count++;
	uv_tcp_nodelay(&receiver->socket, 1);
	uv_read_start((uv_stream_t *)&receiver->socket, on_allocate, on_read);
}

static void on_accept(uv_stream_t *listener, int status)
{
	struct line *line = listener->data;
	struct receiver *receiver = status ? NULL : receiver_new(line);

	if (!receiver)
		return;
	if (uv_accept(listener, (uv_stream_t *)&receiver->socket) || line->count == RECEIVERS_LIMIT)
		uv_close((uv_handle_t *)&receiver->socket, on_receiver_closed);
	else
		receiver_start(receiver);
}

static void on_connect(uv_connect_t *request, int status)
{
	struct line *line = request->data;
	struct receiver *receiver = line->pending;

	line->pending = NULL;
	if (status == 0 && !line->closing) {
		receiver_start(receiver);
		return;
	}
	uv_close((uv_handle_t *)&receiver->socket, on_receiver_closed);
	if (!line->closing)
		uv_timer_start(&line->retry, connect_now, RETRY_MS, 0);
}

static void connect_now(uv_timer_t *timer)
{
	struct line *line = timer->data;
	struct receiver *receiver = receiver_new(line);

	if (!receiver)
		return;
	line->pending = receiver;
	line->request.data = line;
	if (uv_tcp_connect(&line->request, &receiver->socket, (struct sockaddr *)&line->address,
	                   on_connect)) {
		line->pending = NULL;
		uv_close((uv_handle_t *)&receiver->socket, on_receiver_closed);
		uv_timer_start(timer, connect_now, RETRY_MS, 0);
	}
}

static int open_network(struct line *line, const char *text, bool listens)
{
	struct address address;
	int status;

	if (address_parse(&address, text) || !address.port)
		return say_usage("%s: needs an address and a port, as 127.0.0.1:5020", text);
	if (!listens && !*address.host)
		strcpy(address.host, "localhost");
	if (address_resolve(&address, listens, &line->address)) {
		say_error("%s: no such host", text);
		return EXIT_DEVICE;
	}
	line->network = true;
	line->listens = listens;
	uv_tcp_init(loop_uv(line->loop), &line->listener);
	uv_timer_init(loop_uv(line->loop), &line->retry);
	line->listener.data = line->retry.data = line;
	line->users += 2;
	if (!listens) {
		connect_now(&line->retry);
		return 0;
	}
	status = uv_tcp_bind(&line->listener, (struct sockaddr *)&line->address, 0);
	if (!status)
		status = uv_listen((uv_stream_t *)&line->listener, 16, on_accept);
	if (!status) {
		sandbox_files(&(struct sandbox){0});
		sandbox_calls();
		return 0;
	}
	say_error("%s: %s", text, uv_strerror(status));
	return EXIT_LOCAL;
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

bool line_write(struct line *line, const void *data, size_t size)
{
	uv_buf_t buffer = uv_buf_init((char *)(uintptr_t)data, (unsigned)size);
	struct receiver *next;

	if (!line->network)
		return write_file(line, data, size);
	for (struct receiver *receiver = line->receivers; receiver; receiver = next) {
		int n = uv_try_write((uv_stream_t *)&receiver->socket, &buffer, 1);

		next = receiver->next;
		if (n < 0 && n != UV_EAGAIN)
			drop(receiver);
	}
	return true;
}

bool line_ready(const struct line *line)
{
	return !line->network || line->count > 0;
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
	while (line->receivers)
		drop(line->receivers);
	if (line->network) {
		uv_close((uv_handle_t *)&line->listener, on_closed);
		uv_close((uv_handle_t *)&line->retry, on_closed);
	}
	if (line->link)
		unlink(line->link);
	if (line->fd >= 0)
		close(line->fd);
	if (line->slave >= 0)
		close(line->slave);
	release(line);
}
