/*
 * InfluxDB line protocol. The measurement is the type; the tags identify the device (source, unit,
 * meter, identifiers); the fields are everything else. A number with a unit is measured and always
 * a float field, because the type of a field must not change between 5 and 5.1. A whole number
 * without a unit is a count and an integer field. Nulls are left out; members of lists and objects
 * become `list_0_member`. The time is the time of reception, or else the meter's clock if 64 bits
 * hold its ns; without both InfluxDB sets the time.
 */
#include <math.h>

#include "output/device.h"
#include "output/format.h"

#define TIME_LIMIT (INT64_MAX / 1000000) /* ms whose ns fit 64 bits */

static bool is_special(char c)
{
	return c == ',' || c == '=' || c == ' ';
}

/* Whether a text needs no escapes in keys and strings, as nearly all texts do. */
static bool is_plain(const char *data, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (data[i] <= ' ' || data[i] >= 0x7F || data[i] == '\\' || data[i] == '"' ||
		    is_special(data[i]))
			return false;
	return true;
}

/*
 * A tag value, or the key of a tag or field, with commas, equals signs and spaces escaped. The
 * format has no escape for a backslash; one that would change the meaning of the next byte becomes
 * an underscore.
 */
static void put_key(struct text *out, const char *data, size_t length)
{
	struct text shown = {0};

	if (is_plain(data, length)) {
		text_add(out, data, length);
		return;
	}
	text_printable(&shown, data, length);
	for (size_t i = 0; i < shown.length; i++) {
		char c = shown.data[i];
		bool last = i + 1 == shown.length;

		if (is_special(c))
			text_char(out, '\\');
		text_char(out, c == '\\' && (last || is_special(shown.data[i + 1])) ? '_' : c);
	}
	out->failed = out->failed || shown.failed;
	text_free(&shown);
}

static void put_string(struct text *out, const char *data, size_t length)
{
	struct text shown = {0};

	text_char(out, '"');
	if (is_plain(data, length))
		text_add(out, data, length);
	else
		text_printable(&shown, data, length);
	for (size_t i = 0; i < shown.length; i++) {
		if (shown.data[i] == '"' || shown.data[i] == '\\')
			text_char(out, '\\');
		text_char(out, shown.data[i]);
	}
	text_char(out, '"');
	out->failed = out->failed || shown.failed;
	text_free(&shown);
}

static bool printable(const struct value *v)
{
	return v->kind == VALUE_BOOL || v->kind == VALUE_DECIMAL || v->kind == VALUE_TEXT ||
	       v->kind == VALUE_TIME || (v->kind == VALUE_FLOAT32 && isfinite(v->as.f32)) ||
	       (v->kind == VALUE_FLOAT64 && isfinite(v->as.f64));
}

static bool is_count(const struct value *v)
{
	int64_t whole;

	return v->kind == VALUE_DECIMAL && !v->unit && v->as.decimal.exponent >= 0 &&
	       !decimal_scaled(v->as.decimal, 0, &whole);
}

static void put_field_value(struct text *out, const struct record *r, const struct value *v)
{
	if (v->kind == VALUE_TEXT) {
		put_string(out, v->as.text.data, v->as.text.length);
	} else if (v->kind == VALUE_TIME) {
		text_char(out, '"');
		text_stamp(out, &v->as.time);
		text_char(out, '"');
	} else {
		text_value(out, r, v);
		if (is_count(v))
			text_char(out, 'i');
	}
}

/* The names and list positions that lead to a value. */
struct influx_path {
	struct text name;
	struct {
		size_t length;
		unsigned index;
		bool list;
	} level[32];
	size_t depth;
};

/* False when lists and objects are nested too deeply. */
static bool path_enter(struct influx_path *path, const struct value *v)
{
	if (path->depth + 1 >= sizeof path->level / sizeof path->level[0])
		return false;
	path->level[++path->depth].list = v->kind == VALUE_LIST;
	path->level[path->depth].index = 0;
	path->level[path->depth].length = path->name.length;
	return true;
}

static void path_name(struct influx_path *path, const struct value *v)
{
	path->name.length = path->level[path->depth].length;
	if (path->name.length)
		text_char(&path->name, '_');
	if (path->level[path->depth].list)
		text_printf(&path->name, "%u", path->level[path->depth].index++);
	else if (v->name)
		text_add(&path->name, v->name, v->name_length);
}

static bool put_fields(struct text *out, const struct record *r)
{
	struct influx_path path = {0};
	bool any = false;

	for (const struct value *v = r->values; v < r->values + r->count; v++) {
		if (v->kind == VALUE_END) {
			path.depth -= path.depth > 0;
			continue;
		}
		path_name(&path, v);
		if ((v->kind == VALUE_LIST || v->kind == VALUE_OBJECT) && !path_enter(&path, v))
			v = value_next(r, v) - 1;
		if (!printable(v) || (path.depth == 0 && device_tag(v)))
			continue;
		text_char(out, any ? ',' : ' ');
		put_key(out, path.name.data, path.name.length);
		text_char(out, '=');
		put_field_value(out, r, v);
		any = true;
	}
	out->failed = out->failed || path.name.failed;
	text_free(&path.name);
	return any;
}

static void put_tags(struct text *out, const struct record *r)
{
	if (r->source) {
		text_puts(out, ",source=");
		put_key(out, r->source, strlen(r->source));
	}
	for (const struct value *v = r->values; v < r->values + r->count; v = value_next(r, v)) {
		struct text plain = {0};

		if (!device_tag(v))
			continue;
		text_char(out, ',');
		put_key(out, v->name, v->name_length);
		text_char(out, '=');
		if (v->kind == VALUE_TEXT)
			text_add(&plain, v->as.text.data, v->as.text.length);
		else
			text_value(&plain, r, v);
		put_key(out, plain.data, plain.length);
		out->failed = out->failed || plain.failed;
		text_free(&plain);
	}
}

void format_influx(struct text *out, struct format_state *state, const struct record *r)
{
	size_t begin = out->length;
	instant time;

	(void)state;
	text_puts(out, r->type);
	put_tags(out, r);
	if (!put_fields(out, r)) {
		out->length = begin; /* a line without fields is not valid */
		return;
	}
	time = record_instant(r);
	if (time > -TIME_LIMIT && time < TIME_LIMIT)
		text_printf(out, " %lld000000", (long long)time);
	text_char(out, '\n');
}
