#include "device/image.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hex.h"

void image_free(struct image *m)
{
	free(m->cells);
	*m = (struct image){0};
}

/* The first cell whose key is not below. */
static size_t place_of(const struct image *m, uint32_t key)
{
	size_t low = 0, high = m->count;

	if (m->count && m->cells[m->count - 1].key < key)
		return m->count;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (m->cells[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int image_put(struct image *m, unsigned unit, unsigned address, uint16_t word)
{
	uint32_t key = unit << 16 | address;
	size_t i = place_of(m, key);

	if (i < m->count && m->cells[i].key == key) {
		m->cells[i].word = word;
		return 0;
	}
	if (m->count == m->capacity) {
		size_t capacity = m->capacity ? 2 * m->capacity : 512;
		struct image_cell *cells = realloc(m->cells, capacity * sizeof *cells);

		if (!cells)
			return EM_NO_MEMORY;
		m->cells = cells;
		m->capacity = capacity;
	}
	memmove(m->cells + i + 1, m->cells + i, (m->count - i) * sizeof *m->cells);
	m->cells[i] = (struct image_cell){key, word};
	m->count++;
	return 0;
}

bool image_get(const struct image *m, unsigned unit, unsigned address, uint16_t *word)
{
	uint32_t key = unit << 16 | address;
	size_t i = place_of(m, key);
	bool found = i < m->count && m->cells[i].key == key;

	*word = found ? m->cells[i].word : 0xFFFF;
	return found;
}

bool image_has_unit(const struct image *m, unsigned unit)
{
	size_t i = place_of(m, unit << 16);

	return i < m->count && m->cells[i].key >> 16 == unit;
}

/* A number of digits[0..length), at most `limit`. */
static bool number(const char *digits, size_t length, unsigned limit, unsigned *out)
{
	*out = 0;
	for (size_t i = 0; i < length; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return false;
		*out = *out * 10 + (unsigned)(digits[i] - '0');
		if (*out > limit)
			return false;
	}
	return length > 0;
}

static int parse_words(struct image *m, unsigned unit, unsigned address, const char *hex, size_t n)
{
	if (!n || n % 4)
		return EM_SYNTAX;
	for (size_t i = 0; i < n; i += 4) {
		int word = 0;

		for (size_t j = i; j < i + 4; j++) {
			int digit = hex_digit(hex[j]);

			if (digit < 0)
				return EM_SYNTAX;
			word = word << 4 | digit;
		}
		if (address > 65535)
			return EM_SYNTAX;
		if (image_put(m, unit, address++, (uint16_t)word))
			return EM_NO_MEMORY;
	}
	return 0;
}

static int parse_line(struct image *m, const char *line, size_t size)
{
	const char *first = memchr(line, ',', size), *second;
	unsigned unit, address;

	second = first ? memchr(first + 1, ',', size - (size_t)(first + 1 - line)) : NULL;
	if (!second || !number(line, (size_t)(first - line), 255, &unit) ||
	    !number(first + 1, (size_t)(second - first - 1), 65535, &address))
		return EM_SYNTAX;
	second++;
	return parse_words(m, unit, address, second, size - (size_t)(second - line));
}

int image_parse(struct image *m, const char *text, size_t size, unsigned *line)
{
	const char *end = text + size, *next;

	for (*line = 1; text < end; text = next, ++*line) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		size_t length = (size_t)((stop ? stop : end) - text);
		int error;

		next = stop ? stop + 1 : end;
		while (length && strchr("\r \t", text[length - 1]))
			length--;
		if (!length || *text == '#' || (*line == 1 && *text == 'u'))
			continue;
		error = parse_line(m, text, length);
		if (error)
			return error;
	}
	return 0;
}
