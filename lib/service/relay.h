/*
 * The relay: sends P1 telegrams to all clients that connect over TCP. A client gets a telegram
 * whole and verbatim, or not at all; no client waits for another. The relay owns its clients and
 * copies of the telegrams that they still get.
 */
#ifndef SERVICE_RELAY_H
#define SERVICE_RELAY_H

#include <stdint.h>

#include "frame/p1.h"
#include "io/loop.h"

struct relay;

struct relay_counts {
	uint64_t clients; /* that were served */
	uint64_t refused; /* connections above the limit of clients */
	uint64_t lost;    /* telegrams that clients did not get, counted per client */
	uint64_t hung_up; /* clients that were closed because they held too much memory */
};

/* Listens on ADDR:PORT. 0, or EM_* with a text in `problem` (service/service.h). */
int relay_open(struct relay **out, struct loop *loop, const char *address, char *problem,
               size_t size);

/* Copies a telegram and sends it before the loop waits again. */
void relay_send(struct relay *relay, const struct p1_telegram *telegram);

/* Sends the telegrams gathered since the loop last waited. */
void relay_flush(struct relay *relay);

struct relay_counts relay_counts(const struct relay *relay);

/* Sends what the sockets still accept, and closes the connections. The loop frees the rest. */
void relay_close(struct relay *relay);

#endif
