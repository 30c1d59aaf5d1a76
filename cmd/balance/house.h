/*
 * Recorded households for `balance simulate`: a CSV file, or what a meter has sent (P1 telegrams, DLMS
 * pushes, JSON objects), from any source. The first lines decide which of them it is.
 */
#ifndef CMD_BALANCE_HOUSE_H
#define CMD_BALANCE_HOUSE_H

#include "balance/house_log.h"
#include "cmd/balance/balance.h"

/*
 * Reads the whole source and passes its runs on. Returns the exit code, 0 for an empty source too.
 */
int balance_house(struct session *s, const char *url, const struct balance_options *options,
                  house_run *emit, void *context);

#endif
