#include "out/subject.h"

#include "out/device.h"

static bool is_one_of(const struct value *v, const char *const *names)
{
	for (; v->name && *names; names++)
		if (strlen(*names) == v->name_length && !memcmp(*names, v->name, v->name_length))
			return true;
	return false;
}

bool subject_tag(const struct value *v)
{
	static const char *const tags[] = {"unit", "meter", "meter_id", "system_title", "model", "name",
	                                   "instance", "socket", NULL};

	if (!is_one_of(v, tags))
		return false;
	return v->kind == VALUE_TEXT ? v->as.text.length > 0 : v->kind == VALUE_DECIMAL;
}

bool subject_bookkeeping(const struct record *r, const struct value *v)
{
	static const char *const exchange[] = {"function", "address", "count", "registers", "coils", NULL};
	static const char *const model[] = {"address", "length", NULL};
	static const char *const push[] = {"frame_counter", NULL};

	if (!strcmp(r->type, "modbus"))
		return is_one_of(v, exchange);
	if (!strcmp(r->type, "sunspec"))
		return is_one_of(v, model) ||
		       (v->name_length > 3 && !memcmp(v->name + v->name_length - 3, "_SF", 3));
	return is_one_of(v, push);
}

void subject_key(struct text *out, const struct record *r)
{
	text_puts(out, r->type);
	text_char(out, '\n');
	device_name(out, r);
	text_char(out, '\n');
	device_part(out, r);
}
