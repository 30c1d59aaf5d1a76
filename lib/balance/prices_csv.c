#include <stdio.h>
#include <string.h>

#include "balance/prices_reader.h"
#include "base/error.h"

enum { PREAMBLE = 20 /* lines before the header, at most */, ROLES = PRICE_UNIT + 1, NONE = -1 };

struct price_columns {
	char separator;
	int place[ROLES], rank[ROLES]; /* the column of each role, NONE: there is none */
	struct price_unit unit;
	const struct zone *zone;
};

static char separator_of(struct csv_text line)
{
	return memchr(line.data, '\t', line.length) ? '\t' : csv_separator(line);
}

static bool take_header(struct price_columns *c, struct csv_text line, const struct zone *zone)
{
	struct csv_cells cells;
	struct csv_text cell;

	*c = (struct price_columns){.separator = separator_of(line), .zone = zone};
	for (int i = 0; i < ROLES; i++)
		c->place[i] = NONE;
	cells = csv_cells(line, c->separator);
	for (int i = 0; csv_cell(&cells, &cell); i++) {
		struct price_name name = price_name(cell);

		if (c->place[name.role] != NONE && name.rank <= c->rank[name.role])
			continue;
		c->place[name.role] = i;
		c->rank[name.role] = name.rank;
		if (name.role == PRICE_VALUE) {
			c->unit = (struct price_unit){0};
			price_unit_add(&c->unit, cell);
		}
		if (name.role == PRICE_START || name.role == PRICE_DAY)
			c->zone = price_zone(cell, c->zone);
	}
	if (c->place[PRICE_START] == NONE) { /* the day is a time of its own */
		c->place[PRICE_START] = c->place[PRICE_DAY];
		c->place[PRICE_DAY] = NONE;
	}
	return c->place[PRICE_START] != NONE && c->place[PRICE_VALUE] != NONE;
}

/* The cells of a row by their roles; blank where there is none. */
static void take_cells(const struct price_columns *c, struct csv_text line,
                       struct csv_text found[ROLES])
{
	struct csv_cells cells = csv_cells(line, c->separator);
	struct csv_text cell;

	for (int role = 0; role < ROLES; role++)
		found[role] = (struct csv_text){"", 0};
	for (int i = 0; csv_cell(&cells, &cell); i++)
		for (int role = PRICE_START; role < ROLES; role++)
			if (c->place[role] == i)
				found[role] = cell;
}

/* The start, from a column of its own or from one of days and one of times. */
static int take_times(struct prices_reader *r, struct csv_text cells[ROLES],
                      struct price_span *span)
{
	struct csv_text start = cells[PRICE_START], day = cells[PRICE_DAY];
	char joined[64];
	int error;

	if (day.length && price_only_clock(start)) {
		int n = snprintf(joined, sizeof joined, "%.*s %.*s",
		                 day.length > 20 ? 20 : (int)day.length, day.data,
		                 (int)start.length, start.data);

		start = (struct csv_text){joined, (size_t)n};
	}
	error = price_times(r, start, span);
	if (!error && cells[PRICE_END].length)
		error = price_end_time(r, cells[PRICE_END], span);
	return error;
}

static int take_row(struct prices_reader *r, const struct price_columns *c, struct csv_text line)
{
	struct price_unit unit = c->unit;
	struct csv_text cells[ROLES];
	struct price_span span;
	int64_t price;
	bool known;
	int error;

	take_cells(c, line, cells);
	price_unit_add(&unit, cells[PRICE_UNIT]);
	error = take_times(r, cells, &span);
	if (!error)
		error = price_value(r, cells[PRICE_VALUE], &unit, &price, &known);
	if (error)
		return error;
	if (!known) {
		r->out->unknown += span.start != INSTANT_NONE;
		return 0;
	}
	price_unit_of_list(r, &unit);
	return price_add(r, &span, price);
}

int prices_csv(struct prices_reader *r, struct csv_text text)
{
	struct csv_lines lines = csv_lines(text.data, text.length);
	struct price_columns columns;
	struct csv_text line;
	bool begun = false;
	int error = 0;

	while (!error && csv_line(&lines, &line)) {
		snprintf(r->where, sizeof r->where, "line %u", lines.number);
		if (begun) {
			error = take_row(r, &columns, line);
		} else {
			begun = take_header(&columns, line, r->zone);
			r->zone = columns.zone;
			if (!begun && lines.number >= PREAMBLE)
				break;
		}
	}
	if (begun || error)
		return error;
	snprintf(r->why, PRICES_WHY,
	         "line 1: a header with a column of times (start, time, MTU) and one of prices "
	         "(price, EUR/MWh) is expected");
	return EM_SYNTAX;
}
