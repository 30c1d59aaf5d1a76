#include "emtool/value.h"
#include "record/record.h"

_Static_assert((int)EMTOOL_VALUE_NULL == VALUE_NULL && (int)EMTOOL_VALUE_DECIMAL == VALUE_DECIMAL &&
                       (int)EMTOOL_VALUE_FLOAT64 == VALUE_FLOAT64 &&
                       (int)EMTOOL_VALUE_TIME == VALUE_TIME && (int)EMTOOL_VALUE_END == VALUE_END,
               "kinds of values have their public numbers");

/* Returns the value if it has this kind, else NULL. */
static const struct value *of_kind(const struct emtool_value *value, enum value_kind kind)
{
	const struct value *v = (const struct value *)value;

	return v && v->kind == kind ? v : NULL;
}

enum emtool_kind emtool_value_kind(const struct emtool_value *v)
{
	return v ? (enum emtool_kind)((const struct value *)v)->kind : EMTOOL_VALUE_NULL;
}

static struct emtool_text text_of(const char *data, size_t size)
{
	return (struct emtool_text){.data = data, .size = data ? size : 0};
}

struct emtool_text emtool_value_name(const struct emtool_value *value)
{
	const struct value *v = (const struct value *)value;

	return v ? text_of(v->name, v->name_length) : text_of(NULL, 0);
}

const char *emtool_value_unit(const struct emtool_value *v)
{
	return v ? ((const struct value *)v)->unit : NULL;
}

struct emtool_text emtool_value_obis(const struct emtool_value *value)
{
	const struct value *v = (const struct value *)value;

	return v ? text_of(v->obis, v->obis_length) : text_of(NULL, 0);
}

int emtool_value_address(const struct emtool_value *v)
{
	return v ? (int)((const struct value *)v)->address : -1;
}

bool emtool_value_number(const struct emtool_value *v, double *out)
{
	return v && value_number((const struct value *)v, out);
}

bool emtool_value_decimal(const struct emtool_value *value, struct emtool_decimal *out)
{
	const struct value *v = of_kind(value, VALUE_DECIMAL);

	if (!v)
		return false;
	out->digits = v->as.decimal.digits;
	out->exponent = v->as.decimal.exponent;
	out->negative = v->as.decimal.negative;
	return true;
}

bool emtool_value_bool(const struct emtool_value *value, bool *out)
{
	const struct value *v = of_kind(value, VALUE_BOOL);

	if (v)
		*out = v->as.flag;
	return v;
}

bool emtool_value_time(const struct emtool_value *value, struct emtool_time *out)
{
	const struct value *v = of_kind(value, VALUE_TIME);
	const struct stamp *s;

	if (!v)
		return false;
	s = &v->as.time;
	*out = (struct emtool_time){
		.year = s->year,
		.month = s->month,
		.day = s->day,
		.hour = s->hour,
		.minute = s->minute,
		.second = s->second,
		.has_offset = s->has_offset,
		.offset = s->offset,
	};
	return true;
}

struct emtool_text emtool_value_text(const struct emtool_value *value)
{
	const struct value *v = of_kind(value, VALUE_TEXT);

	return v ? text_of(v->as.text.data, v->as.text.length) : text_of(NULL, 0);
}
