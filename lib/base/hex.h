/*
 * Hexadecimal digits: their values, and bytes from and to text. Reading takes capitals and small
 * letters, writing makes capitals. Hot paths use hex_digit(), one look into a table.
 */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include <stddef.h>
#include <stdint.h>

extern const int8_t hex_values[256];

/* 0..15; -1 for a character that is no hexadecimal digit. */
static inline int hex_digit(int c)
{
	return hex_values[(unsigned char)c];
}

/* n bytes from exactly 2 * n digits. EM_SYNTAX when the length or a digit is wrong. */
int hex_read(uint8_t *out, size_t n, const char *text, size_t length);

/* A 16-bit word from four digits, the high byte first. EM_SYNTAX when one of them is none. */
int hex_word(uint16_t *out, const char digits[4]);

/* 2 * n capital digits, without a NUL. */
void hex_write(char *out, const void *data, size_t n);

#endif
