/* Connecting to a host by name or address, with a deadline. */
#ifndef IO_CONNECT_H
#define IO_CONNECT_H

#include <stdatomic.h>
#include <stdint.h>

#include "io/address.h"

/*
 * A connected, blocking socket that closes on exec, or EM_UNREACHABLE, EM_TIMEOUT, EM_CANCELLED,
 * with the reason in *why (static text). The deadline is a time of wait_clock(); `stop` may be
 * NULL. Finding out a name's address is not bound by the deadline.
 */
int connect_tcp(const struct address *address, int64_t deadline, const atomic_bool *stop,
                const char **why);

#endif
