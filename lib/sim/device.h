/*
 * A simulated device with a register table: answers reads and writes like the device, from an image
 * and the rows. Time is an argument. The rules:
 *
 * - a unit that the image does not have: exception 11; missing registers read as 0xFFFF;
 * - a function that the device does not serve: exception 1;
 * - strict: a read that begins or ends within a value: exception 2; a device of single values refuses
 *   every read that is not of one row;
 * - a write has to cover whole writable values, else exception 2; values out of range: exception 3;
 * - written values read back in the row's mirror, and are applied up to the station's limit;
 * - a set-point counts down, then the fallback applies; feeding the device, by the facts of its
 *   family, restarts the time;
 * - the family's way to pause stops the car's current and leaves the limit alone.
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
	double validity;                       /* s, of a written value */
	int refuse_write;                      /* exception for every write, 0: none */
	uint16_t refused[SIM_DEVICE_REFUSALS]; /* reads that touch these: exception 2 */
	size_t refusals;
	bool paused; /* by the family's way to pause */
	struct {
		const struct device_register *row;
		unsigned socket;
		instant end;
	} timers[SIM_DEVICE_TIMERS]; /* values that expire */
	size_t running;
};

/* Fills the image with the device's example and `sockets` sockets. 0, EM_NO_MEMORY, EM_SYNTAX. */
int sim_device_example(struct sim_device *s, unsigned sockets);

/* Stores a value in the form of the examples: a number, letters, "#" and hex digits, "-". */
int sim_device_set(struct sim_device *s, const struct device_register *row, unsigned socket,
                   const char *value);

/* Stores the registers of a row. */
void sim_device_put(struct sim_device *s, const struct device_register *row, unsigned socket,
                    const uint16_t *words);

/* Stores a number in a row's registers, or in the row's bits of them. */
void sim_device_show(struct sim_device *s, const struct device_register *row, unsigned socket,
                     struct decimal value);

/* The current that the car may draw now, mA. */
int32_t sim_device_offer(const struct sim_device *s);

/* Advances the time: countdowns run, and expired values give way to the fallback. */
void sim_device_pass(struct sim_device *s, instant now);

/*
 * Answers one request, with a count within the standard's limits (0: the server refuses it anyway).
 * 0 or an exception code. Reads fill words, writes have values in them; coils are words of 0 and 1.
 */
int sim_device_request(struct sim_device *s, unsigned unit, int function, unsigned address,
                       unsigned count, uint16_t *words, instant now);

#endif
