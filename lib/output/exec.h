/*
 * The output that runs a command for each record, or for each alarm: /bin/sh -c COMMAND with the
 * record as JSON on standard input and its values in EMTOOL_* variables. One command runs at a
 * time, in the order of the records; further records wait in a bounded queue. A command that takes
 * too long is ended together with its children. Its standard output goes to standard error, so that
 * it does not mix with records.
 */
#ifndef OUTPUT_EXEC_H
#define OUTPUT_EXEC_H

#include "io/loop.h"
#include "output/output.h"

struct exec_config {
	const char *command;
	const char *const *alarms; /* conditions, see output/alarm.h; if any, only they run it */
	size_t alarm_count;
	double limit;       /* seconds that a command may take */
	struct style style; /* units in the JSON */
	bool live;          /* a command that cannot be started costs only its record */
};

/*
 * 0 or EM_NO_MEMORY; EM_SYNTAX when a condition is malformed, *wrong is its number. Closing runs
 * the loop until the queue is empty; after a signal only until the running command has ended. With
 * a deadline of the output, the running command is ended when that has come.
 */
int output_exec(struct output **out, struct loop *loop, const struct exec_config *config,
                size_t *wrong);

/* The variables of a command, NAME=VALUE with a NUL each; exported for tests. */
void exec_variables(struct text *out, const struct record *r, const char *alarm);

#endif
