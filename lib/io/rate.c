#define _DEFAULT_SOURCE /* getentropy */
#include "base/hash.h"
#include "io/rate.h"

#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

enum { V4 = 4, NETWORK = 8 };

void rate_begin(struct rate *r, uint32_t per_second, uint32_t burst)
{
	*r = (struct rate){.per_second = per_second, .burst = burst};
	if (getentropy(&r->salt, sizeof r->salt))
		r->salt = (uint32_t)(uintptr_t)r; /* an address is better than no salt */
}

/* Writes the bytes that identify a peer and returns their number; 0 for this machine. */
static size_t identity(uint8_t out[NETWORK], const struct sockaddr *peer)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)peer;

	if (peer->sa_family == AF_INET6 && !IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
		memcpy(out, &v6->sin6_addr, NETWORK);
		return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr) ? 0 : NETWORK;
	}
	if (peer->sa_family == AF_INET6)
		memcpy(out, v6->sin6_addr.s6_addr + 12, V4);
	else
		memcpy(out, &((const struct sockaddr_in *)(const void *)peer)->sin_addr, V4);
	return out[0] == 127 ? 0 : V4;
}

bool rate_allow(struct rate *r, const struct sockaddr *peer, size_t bytes, uint64_t now)
{
	uint8_t id[NETWORK];
	size_t length = identity(id, peer), at;
	uint32_t hash;
	uint64_t regained;

	if (!length)
		return true;
	hash = fnv32(FNV32_START ^ r->salt, id, length);
	at = (hash ^ hash >> 16) % RATE_PLACES;
	regained = (now - r->places[at].time) * r->per_second / 1000;
	if (regained) {
		r->places[at].spent -= regained < r->places[at].spent ? regained
		                                                      : r->places[at].spent;
		r->places[at].time = now;
	}
	if (r->places[at].spent && r->places[at].spent + bytes > r->burst)
		return false;
	r->places[at].spent += bytes;
	return true;
}
