/*
 * Names a meter: [KIND:]SOURCE, where SOURCE is bytes (io/source.h) or the TARGET of a Modbus device
 * (modbus/target.h) with its own options:
 *
 *     /dev/ttyUSB0  tcp://HOST:PORT  mqtt://BROKER/TOPIC     a stream that is recognised
 *     p1:SOURCE  dlms:SOURCE  json:SOURCE
 *     meter:TARGET?meter=eastron_sdm630&unit=1&invert=1
 *     sunspec:TARGET?unit=240&invert=1
 *
 * As for chargers, KIND://HOST and KIND+rtu+tcp://HOST:PORT are the same.
 */
#ifndef CONTROL_GRID_SOURCE_H
#define CONTROL_GRID_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "device/meter.h"

struct grid_kind;

enum { GRID_SOURCE_TEXT = 1024 };

struct grid_source {
	const struct grid_kind *kind;
	char url[GRID_SOURCE_TEXT]; /* the SOURCE or TARGET alone */
	const struct meter *meter;  /* the register map, or NULL */
	int unit;
	bool inverted; /* it counts export as positive */
};

/* 0, EM_SYNTAX, or EM_UNKNOWN with the quoted name: problem[] says what is wrong. */
int grid_source_parse(struct grid_source *out, const char *text, char *problem, size_t size);

/* The kind of that name, NULL: streams that are recognised. */
void grid_source_of(struct grid_source *out, const char *kind, const char *url);

/* Name, and what it is, of kind number `index`; false after the last. */
bool grid_kind_named(size_t index, const char **name, const char **about);

/* Default line settings of its SOURCE, and whether it is asked for readings. */
const char *grid_source_serial(const struct grid_source *source);
bool grid_source_polled(const struct grid_source *source);

#endif
