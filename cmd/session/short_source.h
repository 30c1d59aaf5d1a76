/*
 * The short forms of a SOURCE that streaming commands share: --tcp ADDR:PORT for tcp-listen://,
 * --connect HOST:PORT for tcp://, --udp and --serial.
 */
#ifndef CMD_SESSION_SHORT_SOURCE_H
#define CMD_SESSION_SHORT_SOURCE_H

#include <stddef.h>

#include "cmd/session/options.h"

struct short_source {
	const char *listen, *connect, *udp, *serial;
};

/* The four option rows; `field` is the struct short_source in the command's option struct. */
/* clang-format off */
#define SHORT_SOURCE_ROWS(type, field)                                                              \
	{"tcp", 0, OPTION_TEXT, offsetof(type, field.listen), "ADDR:PORT",                          \
	 "listen for converters (tcp-listen://)"},                                                  \
	{"connect", 0, OPTION_TEXT, offsetof(type, field.connect), "HOST:PORT",                     \
	 "connect to a converter (tcp://)"},                                                        \
	{"udp", 0, OPTION_TEXT, offsetof(type, field.udp), "ADDR:PORT",                             \
	 "receive datagrams (udp://)"},                                                             \
	{"serial", 0, OPTION_TEXT, offsetof(type, field.serial), "DEV",                             \
	 "serial port, DEV?baud=9600&mode=8E1 or mode=auto"}
/* clang-format on */

/* The source, from the argument or a short form; NULL after a usage error. */
const char *short_source_url(const struct short_source *forms, int count, char **arguments,
                             char *buffer, size_t size);

#endif
