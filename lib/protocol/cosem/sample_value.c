/* Converts one item to a value of a record: a number, a time, a text, or a list of these. */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "protocol/cosem/sample_value.h"

enum { SHORT_NUMBER = 4 };

static bool printable(const uint8_t *data, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (data[i] < 0x20 || data[i] > 0x7E)
			return false;
	return true;
}

/* The length without the NULs and blanks that pad a field. */
static size_t trimmed(const struct axdr_item *item)
{
	size_t n = item->length;

	while (n && (item->data[n - 1] == 0 || item->data[n - 1] == ' '))
		n--;
	return n;
}

static void put_hex(struct record *r, struct value *v, const uint8_t *data, size_t n)
{
	const char *text = record_hex(r, data, n);

	if (!text)
		return;
	v->kind = VALUE_TEXT;
	v->as.text.data = text;
	v->as.text.length = (uint32_t)(2 * n);
}

static void put_text(struct value *v, const void *data, size_t n)
{
	v->kind = VALUE_TEXT;
	v->as.text.data = data;
	v->as.text.length = (uint32_t)n;
}

void sample_text(struct record *r, struct value *v, const char *text)
{
	size_t n = strlen(text);
	char *copy = record_copy(r, text, n);

	if (copy)
		put_text(v, copy, n);
}

/* Octets that are not text: a time, a code, a clock, a date, or hexadecimal digits. */
static void put_octets(struct record *r, struct value *v, const struct sample *sample)
{
	const uint8_t *b = sample->item->data;
	const uint8_t *code = sample->code ? sample->code->bytes : NULL;
	size_t n = sample->item->length;
	char text[32];

	if (n == COSEM_TIME && cosem_time(&v->as.time, b)) {
		v->kind = VALUE_TIME;
	} else if (n == 4 && code && code[2] == 0 && code[3] == 9) {
		snprintf(text, sizeof text, "%02u:%02u:%02u", b[0], b[1], b[2]);
		sample_text(r, v, text);
	} else if (n == 5 && code && code[2] == 0 && code[3] == 9) {
		snprintf(text, sizeof text, "%04u-%02u-%02u", (unsigned)load_be16(b), b[2], b[3]);
		sample_text(r, v, text);
	} else if (n == CODE_SIZE && code_like(b)) {
		snprintf(text, sizeof text, "%u-%u:%u.%u.%u", b[0], b[1], b[2], b[3], b[4]);
		sample_text(r, v, text);
	} else if (n && n <= SHORT_NUMBER && code && sample->code->kind == CODE_QUANTITY) {
		uint32_t number = 0;

		for (size_t i = 0; i < n; i++)
			number = number << 8 | b[i];
		v->kind = VALUE_DECIMAL;
		v->as.decimal = decimal_u64(number, 0);
	} else {
		put_hex(r, v, b, n);
	}
}

static void put_float(struct value *v, const struct sample *sample)
{
	struct reader bytes = reader_make(sample->item->data, sample->item->length);
	double d;

	if (sample->item->tag == AXDR_FLOAT32) {
		uint32_t raw = reader_u32be(&bytes);
		float f;

		memcpy(&f, &raw, sizeof f);
		v->kind = VALUE_FLOAT32;
		v->as.f32 = f;
		d = (double)f;
	} else {
		uint64_t raw = reader_u64be(&bytes);

		memcpy(&d, &raw, sizeof d);
		v->kind = VALUE_FLOAT64;
		v->as.f64 = d;
	}
	if (!sample_exponent(sample))
		return;
	for (int i = sample_exponent(sample); i > 0; i--)
		d *= 10;
	for (int i = sample_exponent(sample); i < 0; i++)
		d /= 10;
	v->kind = VALUE_FLOAT64;
	v->as.f64 = d;
}

/* The item itself, without its name: a number, a text, a time, or null. */
static void put_item(struct record *r, struct value *v, const struct sample *sample)
{
	const struct axdr_item *item = sample->item;
	struct decimal number;

	if (axdr_number(item, &number)) {
		v->kind = VALUE_DECIMAL;
		v->as.decimal = decimal_shift(number, sample_exponent(sample));
		return;
	}
	switch (item->tag) {
	case AXDR_BOOLEAN:
		v->kind = VALUE_BOOL;
		v->as.flag = item->data[0] != 0;
		break;
	case AXDR_FLOAT32:
	case AXDR_FLOAT64: put_float(v, sample); break;
	case AXDR_OCTETS:
	case AXDR_VISIBLE:
	case AXDR_UTF8:
		if (item->tag != AXDR_OCTETS ||
		    (printable(item->data, trimmed(item)) && (trimmed(item) || !item->length)))
			put_text(v, item->data, trimmed(item));
		else
			put_octets(r, v, sample);
		break;
	case AXDR_DATE_TIME:
		if (cosem_time(&v->as.time, item->data))
			v->kind = VALUE_TIME;
		break;
	case AXDR_BITS:
	case AXDR_DATE:
	case AXDR_TIME: put_hex(r, v, item->data, item->length); break;
	default: break;
	}
}

/* Containers become lists; a tree is no deeper than A-XDR allows. */
struct value *sample_put(struct record *r, const char *name, size_t length,
                         const struct sample *sample)
{
	const struct axdr_item *item = sample->item;
	struct sample inner = {.item = item + 1};

	if (!axdr_container(item)) {
		struct value *v = record_add_n(r, name, length);

		put_item(r, v, sample);
		return v;
	}
	record_add_n(r, name, length)->kind = VALUE_LIST;
	for (uint32_t i = 0; i < item->length; i++, inner.item += inner.item->span)
		sample_put(r, NULL, 0, &inner);
	record_end(r);
	return NULL;
}
