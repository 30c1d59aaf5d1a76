#include "record/json.h"

#include <math.h>
#include <string.h>

static void put_scalar(struct text *out, const struct value *v)
{
	if (v->kind == VALUE_DECIMAL) { /* nearly all are */
		text_decimal(out, v->as.decimal);
		return;
	}
	switch (v->kind) {
	case VALUE_BOOL: text_puts(out, v->as.flag ? "true" : "false"); return;
	case VALUE_TEXT: text_json(out, v->as.text.data, v->as.text.length); return;
	case VALUE_FLOAT32:
		if (!isfinite(v->as.f32))
			break;
		text_float32(out, v->as.f32);
		return;
	case VALUE_FLOAT64:
		if (!isfinite(v->as.f64))
			break;
		text_float64(out, v->as.f64);
		return;
	case VALUE_TIME:
		text_char(out, '"');
		text_stamp(out, &v->as.time);
		text_char(out, '"');
		return;
	default: break;
	}
	text_add(out, "null", 4);
}

/* {"value":1.261,"unit":"A","obis":"1-0:31.7.0"} */
static void put_with_unit(struct text *out, const struct value *v)
{
	text_puts(out, "{\"value\":");
	put_scalar(out, v);
	if (v->unit) {
		text_puts(out, ",\"unit\":");
		text_json(out, v->unit, strlen(v->unit));
	}
	if (v->obis) {
		text_puts(out, ",\"obis\":");
		text_json(out, v->obis, v->obis_length);
	}
	if (v->address >= 0)
		text_printf(out, ",\"address\":%d", (int)v->address);
	text_char(out, '}');
}

/* The end of the list or object at v, or the last value before `end`. */
static const struct value *last_of(const struct value *v, const struct value *end)
{
	size_t open = 0;

	for (; v < end; v++) {
		open += v->kind == VALUE_LIST || v->kind == VALUE_OBJECT;
		open -= v->kind == VALUE_END;
		if (!open)
			return v;
	}
	return end - 1;
}

/* The values from v to `end`; lists and objects deeper than `closers` print as null. */
static void put_values(struct text *out, bool units, const struct value *v, const struct value *end,
                       bool first)
{
	char closers[32];
	size_t depth = 0;

	for (; v < end; v++) {
		bool nested = v->kind == VALUE_LIST || v->kind == VALUE_OBJECT;

		if (v->kind == VALUE_END) {
			if (depth)
				text_char(out, closers[--depth]);
			first = false;
			continue;
		}
		if (v->name)
			text_json_name(out, first, v->name, v->name_length);
		else if (!first)
			text_char(out, ',');
		first = nested && depth < sizeof closers;
		if (first) {
			text_char(out, v->kind == VALUE_LIST ? '[' : '{');
			closers[depth++] = v->kind == VALUE_LIST ? ']' : '}';
		} else if (nested) {
			text_puts(out, "null");
			v = last_of(v, end);
		} else if (units && (v->unit || v->obis || v->address >= 0)) {
			put_with_unit(out, v);
		} else {
			put_scalar(out, v);
		}
	}
	while (depth)
		text_char(out, closers[--depth]);
}

void json_value(struct text *out, const struct record *r, const struct value *v)
{
	if (v->kind != VALUE_LIST && v->kind != VALUE_OBJECT) {
		put_scalar(out, v);
		return;
	}
	text_char(out, v->kind == VALUE_LIST ? '[' : '{');
	put_values(out, false, v + 1, value_next(r, v) - 1, true);
	text_char(out, v->kind == VALUE_LIST ? ']' : '}');
}

void record_json(struct text *out, const struct record *r, bool units)
{
	text_puts(out, "{\"type\":");
	text_json(out, r->type, strlen(r->type));
	if (r->time != INSTANT_NONE) {
		text_puts(out, ",\"time\":\"");
		text_instant(out, r->time);
		text_char(out, '"');
	}
	if (r->source) {
		text_puts(out, ",\"source\":");
		text_json(out, r->source, strlen(r->source));
	}
	put_values(out, units, r->values, r->values + r->count, false);
	text_char(out, '}');
}
