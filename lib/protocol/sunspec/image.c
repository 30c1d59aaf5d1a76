#include "protocol/sunspec/image.h"

#include <string.h>

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

static int parse_row(struct sunspec_image *image, const char *row, size_t length)
{
	unsigned address = 0, word = 0, digits = 0;
	size_t i = 0;

	for (; i < length && row[i] >= '0' && row[i] <= '9'; i++) {
		address = address * 10 + (unsigned)(row[i] - '0');
		if (address >= IMAGE_REGISTERS)
			return EM_RANGE;
	}
	if (i == length || row[i++] != ',')
		return EM_SYNTAX;
	for (; i < length; i++) {
		int nibble = hex_digit(row[i]);

		if (nibble < 0)
			return EM_SYNTAX;
		word = word << 4 | (unsigned)nibble;
		if (++digits % 4)
			continue;
		if (address >= IMAGE_REGISTERS)
			return EM_RANGE;
		sunspec_image_put(image, address++, &(uint16_t){(uint16_t)word}, 1);
	}
	return digits % 4 || !digits ? EM_SYNTAX : 0;
}

int sunspec_image_parse(struct sunspec_image *image, const char *text, size_t length,
                        unsigned *line)
{
	size_t end;

	*line = 0;
	for (size_t at = 0; at < length; at = end + 1) {
		const char *newline = memchr(text + at, '\n', length - at);
		size_t size;
		int error;

		end = newline ? (size_t)(newline - text) : length;
		size = end - at;
		while (size && (text[at + size - 1] == '\r' || text[at + size - 1] == ' '))
			size--;
		++*line;
		if (!size || text[at] < '0' || text[at] > '9')
			continue;
		error = parse_row(image, text + at, size);
		if (error)
			return error;
	}
	return 0;
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
