/*
 * A terminal that shows a picture instead of lines: alternate screen, no cursor, keys without echo.
 * Whatever ends the program, except SIGKILL, the terminal is restored: by terminal_close(), at
 * exit, and by a handler of deadly signals. Ctrl-Z restores it as well, and `fg` takes it again.
 * There is one per program.
 */
#ifndef IO_TERMINAL_H
#define IO_TERMINAL_H

#include "io/loop.h"

enum terminal_key { KEY_QUIT, KEY_UP, KEY_DOWN, KEY_PAGE_UP, KEY_PAGE_DOWN, KEY_HOME, KEY_END };

struct terminal_events {
	void (*redraw)(
		void *context); /* the size or the screen is new and the old picture is gone */
	void (*key)(void *context, enum terminal_key key);
	void *context;
};

struct terminal;

/* NULL when memory is out. fd must be a terminal. */
struct terminal *terminal_open(struct loop *loop, int fd, const struct terminal_events *events);

/* Restores the terminal; the program goes on. */
void terminal_close(struct terminal *t);

/*
 * Takes the terminal again when the program has come to the foreground, which a shell need not
 * signal. True when that has just happened and the screen is empty.
 */
bool terminal_retake(struct terminal *t);

/* Whether a picture may be drawn now: not while stopped or in the background. */
bool terminal_active(const struct terminal *t);

/*
 * The descriptor to draw on. A write to it does not wait (EAGAIN) when the terminal is the one that
 * controls the program; to another terminal, it does.
 */
int terminal_output(const struct terminal *t);

/* Whether it has a keyboard. */
bool terminal_has_keys(const struct terminal *t);

void terminal_size(const struct terminal *t, size_t *rows, size_t *columns);

#endif
