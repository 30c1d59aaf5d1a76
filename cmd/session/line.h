/*
 * The line a simulated device talks on: to a TCP peer, to everybody who connects, to a
 * pseudo-terminal, or to standard output or a file. Bytes go out at once; a receiver that does not
 * keep up loses whole writes, as on a real line. Made for `emtool sim`.
 */
#ifndef CMD_SESSION_LINE_H
#define CMD_SESSION_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/session/options.h"
#include "io/loop.h"

struct line_options {
	const char *connect; /* HOST:PORT */
	const char *listen;  /* ADDR:PORT */
	const char *pty;     /* path of a link to the pseudo-terminal */
	const char *output;  /* FILE or "-" */
};

/* --connect --listen --pty --output; `offset` rows are made with LINE_ROWS(struct, field). */
/* clang-format off */
#define LINE_ROWS(type, field)                                                                       \
	{"connect", 0, OPTION_TEXT, offsetof(type, field.connect), "HOST:PORT",                      \
	 "talk to a TCP peer, as a converter does"},                                                 \
	{"listen", 0, OPTION_TEXT, offsetof(type, field.listen), "ADDR:PORT",                        \
	 "talk to everybody who connects"},                                                          \
	{"pty", 0, OPTION_TEXT, offsetof(type, field.pty), "LINK",                                   \
	 "talk on a pseudo-terminal, linked as LINK"},                                               \
	{"output", 'o', OPTION_TEXT, offsetof(type, field.output), "FILE",                           \
	 "write to a file, '-' for standard output"}
/* clang-format on */

struct line;

/* NULL after saying what is wrong; *status is the exit code. */
struct line *line_open(struct loop *loop, const struct line_options *options, int *status);

/* Sends to all receivers. False when standard output or the file cannot be written. */
bool line_write(struct line *line, const void *data, size_t size);

/* Whether somebody receives: a peer is connected, or it is a file or terminal. */
bool line_ready(const struct line *line);

/* A file or pipe takes bytes as fast as they are made; nobody needs pauses. */
bool line_is_file(const struct line *line);

/* Call it before loop_free(). */
void line_close(struct line *line);

#endif
