#include "mqtt/payload.h"

#include <stdbool.h>

#include "base/hex.h"

static int base64_digit(int c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

static bool blank(uint8_t c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Number of digits if the text has only digits, blanks and a `=` or two at the end; else 0. */
static size_t digits(const uint8_t *data, size_t size, int (*digit)(int), bool padded)
{
	size_t n = 0, padding = 0;

	for (size_t i = 0; i < size; i++) {
		if (blank(data[i]))
			continue;
		if (padded && data[i] == '=' && n) {
			padding++;
			continue;
		}
		if (padding || digit(data[i]) < 0)
			return 0;
		n++;
	}
	return padding > 2 || (padding && (n + padding) % 4) ? 0 : n;
}

static size_t decode(uint8_t *data, size_t size, int (*digit)(int), unsigned bits)
{
	unsigned held = 0, value = 0;
	size_t n = 0;

	for (size_t i = 0; i < size; i++) {
		if (blank(data[i]) || data[i] == '=')
			continue;
		value = (value << bits | (unsigned)digit(data[i])) & 0xFFFF;
		held += bits;
		if (held >= 8) {
			held -= 8;
			data[n++] = (uint8_t)(value >> held);
		}
	}
	return n;
}

size_t payload_decode(uint8_t *data, size_t size)
{
	size_t n = digits(data, size, hex_digit, false);

	if (n >= 16 && n % 2 == 0)
		return decode(data, size, hex_digit, 4);
	n = digits(data, size, base64_digit, true);
	if (n >= 16 && n % 4 != 1)
		return decode(data, size, base64_digit, 6);
	return size;
}
