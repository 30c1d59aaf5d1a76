/*
 * A simulated device with a register table: answers reads and writes as the device would, from
 * an image and the rows. Time is an argument. The rules:
 *
 * - a unit that the image does not have: exception 11; registers that it lacks read as 0xFFFF;
 * - strict: a read that begins or ends within a value: exception 2;
 * - a write has to cover whole writable values, else exception 2; values out of range: exception 3;
 * - what is written reads back where the row says, and is applied up to the station's limit;
 * - a value with a validity counts down and then gives way to the fallback.
 */
#ifndef DEVICE_SIMULATED_H
#define DEVICE_SIMULATED_H

#include "base/stamp.h"
#include "device/device.h"
#include "device/image.h"

#define SIMULATED_TIMERS 16
#define SIMULATED_REFUSALS 64

struct simulated {
	const struct device *device;
	struct image image;
	bool strict;
	double validity;                      /* seconds that a written value holds */
	int refuse_write;                     /* exception for every write, 0: none */
	uint16_t refused[SIMULATED_REFUSALS]; /* reads that touch these: exception 2 */
	size_t refusals;
	instant heard; /* last request */
	struct {
		const struct device_register *row;
		unsigned unit;
		instant end;
	} timers[SIMULATED_TIMERS]; /* values that expire */
	size_t running;
};

/* Fills the image with the device's example; `sockets` of them. 0, EM_NO_MEMORY, EM_SYNTAX. */
int simulated_example(struct simulated *s, unsigned sockets);

/* One request, count within the standard's limits (0: refused by the server anyway): 0 or the code
 * of an exception. Reads fill words, functions 6 and 16 give them. */
int simulated_request(struct simulated *s, unsigned unit, int function, unsigned address,
                      unsigned count, uint16_t *words, instant now);

#endif
