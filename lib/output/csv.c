/*
 * CSV (RFC 4180). The keys of the first record become the columns; further keys of later records
 * are left out. A file that already begins with the same header gets no second one. Lists and
 * objects are written as JSON in a cell. Control characters are written as \xNN, except line feeds,
 * which are quoted as the RFC says.
 */
#include "output/format.h"

static void put_cell(struct text *out, const char *data, size_t length)
{
	bool quote = length == 0;

	for (size_t i = 0; i < length; i++)
		quote = quote || data[i] == ',' || data[i] == '"' || data[i] == '\n' ||
		        data[i] == '\r';
	if (!quote) {
		text_add(out, data, length);
		return;
	}
	text_char(out, '"');
	for (size_t i = 0; i < length; i++) {
		if (data[i] == '"')
			text_char(out, '"');
		text_char(out, data[i]);
	}
	text_char(out, '"');
}

static void put_text(struct text *out, const char *data, size_t length)
{
	struct text cell = {0};

	while (length) {
		const char *feed = memchr(data, '\n', length);
		size_t line = feed ? (size_t)(feed - data) : length;

		text_printable(&cell, data, line);
		if (feed)
			text_char(&cell, '\n');
		line += feed != NULL;
		data += line;
		length -= line;
	}
	put_cell(out, cell.data, cell.length);
	out->failed = out->failed || cell.failed;
	text_free(&cell);
}

static void put_value(struct text *out, const struct record *r, const struct value *v)
{
	struct text cell = {0};
	double number;

	if (v->kind == VALUE_NULL ||
	    ((v->kind == VALUE_FLOAT32 || v->kind == VALUE_FLOAT64) && !value_number(v, &number)))
		return; /* not available */
	if (v->kind == VALUE_TEXT) {
		put_text(out, v->as.text.data, v->as.text.length);
		return;
	}
	text_value(&cell, r, v);
	put_cell(out, cell.data, cell.length);
	out->failed = out->failed || cell.failed;
	text_free(&cell);
}

static void put_header(struct text *out, struct format_state *state, const struct record *r)
{
	const struct value *end = r->values + r->count;
	size_t begin = out->length, length;

	text_puts(out, "type");
	if (r->time != INSTANT_NONE) {
		text_puts(out, ",time");
		text_add(&state->columns, "",
		         1); /* an empty name of the first column means that records have a time */
	}
	if (r->source) {
		text_puts(out, ",source");
		text_add(&state->columns, "\1", 2);
	}
	for (const struct value *v = r->values; v < end; v = value_next(r, v)) {
		text_char(out, ',');
		put_text(out, v->name, v->name_length);
		text_add(&state->columns, v->name, v->name_length);
		text_char(&state->columns, '\0');
	}
	text_puts(out, "\r\n");
	length = out->length - begin;
	if (length && length == state->header.length &&
	    !memcmp(out->data + begin, state->header.data, length))
		out->length = begin;
}

static void put_column(struct text *out, const struct record *r, const char *name)
{
	const struct value *v;

	if (*name == '\0') {
		if (r->time != INSTANT_NONE)
			text_instant(out, r->time);
	} else if (*name == '\1') {
		if (r->source)
			put_text(out, r->source, strlen(r->source));
	} else {
		v = record_find(r, name);
		if (v)
			put_value(out, r, v);
	}
}

void format_csv(struct text *out, struct format_state *state, const struct record *r)
{
	if (state->printed == 0)
		put_header(out, state, r);
	text_puts(out, r->type);
	for (size_t i = 0; i < state->columns.length; i += strlen(state->columns.data + i) + 1) {
		text_char(out, ',');
		put_column(out, r, state->columns.data + i);
	}
	text_puts(out, "\r\n");
}
