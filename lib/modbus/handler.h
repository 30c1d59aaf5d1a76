/*
 * What a Modbus server asks of whoever has the registers, and how it is told to behave.
 */
#ifndef MODBUS_HANDLER_H
#define MODBUS_HANDLER_H

#include <stdint.h>

#define MODBUS_SILENT (-1) /* a handler's result: no reply at all, as of a unit that is not there */

/*
 * One request: function 3 or 4 fills words[0..count), 6 and 16 have put there what is written. A
 * request that the server refuses itself (other functions, impossible counts) comes with count
 * 0, so that the handler can refuse in its own way, or be silent: 0 leaves it to the server.
 */
struct modbus_call {
	int unit, function;
	unsigned address, count; /* count within the standard's limits, the range within 0..65535 */
	uint16_t *words;
};

/* 0, an exception code, or MODBUS_SILENT. */
typedef int modbus_handler(void *data, const struct modbus_call *call);

/* What goes wrong on purpose; all zero: nothing. */
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
