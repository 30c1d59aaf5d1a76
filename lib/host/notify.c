#include "host/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct notify {
	uv_timer_t timer;
};

/* Sends one state of sd_notify(3), `STATUS=...`. A failure is ignored. */
static void notify_send(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = path ? strlen(path) : 0;
	ssize_t sent;
	int fd;

	if (length < 2 || length >= sizeof address.sun_path || (*path != '/' && *path != '@'))
		return;
	memcpy(address.sun_path, path, length);
	if (*path == '@') /* an abstract address of Linux */
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address,
	              (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
	(void)sent;
	close(fd);
}

/* Milliseconds between two signs of life, half of the watchdog's time; 0 without a watchdog. */
static uint64_t period(void)
{
	const char *wanted = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	unsigned long long us = wanted ? strtoull(wanted, NULL, 10) : 0;

	if (!us || (pid && strtoll(pid, NULL, 10) != (long long)getpid()))
		return 0;
	return us < 2000 ? 1 : us / 2000;
}

static void on_timer(uv_timer_t *timer)
{
	(void)timer;
	notify_send("WATCHDOG=1");
}

struct notify *notify_ready(struct loop *loop)
{
	struct notify *n;
	uint64_t ms = period();

	if (!getenv("NOTIFY_SOCKET"))
		return NULL;
	notify_send("READY=1");
	n = calloc(1, sizeof *n);
	if (!n)
		return NULL;
	uv_timer_init(loop_uv(loop), &n->timer);
	n->timer.data = n;
	if (ms)
		uv_timer_start(&n->timer, on_timer, ms, ms);
	uv_unref((uv_handle_t *)&n->timer);
	return n;
}

void notify_stopping(struct notify *n)
{
	if (n)
		notify_send("STOPPING=1");
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void notify_end(struct notify *n)
{
	if (n)
		uv_close((uv_handle_t *)&n->timer, on_closed);
}
