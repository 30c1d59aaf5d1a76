/* The files of --plan and --price, for cmd/balance/plans.c and plans_watch.c. */
#ifndef CMD_BALANCE_PLAN_FILES_H
#define CMD_BALANCE_PLAN_FILES_H

#include "cmd/balance/plans.h"

enum {
	PLAN_MESSAGE = 256,
	PLAN_START = 60000, /* ms that charger and car may take to start */
};

/*
 * Reads the files into table and prices, which are empty. Prints nothing, so that a thread may call
 * it. 0, or an error with its message; EM_SYNTAX when a file does not say what it should.
 */
int plan_files_load(struct plans *p, char message[PLAN_MESSAGE]);

/* Warns of what was left out of the list of prices. */
void plan_files_doubts(const struct plans *p);

#endif
