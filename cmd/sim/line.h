/*
 * The options of `emtool sim` for the line on which a simulated device sends.
 */
#ifndef CMD_SIM_LINE_H
#define CMD_SIM_LINE_H

#include "cmd/session/options.h"
#include "sim/line.h"

/* --connect --listen --pty --output for an option struct with a struct sim_line_options. */
/* clang-format off */
#define LINE_ROWS(type, field)                                                                       \
	{"connect", 0, OPTION_TEXT, offsetof(type, field.connect), "HOST:PORT",                      \
	 "connect to a TCP peer, as a converter does"},                                              \
	{"listen", 0, OPTION_TEXT, offsetof(type, field.listen), "ADDR:PORT",                        \
	 "listen, and send to all clients that connect"},                                            \
	{"pty", 0, OPTION_TEXT, offsetof(type, field.pty), "LINK",                                   \
	 "send on a pseudo-terminal and link it as LINK"},                                           \
	{"output", 'o', OPTION_TEXT, offsetof(type, field.output), "FILE",                           \
	 "write to a file, '-' for standard output"}
/* clang-format on */

/* Opens the line that the user chose, or prints what is wrong. Returns the exit code. */
int line_open(struct sim_line **line, struct loop *loop, const struct sim_line_options *options);

#endif
