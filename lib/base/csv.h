/*
 * Lines and cells of texts like CSV: meter maps, register images, house logs, settings, key files.
 * All functions walk over text of the caller; what they return points into that text.
 *
 * Lines end with LF or CR LF. Cells are trimmed. A cell that begins with a quote ends at the next
 * single quote, and the rest up to the separator is ignored. Two quotes inside such a cell mean
 * one: see csv_unquote().
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct csv_text {
	const char *data;
	size_t length;
};

static inline bool csv_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

struct csv_lines {
	const char *at, *end;
	unsigned number; /* of the line returned last, from 1 */
	bool is_unended; /* the line returned last has no line end */
};

static inline struct csv_lines csv_lines(const char *text, size_t size)
{
	return (struct csv_lines){.at = text, .end = text + size};
}

/* The next line that csv_says_nothing() is false for, without its end; false after the last one. */
bool csv_line(struct csv_lines *lines, struct csv_text *line);

/* Whether a line is empty, blank, or a comment that begins with `#`. */
bool csv_says_nothing(struct csv_text line);

/* Whether the line names columns: it begins with a letter, where others begin with a number. */
bool csv_is_header(struct csv_text line);

struct csv_cells {
	const char *at; /* NULL after the last cell */
	size_t left;
	char separator;
};

static inline struct csv_cells csv_cells(struct csv_text line, char separator)
{
	return (struct csv_cells){line.data, line.length, separator};
}

/* `;` if the line has one, else `,`. For the line that names the columns. */
char csv_separator(struct csv_text line);

/* For csv_cell() only: skips blanks; true when a cell in quotes was there and was taken. */
bool csv_odd_cell(struct csv_cells *cells, struct csv_text *cell);

/* For csv_cell() only: goes on behind the next separator; how many bytes are before it. */
static inline size_t csv_pass(struct csv_cells *cells)
{
	const char *stop = memchr(cells->at, cells->separator, cells->left);
	size_t passed = stop ? (size_t)(stop - cells->at) : cells->left;

	cells->left -= stop ? passed + 1 : passed;
	cells->at = stop ? stop + 1 : NULL;
	return passed;
}

/* The next cell; false after the last one. An empty line has one empty cell. */
static inline bool csv_cell(struct csv_cells *cells, struct csv_text *cell)
{
	if (!cells->at)
		return false;
	if (cells->left && *cells->at <= '"' && csv_odd_cell(cells, cell))
		return true;
	cell->data = cells->at;
	cell->length = csv_pass(cells);
	while (cell->length && csv_is_blank(cell->data[cell->length - 1]))
		cell->length--;
	return true;
}

/* Copies a cell with a NUL, two quotes as one. EM_RANGE when `room` bytes are too few. */
int csv_unquote(char *out, size_t room, struct csv_text cell);

bool csv_is(struct csv_text cell, const char *word);

#endif
