/*
 * Data-notification APDUs (DLMS Green Book 9.3.10), what meters push:
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
	bool has_time;  /* and it names a moment */
	bool time_open; /* the meter sends none, or leaves the year open */
	struct stamp time;
};

/* Reads the head; the reader stands at the body then. 0, EM_TRUNCATED, EM_SYNTAX. */
int notification_read(struct notification *n, struct reader *r);

/* The stamp of a COSEM date-time; false when a field is open or names no moment. */
bool cosem_time(struct stamp *out, const uint8_t bytes[COSEM_TIME]);

/* Whether the head's time can be meant: 2000 to 2099, or left open. */
bool notification_plausible(const struct notification *n);

/*
 * Whether bytes look like a plain notification: its head, a date that can be meant, a container.
 * One key in eight million that is wrong passes; the A-XDR behind it is what remains to be proven.
 */
bool notification_gate(const uint8_t *data, size_t size);

/* Size of the notification that data starts with: 0 more bytes are needed, -1 there is none. */
long notification_measure(const uint8_t *data, size_t size);

#endif
