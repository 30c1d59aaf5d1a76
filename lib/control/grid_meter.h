/*
 * The meter at the main fuse, as a load balancer wants it: P1 telegrams in, three currents with sign
 * out. Only telegrams that stream/p1_reader takes count, plain or encrypted. A current is negative when
 * the phase's power says that it is exported.
 */
#ifndef CONTROL_GRID_METER_H
#define CONTROL_GRID_METER_H

#include <stddef.h>
#include <stdint.h>

#include "base/stamp.h"
#include "stream/refusal.h"
#include "stream/seal.h"

struct grid_meter;

struct grid_reading {
	int32_t currents[3]; /* mA, CURRENT_NONE where the telegram has none */
	instant clock;       /* of the meter, INSTANT_NONE when it tells none */
};

struct grid_events {
	void (*reading)(void *context, const struct grid_reading *reading);
	/* A telegram is refused; `text` is what a user should read about it. NULL: only counted. */
	void (*refused)(void *context, enum refusal refusal, const char *text);
	void *context;
};

/* `seals` (borrowed) opens encrypted telegrams; NULL: there are none. NULL when memory is out. */
struct grid_meter *grid_meter_new(struct seals *seals, const struct grid_events *events);
void grid_meter_free(struct grid_meter *m);

/* Bytes as they come. This and the next three return 0 or EM_NO_MEMORY. */
int grid_meter_feed(struct grid_meter *m, const uint8_t *data, size_t size);

/* Nothing came for seconds: an encrypted telegram that is not complete will not be. */
int grid_meter_idle(struct grid_meter *m);

/* The stream ended in order, as a file does: what it ends with may be a telegram. */
int grid_meter_end(struct grid_meter *m);

/* The stream broke off, as a connection does: what is not complete is lost. */
int grid_meter_cut(struct grid_meter *m);

/* Telegrams that were refused so far. */
uint64_t grid_meter_refused(const struct grid_meter *m);

#endif
