/*
 * Text for people: a heading with type, time and peer, then a line per value with name, number and
 * unit in columns. Commands whose records need another layout have a formatter of their own.
 */
#include <math.h>
#include <time.h>

#include "output/format.h"
#include "record/json.h"

void text_ink(struct text *out, const struct style *style, enum ink ink)
{
	static const char *const codes[] = {"\033[0m",  "\033[2m",  "\033[1m", "\033[32m",
	                                    "\033[33m", "\033[31m", "\033[36m"};

	if (style->color)
		text_puts(out, codes[ink]);
}

void text_clock(struct text *out, const struct style *style, const struct record *r)
{
	time_t seconds = (time_t)(r->time / 1000);
	struct tm local;

	if (!style->clock || r->time == INSTANT_NONE || r->time < 0 ||
	    !localtime_r(&seconds, &local))
		return;
	text_ink(out, style, INK_DIM);
	text_printf(out, "%02d:%02d:%02d.%03d ", local.tm_hour, local.tm_min, local.tm_sec,
	            (int)(r->time % 1000));
	text_ink(out, style, INK_PLAIN);
}

void text_value(struct text *out, const struct record *r, const struct value *v)
{
	char buffer[FLOAT_TEXT];

	switch (v->kind) {
	case VALUE_BOOL: text_puts(out, v->as.flag ? "true" : "false"); return;
	case VALUE_DECIMAL: text_decimal(out, v->as.decimal); return;
	case VALUE_TEXT: text_printable(out, v->as.text.data, v->as.text.length); return;
	case VALUE_TIME: text_stamp(out, &v->as.time); return;
	case VALUE_LIST:
	case VALUE_OBJECT: json_value(out, r, v); return;
	case VALUE_FLOAT32:
		if (!isfinite(v->as.f32))
			break;
		float32_format(buffer, v->as.f32);
		text_puts(out, buffer);
		return;
	case VALUE_FLOAT64:
		if (!isfinite(v->as.f64))
			break;
		float64_format(buffer, v->as.f64);
		text_puts(out, buffer);
		return;
	default: break;
	}
	text_char(out, '-');
}

static bool is_number(const struct value *v)
{
	return v->kind == VALUE_DECIMAL || v->kind == VALUE_FLOAT32 || v->kind == VALUE_FLOAT64;
}

enum { NUMBER_COLUMN = 12 };

/* `  name        1234.5 W`: numbers are aligned right, words left. */
static void put_line(struct text *out, const struct style *style, const struct record *r,
                     const struct value *v, size_t width, size_t indent)
{
	struct text shown = {0};

	text_fill(out, ' ', indent);
	text_ink(out, style, INK_DIM);
	if (v->name)
		text_printable(out, v->name, v->name_length);
	text_ink(out, style, INK_PLAIN);
	text_fill(out, ' ', width > v->name_length ? width - v->name_length + 2 : 2);
	text_value(&shown, r, v);
	if (is_number(v) && shown.length < NUMBER_COLUMN)
		text_fill(out, ' ', NUMBER_COLUMN - shown.length);
	text_ink(out, style, is_number(v) ? INK_BOLD : INK_PLAIN);
	text_add(out, shown.data, shown.length);
	text_ink(out, style, INK_PLAIN);
	if (v->unit && (shown.length != 1 ||
	                *shown.data != '-')) { /* no unit for a value that is not available */
		text_char(out, ' ');
		text_puts(out, v->unit);
	}
	text_char(out, '\n');
	out->failed = out->failed || shown.failed;
	text_free(&shown);
}

/* A list of objects has a line per object, `channel 1, kind gas, ...`; other lists are JSON. */
static void put_list(struct text *out, const struct style *style, const struct record *r,
                     const struct value *list)
{
	const struct value *end = value_next(r, list) - 1;

	text_puts(out, "  ");
	text_ink(out, style, INK_DIM);
	text_printable(out, list->name, list->name_length);
	text_ink(out, style, INK_PLAIN);
	text_char(out, '\n');
	for (const struct value *v = list + 1; v < end; v = value_next(r, v)) {
		text_puts(out, "    ");
		for (const struct value *m = v + 1; m < value_next(r, v) - 1;
		     m = value_next(r, m)) {
			if (m > v + 1)
				text_puts(out, ", ");
			if (m->name)
				text_printable(out, m->name, m->name_length);
			text_char(out, ' ');
			text_value(out, r, m);
			if (m->unit && m->kind != VALUE_NULL)
				text_printf(out, " %s", m->unit);
		}
		text_char(out, '\n');
	}
}

void format_text(struct text *out, struct format_state *state, const struct record *r)
{
	const struct value *end = r->values + r->count;
	size_t width = 0;

	for (const struct value *v = r->values; v < end; v = value_next(r, v))
		if (v->kind != VALUE_LIST && v->kind != VALUE_OBJECT && v->name_length > width)
			width = v->name_length;
	text_clock(out, &state->style, r);
	text_ink(out, &state->style, INK_BOLD);
	text_puts(out, r->type);
	text_ink(out, &state->style, INK_PLAIN);
	if (r->source) {
		text_char(out, ' ');
		text_printable(out, r->source, strlen(r->source));
	}
	text_char(out, '\n');
	for (const struct value *v = r->values; v < end; v = value_next(r, v)) {
		const struct value *next = value_next(r, v);

		if (v->kind == VALUE_LIST && v + 1 < next && v[1].kind == VALUE_OBJECT)
			put_list(out, &state->style, r, v);
		else
			put_line(out, &state->style, r, v, width, 2);
	}
}
