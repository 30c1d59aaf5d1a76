/*
 * The output that runs a command per record, or per alarm: /bin/sh -c COMMAND with the record as
 * JSON on standard input and its values in EMTOOL_* variables. One command runs at a time, in the
 * order of the records; what comes meanwhile waits in a bounded queue. A command that takes too long
 * is ended together with what it started. Its standard output goes to our standard error, so that
 * it does not mix with records.
 */
#ifndef OUTPUT_EXEC_H
#define OUTPUT_EXEC_H

#include "io/loop.h"
#include "output/output.h"

struct exec_config {
	const char *command;
	const char *const
		*alarms; /* conditions (output/alarm.h); with any, only these run the command */
	size_t alarm_count;
	double limit;       /* seconds that a command may take */
	struct style style; /* units in the JSON */
};

/*
 * 0 or EM_NO_MEMORY; EM_SYNTAX when a condition is malformed, *wrong is its number. Closing runs the
 * loop until the queue is empty; after a signal only until the command at hand has ended.
 */
int output_exec(struct output **out, struct loop *loop, const struct exec_config *config,
                size_t *wrong);

/* The environment of a command, NAME=VALUE each ended by NUL: exposed for tests. */
void exec_variables(struct text *out, const struct record *r, const char *alarm);

#endif
