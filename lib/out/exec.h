/*
 * Runs a command of the user's for each record, or only for those that fire an alarm. The record is
 * its standard input as JSON; its values are in the environment: EMTOOL_TYPE, EMTOOL_TIME,
 * EMTOOL_SOURCE, EMTOOL_POWER_IMPORT, ..., and EMTOOL_ALARM, the condition. A thread runs one command
 * after the other, so that the program never waits for it; 1000 records may wait.
 */
#ifndef OUT_EXEC_H
#define OUT_EXEC_H

#include "out/alarm.h"
#include "out/output.h"

struct exec_options {
	const char *command; /* for /bin/sh -c; borrowed */
	const char *const *alarms;
	size_t alarm_count; /* 0: every record */
	struct style style;
};

/* EM_SYNTAX for a wrong alarm: problem[] says which. */
int output_exec(struct output **out, const struct exec_options *options, char *problem, size_t size);

#endif
