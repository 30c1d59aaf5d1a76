/*
 * The register table of a load balancer as a Modbus server: functions 3, 6 and 16 on its unit;
 * other units get no answer. The caller owns the table. The server runs on the event loop.
 */
#ifndef CONTROL_TABLE_SERVER_H
#define CONTROL_TABLE_SERVER_H

#include <uv.h>

#include "balance/register_table.h"
#include "modbus/handler.h"

struct modbus_server;

/*
 * `address` is an address for modbus_server_open(). A port without an address listens on 127.0.0.1
 * only, because every client of the table can steer the charger. Returns the result of
 * modbus_server_open(); close it with modbus_server_close().
 */
int table_server_open(struct modbus_server **out, uv_loop_t *loop, const char *address,
                      struct register_table *table);

/* Answers one request; `table` is a struct register_table. A modbus_handler. */
int table_server_answer(void *table, const struct modbus_call *call);

#endif
