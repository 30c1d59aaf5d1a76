/* Connecting to a host by name or address, with a deadline. Internal to the Modbus client. */
#ifndef IO_MODBUS_CONNECT_H
#define IO_MODBUS_CONNECT_H

#include "io/modbus_link.h"

/* A connected, blocking socket, or EM_UNREACHABLE, EM_TIMEOUT, EM_CANCELLED with l->why set. */
int modbus_connect_tcp(struct modbus_link *l, const struct modbus_target *target, int64_t deadline,
                       const atomic_bool *stop);

#endif
