/*
 * The register table of a load balancer as a Modbus server: functions 3, 6 and 16 on its unit.
 * Requests for other units pass through to the charger, if there is one; otherwise, and on a serial
 * line, which other devices may share, they get no answer. The caller owns the struct and what it
 * names. The server runs on the event loop.
 */
#ifndef CONTROL_TABLE_SERVER_H
#define CONTROL_TABLE_SERVER_H

#include <uv.h>

#include "balance/register_table.h"
#include "modbus/handler.h"

struct modbus_server;
struct pass_through;

struct table_server {
	struct register_table *table;
	struct pass_through *through; /* NULL: no charger */
	struct modbus_server *server; /* NULL: not open */
};

/*
 * `address` is an address for modbus_server_open(). A port without an address listens on 127.0.0.1
 * only, because every client of the table can steer the charger. Returns the result of
 * modbus_server_open(); close it with modbus_server_close().
 */
int table_server_open(struct table_server *t, uv_loop_t *loop, const char *address);

/* Answers one request; `server` is a struct table_server. A modbus_handler. */
int table_server_answer(void *server, const struct modbus_call *call);

#endif
