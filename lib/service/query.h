/*
 * The query service: a UDP datagram names a command; the answer is one datagram about the last P1
 * telegram and an inverter beside the meter (service/answers.h). The answers to peers outside of
 * this machine have a limited rate, because the sender of a datagram may be forged.
 */
#ifndef SERVICE_QUERY_H
#define SERVICE_QUERY_H

#include "io/loop.h"
#include "service/answers.h"

struct query;

struct query_settings {
	int gas_channel;                         /* as dsmr_new() takes it */
	const struct inverter_reading *inverter; /* borrowed until the loop is freed; or NULL */
};

struct query_counts {
	uint64_t requests, answered;
	uint64_t limited; /* not answered: the peer exceeds the rate */
	uint64_t unsent;  /* not answered: the socket is full, or out of memory */
};

/* Listens on ADDR:PORT. 0, or EM_* with a text in `problem` (service/service.h). */
int query_open(struct query **out, struct loop *loop, const char *address,
               const struct query_settings *settings, char *problem, size_t size);

/* Keeps a copy of the telegram for the answers; `time` is the host's clock. */
void query_keep(struct query *query, const struct p1_telegram *telegram, instant time);

struct query_counts query_counts(const struct query *query);

/* The loop frees it. */
void query_close(struct query *query);

#endif
