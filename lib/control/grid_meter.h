/*
 * The meter at the main fuse: turns P1 telegrams into three currents with sign for a load balancer.
 * It uses only telegrams that stream/p1_reader accepts, plain or encrypted. A current is negative
 * when the phase exports power. For a meter that tells power and voltage of a phase but no current,
 * as in Austria and Sweden, it is P / U, which leaves out reactive current.
 */
#ifndef CONTROL_GRID_METER_H
#define CONTROL_GRID_METER_H

#include <stddef.h>
#include <stdint.h>

#include "base/stamp.h"
#include "control/standstill.h"
#include "stream/refusal.h"
#include "stream/seal.h"

struct grid_meter;

struct grid_reading {
	int32_t currents[3]; /* mA, CURRENT_NONE when missing in the telegram */
	instant clock;       /* of the meter, INSTANT_NONE when missing */
	const char *id;      /* its identifier, else its header; for the call */
	struct standstill_reading still;
};

struct grid_events {
	void (*reading)(void *context, const struct grid_reading *reading);
	/*
	 * Called for a rejected telegram with a text for the user. NULL: the telegram is only
	 * counted.
	 */
	void (*refused)(void *context, enum refusal refusal, const char *text);
	void *context;
};

/* `seals` (borrowed) decrypts telegrams; NULL: no keys. Returns NULL when out of memory. */
struct grid_meter *grid_meter_new(struct seals *seals, const struct grid_events *events);
void grid_meter_free(struct grid_meter *m);

/* Takes received bytes. This and the next three functions return 0 or EM_NO_MEMORY. */
int grid_meter_feed(struct grid_meter *m, const uint8_t *data, size_t size);

/* Nothing came for seconds: drops an incomplete encrypted telegram. */
int grid_meter_idle(struct grid_meter *m);

/* The stream ended, as a file does: the last bytes may be a complete telegram. */
int grid_meter_end(struct grid_meter *m);

/* The connection was lost: drops an incomplete telegram. */
int grid_meter_cut(struct grid_meter *m);

/* The number of rejected telegrams so far. */
uint64_t grid_meter_refused(const struct grid_meter *m);

#endif
