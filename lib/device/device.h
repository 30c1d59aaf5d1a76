/*
 * Devices with a register table: chargers and other devices that rows can describe. A device is one
 * file of rows and one line in devices.def. All code that reads, prints, sets, simulates or steers
 * the device uses these rows and the few facts here.
 *
 * Everything here is constant; nothing is owned.
 */
#ifndef DEVICE_DEVICE_H
#define DEVICE_DEVICE_H

#include <stddef.h>

#include "device/charger_facts.h"
#include "device/row.h"

struct device {
	const char *name;  /* of the command and of its records: "alfen" */
	const char *title; /* for people: "Alfen Eve" */
	const struct device_register *rows;
	size_t count;
	uint16_t port;
	const char *line;         /* settings of serial lines */
	uint8_t unit;             /* of PLACE_STATION */
	uint8_t reads, writes;    /* default functions of its rows */
	uint32_t functions;       /* functions that it serves: bit n for function n */
	bool single;              /* a request reads exactly one value */
	uint8_t gap;              /* undefined registers that a read may run across */
	uint8_t sockets;          /* at most */
	const char *socket_count; /* row with the number of sockets, NULL: one socket */
	const char
		*connected; /* first letters of states with a car, NULL: states have no letters */
	struct charger_facts charger;
	const char *const *example; /* "name=value", ended by NULL: values of a simulated device */
	const char *unreachable;    /* likely cause of a failed connection, or NULL */
	/* The likely cause of an exception to a write, or NULL. */
	const char *(*cause)(const struct device_register *row, int exception);
};

#define DEVICE(name, about, choice) extern const struct device name##_device;
#include "device/devices.def"
#undef DEVICE

/* The devices of devices.def in their order, up to NULL; and one by its name. */
extern const struct device *const devices[];
const struct device *device_by_name(const char *name, size_t length);

/* The row of that name, or NULL; and the name most similar to a misspelt one, or NULL. */
const struct device_register *device_row(const struct device *d, const char *name);
const char *device_nearest(const struct device *d, const char *name);

/* The first row of a role with that access (ACCESS_R, ACCESS_W), or NULL. */
const struct device_register *device_role(const struct device *d, enum register_role role,
                                          unsigned access);

/* The functions that read and write a row. */
unsigned device_reads(const struct device *d, const struct device_register *row);
unsigned device_writes(const struct device *d, const struct device_register *row);

static inline unsigned device_unit(const struct device *d, const struct device_register *row,
                                   unsigned socket)
{
	return row->place == PLACE_SOCKET ? socket : d->unit;
}

/*
 * The unit number in an image for the registers that a function reads. Coils, discrete inputs,
 * input and holding registers each count from 0, so each has a number; for holding registers it is
 * the unit itself.
 */
unsigned device_space(unsigned unit, unsigned function);
unsigned device_row_space(const struct device *d, const struct device_register *row,
                          unsigned socket);

#endif
