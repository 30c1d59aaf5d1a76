/*
 * Plans the fewest reads that get all wanted registers. A read has at most 125 registers of one
 * function, never begins or ends within a value (some chargers refuse that), and includes no
 * undefined registers, except for gaps that the device is known to permit. A device that answers
 * one value per request gets a read per row.
 */
#ifndef DEVICE_PLAN_H
#define DEVICE_PLAN_H

#include "device/device.h"

#define PLAN_LIMIT 64 /* blocks */
#define PLAN_READ 125 /* registers of one read */

struct device_block {
	uint8_t place;    /* enum register_place */
	uint8_t function; /* that reads the block: 1 to 4 */
	uint16_t address, count;
};

/*
 * The blocks for the wanted rows (`wanted` has device.count flags; NULL: all readable rows), the
 * station's first, by function and address. Returns their number.
 */
size_t device_plan(const struct device *d, const bool *wanted, struct device_block out[PLAN_LIMIT]);

#endif
