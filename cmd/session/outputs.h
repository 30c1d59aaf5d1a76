/*
 * The outputs beside the printed one: broker, database, commands. They are opened from the common
 * options of the reading commands and print warnings to stderr.
 */
#ifndef CMD_SESSION_OUTPUTS_H
#define CMD_SESSION_OUTPUTS_H

#include "cmd/session/reading.h"

/*
 * Opens the outputs that the options ask for and appends them to the session's list. `mqtt` is the
 * format of the payload. Returns EXIT_OK when all are open, else the exit code after an error line.
 */
int outputs_open(struct session *s, format_function *mqtt);

/* Prints the failure of an output and returns the exit code. */
int outputs_failed(const struct output *output, int error);

#endif
