/*
 * The kinds of meters at the main fuse, a row each: the bytes of a stream become records, or a
 * Modbus device is asked for one. What the records mean is control/grid_reading's business. Internal
 * to control.
 */
#ifndef CONTROL_GRID_KIND_H
#define CONTROL_GRID_KIND_H

#include "control/grid_source.h"
#include "modbus/client.h"
#include "record/record.h"
#include "stream/refusal.h"
#include "stream/seal.h"

/* Receives what a stream makes of its bytes; the record is valid during the call. */
struct grid_sink {
	void (*record)(void *context, const struct record *r);
	void (*refused)(void *context, enum refusal refusal, const char *text);
	void *context;
};

/* A decoder of bytes, which accepts only what passes the checks of its protocol. */
struct grid_stream {
	/* `sink` and `seals` (keys; NULL: none) outlive it. NULL when memory is out. */
	void *(*open)(const struct grid_sink *sink, struct seals *seals);
	void (*close)(void *stream);
	/* As grid_meter_feed() and its neighbours have it: 0 or EM_NO_MEMORY. */
	int (*feed)(void *stream, const uint8_t *data, size_t size, bool whole);
	int (*idle)(void *stream);
	int (*end)(void *stream);
	int (*cut)(void *stream);
	uint64_t (*refused)(const void *stream);
};

/* A device that is asked; `read` runs on a thread of its own and may block. */
struct grid_poll {
	void *(*open)(const struct grid_source *source); /* NULL when memory is out */
	void (*close)(void *state);
	/* A reading, all of it from now. 0 or EM_*; EM_UNSUPPORTED: what `none` says. */
	int (*read)(void *state, struct modbus_client *client, int unit, struct record *record);
	const char *none;
};

struct grid_kind {
	const char *name, *about;
	const char *serial;               /* default line settings: "baud=9600&mode=8N1" */
	const struct grid_stream *stream; /* or ... */
	const struct grid_poll *poll;     /* ... NULL */
	bool mapped;                      /* needs the name of a register map */
};

extern const struct grid_stream grid_p1, grid_dlms, grid_json;
extern const struct grid_poll grid_modbus, grid_sunspec;

/* A stream of any of the kinds above: the first sound record decides. */
extern const struct grid_stream grid_any;

#endif
