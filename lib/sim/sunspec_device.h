/*
 * A SunSpec device that serves a register image: for lib/modbus/server. The device owns the image.
 */
#ifndef SIM_SUNSPEC_DEVICE_H
#define SIM_SUNSPEC_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "modbus/handler.h"

struct sunspec_device_settings {
	int unit;
	bool strict;   /* refuses reads that cut a point, as SMA does */
	bool gateway;  /* other units answer exception 11; else they are silent, as on a bus */
	unsigned late; /* every Nth answer comes late, 0: none */
	unsigned late_ms;
};

struct sunspec_device;

/*
 * Reads the image, CSV as in protocol/sunspec/image.h; NULL: an example inverter with models 1, 103
 * and 160. 0, EM_NO_MEMORY, or EM_SYNTAX or EM_RANGE with the line number.
 */
int sunspec_device_new(struct sunspec_device **out, const struct sunspec_device_settings *settings,
                       const char *image, size_t size, unsigned *line);
void sunspec_device_free(struct sunspec_device *d);

/*
 * What the example inverter feeds now, in W, over 1 phase or 3, and what it fed since the start, in Wh.
 */
void sunspec_device_feed(struct sunspec_device *d, int32_t watts, int phases, uint32_t fed);

/* A modbus_handler; `device` is a struct sunspec_device. Sleeps before a late answer. */
int sunspec_device_answer(void *device, const struct modbus_call *call);

#endif
