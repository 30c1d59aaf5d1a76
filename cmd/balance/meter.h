/*
 * The meter of `emtool balance`: P1 telegrams in, three currents with sign out. Only telegrams that
 * pass their checks count. A current is negative when the phase's power says that it is exported.
 */
#ifndef CMD_BALANCE_METER_H
#define CMD_BALANCE_METER_H

#include <stddef.h>
#include <stdint.h>

#include "base/stamp.h"

struct meter;

struct meter_reading {
	int32_t currents[3]; /* mA, CURRENT_NONE where the telegram has none */
	instant clock;       /* of the meter, INSTANT_NONE when it tells none */
};

typedef void meter_told(void *context, const struct meter_reading *reading);

/* NULL when memory is out. */
struct meter *meter_new(meter_told *told, void *context);
int meter_data(struct meter *m, const uint8_t *data, size_t size); /* 0 or EM_NO_MEMORY */
int meter_end(
	struct meter *m); /* the end of a file: what it ends with may be a telegram; as above */
void meter_cut(struct meter *m); /* a lost connection completes nothing */
void meter_free(struct meter *m);

/* Telegrams that were refused so far. */
uint64_t meter_refused(const struct meter *m);

#endif
