/* Connecting to a host by name or address, with a deadline. */
#ifndef IO_CONNECT_H
#define IO_CONNECT_H

#include <stdatomic.h>
#include <stdint.h>

#include "io/address.h"

/*
 * Returns a connected, blocking socket that closes on exec; or EM_UNREACHABLE, EM_TIMEOUT or
 * EM_CANCELLED with the reason in *why (static text). The deadline is a time of wait_clock();
 * looking a name up may take longer, but not longer than until *stop. `stop` may be NULL.
 */
int connect_tcp(const struct address *address, int64_t deadline, const atomic_bool *stop,
                const char **why);

#endif
