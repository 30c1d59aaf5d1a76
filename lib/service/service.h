/*
 * What services share when they open: the address that they listen on, and the words for what went
 * wrong. Each open function returns 0 or EM_*, and then writes a few words for people into a buffer
 * of the caller's, who says which option or setting they belong to. With EM_SYNTAX they tell what is
 * wrong with the text and follow it: "'nowhere' needs an address and a port"; with others they tell
 * what failed. EM_UNKNOWN: no such host.
 */
#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include <stddef.h>

#include "io/address.h"

enum { SERVICE_PROBLEM = 256 }; /* bytes that hold every problem */

/* ADDR:PORT to listen on; both are needed, the address may be a name. 0 or EM_SYNTAX. */
int service_address(struct address *out, const char *text, char *problem, size_t size);

#endif
