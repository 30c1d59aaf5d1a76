/*
 * A charger that polls its meter over Modbus RTU, and the meter's answers, as a converter forwards
 * them: it cuts and merges frames, and adds faults on request. The currents of the house vary, its
 * energy grows.
 */
#ifndef SIM_BUS_METER_H
#define SIM_BUS_METER_H

#include <stdint.h>

#include "device/meter.h"
#include "sim/player.h"

struct bus_meter_settings {
	const struct meter *meter;
	uint8_t unit;
	uint64_t count;       /* rounds until the end, 0: no end */
	uint64_t seed;        /* the same seed makes the same bytes */
	double interval;      /* s for one round of registers */
	double drop, corrupt; /* probabilities for a frame, 0..1 */
	bool whole;           /* frames are not cut and merged */
};

struct bus_meter;

/* NULL when out of memory. */
struct bus_meter *bus_meter_new(const struct bus_meter_settings *settings);
void bus_meter_free(struct bus_meter *m);

/* Each turn is a request for one register and its answer. */
extern const struct player_events bus_meter_events;

#endif
