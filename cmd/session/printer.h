/* The output that prints: text, json, csv, influx, prometheus or the live view. */
#ifndef CMD_SESSION_PRINTER_H
#define CMD_SESSION_PRINTER_H

#include "cmd/session/reading.h"

/*
 * Sets s->outputs; s->loop exists already. `text` formats records for people. Returns EXIT_OK, or
 * the exit code after an error line.
 */
int printer_open(struct session *s, format_function *text);

#endif
