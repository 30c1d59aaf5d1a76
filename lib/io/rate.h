/*
 * Limits how many bytes a datagram service sends to each peer. The sender of a request may be
 * forged: without a limit, a few bytes would make the service send many to somebody else. Loopback
 * has no limit.
 *
 * Peers share a fixed number of accounts. A hash with a random salt selects the account (for IPv6
 * of the /64), so nobody can fill the memory or choose the account of another peer.
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

/* Whether so many bytes may be sent to the peer; if so, they count. `now`: ms of a steady clock. */
bool rate_allow(struct rate *r, const struct sockaddr *peer, size_t bytes, uint64_t now);

#endif
