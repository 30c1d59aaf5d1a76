/*
 * The options that say where a simulated device talks. Made for `emtool sim`.
 */
#ifndef CMD_SIM_LINE_H
#define CMD_SIM_LINE_H

#include "cmd/session/options.h"
#include "sim/line.h"

/* --connect --listen --pty --output for an option struct with a struct sim_line_options. */
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

/* Opens the line that the user chose; says what is wrong. The exit code. */
int line_open(struct sim_line **line, struct loop *loop, const struct sim_line_options *options);

#endif
