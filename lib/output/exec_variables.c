/* The values of a record as environment variables: EMTOOL_TYPE=p1, EMTOOL_CURRENT_L1=5, ... */
#include "output/exec.h"
#include "output/format.h"

/* Linux starts no program with a variable above 128 KiB; such lists are on standard input only. */
enum { VARIABLE_LIMIT = 4096 };

static void put_name(struct text *out, const char *name, size_t length)
{
	text_puts(out, "EMTOOL_");
	for (size_t i = 0; i < length; i++) {
		char c = name[i];

		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		else if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9'))
			c = '_';
		text_char(out, c);
	}
	text_char(out, '=');
}

/*
 * Replaces control characters, because scripts print values and read them line by line. Stops when
 * the value is longer than the limit, as it is left out then.
 */
static void put_text(struct text *out, const char *data, size_t length)
{
	text_printable(out, data, length <= VARIABLE_LIMIT ? length : VARIABLE_LIMIT + 1);
}

static void put(struct text *out, const char *name, const char *value)
{
	put_name(out, name, strlen(name));
	put_text(out, value, strlen(value));
	text_char(out, '\0');
}

void exec_variables(struct text *out, const struct record *r, const char *alarm)
{
	const struct value *end = r->values + r->count;

	for (const struct value *v = r->values; v < end; v = value_next(r, v)) {
		size_t begin = out->length, at;

		put_name(out, v->name, v->name_length);
		at = out->length;
		if (v->kind == VALUE_TEXT)
			put_text(out, v->as.text.data, v->as.text.length);
		else if (v->kind != VALUE_NULL)
			text_value(out, r, v);
		if (out->length - at > VARIABLE_LIMIT)
			out->length = begin;
		else
			text_char(out, '\0');
	}
	/* Added last, so that no value of a device can replace them. */
	put(out, "type", r->type);
	if (r->source)
		put(out, "source", r->source);
	if (r->time != INSTANT_NONE) {
		text_puts(out, "EMTOOL_TIME=");
		text_instant(out, r->time);
		text_char(out, '\0');
	}
	if (alarm)
		put(out, "alarm", alarm);
}
