/*
 * The inverter beside the meter: reads its SunSpec inverter model (101 to 103, 111 to 113) every
 * second on a worker thread, at any position in the chain. Values have the register numbers of
 * SolarEdge and Fronius inverters, counted from 1: 40084 is the power. The service owns its
 * connection and the last reading.
 */
#ifndef SERVICE_INVERTER_H
#define SERVICE_INVERTER_H

#include <stdbool.h>

#include "base/decimal.h"
#include "base/stamp.h"
#include "io/loop.h"

enum { INVERTER_POINTS = 20, INVERTER_STALE = 10000 /* ms after which a reading is too old */ };

struct inverter_reading {
	instant time; /* when it was read; INSTANT_NONE: never */
	struct decimal value[INVERTER_POINTS];
	bool valid[INVERTER_POINTS];
};

/*
 * The value of a register at `now`. False when the register is unknown or the device does not
 * implement it, and when the reading is older than INVERTER_STALE.
 */
bool inverter_value(const struct inverter_reading *r, unsigned number, instant now,
                    struct decimal *value);

struct inverter;

struct inverter_counts {
	uint64_t polls, failed; /* failed: polls without a reading */
	uint64_t skipped;       /* polls left out because the last one was still running */
};

/* Polls unit 0..255 of HOST[:PORT]. 0, or EM_* with a text in `problem` (service/service.h). */
int inverter_open(struct inverter **out, struct loop *loop, const char *target, int unit,
                  char *problem, size_t size);

/* The last reading, updated in place on the loop; it lives until the loop is freed. */
const struct inverter_reading *inverter_last(const struct inverter *inverter);

struct inverter_counts inverter_counts(const struct inverter *inverter);

/* Ends a running request; the loop frees the rest. */
void inverter_close(struct inverter *inverter);

#endif
