/*
 * Exact decimal numbers, as meters send them: digits times a power of ten, with a sign. 64 bits of
 * digits hold every value of every 64-bit register, signed or not. Trailing zeros are kept, so a
 * number prints with the digits that the device sent.
 */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DECIMAL_EXPONENT 64 /* exponents are -64..64 */
#define DECIMAL_TEXT 96     /* bytes that the longest text needs, with its NUL */

struct decimal {
	uint64_t digits;
	int16_t exponent; /* value = digits * 10^exponent */
	bool negative;
};

static inline struct decimal decimal_u64(uint64_t digits, int exponent)
{
	return (struct decimal){.digits = digits, .exponent = (int16_t)exponent};
}

static inline struct decimal decimal_i64(int64_t n, int exponent)
{
	uint64_t digits = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

	return (struct decimal){.digits = digits, .exponent = (int16_t)exponent, .negative = n < 0};
}

/* The same number times 10^shift, exact. */
static inline struct decimal decimal_shift(struct decimal d, int shift)
{
	d.exponent = (int16_t)(d.exponent + shift);
	return d;
}

/*
 * Reads `[+-]digits[.digits]`, the whole of text[0..length). EM_SYNTAX if it is anything else,
 * EM_RANGE if the digits do not fit 64 bits.
 */
int decimal_parse(struct decimal *out, const char *text, size_t length);

/*
 * A whole number in decimal digits, the whole of text[0..length). EM_SYNTAX for anything else,
 * EM_RANGE when it is above `most`.
 */
int decimal_whole(uint32_t *out, const char *text, size_t length, uint32_t most);

/* Plain notation without exponent, NUL-terminated; returns the length. */
size_t decimal_format(char out[DECIMAL_TEXT], struct decimal d);

/* a + b, exact; EM_RANGE if the sum does not fit. */
int decimal_add(struct decimal *sum, struct decimal a, struct decimal b);

/* <0, 0, >0 as a is smaller than, equal to, or greater than b. */
int decimal_compare(struct decimal a, struct decimal b);

/* The nearest double. */
double decimal_double(struct decimal d);

/* d * 10^-exponent as a whole number (value in units of 10^exponent), cut towards zero;
 * EM_RANGE if it does not fit. decimal_scaled(d, -3, &n) gives thousandths. */
int decimal_scaled(struct decimal d, int exponent, int64_t *out);

#endif
