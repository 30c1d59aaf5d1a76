/* The output that prints: text, json, csv, influx, prometheus or the live view. */
#ifndef CMD_SESSION_PRINTER_H
#define CMD_SESSION_PRINTER_H

#include "cmd/session/reading.h"

/*
 * Sets s->outputs; s->loop is there already. `text` is how the command prints for people. EXIT_OK, or
 * the exit code with the error said.
 */
int printer_open(struct session *s, format_function *text);

#endif
