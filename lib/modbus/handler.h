/*
 * What a Modbus server asks of the owner of the registers, and its options.
 */
#ifndef MODBUS_HANDLER_H
#define MODBUS_HANDLER_H

#include <stdint.h>

#define MODBUS_SILENT (-1) /* a handler's result: no reply at all, as from a unit that is absent */

/*
 * One request: for functions 1 to 4 the handler fills words[0..count), for 5, 6, 15 and 16 they hold
 * what is written. Coils are words of 0 and 1. A request that the server refuses itself (other
 * functions, impossible counts) comes with count 0, so that the handler can refuse it in its own way or
 * be silent: 0 leaves it to the server.
 */
struct modbus_call {
	int unit, function;
	unsigned address, count; /* count within the standard's limits, the range within 0..65535 */
	uint16_t *words;
};

/* 0, an exception code, or MODBUS_SILENT. */
typedef int modbus_handler(void *data, const struct modbus_call *call);

/* Faults that the server makes on purpose; all zero: none. */
struct modbus_faults {
	unsigned delay;           /* ms before each reply */
	double drop, corrupt;     /* probabilities 0..1 of a lost connection, of a damaged reply */
	int exception;            /* every request is answered with this code */
	unsigned max_connections; /* further ones are closed at once; 0: the options' limit */
};

struct modbus_server_options {
	modbus_handler *handler;
	void *data;
	const char *host; /* where to listen when the address names none; NULL: everywhere */
	unsigned limit;   /* connections at once; 0: 32 */
	unsigned idle;    /* ms of silence after which one gives way to a new one; 0: 60000 */
	struct modbus_faults faults;
};

struct modbus_server_counts {
	unsigned requests, exceptions, connections, refused, malformed;
};

#endif
