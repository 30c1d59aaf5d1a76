/* Text output of devices, with the labels and words of the register table. */
#include <string.h>

#include "cmd/device/device.h"
#include "device/registers.h"
#include "output/format.h"

/* A formatter gets only a record, so the device is global: there is one per process. */
static const struct device *shown;

/* Texts of the last record per socket, to find changes. */
enum { WATCH_LIMIT = 256 };
static struct text before[2][WATCH_LIMIT];

void view_device(const struct device *d)
{
	shown = d;
}

static const struct value *value_of(const struct record *r, const char *name)
{
	return record_find(r, name);
}

static unsigned socket_of(const struct record *r)
{
	const struct value *v = value_of(r, "socket");

	return v && v->kind == VALUE_DECIMAL ? (unsigned)v->as.decimal.digits : 1;
}

static void put(struct text *out, const struct device_register *row, const struct record *r,
                const struct value *v)
{
	if (row)
		register_text(out, row, v);
	else
		text_value(out, r, v);
}

static void put_unit(struct text *out, const struct value *v)
{
	if (v->unit && v->kind != VALUE_NULL) {
		text_char(out, ' ');
		text_puts(out, v->unit);
	}
}

/* The row of a line of the text, or NULL after the last one. */
static const struct device_register *row_at(unsigned order)
{
	for (size_t i = 0; i < shown->count; i++)
		if (shown->rows[i].text_order == order)
			return &shown->rows[i];
	return NULL;
}

/* Prints a line `Label: value unit` per row, with two sockets under a heading each. */
void view_dump(struct text *out, struct format_state *state, const struct record *r)
{
	const struct value *sockets = shown->socket_count ? value_of(r, shown->socket_count) : NULL;
	const struct device_register *row;

	if (strcmp(r->type, shown->name) != 0) {
		format_text(out, state, r);
		return;
	}
	if (state->printed)
		text_char(out, '\n');
	if (sockets && sockets->kind == VALUE_DECIMAL && sockets->as.decimal.digits > 1) {
		text_ink(out, &state->style, INK_BOLD);
		text_printf(out, "Socket %u\n", socket_of(r));
		text_ink(out, &state->style, INK_PLAIN);
	}
	for (unsigned order = 1; (row = row_at(order)); order++) {
		const struct value *v = value_of(r, row->name);

		if (!v)
			continue;
		text_puts(out, row->label);
		text_puts(out, ": ");
		register_text(out, row, v);
		put_unit(out, v);
		text_char(out, '\n');
	}
}

/* Prints `name: value`, with --units also the unit. */
void view_names(struct text *out, struct format_state *state, const struct record *r)
{
	const struct value *end = r->values + r->count;

	if (strcmp(r->type, shown->name) != 0) {
		format_text(out, state, r);
		return;
	}
	for (const struct value *v = r->values; v < end; v = value_next(r, v)) {
		if (!strcmp(v->name, "socket"))
			continue;
		text_add(out, v->name, v->name_length);
		text_puts(out, ": ");
		put(out, device_row(shown, v->name), r, v);
		if (state->style.units)
			put_unit(out, v);
		text_char(out, '\n');
	}
}

/* Stores a text; whether it differs from the previous one, if there was one. */
static bool changed(struct text *last, const struct text *now)
{
	bool first = !last->capacity;
	bool differs = last->length != now->length ||
	               (now->length && memcmp(last->data, now->data, now->length) != 0);

	last->length = 0;
	text_add(last, now->data, now->length);
	return differs && !first;
}

/* Prints a line per record, `*` marks changes: `12:30:01.234 mode_3_state *Charging, C2  ...`. */
void view_watch(struct text *out, struct format_state *state, const struct record *r)
{
	const struct value *end = r->values + r->count;
	struct text *last = before[socket_of(r) == 2], now = {0};

	if (strcmp(r->type, shown->name) != 0) {
		format_text(out, state, r);
		return;
	}
	text_clock(out, &state->style, r);
	for (const struct value *v = r->values; v < end && v - r->values < WATCH_LIMIT; v++) {
		const struct device_register *row = device_row(shown, v->name);

		if (row && !(row->flags & FLAG_WATCH))
			continue;
		now.length = 0;
		put(&now, row, r, v);
		put_unit(&now, v);
		text_puts(out, v == r->values ? "" : "  ");
		text_add(out, v->name, v->name_length);
		text_char(out, ' ');
		if (strcmp(v->name, "socket") && changed(&last[v - r->values], &now)) {
			text_ink(out, &state->style, INK_YELLOW);
			text_char(out, '*');
		}
		text_add(out, now.data, now.length);
		text_ink(out, &state->style, INK_PLAIN);
	}
	text_char(out, '\n');
	text_free(&now);
}

/* Prints the register table, a line per row. */
void view_registers(struct text *out, struct format_state *state, const struct record *r)
{
	static const uint8_t width[] = {44, 7, 7, 5, 8, 6, 6};
	const struct value *end = r->values + r->count, *v = r->values;

	(void)state;
	for (size_t i = 0; v < end; v = value_next(r, v), i++) {
		size_t length = out->length;

		if (v->kind == VALUE_LIST)
			break;
		text_value(out, r, v);
		if (i < sizeof width)
			text_fill(out, ' ',
			          width[i] + length > out->length ? width[i] + length - out->length
			                                          : 1);
	}
	for (v++; v < end && v->kind != VALUE_END; v = value_next(r, v)) {
		text_value(out, r, v + 1);
		text_char(out, '=');
		text_value(out, r, v + 2);
		text_puts(out, value_next(r, v)->kind == VALUE_END ? "" : ", ");
	}
	text_char(out, '\n');
}
