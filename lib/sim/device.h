/*
 * A simulated device with a register table: answers reads and writes as the device would, from
 * an image and the rows. Time is an argument. The rules:
 *
 * - a unit that the image does not have: exception 11; registers that it lacks read as 0xFFFF;
 * - a function that the device does not serve: exception 1;
 * - strict: a read that begins or ends within a value: exception 2; a device of single values refuses
 *   every read that is not of one row;
 * - a write has to cover whole writable values, else exception 2; values out of range: exception 3;
 * - what is written reads back where the row says, and is applied up to the station's limit;
 * - a set-point counts down and then gives way to the fallback; what feeds the device, by the facts
 *   of its family, starts the time again;
 * - what the family pauses with takes the current from the car and leaves the limit alone.
 */
#ifndef DEVICE_SIM_DEVICE_H
#define DEVICE_SIM_DEVICE_H

#include "base/decimal.h"
#include "base/stamp.h"
#include "device/device.h"
#include "device/image.h"

#define SIM_DEVICE_TIMERS 16
#define SIM_DEVICE_REFUSALS 64

struct sim_device {
	const struct device *device;
	struct image image;
	bool strict;
	double validity;                       /* seconds that a written value holds */
	int refuse_write;                      /* exception for every write, 0: none */
	uint16_t refused[SIM_DEVICE_REFUSALS]; /* reads that touch these: exception 2 */
	size_t refusals;
	bool paused; /* by what the family pauses with */
	struct {
		const struct device_register *row;
		unsigned socket;
		instant end;
	} timers[SIM_DEVICE_TIMERS]; /* values that expire */
	size_t running;
};

/* Fills the image with the device's example; `sockets` of them. 0, EM_NO_MEMORY, EM_SYNTAX. */
int sim_device_example(struct sim_device *s, unsigned sockets);

/* Stores the registers of a row. */
void sim_device_put(struct sim_device *s, const struct device_register *row, unsigned socket,
                    const uint16_t *words);

/* Shows a number in a row's registers, or in its bits of them. */
void sim_device_show(struct sim_device *s, const struct device_register *row, unsigned socket,
                     struct decimal value);

/* The current that the car may draw now, mA. */
int32_t sim_device_offer(const struct sim_device *s);

/* Lets the time pass: countdowns run, what has expired gives way. */
void sim_device_pass(struct sim_device *s, instant now);

/* One request, count within the standard's limits (0: refused by the server anyway): 0 or the code
 * of an exception. Reads fill words, the functions that write give them; coils are words of 0 and 1. */
int sim_device_request(struct sim_device *s, unsigned unit, int function, unsigned address,
                       unsigned count, uint16_t *words, instant now);

#endif
