/*
 * Reads a SunSpec device through a Modbus client: fetches the registers for a walk over its models.
 */
#ifndef MODBUS_SUNSPEC_H
#define MODBUS_SUNSPEC_H

#include "modbus/client.h"
#include "protocol/sunspec/walk.h"

/*
 * Sends one request and passes the reply to the walk: 0, or the error that ends the walk. A refusal
 * of the registers is no error. `seen`: the unit has answered before, so the function repeats the
 * request when a gateway does not reach the unit now. Blocks.
 */
int modbus_sunspec_fetch(struct sunspec_walk *walk, const struct sunspec_want *want,
                         struct modbus_client *client, int unit, bool seen);

#endif
