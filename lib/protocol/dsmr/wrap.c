/* Lines that a meter or a copy has wrapped. */
#include <string.h>

#include "base/hex.h"
#include "protocol/dsmr/parts.h"

size_t line_size(const uint8_t *data, const uint8_t *end)
{
	const uint8_t *lf = data < end ? memchr(data, '\n', (size_t)(end - data)) : NULL;

	return (size_t)((lf ? lf : end) - data);
}

/* Whether there is anything but CR, NUL, blanks and `!` in a line. */
bool has_text(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (data[i] > '!' ||
		    (data[i] && data[i] != '!' && data[i] != ' ' && data[i] != '\r'))
			return true;
	return false;
}

static int open_groups(const uint8_t *data, size_t size)
{
	int open = 0;

	for (size_t i = 0; i < size; i++)
		open += data[i] == '(' ? 1 : data[i] == ')' ? -1 : 0;
	return open;
}

static bool is_hex_rest(const uint8_t *data, size_t size)
{
	size_t digits = 0;

	while (size && data[size - 1] == '\r')
		size--;
	for (size_t i = 0; i < size; i++) {
		bool hex = hex_digit(data[i]) >= 0 && data[i] <= 'F'; /* capitals */

		if (!hex && !(data[i] == ')' && i == size - 1))
			return false;
		digits += hex;
	}
	return digits > 0;
}

/*
 * The end of the line at data, including its continuation: a value on a line of its own, or more
 * hexadecimal text.
 */
const uint8_t *wrapped_end(const uint8_t *data, const uint8_t *end)
{
	size_t size = line_size(data, end);
	int open = open_groups(data, size);

	for (const uint8_t *p = data + size; p < end;) {
		const uint8_t *next = p + 1;
		size_t n = line_size(next, end);

		if (has_text(next, n) || (n && *next == '!')) { /* nothing continues after a `!` */
			if (*next != '(' && !(open > 0 && is_hex_rest(next, n)))
				break;
			open += open_groups(next, n);
			size = (size_t)(next + n - data);
		}
		p = next + n;
	}
	return data + size;
}

/* Joins the pieces of a wrapped line without blank lines and CR. */
struct span join_lines(struct dsmr *d, const uint8_t *data, const uint8_t *end)
{
	uint8_t *copy = (uint8_t *)record_store(d->record, (size_t)(end - data) + 1);
	size_t size = 0;

	while (copy && data < end) {
		size_t n = line_size(data, end);

		for (size_t i = 0; has_text(data, n) && i < n; i++)
			if (data[i] != '\r')
				copy[size++] = data[i];
		data += n + 1;
	}
	if (copy)
		copy[size] = '\0';
	return (struct span){copy, size};
}
