/*
 * Converts currents in mA, the unit of controllers, to the registers of a row and back, in the
 * width, scale, word order and limits of that row.
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

/* Whether set-points of this device expire unless they are written again. */
bool charger_expires(const struct device *d);

/* Whether a set-point of so many mA pauses the session through a separate register. */
bool charger_pauses(const struct device *d, int32_t current);

/*
 * The current (mA) that the row (in A) can hold: rounded down to its steps, cut to its maximum, 0
 * below its minimum.
 */
struct decimal charger_value(const struct device_register *row, int32_t current);

/* The row->count registers (at most 4) of an unscaled number. */
void charger_raw(const struct device_register *row, uint32_t value, uint16_t *words);

/* The row's current in the image, mA; CHARGER_NONE when it is missing or outside 1000 A. */
int32_t charger_current(const struct device *d, const struct device_register *row,
                        const struct image *m, unsigned socket);

#endif
