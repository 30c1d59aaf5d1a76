/*
 * The interface between a Modbus server and the owner of the registers, and the server's options.
 */
#ifndef MODBUS_HANDLER_H
#define MODBUS_HANDLER_H

#include <stdint.h>

#define MODBUS_SILENT (-1) /* a handler's result: no reply, as from an absent unit */
#define MODBUS_LATER (-2)  /* a handler's result: modbus_answer() gives the reply */

/*
 * One request. For functions 1 to 4 the handler fills words[0..count), for 5, 6, 15 and 16 they
 * hold the values to write. Coils are words of 0 and 1. A request that the server itself refuses
 * (other functions, impossible counts) has count 0: the handler can return an exception of its own
 * or MODBUS_SILENT; 0 leaves the exception to the server.
 */
struct modbus_call {
	int unit, function;
	unsigned address, count; /* count within the standard's limits, the range within 0..65535 */
	uint16_t *words;
	void *origin; /* for modbus_later() */
};

/* 0, an exception code, MODBUS_SILENT or MODBUS_LATER. */
typedef int modbus_handler(void *data, const struct modbus_call *call);

/* A call that is answered later. It may outlive its client and the server. */
struct modbus_later;

/*
 * Called by a handler that then returns MODBUS_LATER; the client waits, others are served. NULL:
 * out of memory.
 */
struct modbus_later *modbus_later(const struct modbus_call *call);

/*
 * Answers on the loop, and frees: with 0 and, for a read, the words of the call, or with an
 * exception or MODBUS_SILENT. Nothing happens when the client has gone.
 */
void modbus_answer(struct modbus_later *later, int exception, const uint16_t *words);

/* Intended faults; all zero: none. */
struct modbus_faults {
	unsigned delay;       /* ms before each reply */
	double drop, corrupt; /* probabilities 0..1 of a lost connection and of a damaged reply */
	int exception;        /* the answer to every request, 0: none */
	unsigned max_connections; /* the server closes further ones; 0: the options' limit */
};

struct modbus_server_options {
	modbus_handler *handler;
	void *data;
	const char *host; /* default listening address; NULL: all addresses */
	unsigned limit;   /* connections at once; 0: 32 */
	unsigned idle;    /* ms of silence after which a new client may replace one; 0: 60000 */
	struct modbus_faults faults;
};

struct modbus_server_counts {
	unsigned requests, exceptions, connections, refused, malformed;
};

#endif
