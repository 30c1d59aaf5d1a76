/*
 * Reads a SunSpec device through a Modbus client: fetches what a walk over its models wants.
 */
#ifndef MODBUS_SUNSPEC_H
#define MODBUS_SUNSPEC_H

#include "modbus/client.h"
#include "protocol/sunspec/walk.h"

/*
 * Sends one request and hands what comes to the walk: 0, or the error that ends the walk. A device
 * that refuses the registers is no error. `seen`: the unit has answered before, so the request is
 * repeated when a gateway does not reach it now. Blocks.
 */
int modbus_sunspec_fetch(struct sunspec_walk *walk, const struct sunspec_want *want,
                         struct modbus_client *client, int unit, bool seen);

#endif
