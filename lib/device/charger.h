/*
 * Chargers that a load balancer can steer, a row each: where the set-point goes, where the currents
 * stand, and how the charger protects itself when nobody speaks to it any more. One kind has a
 * communication time-out and a fallback current that are written (ABB); another lets each set-point
 * expire and falls back to a current that is configured in it (Alfen).
 */
#ifndef DEVICE_CHARGER_H
#define DEVICE_CHARGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum charger_number {
	CHARGER_MILLIAMPERES,
	CHARGER_FLOAT
}; /* uint32 mA or float32 A, two registers */

#define CHARGER_NONE INT32_MIN /* a current that is not available */

struct charger_kind {
	const char *scheme; /* "abb" in abb://HOST */
	const char *name;
	const char *line; /* settings of serial lines */
	uint16_t port;
	uint8_t unit;
	enum charger_number number;
	uint16_t set_point;
	uint16_t currents;                /* three numbers, one per phase */
	uint16_t timeout, timeout_back;   /* s, written and read back; 0: set-points expire */
	uint16_t fallback, fallback_back; /* whole A */
	uint16_t fallback_most;           /* A */
	uint16_t remaining; /* uint32 s that the set-point is still good for; 0: no such thing */
	uint16_t
		safe; /* the fallback current as configured in the charger; 0: written, see above */
};

extern const struct charger_kind charger_kinds[];
extern const size_t charger_kind_count;

/* The row of a scheme of that length, or NULL. */
const struct charger_kind *charger_kind_find(const char *scheme, size_t length);

/* mA as the two registers that the charger wants, and back. */
void charger_encode(const struct charger_kind *kind, int32_t current, uint16_t words[2]);
int32_t charger_decode(const struct charger_kind *kind, const uint16_t words[2]);

#endif
