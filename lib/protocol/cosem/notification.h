/*
 * Data-notification APDUs (DLMS Green Book 9.3.10), which meters push:
 *
 *     0F | invoke id (4) | date-time: 00, or 0C and 12 bytes, or 09 0C and 12 bytes | A-XDR body
 *
 * and the 12 bytes of a COSEM date-time, Blue Book 4.1.6.1: year (2), month, day, weekday, hour,
 * minute, second, hundredths, deviation (2), status. The deviation counts minutes from local time
 * to UTC, so its sign is the opposite of an offset's; 8000 is not specified.
 */
#ifndef COSEM_NOTIFICATION_H
#define COSEM_NOTIFICATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/reader.h"
#include "base/stamp.h"

enum { NOTIFICATION_TAG = 0x0F, COSEM_TIME = 12 };

struct notification {
	uint32_t invoke;
	bool has_time;  /* it contains a valid time */
	bool time_open; /* the meter sends none, or leaves the year open */
	struct stamp time;
};

/* Reads the head; the reader is then at the body. 0, EM_TRUNCATED, EM_SYNTAX. */
int notification_read(struct notification *n, struct reader *r);

/* The stamp of a COSEM date-time; false when a field is unspecified or invalid. */
bool cosem_time(struct stamp *out, const uint8_t bytes[COSEM_TIME]);

/* Whether the head's time is plausible: 2000 to 2099, or unspecified. */
bool notification_plausible(const struct notification *n);

/*
 * Whether bytes look like a plain notification: its head, a plausible date, a container. One wrong
 * key in eight million passes; the caller must still check the A-XDR after that.
 */
bool notification_gate(const uint8_t *data, size_t size);

/* The size of the notification at data; 0: more bytes are needed; -1: there is none. */
long notification_measure(const uint8_t *data, size_t size);

#endif
