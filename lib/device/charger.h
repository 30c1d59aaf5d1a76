/*
 * Numbers of chargers: currents in mA, as controllers calculate, to the registers of a row and back,
 * in the width, scale, word order and limits of that row.
 */
#ifndef DEVICE_CHARGER_H
#define DEVICE_CHARGER_H

#include <stdint.h>

#include "base/decimal.h"
#include "device/device.h"
#include "device/image.h"

#define CHARGER_NONE INT32_MIN /* a current that is not available */

/* Whether the device has a set-point. */
bool charger_steerable(const struct device *d);

/* Whether set-points of this device count down unless they are written again. */
bool charger_expires(const struct device *d);

/* Whether a set-point of so many mA pauses the session by another register than its own. */
bool charger_pauses(const struct device *d, int32_t current);

/*
 * The value nearest to a current (mA) that the row (in A) takes: rounded down to its steps, cut to
 * its most, 0 below its least.
 */
struct decimal charger_value(const struct device_register *row, int32_t current);

/* The registers of a number as they are, without scale; row->count of them, at most 4. */
void charger_raw(const struct device_register *row, uint32_t value, uint16_t *words);

/* mA that the row has in the image; CHARGER_NONE when it has none, or none within 1000 A. */
int32_t charger_current(const struct device *d, const struct device_register *row,
                        const struct image *m, unsigned socket);

#endif
