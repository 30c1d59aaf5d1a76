/*
 * Devices with a register table: chargers and whatever else can be written down as rows of name,
 * address, type, scale, unit and words. A device is one file of rows and one line in devices.def;
 * what reads, prints, sets and simulates it works from the rows.
 *
 * Everything here is constant; nothing is owned. Registers are addressed as in the PDU, from 0.
 */
#ifndef DEVICE_DEVICE_H
#define DEVICE_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum register_kind {
	REGISTER_U16,
	REGISTER_I16,
	REGISTER_U32,
	REGISTER_I32,
	REGISTER_U64,
	REGISTER_I64,
	REGISTER_F32,
	REGISTER_F64,
	REGISTER_TEXT, /* two characters per register, up to the first NUL */
	REGISTER_ODD   /* what row.odd() makes of it */
};

enum register_access { ACCESS_R = 1, ACCESS_W = 2, ACCESS_RW = 3 };

enum register_place {
	PLACE_STATION, /* registers of the device as a whole: device.unit */
	PLACE_SOCKET   /* registers of one socket: unit = number of the socket, from 1 */
};

enum register_flag {
	FLAG_BITS = 1,      /* the words name bits, not values */
	FLAG_LOW_FIRST = 2, /* low word first */
	FLAG_ONES = 4,      /* all ones: not available */
	FLAG_WATCH = 8      /* one of those that a watcher wants to see */
};

/* A value, a bit or a text of a register, and what it means; a list ends with word NULL. */
struct register_word {
	const char *word;
	uint32_t value;
	const char *text;
};

/* How a register is written, and what to read then; all names are names of rows, or NULL. */
struct register_steering {
	double min, max;
	const char *limit;     /* what the station allows: greater values are cut to it */
	const char *mirror;    /* where a written value reads back, NULL: in the register itself */
	const char *applied;   /* what the device makes of it */
	const char *validity;  /* seconds that a value holds unless it is written again */
	bool expires;          /* they count down; else: seconds of silence that are tolerated */
	const char *fallback;  /* what applies after that */
	const char *accounted; /* 0 while the device does not heed the value */
};

struct record;

struct device_register {
	const char *name, *label, *unit;
	const struct register_word *words;
	const struct register_steering *steering; /* writable registers */
	void (*odd)(struct record *r, const struct device_register *row, const uint16_t *words);
	uint16_t address;
	uint8_t count; /* registers */
	uint8_t type, place, access, flags;
	int8_t scale;        /* power of ten of integers */
	uint8_t shift, bits; /* a field within an integer: bits 0 means all of it */
	uint8_t text_order;  /* line in texts, from 1; 0: not shown there */
	uint16_t companion;  /* all ones mean "not available" only if this register says so too */
};

struct device {
	const char *name; /* of the command and of its records: "alfen" */
	const struct device_register *rows;
	size_t count;
	uint16_t port;
	const char *line;              /* settings of serial lines */
	uint8_t unit;                  /* of PLACE_STATION */
	uint8_t function;              /* that reads: 3 or 4 */
	uint8_t gap;                   /* undefined registers that a read may run across */
	uint8_t sockets;               /* at most */
	const char *socket_count;      /* row that tells how many there are, NULL: one */
	const char *state, *connected; /* row of the car's state, and first letters with a car */
	const char *energy;            /* row of the energy counter; state and energy may be NULL */
	const char *const *example;    /* "name=value", ended by NULL: what a simulated one holds */
	const char *unreachable;       /* its likely cause, or NULL */
	/* The likely cause of an exception to a write, or NULL. */
	const char *(*cause)(const struct device_register *row, int exception);
};

#define DEVICE(name, about, choice) extern const struct device name##_device;
#include "device/devices.def"
#undef DEVICE

/* The row of that name, or NULL; and the name that looks most like a misspelt one, or NULL. */
const struct device_register *device_row(const struct device *d, const char *name);
const char *device_nearest(const struct device *d, const char *name);

static inline unsigned device_unit(const struct device *d, const struct device_register *row,
                                   unsigned socket)
{
	return row->place == PLACE_SOCKET ? socket : d->unit;
}

/* "uint16", "float32", ..., "string" */
const char *register_type_text(const struct device_register *row);

#endif
