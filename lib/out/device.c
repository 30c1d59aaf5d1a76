#include "out/device.h"

void value_plain(struct text *out, const struct value *v)
{
	char buffer[FLOAT_TEXT > STAMP_TEXT ? FLOAT_TEXT : STAMP_TEXT];
	double number;

	switch (v->kind) {
	case VALUE_TEXT: text_add(out, v->as.text.data, v->as.text.length); break;
	case VALUE_DECIMAL: text_decimal(out, v->as.decimal); break;
	case VALUE_BOOL: text_puts(out, v->as.flag ? "true" : "false"); break;
	case VALUE_TIME: text_add(out, buffer, stamp_format(buffer, &v->as.time)); break;
	case VALUE_FLOAT32:
		if (value_number(v, &number))
			text_add(out, buffer, float32_format(buffer, v->as.f32));
		break;
	case VALUE_FLOAT64:
		if (value_number(v, &number))
			text_add(out, buffer, float64_format(buffer, v->as.f64));
		break;
	default: break;
	}
}

/* Appends the value of that name, after `before`; whether there was one. */
static bool put(struct text *out, const struct record *r, const char *name, const char *before)
{
	const struct value *v = record_find(r, name);

	if (!v || v->kind == VALUE_NULL || v->kind >= VALUE_LIST)
		return false;
	text_puts(out, before);
	if (v->kind == VALUE_TEXT)
		text_printable(out, v->as.text.data, v->as.text.length);
	else
		value_plain(out, v);
	return true;
}

void device_name(struct text *out, const struct record *r)
{
	const char *colon = r->source ? strrchr(r->source, ':') : NULL;

	if (put(out, r, "meter_id", "") || put(out, r, "system_title", ""))
		return;
	if (r->source)
		text_add(out, r->source, colon ? (size_t)(colon - r->source) : strlen(r->source));
	put(out, r, "unit", r->source ? "/" : "");
}

void device_part(struct text *out, const struct record *r)
{
	if (put(out, r, "socket", "socket_"))
		return;
	if (put(out, r, "model", "model_"))
		put(out, r, "instance", "_");
}
