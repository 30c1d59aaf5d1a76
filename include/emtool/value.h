/*
 * A value of a record: a number, a word, a device's clock, or the beginning or end of a list or
 * object. Values belong to their record and are valid as long as it is. Functions that take a value
 * also take NULL and treat it as a value that is not available.
 *
 * Units have no prefix: V, A, W, Wh, var, varh, VA, VAh, Hz, m3, J, degC. Decimal numbers are exact,
 * with the digits that the device sent.
 */
#ifndef EMTOOL_VALUE_H
#define EMTOOL_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct emtool_value;

enum emtool_kind {
	EMTOOL_VALUE_NULL, /* not available, not implemented, NaN */
	EMTOOL_VALUE_BOOL,
	EMTOOL_VALUE_DECIMAL, /* exact numbers, whole ones included */
	EMTOOL_VALUE_FLOAT32, /* IEEE 754, as the device sent it */
	EMTOOL_VALUE_FLOAT64,
	EMTOOL_VALUE_TEXT,
	EMTOOL_VALUE_TIME,
	EMTOOL_VALUE_LIST,   /* the values up to its END are inside */
	EMTOOL_VALUE_OBJECT, /* the same with names */
	EMTOOL_VALUE_END     /* of the innermost list or object */
};

/* Bytes without a final NUL; data is NULL when there is no text. */
struct emtool_text {
	const char *data;
	size_t size;
};

/* digits * 10^exponent, with a sign; exponent is -64..64 */
struct emtool_decimal {
	uint64_t digits;
	int exponent;
	bool negative;
};

/* The time of a device's clock. offset: minutes east of UTC, if the device sends it. */
struct emtool_time {
	int year, month, day, hour, minute, second; /* 0..9999, 1..12, 1..31, 0..23, 0..59, 0..59 */
	bool has_offset;
	int offset; /* -840..840 */
};

enum emtool_kind emtool_value_kind(const struct emtool_value *v);

/* The name; no text for values inside a list. */
struct emtool_text emtool_value_name(const struct emtool_value *v);

/* "W"; NULL when there is none. A constant string. */
const char *emtool_value_unit(const struct emtool_value *v);

/* The OBIS code as the device sent it, "1-0:1.7.0"; no text when there is none. */
struct emtool_text emtool_value_obis(const struct emtool_value *v);

/* The address of the first register, 0..65535; -1 when there is none. */
int emtool_value_address(const struct emtool_value *v);

/*
 * Any number as a double. These return false and leave *out unchanged for values of another kind.
 */
bool emtool_value_number(const struct emtool_value *v, double *out);
bool emtool_value_decimal(const struct emtool_value *v, struct emtool_decimal *out);
bool emtool_value_bool(const struct emtool_value *v, bool *out);
bool emtool_value_time(const struct emtool_value *v, struct emtool_time *out);

/* The bytes of a text, usually UTF-8 but as the device sent them; no text for other kinds. */
struct emtool_text emtool_value_text(const struct emtool_value *v);

#ifdef __cplusplus
}
#endif

#endif
