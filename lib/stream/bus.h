/*
 * A Modbus bus as a listener hears it, from bytes to records: a framer for RTU or Modbus TCP, the
 * pairing of requests with their answers, and meters that are recognised by what they answer.
 *
 *     struct bus *bus = bus_new(&settings, &events, false);
 *     bus_feed(bus, time, direction, data, size) ...
 *     bus_end(bus);
 *
 * There is a bus for each connection. The settings and what they point to are borrowed for the life
 * of the bus. Time is when bytes came, INSTANT_NONE without a clock; it becomes the time of records.
 * Any cutting of an RTU stream into pieces gives the same records. In a captured connection the first
 * piece tells whether it carries Modbus TCP.
 */
#ifndef STREAM_BUS_H
#define STREAM_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "device/meter.h"
#include "record/record.h"

enum { BUS_GUESSES = 64 }; /* units of a bus that are looked at for their meter */

struct bus_settings {
	const struct meter *const *maps; /* candidates for recognition */
	size_t map_count;
	const struct meter *meter; /* of all units; NULL: recognise it if there are maps */
	int unit, function;        /* records of these only, -1: of all */
	bool frames;               /* a record for each frame, not for each transaction */
	struct record *record;     /* filled by all buses in turn; NULL: each has its own */
};

struct bus_events {
	/* A transaction or frame, lent for the call. The receiver may set its source. */
	void (*record)(void *context, struct record *r);
	/* A unit answers like this meter; its values are named from now on. */
	void (*recognised)(void *context, unsigned unit, const struct meter *meter);
	/* A limit was reached, once for each bus: what is left out from now on. */
	void (*limited)(void *context, const char *text);
	void *context;
};

struct bus_counts {
	uint64_t bytes, skipped; /* skipped: bytes that stand in no frame */
	uint64_t good;           /* bytes of frames */
	uint64_t frames, crc_errors;
	uint64_t requests, responses, exceptions, no_response, unpaired;
};

struct bus;

/* `captured`: a connection between others, in both directions. NULL when memory is out. */
struct bus *bus_new(const struct bus_settings *settings, const struct bus_events *events,
                    bool captured);
void bus_free(struct bus *bus);

/* `direction` is 0 from the client, 1 from the server; 0 on a bus. 0 or EM_NO_MEMORY. */
int bus_feed(struct bus *bus, instant time, unsigned direction, const uint8_t *data, size_t size);

/* Silence on the line: a frame held up by a longer one that never came is let through. */
int bus_idle(struct bus *bus);

/* The stream ended: everything is decided, what waits for an answer has none. 0 or EM_NO_MEMORY. */
int bus_end(struct bus *bus);

/* What came so far; valid until the bus is used again. */
const struct bus_counts *bus_counts(struct bus *bus);

#endif
