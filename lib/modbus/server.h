/*
 * The passive side of Modbus: serves coils and registers to many clients from the event loop, over
 * Modbus TCP, RTU over TCP, or RTU on a serial line. The owner of the registers gives a handler.
 * The server calls it on the loop for each request, and it answers at once or later. The server
 * reads the next request of a client after it has written the last reply, so that a client that does not read
 * cannot pile up replies.
 *
 * The server owns its connections. modbus_server_close() ends them, and the memory is freed when
 * the loop has run their closing callbacks.
 */
#ifndef MODBUS_SERVER_H
#define MODBUS_SERVER_H

#include <stdbool.h>
#include <uv.h>

#include "base/error.h"
#include "modbus/handler.h"

struct modbus_server;

/*
 * `address` is a target to listen on, see modbus/target.h. 0, EM_SYNTAX, EM_UNSUPPORTED,
 * EM_NO_MEMORY, or EM_SYSTEM with errno.
 */
int modbus_server_open(struct modbus_server **out, uv_loop_t *loop, const char *address,
                       const struct modbus_server_options *options);
void modbus_server_close(struct modbus_server *s);

/* The listening address, with the port that the system chose for 0: "127.0.0.1:5020". */
const char *modbus_server_name(const struct modbus_server *s);
/* Whether it serves a serial line, which devices with other units may share. */
bool modbus_server_on_line(const struct modbus_server *s);
struct modbus_server_counts modbus_server_counts(const struct modbus_server *s);

#endif
