/*
 * Recorded households for `balance simulate`: a CSV or a P1 log, told apart by their first line,
 * from any source that can be read.
 */
#ifndef CMD_BALANCE_HOUSE_H
#define CMD_BALANCE_HOUSE_H

#include "balance/house_log.h"
#include "cmd/session/reading.h"

/* Reads the whole source and hands its runs over. The exit code; 0 also when nothing came. */
int balance_house(struct session *s, const char *url, house_run *emit, void *context);

#endif
