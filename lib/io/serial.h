/*
 * Line settings of serial ports, shared by the passive source and the active Modbus client.
 */
#ifndef IO_SERIAL_H
#define IO_SERIAL_H

#include <stdbool.h>

struct sp_port;

struct serial_line {
	int baud;    /* 50..4000000 */
	int bits;    /* 5..8 */
	char parity; /* 'N', 'E', 'O' */
	int stop;    /* 1 or 2 */
};

/* Reads `baud=9600&mode=8E1` into *line; `mode=auto` sets *automatic. EM_SYNTAX. */
int serial_line_parse(struct serial_line *line, const char *query, bool *automatic);

#endif
