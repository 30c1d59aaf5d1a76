/*
 * Network addresses as people write them: `192.168.1.40:502`, `meter.local:23`, `[::1]:99`, and
 * back into text for messages and the `source` of records.
 */
#ifndef IO_ADDRESS_H
#define IO_ADDRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#define ADDRESS_HOST 254
#define ADDRESS_TEXT 64 /* `[ffff:...:ffff%scope]:65535` and its NUL */

struct address {
	char host[ADDRESS_HOST]; /* address without brackets, or a name; "" when left out */
	unsigned port;           /* 0 when left out */
};

/*
 * Reads HOST[:PORT], [V6][:PORT], a bare IPv6 address, or :PORT. EM_SYNTAX for anything else,
 * EM_RANGE for a port over 65535.
 */
int address_parse(struct address *out, const char *text);

/* `127.0.0.1:5020` or `[::1]:5020`; v4-mapped IPv6 prints as IPv4. "?" for other families. */
void address_format(char out[ADDRESS_TEXT], const struct sockaddr *address);

/* Turns a numeric address into a socket address. EM_UNKNOWN for names. */
int address_numeric(const struct address *address, struct sockaddr_storage *out);

/* Resolves an address or a name. EM_UNKNOWN; EM_CANCELLED when somebody sets *stop meanwhile. */
int address_lookup(const struct address *address, const atomic_bool *stop,
                   struct sockaddr_storage *out);

/*
 * Resolves an address or a name to one socket address; a name blocks. EM_UNKNOWN if there is none.
 * For a listener (passive) an empty host means all addresses of the machine, IPv6 and IPv4 if one
 * socket can serve both.
 */
int address_resolve(const struct address *address, bool passive, struct sockaddr_storage *out);

#endif
