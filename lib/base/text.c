#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"

bool text_grow(struct text *t, size_t n)
{
	size_t capacity = t->capacity ? t->capacity : 512;
	char *data;

	if (t->failed)
		return false;
	if (t->fixed) {
		t->failed = true;
		return false;
	}
	while (capacity - t->length < n) {
		if (capacity > SIZE_MAX / 2) {
			t->failed = true;
			return false;
		}
		capacity *= 2;
	}
	data = realloc(t->data, capacity);
	if (!data) {
		t->failed = true;
		return false;
	}
	t->data = data;
	t->capacity = capacity;
	return true;
}

void text_fill(struct text *t, char c, size_t n)
{
	if (!n || !text_room(t, n))
		return;
	memset(t->data + t->length, c, n);
	t->length += n;
}

void text_printf(struct text *t, const char *format, ...)
{
	va_list arguments;
	char small[256];
	int n;

	va_start(arguments, format);
	n = vsnprintf(small, sizeof small, format, arguments);
	va_end(arguments);
	if (n < 0)
		return;
	if ((size_t)n < sizeof small) {
		text_add(t, small, (size_t)n);
		return;
	}
	if (!text_room(t, (size_t)n + 1))
		return;
	va_start(arguments, format);
	vsnprintf(t->data + t->length, (size_t)n + 1, format, arguments);
	va_end(arguments);
	t->length += (size_t)n;
}

void text_hex(struct text *t, const void *data, size_t n)
{
	if (n > SIZE_MAX / 2 || !text_room(t, 2 * n) || !t->data)
		return;
	hex_write(t->data + t->length, data, n);
	t->length += 2 * n;
}

void text_decimal(struct text *t, struct decimal d)
{
	if (text_room(t, DECIMAL_TEXT))
		t->length += decimal_format(t->data + t->length, d);
}

void text_float32(struct text *t, float f)
{
	if (text_room(t, FLOAT_TEXT))
		t->length += float32_format(t->data + t->length, f);
}

void text_float64(struct text *t, double d)
{
	if (text_room(t, FLOAT_TEXT))
		t->length += float64_format(t->data + t->length, d);
}

void text_stamp(struct text *t, const struct stamp *s)
{
	if (text_room(t, STAMP_TEXT))
		t->length += stamp_format(t->data + t->length, s);
}

void text_instant(struct text *t, instant time)
{
	if (text_room(t, STAMP_TEXT))
		t->length += instant_format(t->data + t->length, time);
}

const char *text_string(struct text *t)
{
	if (!text_room(t, 1) || t->failed)
		return "";
	t->data[t->length] = '\0';
	return t->data;
}

void text_free(struct text *t)
{
	if (!t->fixed)
		free(t->data);
	*t = (struct text){0};
}

size_t utf8_length(const char *data, size_t n)
{
	const unsigned char *p = (const unsigned char *)data;
	size_t length;

	if (n == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xC2 || p[0] > 0xF4)
		return 0;
	length = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
	if (n < length)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) ||
	    (p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F))
		return 0;
	return length;
}

/* The code point of a well-formed sequence. */
static uint32_t code_point(const char *data, size_t length)
{
	uint32_t code = (unsigned char)data[0];

	if (length > 1)
		code &= 0x7Fu >> length;
	for (size_t i = 1; i < length; i++)
		code = code << 6 | ((unsigned char)data[i] & 0x3F);
	return code;
}

bool utf8_unseen(const char *data, size_t length)
{
	/* clang-format off */
	static const uint32_t ranges[][2] = {
		{0x80, 0x9F},     {0x61C, 0x61C},   {0x200B, 0x200F},   {0x2028, 0x202E},
		{0x2060, 0x206F}, {0xFDD0, 0xFDEF}, {0xFEFF, 0xFEFF},   {0xFFF9, 0xFFFB},
		{0xE0000, 0xE0FFF}};
	/* clang-format on */
	uint32_t code = length > 1 ? code_point(data, length) : 0;

	for (size_t i = 0; code && i < sizeof ranges / sizeof ranges[0]; i++)
		if (code >= ranges[i][0] && code <= ranges[i][1])
			return true;
	return (code & 0xFFFE) == 0xFFFE;
}

size_t text_columns(const char *data, size_t n)
{
	size_t columns = 0;

	for (size_t i = 0; i < n; i++)
		columns += ((unsigned char)data[i] & 0xC0) != 0x80;
	return columns;
}

void text_printable(struct text *t, const char *data, size_t n)
{
	while (n) {
		size_t plain = 0, length;

		while (plain < n && data[plain] >= 0x20 && data[plain] < 0x7F)
			plain++;
		text_add(t, data, plain);
		data += plain;
		n -= plain;
		length = utf8_length(data, n);
		if (length > 1 && !utf8_unseen(data, length)) {
			text_add(t, data, length);
		} else {
			length = n && !length ? 1 : length;
			for (size_t i = 0; i < length; i++)
				text_printf(t, "\\x%02X", (unsigned char)data[i]);
		}
		data += length;
		n -= length;
	}
}

/* Whether a byte needs no escape in a JSON string. */
static inline bool json_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

/*
 * Sets the high bit of each byte that is a control character, a quote, a backslash, DEL or not
 * ASCII. A borrow can also mark the byte above such a byte; the caller then checks byte by byte
 * anyway.
 */
static inline uint64_t not_plain(uint64_t word)
{
	const uint64_t ones = 0x0101010101010101, high = ones * 0x80;
	uint64_t quote = word ^ ones * '"', slash = word ^ ones * '\\', del = word ^ ones * 0x7F;

	return (word | (word - ones * 0x20) | (quote - ones) | (slash - ones) | (del - ones)) &
	       high;
}

static inline uint64_t copy_8(char *to, const char *from)
{
	uint64_t word;

	memcpy(&word, from, sizeof word);
	memcpy(to, &word, sizeof word);
	return not_plain(word);
}

/* Copies bytes in words, the last two of which overlap; false if not all bytes are plain. */
static inline bool plain_copy(char *to, const char *from, size_t n)
{
	uint64_t odd = 0;

	if (n >= 8) {
		for (size_t i = 0; i + 8 < n; i += 8)
			odd |= copy_8(to + i, from + i);
		return (odd | copy_8(to + n - 8, from + n - 8)) == 0;
	}
	if (n >= 4) {
		uint32_t begin, end;

		memcpy(&begin, from, sizeof begin);
		memcpy(&end, from + n - 4, sizeof end);
		memcpy(to, &begin, sizeof begin);
		memcpy(to + n - 4, &end, sizeof end);
		return not_plain((uint64_t)end << 32 | begin) == 0;
	}
	for (; n; n--) {
		odd |= !json_plain((unsigned char)*from);
		*to++ = *from++;
	}
	return odd == 0;
}

static void json_escape(struct text *t, uint32_t c)
{
	switch (c) {
	case '"': text_add(t, "\\\"", 2); break;
	case '\\': text_add(t, "\\\\", 2); break;
	case '\n': text_add(t, "\\n", 2); break;
	case '\r': text_add(t, "\\r", 2); break;
	case '\t': text_add(t, "\\t", 2); break;
	default:
		if (c > 0xFFFF)
			text_printf(t, "\\u%04x", (unsigned)(0xD7C0 + (c >> 10)));
		text_printf(t, "\\u%04x", (unsigned)(c > 0xFFFF ? 0xDC00 | (c & 0x3FF) : c));
		break;
	}
}

/* The rest of a string, from the first byte that is not plain on. */
static void json_carefully(struct text *t, const char *data, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t length = utf8_length(data + i, n - i);

		if (length > 1 ? !utf8_unseen(data + i, length)
		               : length && json_plain((unsigned char)data[i])) {
			text_add(t, data + i, length);
		} else {
			json_escape(t,
			            length ? code_point(data + i, length) : (unsigned char)data[i]);
		}
		i += length ? length : 1;
	}
}

/* A string, on request with a comma before it or a colon behind it. */
static void put_json(struct text *t, bool comma, const char *data, size_t n, bool colon)
{
	char *to;

	if (!text_room(t, n + 4))
		return;
	to = t->data + t->length;
	to[0] = ',';
	to += comma;
	*to++ = '"';
	if (plain_copy(to, data, n)) {
		to[n] = '"';
		to[n + 1] = ':';
		t->length = (size_t)(to - t->data) + n + 1 + colon;
		return;
	}
	t->length = (size_t)(to - t->data);
	json_carefully(t, data, n);
	text_add(t, "\":", 1u + colon);
}

void text_json(struct text *t, const char *data, size_t n)
{
	put_json(t, false, data, n, false);
}

void text_json_name(struct text *t, bool first, const char *name, size_t n)
{
	put_json(t, !first, name, n, true);
}

/* Turns the digits and the exponent of "%.*e" into a plain number if that is short. */
static size_t lay_out(char out[FLOAT_TEXT], const char *scientific)
{
	const char *e = strchr(scientific, 'e');
	int exponent = atoi(e + 1);
	char digits[24] = "0";
	int count = 0, length = 0;

	for (const char *p = scientific; p < e; p++)
		if (*p >= '0' && *p <= '9')
			digits[count++] = *p;
	while (count > 1 && digits[count - 1] == '0')
		count--;
	if (scientific[0] == '-')
		out[length++] = '-';
	if (exponent < -4 || exponent >= 16) {
		out[length++] = digits[0];
		if (count > 1)
			out[length++] = '.';
		memcpy(out + length, digits + 1, (size_t)count - 1);
		length += count - 1;
		length += snprintf(out + length, 8, "e%c%02d", exponent < 0 ? '-' : '+',
		                   abs(exponent));
		return (size_t)length;
	}
	if (exponent < 0) {
		length += snprintf(out + length, 8, "0.%.*s", -exponent - 1, "000");
		memcpy(out + length, digits, (size_t)count);
		length += count;
		out[length] = '\0';
		return (size_t)length;
	}
	for (int i = 0; i <= exponent || i < count; i++) {
		if (i == exponent + 1)
			out[length++] = '.';
		out[length++] = i < count ? digits[i] : '0';
	}
	if (count <= exponent + 1) {
		memcpy(out + length, ".0", 2);
		length += 2;
	}
	out[length] = '\0';
	return (size_t)length;
}

size_t float32_format(char out[FLOAT_TEXT], float f)
{
	char scientific[32];

	for (int digits = 0; digits < 9; digits++) {
		snprintf(scientific, sizeof scientific, "%.*e", digits, (double)f);
		if (strtof(scientific, NULL) == f)
			break;
	}
	return lay_out(out, scientific);
}

size_t float64_format(char out[FLOAT_TEXT], double d)
{
	char scientific[40];

	for (int digits = 0; digits < 17; digits++) {
		snprintf(scientific, sizeof scientific, "%.*e", digits, d);
		if (strtod(scientific, NULL) == d)
			break;
	}
	return lay_out(out, scientific);
}
