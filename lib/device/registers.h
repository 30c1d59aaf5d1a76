/*
 * Converts register words to values and back, with the rows of a device.
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
 * Adds the row's value from the image: null when registers are missing or mean "not available".
 * Texts are copied into the record.
 */
struct value *register_value(struct record *r, const struct device *d,
                             const struct device_register *row, const struct image *m,
                             unsigned socket);

/* The value as text: the row's words instead of numbers, `-` for null, no unit. */
void register_text(struct text *out, const struct device_register *row, const struct value *v);

/* Parses a value that the user gave: EM_SYNTAX, or EM_RANGE outside the row's bounds. */
int register_parse(const struct device_register *row, const char *text, struct decimal *out);

/* The row->count register words of a value; EM_RANGE if it does not fit the type. */
int register_encode(const struct device_register *row, struct decimal value,
                    uint16_t words[REGISTER_WORDS]);

/*
 * Cuts a value to the station's limit; true when that changed it. A limit of 0 cuts nothing: some
 * firmware gives it while no car is connected.
 */
bool register_cut(struct decimal *value, struct decimal limit);

/* A number as the decimal that prints; false for null, texts and numbers with an exponent. */
bool value_decimal(const struct value *v, struct decimal *out);

#endif
