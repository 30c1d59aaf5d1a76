#include "protocol/sunspec/image.h"

#include "base/csv.h"
#include "base/decimal.h"
#include "base/error.h"
#include "base/hex.h"

enum { ROW = 16 };

bool sunspec_image_has(const struct sunspec_image *image, unsigned address, unsigned count)
{
	if (address > IMAGE_REGISTERS || count > IMAGE_REGISTERS - address)
		return false;
	for (unsigned i = 0; i < count; i++)
		if (!sunspec_image_known(image, address + i))
			return false;
	return true;
}

void sunspec_image_put(struct sunspec_image *image, unsigned address, const uint16_t *words,
                       unsigned count)
{
	for (unsigned i = 0; i < count && address + i < IMAGE_REGISTERS; i++) {
		image->words[address + i] = words[i];
		image->known[(address + i) / 8] |= (uint8_t)(1 << (address + i) % 8);
	}
}

void sunspec_image_forget(struct sunspec_image *image, unsigned address, unsigned count)
{
	for (unsigned i = 0; i < count && address + i < IMAGE_REGISTERS; i++)
		image->known[(address + i) / 8] &= (uint8_t) ~(1 << (address + i) % 8);
}

static int parse_row(struct sunspec_image *image, struct csv_text row)
{
	struct csv_cells cells = csv_cells(row, ',');
	struct csv_text address, hex, more;
	uint32_t at;
	int error;

	if (!csv_cell(&cells, &address) || !csv_cell(&cells, &hex) || csv_cell(&cells, &more) ||
	    !hex.length || hex.length % 4)
		return EM_SYNTAX;
	error = decimal_whole(&at, address.data, address.length, IMAGE_REGISTERS - 1);
	for (size_t i = 0; !error && i < hex.length; i += 4) {
		uint16_t word;

		error = at < IMAGE_REGISTERS ? hex_word(&word, hex.data + i) : EM_RANGE;
		if (!error)
			sunspec_image_put(image, at++, &word, 1);
	}
	return error;
}

int sunspec_image_parse(struct sunspec_image *image, const char *text, size_t length,
                        unsigned *line)
{
	struct csv_lines lines = csv_lines(text, length);
	struct csv_text row;
	int error = 0;

	if (csv_line(&lines, &row) && !csv_is_header(row))
		error = parse_row(image, row);
	while (!error && csv_line(&lines, &row))
		error = parse_row(image, row);
	*line = lines.number;
	return error;
}

void sunspec_image_print(struct text *out, const struct sunspec_image *image)
{
	text_puts(out, "address,hex\n");
	for (unsigned at = 0; at < IMAGE_REGISTERS; at++) {
		if (!sunspec_image_known(image, at))
			continue;
		text_printf(out, "%u,", at);
		for (unsigned n = 0; n < ROW && sunspec_image_known(image, at); n++)
			text_printf(out, "%04x", image->words[at++]);
		text_char(out, '\n');
		at--;
	}
}
