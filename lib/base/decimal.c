#include "base/decimal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

int decimal_parse(struct decimal *out, const char *text, size_t length)
{
	struct decimal d = {0};
	size_t i = 0, digits = 0;
	bool point = false;

	if (i < length && (text[i] == '-' || text[i] == '+'))
		d.negative = text[i++] == '-';
	for (; i < length; i++) {
		unsigned digit = (unsigned)(unsigned char)text[i] - '0';

		if (text[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (digit > 9)
			return EM_SYNTAX;
		if (d.digits > (UINT64_MAX - digit) / 10 || d.exponent <= -DECIMAL_EXPONENT)
			return EM_RANGE;
		d.digits = d.digits * 10 + digit;
		d.exponent = (int16_t)(d.exponent - point);
		digits++;
	}
	if (digits == 0 || text[length - 1] == '.')
		return EM_SYNTAX;
	*out = d;
	return 0;
}

static const char pairs[201] =
	"0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546"
	"4748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293"
	"949596979899";

static inline size_t count_digits(uint64_t n)
{
	size_t count = 1;

	for (; n >= 10000; n /= 10000)
		count += 4;
	return count + (n >= 10) + (n >= 100) + (n >= 1000);
}

static inline size_t put_digits(char *out, uint64_t n)
{
	size_t count, at;

	if (n < 10) {
		out[0] = (char)('0' + n);
		return 1;
	}
	for (at = count = count_digits(n); n >= 100; n /= 100) {
		at -= 2;
		memcpy(out + at, pairs + n % 100 * 2, 2);
	}
	if (at == 2)
		memcpy(out, pairs + n * 2, 2);
	else
		out[0] = (char)('0' + n);
	return count;
}

/* Appends the digits, without sign, of a number whose exponent is not 0. */
static size_t put_scaled(char *out, uint64_t n, int exponent)
{
	size_t count = put_digits(out, n), fraction = (size_t)-exponent, whole;

	if (exponent > 0) {
		size_t zeros = n ? (size_t)exponent : 0;

		memset(out + count, '0', zeros);
		return count + zeros;
	}
	if (count <= fraction) { /* all digits are decimals */
		memmove(out + 2 + fraction - count, out, count);
		out[0] = '0';
		memset(out + 2, '0', fraction - count);
		whole = 1;
	} else {
		whole = count - fraction;
		memmove(out + whole + 1, out + whole, fraction);
	}
	out[whole] = '.';
	return whole + 1 + fraction;
}

int decimal_whole(uint32_t *out, const char *text, size_t length, uint32_t most)
{
	uint64_t n = 0;

	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return EM_SYNTAX;
		n = n * 10 + (uint64_t)(text[i] - '0');
		n = n > UINT32_MAX ? (uint64_t)UINT32_MAX + 1 : n;
	}
	if (!length)
		return EM_SYNTAX;
	*out = (uint32_t)n;
	return n > most ? EM_RANGE : 0;
}

size_t decimal_format(char out[DECIMAL_TEXT], struct decimal d)
{
	size_t length = d.negative;

	if (d.negative)
		out[0] = '-';
	length += d.exponent == 0 ? put_digits(out + length, d.digits)
	                          : put_scaled(out + length, d.digits, d.exponent);
	out[length] = '\0';
	return length;
}

/* Multiplies the digits by 10^by; false when the product does not fit. */
static bool grow(uint64_t *digits, int by)
{
	for (; by > 0 && *digits; by--) {
		if (*digits > UINT64_MAX / 10)
			return false;
		*digits *= 10;
	}
	return true;
}

/* Gives both numbers the smaller exponent; drops trailing zeros first where that is needed. */
static bool align(struct decimal *a, struct decimal *b)
{
	struct decimal *high = a->exponent >= b->exponent ? a : b;
	struct decimal *low = high == a ? b : a;
	uint64_t digits = high->digits;

	while (!grow(&digits, high->exponent - low->exponent)) {
		if (low->digits % 10)
			return false;
		low->digits /= 10;
		low->exponent++;
		digits = high->digits;
	}
	high->digits = digits;
	high->exponent = low->exponent;
	return true;
}

int decimal_add(struct decimal *sum, struct decimal a, struct decimal b)
{
	if (!align(&a, &b))
		return EM_RANGE;
	if (a.negative == b.negative) {
		if (a.digits > UINT64_MAX - b.digits)
			return EM_RANGE;
		a.digits += b.digits;
	} else if (a.digits >= b.digits) {
		a.digits -= b.digits;
		a.negative = a.negative && a.digits;
	} else {
		a.digits = b.digits - a.digits;
		a.negative = b.negative;
	}
	*sum = a;
	return 0;
}

int decimal_compare(struct decimal a, struct decimal b)
{
	bool a_negative = a.negative && a.digits, b_negative = b.negative && b.digits;
	int larger = a_negative ? -1 : 1;

	if (a_negative != b_negative)
		return a_negative ? -1 : 1;
	if (!align(&a, &b)) /* they have no common exponent: the larger exponent wins */
		return a.exponent > b.exponent ? larger : -larger;
	return a.digits == b.digits ? 0 : a.digits > b.digits ? larger : -larger;
}

double decimal_double(struct decimal d)
{
	char text[48];

	snprintf(text, sizeof text, "%s%llue%d", d.negative ? "-" : "",
	         (unsigned long long)d.digits, d.exponent);
	return strtod(text, NULL);
}

int decimal_scaled(struct decimal d, int exponent, int64_t *out)
{
	int shift = d.exponent - exponent;

	if (!grow(&d.digits, shift))
		return EM_RANGE;
	for (; shift < 0 && d.digits; shift++)
		d.digits /= 10;
	if (d.digits > INT64_MAX)
		return EM_RANGE;
	*out = d.negative ? -(int64_t)d.digits : (int64_t)d.digits;
	return 0;
}
