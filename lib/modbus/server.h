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
#ifndef MODBUS_SERVER_H
#define MODBUS_SERVER_H

#include <uv.h>

#include "base/error.h"
#include "modbus/handler.h"

struct modbus_server;

/*
 * `address` is a target to listen at, see modbus/target.h. 0, EM_SYNTAX, EM_UNSUPPORTED, EM_NO_MEMORY,
 * or EM_SYSTEM with errno.
 */
int modbus_server_open(struct modbus_server **out, uv_loop_t *loop, const char *address,
                       const struct modbus_server_options *options);
void modbus_server_close(struct modbus_server *s);

/* Where it listens, with the port that the system chose for 0: "127.0.0.1:5020". */
const char *modbus_server_name(const struct modbus_server *s);
struct modbus_server_counts modbus_server_counts(const struct modbus_server *s);

#endif
