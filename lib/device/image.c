#include "device/image.h"

#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/decimal.h"
#include "base/error.h"
#include "base/hex.h"

void image_free(struct image *m)
{
	free(m->cells);
	*m = (struct image){0};
}

/* The first cell whose key is at least `key`. */
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

static int parse_words(struct image *m, unsigned unit, unsigned address, struct csv_text hex)
{
	if (!hex.length || hex.length % 4)
		return EM_SYNTAX;
	for (size_t i = 0; i < hex.length; i += 4) {
		uint16_t word;

		if (hex_word(&word, hex.data + i))
			return EM_SYNTAX;
		if (address > 65535)
			return EM_RANGE;
		if (image_put(m, unit, address++, word))
			return EM_NO_MEMORY;
	}
	return 0;
}

static int parse_line(struct image *m, struct csv_text line)
{
	struct csv_cells cells = csv_cells(line, ',');
	struct csv_text unit, address, hex, more;
	uint32_t unit_number, first;
	int error;

	if (!csv_cell(&cells, &unit) || !csv_cell(&cells, &address) || !csv_cell(&cells, &hex) ||
	    csv_cell(&cells, &more))
		return EM_SYNTAX;
	error = decimal_whole(&unit_number, unit.data, unit.length, 255);
	if (!error)
		error = decimal_whole(&first, address.data, address.length, 65535);
	return error ? error : parse_words(m, unit_number, first, hex);
}

int image_parse(struct image *m, const char *text, size_t size, unsigned *line)
{
	struct csv_lines lines = csv_lines(text, size);
	struct csv_text row;
	int error = 0;

	if (csv_line(&lines, &row) && !csv_is_header(row))
		error = parse_line(m, row);
	while (!error && csv_line(&lines, &row))
		error = parse_line(m, row);
	*line = lines.number;
	return error;
}
