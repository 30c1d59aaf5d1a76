#include "output/device.h"

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

/* Appends `before` and the value of that name; false when the record has none. */
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

static bool is_one_of(const struct value *v, const char *const *names)
{
	for (; v->name && *names; names++)
		if (strlen(*names) == v->name_length && !memcmp(*names, v->name, v->name_length))
			return true;
	return false;
}

bool device_tag(const struct value *v)
{
	static const char *const tags[] = {"unit",         "meter",  "meter_id",
	                                   "system_title", "model",  "name",
	                                   "instance",     "socket", NULL};

	if (!is_one_of(v, tags))
		return false;
	return v->kind == VALUE_TEXT ? v->as.text.length > 0 : v->kind == VALUE_DECIMAL;
}

bool device_exchange(const struct record *r, const struct value *v)
{
	static const char *const exchange[] = {"function",  "address", "count",
	                                       "registers", "coils",   NULL};
	static const char *const model[] = {"address", "length", NULL};
	static const char *const push[] = {"frame_counter", NULL};

	if (!strcmp(r->type, "modbus"))
		return is_one_of(v, exchange);
	if (!strcmp(r->type, "sunspec"))
		return is_one_of(v, model) ||
		       (v->name_length > 3 && !memcmp(v->name + v->name_length - 3, "_SF", 3));
	return is_one_of(v, push);
}

void device_key(struct text *out, const struct record *r)
{
	text_puts(out, r->type);
	text_char(out, '\n');
	device_name(out, r);
	text_char(out, '\n');
	device_part(out, r);
}
