/*
 * Looking up hosts by name. A name server that never answers keeps the resolver busy for many
 * seconds, and nothing can interrupt it. So it works on a thread of its own, and a caller that stops
 * waiting leaves the thread alone: it ends when the resolver gives up, or with the program.
 */
#ifndef IO_LOOKUP_H
#define IO_LOOKUP_H

#include <netdb.h>
#include <stdatomic.h>

/*
 * As getaddrinfo(), whose result is in *status; the caller frees *out. Numeric addresses are read
 * without a thread. `host` may be NULL. 0, or EM_CANCELLED when somebody set *stop, which may be
 * NULL.
 */
int lookup_host(const char *host, const char *port, const struct addrinfo *hints,
                const atomic_bool *stop, int *status, struct addrinfo **out);

#endif
