/*
 * How much each peer of a datagram service is answered. A request's sender may be forged: without a
 * limit, a few bytes from anywhere would make us send many to somebody else. Loopback has none.
 *
 * Peers share a fixed number of places by a hash that strangers do not know, IPv6 by its /64, so
 * nobody can fill memory or push another peer's account out of it.
 */
#ifndef IO_RATE_H
#define IO_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum { RATE_PLACES = 1024 };

struct rate {
	uint32_t salt;
	uint32_t per_second, burst; /* bytes */
	struct {
		uint64_t time; /* ms */
		uint64_t spent;
	} places[RATE_PLACES];
};

void rate_begin(struct rate *r, uint32_t per_second, uint32_t burst);

/* Whether so many bytes may go to the peer now (ms of a clock that does not jump); then they count. */
bool rate_allow(struct rate *r, const struct sockaddr *peer, size_t bytes, uint64_t now);

#endif
