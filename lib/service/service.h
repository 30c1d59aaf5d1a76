/*
 * What services share when they open: parsing the listening address, and the texts of errors. Each
 * open function returns 0, or EM_* with a short text in a buffer of the caller. The caller adds the
 * option or setting. For EM_SYNTAX the text follows the quoted argument: "'nowhere' needs an
 * address and a port"; for other errors it tells what failed. EM_UNKNOWN: the host is unknown.
 */
#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include <stddef.h>

#include "io/address.h"

enum { SERVICE_PROBLEM = 256 }; /* bytes for any problem text */

/* Parses ADDR:PORT to listen on; both are required, the address may be a name. 0 or EM_SYNTAX. */
int service_address(struct address *out, const char *text, char *problem, size_t size);

#endif
