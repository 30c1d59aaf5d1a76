#include "device/registers.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"

/* At most four registers as one big-endian number. */
static uint64_t number(const struct device_register *row, const uint16_t *words)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < row->count && i < 4; i++)
		n = n << 16 | words[row->flags & FLAG_LOW_FIRST ? row->count - 1u - i : i];
	return n;
}

static bool all_ones(const struct device_register *row, const uint16_t *words)
{
	for (unsigned i = 0; i < row->count; i++)
		if (words[i] != 0xFFFF)
			return false;
	return true;
}

static void add_f32(struct record *r, const struct device_register *row, uint64_t bits)
{
	uint32_t low = (uint32_t)bits;
	float f;

	memcpy(&f, &low, sizeof f);
	if (isfinite(f))
		record_f32(r, row->name, row->unit, f);
	else
		record_null(r, row->name);
}

static void add_f64(struct record *r, const struct device_register *row, uint64_t bits)
{
	double f;

	memcpy(&f, &bits, sizeof f);
	if (isfinite(f))
		record_f64(r, row->name, row->unit, f);
	else
		record_null(r, row->name);
}

static void add_text(struct record *r, const struct device_register *row, const uint16_t *words)
{
	char text[2 * REGISTER_WORDS];
	size_t length = 0;

	for (unsigned i = 0; i < row->count; i++) {
		text[2 * i] = (char)(words[i] >> 8);
		text[2 * i + 1] = (char)words[i];
	}
	while (length < 2u * row->count && text[length])
		length++;
	record_text(r, row->name, record_copy(r, text, length), length);
}

static void add_integer(struct record *r, const struct device_register *row, uint64_t n)
{
	struct decimal d;

	if (row->bits)
		n = n >> row->shift & (((uint64_t)1 << row->bits) - 1);
	switch (row->type) {
	case REGISTER_I16: d = decimal_i64((int16_t)n, row->scale); break;
	case REGISTER_I32: d = decimal_i64((int32_t)n, row->scale); break;
	case REGISTER_I64: d = decimal_i64((int64_t)n, row->scale); break;
	default: d = decimal_u64(n, row->scale); break;
	}
	record_decimal(r, row->name, row->unit, d);
}

static void add_value(struct record *r, const struct device_register *row, const uint16_t *words)
{
	switch (row->type) {
	case REGISTER_F32: add_f32(r, row, number(row, words)); return;
	case REGISTER_F64: add_f64(r, row, number(row, words)); return;
	case REGISTER_TEXT: add_text(r, row, words); return;
	case REGISTER_ODD: row->odd(r, row, words); return;
	default: add_integer(r, row, number(row, words)); return;
	}
}

struct value *register_value(struct record *r, const struct device *d,
                             const struct device_register *row, const struct image *m,
                             unsigned socket)
{
	unsigned unit = device_row_space(d, row, socket);
	uint16_t words[REGISTER_WORDS], companion = 0xFFFF;
	bool known = row->count <= REGISTER_WORDS;
	struct value *v;

	for (unsigned i = 0; known && i < row->count; i++)
		known = image_get(m, unit, row->address + i, &words[i]);
	if (row->companion && known)
		image_get(m, unit, row->companion, &companion);
	if (!known || (row->flags & FLAG_ONES && companion == 0xFFFF && all_ones(row, words)))
		record_null(r, row->name);
	else
		add_value(r, row, words);
	v = r->count ? &r->values[r->count - 1] : &r->spare;
	v->unit = row->unit;
	v->address = row->address;
	return v;
}

bool value_decimal(const struct value *v, struct decimal *out)
{
	char text[FLOAT_TEXT];

	switch (v->kind) {
	case VALUE_DECIMAL: *out = v->as.decimal; return true;
	case VALUE_FLOAT32: return !decimal_parse(out, text, float32_format(text, v->as.f32));
	case VALUE_FLOAT64: return !decimal_parse(out, text, float64_format(text, v->as.f64));
	default: return false;
	}
}

static bool numeric(const struct device_register *row, const char *text)
{
	return row->type != REGISTER_TEXT && strspn(text, "+-.0123456789") == strlen(text);
}

/* The number of a word of the row: 1 for "lock". */
static bool named(const struct device_register *row, const char *text, struct decimal *out)
{
	for (const struct register_word *w = row->words; w && w->word; w++) {
		if (strcmp(w->word, text) != 0 || row->flags & FLAG_BITS)
			continue;
		*out = decimal_u64(w->value, 0);
		return true;
	}
	return false;
}

int register_parse(const struct device_register *row, const char *text, struct decimal *out)
{
	const struct register_steering *s = row->steering;
	double n;

	if (named(row, text, out))
		return 0;
	if (!numeric(row, text) || decimal_parse(out, text, strlen(text)))
		return EM_SYNTAX;
	n = decimal_double(*out);
	if (s && (n < s->min || n > s->max || (n > 0 && n < s->least)))
		return EM_RANGE;
	if (!row->words)
		return 0;
	for (const struct register_word *w = row->words; w->word; w++)
		if (decimal_compare(*out, decimal_u64(w->value, 0)) == 0)
			return 0;
	return EM_RANGE;
}

static int integer_bits(const struct device_register *row, struct decimal value, uint64_t *bits)
{
	struct decimal cut;
	int64_t n;
	unsigned width = 16u * row->count;
	bool wide = width >= 64;

	if (decimal_scaled(value, row->scale, &n))
		return EM_RANGE;
	cut = decimal_i64(n, row->scale);
	if (decimal_compare(cut, value) != 0 ||
	    (n < 0 && row->type != REGISTER_I16 && row->type != REGISTER_I32 &&
	     row->type != REGISTER_I64) ||
	    (!wide && (n >= (int64_t)1 << width || n < -((int64_t)1 << (width - 1)))))
		return EM_RANGE;
	*bits = (uint64_t)n;
	return 0;
}

bool register_cut(struct decimal *value, struct decimal limit)
{
	if (decimal_compare(limit, decimal_u64(0, 0)) <= 0 || decimal_compare(*value, limit) <= 0)
		return false;
	*value = limit;
	return true;
}

int register_encode(const struct device_register *row, struct decimal value,
                    uint16_t words[REGISTER_WORDS])
{
	char text[DECIMAL_TEXT];
	uint64_t bits = 0;
	uint32_t low;
	double wide;
	float f;
	int error = 0;

	decimal_format(text, value);
	if (row->type == REGISTER_F32) {
		f = strtof(text, NULL);
		memcpy(&low, &f, sizeof low);
		bits = low;
		error = isfinite(f) ? 0 : EM_RANGE;
	} else if (row->type == REGISTER_F64) {
		wide = strtod(text, NULL);
		memcpy(&bits, &wide, sizeof bits);
	} else if (row->type < REGISTER_F32) {
		error = integer_bits(row, value, &bits);
	} else {
		error = EM_RANGE;
	}
	for (unsigned i = 0; !error && i < row->count; i++)
		words[row->flags & FLAG_LOW_FIRST ? i : row->count - 1u - i] = (uint16_t)(bits >>
		                                                                          16 * i);
	return error;
}
