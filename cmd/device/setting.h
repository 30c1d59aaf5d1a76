/*
 * What the parts of the verb `set` share: the values that the user gave, and the station that gets
 * them. set.c writes them and reads them back, hold.c keeps them in force.
 */
#ifndef CMD_DEVICE_SETTING_H
#define CMD_DEVICE_SETTING_H

#include "cmd/device/device.h"
#include "device/registers.h"

enum { SETTING_ROWS = 256, ASSIGNMENTS = 16 };

struct assignment {
	const struct device_register *row;
	struct decimal value;
	uint16_t words[REGISTER_WORDS];
};

struct setting {
	struct station t;
	struct assignment list[ASSIGNMENTS];
	size_t count, failed;      /* failed: index of the write that failed */
	bool wanted[SETTING_ROWS]; /* rows that show the result */
	unsigned socket;
	struct text told; /* text of the last report */
	bool holding;     /* hold.c judges what was read back */
};

/* Gets a number of the last reading; false when it is not available. */
bool setting_number(struct setting *s, const char *name, struct decimal *out);

/* Whether the device holds the written value; true when its value cannot be read back. */
bool setting_holds(struct setting *s, const struct assignment *a, struct decimal *got);

/* Writes all values; 0, or the error, which has been printed. */
int setting_write(struct setting *s);

/* Reads everything that shows the result; 0, or the error, which has been printed. */
int setting_look(struct setting *s);

/*
 * Writes, reads back and reports; 0 if the device holds the values. Text output shows only changes,
 * other formats a record every time.
 */
int setting_apply(struct setting *s);

/* Keeps the values from expiring, and watches that they stay, until the command is ended. */
void setting_hold(struct setting *s);

#endif
