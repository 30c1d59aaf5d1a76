/*
 * Words of registers to values and back, by the rows of a device.
 */
#ifndef DEVICE_REGISTERS_H
#define DEVICE_REGISTERS_H

#include "base/decimal.h"
#include "base/text.h"
#include "device/device.h"
#include "device/image.h"
#include "record/record.h"

#define REGISTER_WORDS 32 /* registers of the longest value */

/*
 * Adds the row's value as the image has it: null when registers are missing, or say that nothing
 * is available. Texts are copied into the record.
 */
struct value *register_value(struct record *r, const struct device *d,
                             const struct device_register *row, const struct image *m,
                             unsigned socket);

/* The value for people: words instead of numbers where the row has them, `-` for null, no unit. */
void register_text(struct text *out, const struct device_register *row, const struct value *v);

/* Reads what a user wants written: EM_SYNTAX, or EM_RANGE outside the row's bounds. */
int register_parse(const struct device_register *row, const char *text, struct decimal *out);

/* The words that say it, row->count of them; EM_RANGE if the type cannot. */
int register_encode(const struct device_register *row, struct decimal value,
                    uint16_t words[REGISTER_WORDS]);

/*
 * Cuts a value to what the station allows; whether that changed it. A limit of 0 is what some firmware
 * says while there is no car, and cuts nothing.
 */
bool register_cut(struct decimal *value, struct decimal limit);

/* A number as a decimal, as it would print; false for null, texts and what has an exponent. */
bool value_decimal(const struct value *v, struct decimal *out);

#endif
