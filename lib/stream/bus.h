/*
 * Decodes the traffic of a Modbus bus from bytes to records, as a passive listener: a framer for
 * RTU or Modbus TCP, the pairing of requests with their answers, and the recognition of meters by
 * their answers.
 *
 *     struct bus *bus = bus_new(&settings, &events, false);
 *     bus_feed(bus, time, direction, data, size) ...
 *     bus_end(bus);
 *
 * Use one bus for each connection. The settings and everything they point to must outlive the bus.
 * Time is when the bytes arrived, INSTANT_NONE without a clock; it becomes the time of records. The
 * records do not depend on how an RTU stream is cut into pieces. In a captured connection the first
 * piece decides whether it carries Modbus TCP.
 */
#ifndef STREAM_BUS_H
#define STREAM_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "device/meter.h"
#include "record/record.h"

enum { BUS_GUESSES = 64 }; /* limit of units whose meter is recognised */

struct bus_settings {
	const struct meter *const *maps; /* candidates for recognition */
	size_t map_count;
	const struct meter *meter; /* of all units; NULL: recognise it if there are maps */
	int unit, function;        /* records of these only, -1: of all */
	bool frames;               /* a record for each frame, not for each transaction */
	struct record *record;     /* filled by all buses in turn; NULL: each has its own */
};

struct bus_events {
	/* A transaction or frame, valid only during the call. The receiver may set its source. */
	void (*record)(void *context, struct record *r);
	/* A unit answers like this meter; its values are named from now on. */
	void (*recognised)(void *context, unsigned unit, const struct meter *meter);
	/* A limit was reached: `text` says what is left out from now on. Once for each bus. */
	void (*limited)(void *context, const char *text);
	void *context;
};

struct bus_counts {
	uint64_t bytes, skipped; /* skipped: bytes outside of frames */
	uint64_t good;           /* bytes of frames */
	uint64_t frames, crc_errors;
	uint64_t requests, responses, exceptions, no_response, unpaired;
};

struct bus;

/*
 * `captured`: a recorded connection between other devices, in both directions. NULL when memory is
 * out.
 */
struct bus *bus_new(const struct bus_settings *settings, const struct bus_events *events,
                    bool captured);
void bus_free(struct bus *bus);

/* `direction` is 0 from the client, 1 from the server; 0 on a bus. 0 or EM_NO_MEMORY. */
int bus_feed(struct bus *bus, instant time, unsigned direction, const uint8_t *data, size_t size);

/* Silence on the line: releases a frame that waits for a longer one that never came. */
int bus_idle(struct bus *bus);

/* The stream ended: decides all remaining bytes; open requests get no answer. 0 or EM_NO_MEMORY. */
int bus_end(struct bus *bus);

/* The counts so far; valid until the bus is used again. */
const struct bus_counts *bus_counts(struct bus *bus);

#endif
