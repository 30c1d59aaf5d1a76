/*
 * Plans the reads that get some values of a meter: neighbours together, as far as all registers
 * between them are in the map, and not too many at once, because some meters refuse that.
 */
#ifndef DEVICE_METER_PLAN_H
#define DEVICE_METER_PLAN_H

#include "device/meter.h"

enum {
	METER_BLOCKS = 48,    /* values that can be planned */
	METER_BLOCK_MOST = 40 /* registers of one read */
};

struct meter_block {
	uint8_t function;
	uint16_t address, count;
};

/*
 * The reads for the rows with flags in `wanted` (meter->count of them), by function and address; a
 * value alone when `single`. Returns their number; wanted rows beyond METER_BLOCKS are left out.
 */
size_t meter_plan(const struct meter *meter, const bool *wanted, bool single,
                  struct meter_block out[METER_BLOCKS]);

#endif
