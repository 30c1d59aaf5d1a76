/*
 * The meter at the main fuse, of any kind (control/grid_source.h): turns what it tells into three
 * currents with sign for a load balancer (control/grid_reading.h). A stream is fed by the caller. A
 * Modbus device is asked each second on a thread of its own, so that nobody waits for it; one that
 * does not answer tells nothing. Only readings that pass all checks of their protocol are used. What
 * names no phase at all, after something that did, is another list of the same meter: no reading.
 */
#ifndef CONTROL_GRID_METER_H
#define CONTROL_GRID_METER_H

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "control/grid_reading.h"
#include "control/grid_source.h"
#include "stream/refusal.h"
#include "stream/seal.h"

struct grid_meter;

struct grid_events {
	void (*reading)(void *context, const struct grid_reading *reading);
	/*
	 * Called for a rejected telegram with a text for the user. NULL: the telegram is only
	 * counted.
	 */
	void (*refused)(void *context, enum refusal refusal, const char *text);
	void *context;
};

struct grid_settings {
	const struct grid_source *source; /* copied */
	struct seals *seals;              /* decrypts telegrams (borrowed); NULL: no keys */
	struct grid_rules rules;          /* its `inverted` is that of the source */
};

/* Copies the settings. NULL when memory is out. */
struct grid_meter *grid_meter_new(const struct grid_settings *settings,
                                  const struct grid_events *events);

/* Ends polling, too; the loop frees the rest of that. */
void grid_meter_free(struct grid_meter *m);

/* Takes received bytes; `whole`: they are a message. This and the next three: 0 or EM_NO_MEMORY. */
int grid_meter_feed(struct grid_meter *m, const uint8_t *data, size_t size, bool whole);

/* Nothing came for seconds: drops an incomplete encrypted telegram. */
int grid_meter_idle(struct grid_meter *m);

/* The stream ended, as a file does: the last bytes may be a complete telegram. */
int grid_meter_end(struct grid_meter *m);

/* The connection was lost: drops an incomplete telegram. */
int grid_meter_cut(struct grid_meter *m);

/* The number of rejected telegrams so far, or of polls without a reading. */
uint64_t grid_meter_refused(const struct grid_meter *m);

/* Begins to ask a Modbus device; readings come from the loop. 0, or EM_* with a text. */
int grid_meter_poll(struct grid_meter *m, uv_loop_t *loop, char *problem, size_t size);

#endif
