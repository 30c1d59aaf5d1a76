/* Fetches from a device what a walk over its SunSpec models wants. */
#ifndef CMD_SUNSPEC_FETCH_H
#define CMD_SUNSPEC_FETCH_H

#include "modbus/client.h"
#include "protocol/sunspec/walk.h"

/*
 * One request and what came of it, given to the walk: 0, or the error that ends the walk. A device
 * that refuses the registers is no error. `seen`: the unit has answered before, so a gateway that
 * does not reach it now is asked again. Blocks.
 */
int sunspec_fetch(struct sunspec_walk *walk, const struct sunspec_want *want,
                  struct modbus_client *client, int unit, bool seen);

#endif
