/*
 * Reads and writes of a charger's registers, by the rows of its device. They block, so they belong
 * to the worker thread. Each returns 0 or EM_*. Internal to charger*.c.
 */
#ifndef CONTROL_CHARGER_ACCESS_H
#define CONTROL_CHARGER_ACCESS_H

#include "control/charger.h"

enum { CHARGER_SOCKET = 1 };

/* ms of a monotonic clock */
uint64_t charger_clock(void);

/* Waits until the charger may be asked again: some need a moment between two requests. */
void charger_keep_gap(const struct charger *c);

int charger_read_block(struct charger *c, unsigned unit, unsigned function, unsigned address,
                       unsigned count);
int charger_read_row(struct charger *c, const struct device_register *row);
int charger_write_words(struct charger *c, const struct device_register *row,
                        const uint16_t *words);
int charger_write_value(struct charger *c, const struct device_register *row, struct decimal value);

/* Writes a number of the family's facts to the row of its role; 0 when it has no such row. */
int charger_write_fact(struct charger *c, struct charger_write fact);

/*
 * Writes a value and reads it back: the controller relies on it. EM_UNSUPPORTED when the charger
 * shows another value.
 */
int charger_write_checked(struct charger *c, const struct device_register *row,
                          struct decimal value);

/* The row where a written value reads back, or NULL. */
const struct device_register *charger_mirror(const struct charger *c,
                                             const struct device_register *row);

/* Gets the last read number of a row; false when there is none. */
bool charger_number(const struct charger *c, const struct device_register *row,
                    struct decimal *out);

/* The same in A, as a float may tell it; false when there is none. */
bool charger_amperes(const struct charger *c, const struct device_register *row, double *out);

/* The same as a current in mA, or CURRENT_NONE. */
int32_t charger_amount(const struct charger *c, const struct device_register *row);

#endif
