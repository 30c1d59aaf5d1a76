/*
 * A row of a register table: the place of a value in a device, its meaning, how to read and write
 * it, and its role for a controller that does not know the name.
 *
 * Rows are constant; nothing is owned. Addresses are those of the PDU, from 0.
 */
#ifndef DEVICE_ROW_H
#define DEVICE_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "device/role.h"

enum register_kind {
	REGISTER_U16, /* in coils and discrete inputs: one bit, 0 or 1 */
	REGISTER_I16,
	REGISTER_U32,
	REGISTER_I32,
	REGISTER_U64,
	REGISTER_I64,
	REGISTER_F32,
	REGISTER_F64,
	REGISTER_TEXT, /* two characters per register, up to the first NUL */
	REGISTER_ODD   /* row.odd() converts it */
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
	FLAG_WATCH = 8      /* watch shows it */
};

/* A value, a bit or a text of a register, and its meaning; a list ends with word NULL. */
struct register_word {
	const char *word;
	uint32_t value;
	const char *text;
};

/* How to write a register, and what to read afterwards; all names are names of rows, or NULL. */
struct register_steering {
	double min, max;
	double least;         /* values between 0 and this one are refused; 0: none are */
	const char *limit;    /* the station's limit: greater values are cut to it */
	const char *mirror;   /* where a written value reads back, NULL: the register itself */
	const char *applied;  /* the value that the device applies */
	const char *validity; /* seconds that a value holds unless it is written again */
	bool expires; /* validity counts down; else: seconds of silence that are tolerated */
	const char *fallback;  /* the value that applies after that */
	const char *accounted; /* 0 while the device does not use the value */
};

struct record;

struct device_register {
	const char *name, *label, *unit;
	const struct register_word *words;
	const struct register_steering *steering; /* writable registers */
	void (*odd)(struct record *r, const struct device_register *row, const uint16_t *words);
	uint16_t address;
	uint8_t count; /* registers */
	uint8_t type, place, access, flags, role;
	uint8_t reads, writes; /* functions: 1 to 4, and 5, 6, 15 or 16; 0: those of the device */
	int8_t scale;          /* power of ten of integers */
	uint8_t shift, bits;   /* a field within an integer: bits 0 means all of it */
	uint8_t text_order;    /* line in texts, from 1; 0: not shown there */
	uint16_t companion;    /* all ones mean "not available" only if this register is too */
};

/* "uint16", "float32", ..., "string" */
const char *register_type_text(const struct device_register *row);

#endif
