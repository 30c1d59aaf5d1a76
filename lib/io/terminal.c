#define _DEFAULT_SOURCE
#include "io/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/*
 * Alternate screen, no cursor, long lines are cut; and back to the normal state, without colours.
 */
#define ENTER "\033[?1049h\033[?25l\033[?7l\033[H\033[2J"
#define LEAVE "\033[0m\033[?7h\033[?25h\033[?1049l"

struct terminal {
	int fd, keys; /* keys: descriptor of /dev/tty, -1 when there is none */
	struct terminal_events events;
	struct termios before;
	uv_signal_t resize, stop, go_on;
	uv_poll_t poll;
	bool polling;
	int open;
};

/* For the signal handlers, which get no context. */
static struct {
	volatile sig_atomic_t active;
	int fd, keys;
	struct termios before;
} given;

static const int deadly[] = {SIGQUIT, SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV};

/* Async-signal-safe. */
static void give_back(void)
{
	ssize_t written;

	if (!given.active)
		return;
	given.active = 0;
	written = write(given.fd, LEAVE, sizeof LEAVE - 1);
	(void)written;
	if (given.keys >= 0)
		tcsetattr(given.keys, TCSANOW, &given.before);
}

/* SA_RESETHAND has removed the handler, so the second signal has its default effect. */
static void on_deadly(int number)
{
	give_back();
	raise(number);
}

static bool foreground(const struct terminal *t)
{
	return tcgetpgrp(t->keys >= 0 ? t->keys : t->fd) == getpgrp();
}

static enum terminal_key key_of(const char *bytes)
{
	static const struct {
		const char *bytes;
		enum terminal_key key;
	} keys[] = {{"\033[A", KEY_UP},   {"\033OA", KEY_UP},       {"\033[B", KEY_DOWN},
	            {"\033OB", KEY_DOWN}, {"\033[5~", KEY_PAGE_UP}, {"\033[6~", KEY_PAGE_DOWN},
	            {"\033[H", KEY_HOME}, {"\033OH", KEY_HOME},     {"\033[1~", KEY_HOME},
	            {"\033[F", KEY_END},  {"\033OF", KEY_END},      {"\033[4~", KEY_END},
	            {"k", KEY_UP},        {"j", KEY_DOWN},          {"b", KEY_PAGE_UP},
	            {" ", KEY_PAGE_DOWN}, {"g", KEY_HOME},          {"G", KEY_END},
	            {"q", KEY_QUIT},      {"Q", KEY_QUIT}};

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (!strncmp(bytes, keys[i].bytes, strlen(keys[i].bytes)))
			return keys[i].key;
	return (enum terminal_key) - 1;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct terminal *t = poll->data;
	char bytes[16] = {0};
	enum terminal_key key;
	ssize_t n;

	(void)events;
	/* In the background another program gets the keys; a terminal that hung up has none. */
	if (status < 0 || !foreground(t)) {
		uv_poll_stop(poll);
		return;
	}
	n = read(t->keys, bytes, sizeof bytes - 1);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		uv_poll_stop(poll);
	key = n > 0 ? key_of(bytes) : (enum terminal_key) - 1;
	if ((int)key >= 0)
		t->events.key(t->events.context, key);
}

static void take(struct terminal *t)
{
	struct termios quiet = t->before;
	ssize_t written;

	if (given.active || !foreground(t))
		return;
	given.active = 1;
	written = write(t->fd, ENTER, sizeof ENTER - 1);
	(void)written;
	if (t->keys >= 0) {
		quiet.c_lflag &= ~(tcflag_t)(ECHO | ICANON);
		quiet.c_cc[VMIN] = 1;
		quiet.c_cc[VTIME] = 0;
		tcsetattr(t->keys, TCSANOW, &quiet);
		if (t->polling)
			uv_poll_start(&t->poll, UV_READABLE, on_readable);
	}
}

static void on_resize(uv_signal_t *signal, int number)
{
	struct terminal *t = signal->data;

	(void)number;
	t->events.redraw(t->events.context);
}

static void on_stop(uv_signal_t *signal, int number)
{
	(void)signal;
	(void)number;
	give_back();
	kill(getpid(), SIGSTOP);
}

static void on_continue(uv_signal_t *signal, int number)
{
	struct terminal *t = signal->data;

	(void)number;
	take(t);
	t->events.redraw(t->events.context);
}

static void watch_signal(struct terminal *t, struct loop *loop, uv_signal_t *handle,
                         uv_signal_cb callback, int number)
{
	uv_signal_init(loop_uv(loop), handle);
	handle->data = t;
	uv_signal_start(handle, callback, number);
	uv_unref((uv_handle_t *)handle);
	t->open++;
}

static void catch_deadly(void)
{
	struct sigaction action = {.sa_handler = on_deadly, .sa_flags = (int)SA_RESETHAND};

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++)
		sigaction(deadly[i], &action, NULL);
}

struct terminal *terminal_open(struct loop *loop, int fd, const struct terminal_events *events)
{
	static bool registered;
	struct terminal *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	t->fd = fd;
	t->events = *events;
	t->keys = open("/dev/tty", O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (t->keys >= 0 && tcgetattr(t->keys, &t->before)) {
		close(t->keys);
		t->keys = -1;
	}
	if (t->keys >= 0 && tcgetsid(fd) == getsid(0)) /* /dev/tty is the same, and does not wait */
		t->fd = t->keys;
	given.fd = t->fd;
	given.keys = t->keys;
	given.before = t->before;
	if (t->keys >= 0 && uv_poll_init(loop_uv(loop), &t->poll, t->keys) == 0) {
		t->poll.data = t;
		t->polling = true;
		uv_unref((uv_handle_t *)&t->poll);
		t->open++;
	}
	watch_signal(t, loop, &t->resize, on_resize, SIGWINCH);
	watch_signal(t, loop, &t->stop, on_stop, SIGTSTP);
	watch_signal(t, loop, &t->go_on, on_continue, SIGCONT);
	catch_deadly();
	if (!registered)
		registered = atexit(give_back) == 0;
	take(t);
	return t;
}

static void on_closed(uv_handle_t *handle)
{
	struct terminal *t = handle->data;

	if (--t->open)
		return;
	if (t->keys >= 0)
		close(t->keys);
	free(t);
}

void terminal_close(struct terminal *t)
{
	give_back();
	for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++)
		signal(deadly[i], SIG_DFL);
	given.keys = -1;
	uv_close((uv_handle_t *)&t->resize, on_closed);
	uv_close((uv_handle_t *)&t->stop, on_closed);
	uv_close((uv_handle_t *)&t->go_on, on_closed);
	if (t->polling)
		uv_close((uv_handle_t *)&t->poll, on_closed);
}

bool terminal_retake(struct terminal *t)
{
	if (given.active)
		return false;
	take(t);
	return given.active != 0;
}

bool terminal_active(const struct terminal *t)
{
	(void)t;
	return given.active != 0;
}

int terminal_output(const struct terminal *t)
{
	return t->fd;
}

bool terminal_has_keys(const struct terminal *t)
{
	return t->polling;
}

void terminal_size(const struct terminal *t, size_t *rows, size_t *columns)
{
	struct winsize size = {0};

	ioctl(t->fd, TIOCGWINSZ, &size);
	*rows = size.ws_row ? size.ws_row : 24;
	*columns = size.ws_col ? size.ws_col : 80;
}
