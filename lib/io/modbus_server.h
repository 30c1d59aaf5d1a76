/*
 * The passive side of Modbus: serves registers to many clients from the event loop, over Modbus
 * TCP, RTU over TCP, or RTU on a serial line. Whoever has the registers gives a handler, which
 * is called on the loop for each well-formed request and answers at once. A client's next
 * request is looked at when its last reply has been written, so a client that does not read
 * cannot pile up replies.
 *
 * The server owns its connections; modbus_server_close() ends them, its memory goes when the
 * loop has run their closing callbacks.
 */
#ifndef IO_MODBUS_SERVER_H
#define IO_MODBUS_SERVER_H

#include <stdint.h>
#include <uv.h>

#include "base/error.h"

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
	unsigned limit; /* connections at once; 0: 32 */
	unsigned idle;  /* ms of silence after which one gives way to a new one; 0: 60000 */
	struct modbus_faults faults;
};

struct modbus_server_counts {
	unsigned requests, exceptions, connections, refused, malformed;
};

struct modbus_server;

/*
 * `address` is [tcp-listen://]ADDR:PORT, rtu+tcp-listen://ADDR:PORT, or a serial line as in
 * io/modbus_target.h. 0, EM_SYNTAX, EM_NO_MEMORY, or EM_SYSTEM with errno.
 */
int modbus_server_open(struct modbus_server **out, uv_loop_t *loop, const char *address,
                       const struct modbus_server_options *options);
void modbus_server_close(struct modbus_server *s);

/* Where it listens, with the port that the system chose for 0: "127.0.0.1:5020". */
const char *modbus_server_name(const struct modbus_server *s);
struct modbus_server_counts modbus_server_counts(const struct modbus_server *s);

#endif
