/*
 * The active side of Modbus: reads and writes coils and registers of one peer over Modbus TCP, RTU
 * over TCP or a serial line. Calls block (for at most timeout * (retries + 1) and the pauses
 * between, on a line for twice that): a program with an event loop runs them on a worker thread
 * with job_start(). One client belongs to one thread at a time.
 *
 * The client accepts a reply only if its transaction, unit, function and length match the request.
 * After a timeout or a mismatch the client closes the connection and opens a new one, so that it
 * never takes a late reply for the next one. RTU has no transactions, and a bridge forwards all
 * bytes of the line to each of its connections: there the client waits for the late reply as long
 * as a reply may take, and drops it. The client owns the connection and its messages.
 */
#ifndef MODBUS_CLIENT_H
#define MODBUS_CLIENT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "modbus/target.h"

struct modbus_options {
	unsigned timeout; /* ms for one reply or one connection attempt; 0: 2000 */
	unsigned retries; /* further attempts after a missing reply or a busy device */
	bool steady;      /* only modbus_client_connect() connects: a request never does */
	const atomic_bool
		*stop; /* when it becomes true, calls end soon with EM_CANCELLED; or NULL */
};

struct modbus_counts {
	unsigned requests, retries, connects, timeouts, exceptions, foreign;
};

struct modbus_client;

/* Sends nothing before the first request. NULL when out of memory. */
struct modbus_client *modbus_client_new(const struct modbus_target *target,
                                        const struct modbus_options *options);
void modbus_client_free(struct modbus_client *c);

/*
 * Connects, unless the connection is open: EM_UNREACHABLE, EM_TIMEOUT, or EM_SYSTEM with errno. A
 * request connects too, unless the client is steady: then it returns EM_CLOSED.
 */
int modbus_client_connect(struct modbus_client *c);

/*
 * Reads 1..125 registers with function 3 (holding) or 4 (input) of unit 0..255, or 1..2000 coils or
 * discrete inputs with function 1 or 2, which give words of 0 and 1. 0, EM_EXCEPTION, EM_TIMEOUT,
 * EM_CLOSED, EM_PROTOCOL, EM_CHECKSUM, EM_RANGE, EM_CANCELLED, or an error of connecting. It fills
 * words only when it returns 0.
 */
int modbus_client_read(struct modbus_client *c, int unit, int function, unsigned address,
                       unsigned count, uint16_t *words);

/*
 * Writes with the function that the device needs: 6 (one register), 16 (1..123 registers), 5 (one
 * coil) or 15 (1..1968 coils, a word each, 0 or not). Errors as above.
 */
int modbus_client_write_by(struct modbus_client *c, int unit, int function, unsigned address,
                           unsigned count, const uint16_t *words);

/* Function 16, and function 6. */
int modbus_client_write(struct modbus_client *c, int unit, unsigned address, unsigned count,
                        const uint16_t *words);
int modbus_client_write_one(struct modbus_client *c, int unit, unsigned address, uint16_t word);

/* About the last call that failed: the exception code (0: no exception), and the text for an error
 * line, as "exception 2 (illegal data address)". */
int modbus_client_exception(const struct modbus_client *c);
const char *modbus_client_message(const struct modbus_client *c);

/* The peer as messages name it: HOST:PORT or the path of the line. */
const char *modbus_client_name(const struct modbus_client *c);
struct modbus_counts modbus_client_counts(const struct modbus_client *c);

#endif
