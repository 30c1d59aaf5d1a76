/*
 * The outputs beside the printed one: broker, database, commands. Opened from the common options of
 * the reading commands; their news go to stderr as warnings.
 */
#ifndef CMD_SESSION_OUTPUTS_H
#define CMD_SESSION_OUTPUTS_H

#include "cmd/session/reading.h"

/*
 * Appends the outputs that the options ask for to the session's list. `mqtt` is the payload's format.
 * Returns an exit code, EXIT_OK when all are open; the message is on stderr then.
 */
int outputs_open(struct session *s, format_function *mqtt);

/* The exit code for a failure of an output, with the line on stderr. */
int outputs_failed(const struct output *output, int error);

#endif
