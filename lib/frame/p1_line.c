#include <string.h>

#include "frame/p1.h"

enum { WITH_CRC = 40 }; /* the first version that prints a CRC: DSMR 4.0 */

static inline bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static size_t digits(const uint8_t *data, size_t at, size_t size)
{
	while (at < size && is_digit(data[at]))
		at++;
	return at;
}

/* The end of `A-B:C.D.E`, 0 if there is none. Some meters write `:` instead of the later points. */
static size_t code_end(const uint8_t *data, size_t size)
{
	size_t at = digits(data, 0, size), next;

	if (at == 0 || at == size || data[at] != '-')
		return 0;
	next = digits(data, at + 1, size);
	if (next == at + 1 || next == size || data[next] != ':')
		return 0;
	at = ++next;
	while (next < size && (is_digit(data[next]) || data[next] == '.' || data[next] == ':'))
		next++;
	return next > at ? next : 0;
}

bool p1_line_split(struct p1_line *line, const uint8_t *data, size_t size)
{
	size_t code = code_end(data, size), at = code;

	line->suffix = 0;
	if (code && size - at >= 4 && !memcmp(data + at, "*255", 4)) {
		line->suffix = 4;
		at = code += 4;
	} else if (code > 4 && !memcmp(data + code - 4, ".255", 4) && data[code - 5] != ':') {
		line->suffix = 4;
	}
	line->code = code - line->suffix;
	if (line->code == 0 || at == size || data[at] != '(')
		return false;
	while (at < size && data[at] == '(') {
		for (at++; at < size && data[at] != ')'; at++)
			if (data[at] == '(')
				return false;
		if (at++ == size)
			return false;
	}
	line->groups = at - code;
	return at == size || (at == size - 1 && data[at] == '!');
}

bool p1_has_line(const uint8_t *data, size_t size)
{
	const uint8_t *end = data + size, *next;
	struct p1_line line;

	for (; data < end; data = next + 1) {
		size_t n;

		next = memchr(data, '\n', (size_t)(end - data));
		next = next ? next : end;
		n = (size_t)(next - data);
		while (n && data[n - 1] == '\r')
			n--;
		if (p1_line_split(&line, data, n))
			return true;
	}
	return false;
}

/* The line that names the version, from its code on, or NULL. */
static const uint8_t *version_line(const uint8_t *data, size_t size)
{
	const uint8_t *end = data + size;

	while ((data = memchr(data, '\n', (size_t)(end - data))) != NULL) {
		data++;
		if (end - data >= 10 &&
		    (!memcmp(data, "1-3:0.2.8", 9) || !memcmp(data, "0-0:96.1.4", 10)))
			return data;
	}
	return NULL;
}

bool p1_names_version(const uint8_t *data, size_t size)
{
	return version_line(data, size) != NULL;
}

bool p1_demands_crc(const uint8_t *data, size_t size)
{
	const uint8_t *line = version_line(data, size), *end = data + size, *open;
	unsigned version = 0;

	if (!line || *line == '0') /* none, or eMUCS */
		return line != NULL;
	open = memchr(line, '(', (size_t)(end - line));
	if (!open || ++open == end || !is_digit(*open))
		return true;
	for (; open < end && is_digit(*open) && version < WITH_CRC; open++)
		version = version * 10 + (unsigned)(*open - '0');
	return version >= WITH_CRC || open == end || *open != ')';
}

bool p1_ends_with_line(const uint8_t *data, size_t size)
{
	size_t begin;
	struct p1_line line;

	while (size && data[size - 1] <= ' ')
		size--;
	for (begin = size; begin && data[begin - 1] != '\n'; begin--)
		;
	return size > begin && ((data[begin] == '(' && data[size - 1] == ')') ||
	                        p1_line_split(&line, data + begin, size - begin));
}
