/*
 * A terminal that shows a picture instead of lines: the other screen, no cursor, keys without echo.
 * Whatever ends the program short of SIGKILL, the terminal is given back as it was: by
 * terminal_close(), at exit, and by a handler of the signals that kill. Ctrl-Z gives it back too,
 * `fg` takes it again. There is one per program.
 */
#ifndef IO_TERMINAL_H
#define IO_TERMINAL_H

#include "io/loop.h"

enum terminal_key { KEY_QUIT, KEY_UP, KEY_DOWN, KEY_PAGE_UP, KEY_PAGE_DOWN, KEY_HOME, KEY_END };

struct terminal_events {
	void (*redraw)(
		void *context); /* size or screen are new: nothing of the old picture is left */
	void (*key)(void *context, enum terminal_key key);
	void *context;
};

struct terminal;

/* NULL when memory is out. fd must be a terminal. */
struct terminal *terminal_open(struct loop *loop, int fd, const struct terminal_events *events);

/* Gives it back; the program goes on. */
void terminal_close(struct terminal *t);

/*
 * Takes it again when the program came to the foreground, of which a shell need not tell it: true
 * when that has just happened, and nothing is on the screen.
 */
bool terminal_retake(struct terminal *t);

/* Whether a picture may be drawn now: not while stopped or in the background. */
bool terminal_active(const struct terminal *t);

/* Whether it has keys to press. */
bool terminal_has_keys(const struct terminal *t);

void terminal_size(const struct terminal *t, size_t *rows, size_t *columns);

#endif
