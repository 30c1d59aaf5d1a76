#include "base/csv.h"

#include <string.h>

#include "base/error.h"

bool csv_says_nothing(struct csv_text line)
{
	size_t i = 0;

	while (i < line.length && csv_is_blank(line.data[i]))
		i++;
	return i == line.length || line.data[0] == '#';
}

bool csv_line(struct csv_lines *lines, struct csv_text *line)
{
	while (lines->at < lines->end) {
		const char *begin = lines->at;
		const char *stop = memchr(begin, '\n', (size_t)(lines->end - begin));

		lines->number++;
		lines->is_unended = !stop;
		lines->at = stop ? stop + 1 : lines->end;
		stop = stop ? stop : lines->end;
		if (stop > begin && stop[-1] == '\r')
			stop--;
		*line = (struct csv_text){begin, (size_t)(stop - begin)};
		if (!csv_says_nothing(*line))
			return true;
	}
	return false;
}

bool csv_is_header(struct csv_text line)
{
	return line.length && ((*line.data >= 'a' && *line.data <= 'z') ||
	                       (*line.data >= 'A' && *line.data <= 'Z'));
}

char csv_separator(struct csv_text line)
{
	return memchr(line.data, ';', line.length) ? ';' : ',';
}

/* Length of the text in quotes that begins at `text`, behind the first quote. */
static size_t quoted_length(const char *text, size_t left)
{
	size_t n = 0;

	while (n < left && (text[n] != '"' || (n + 1 < left && text[n + 1] == '"')))
		n += text[n] == '"' ? 2 : 1;
	return n;
}

bool csv_odd_cell(struct csv_cells *cells, struct csv_text *cell)
{
	size_t n = 0;

	while (n < cells->left && csv_is_blank(cells->at[n]))
		n++;
	cells->at += n;
	cells->left -= n;
	if (!cells->left || *cells->at != '"')
		return false;
	cell->data = cells->at + 1;
	cell->length = quoted_length(cell->data, cells->left - 1);
	cells->at += 1 + cell->length;
	cells->left -= 1 + cell->length;
	csv_pass(cells);
	return true;
}

int csv_unquote(char *out, size_t room, struct csv_text cell)
{
	size_t n = 0;

	for (size_t i = 0; i < cell.length && n < room; i++) {
		out[n++] = cell.data[i];
		i += cell.data[i] == '"' && i + 1 < cell.length && cell.data[i + 1] == '"';
	}
	if (n >= room)
		return EM_RANGE;
	out[n] = '\0';
	return 0;
}

bool csv_is(struct csv_text cell, const char *word)
{
	return strlen(word) == cell.length && !memcmp(word, cell.data, cell.length);
}
