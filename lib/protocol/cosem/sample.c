/* Samples into records: names, units, times and texts. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "protocol/cosem/layout.h"

enum { SCALER_LIMIT = 12, QUANTITY_WORDS = 8, SHORT_NUMBER = 4 };

static bool printable(const uint8_t *data, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (data[i] < 0x20 || data[i] > 0x7E)
			return false;
	return true;
}

/* Without the NULs and blanks that fill a field up. */
static size_t trimmed(const struct axdr_item *item)
{
	size_t n = item->length;

	while (n && (item->data[n - 1] == 0 || item->data[n - 1] == ' '))
		n--;
	return n;
}

static void put_hex(struct record *r, struct value *v, const uint8_t *data, size_t n)
{
	static const char digits[] = "0123456789ABCDEF";
	char *text = record_store(r, 2 * n);

	if (!text)
		return;
	for (size_t i = 0; i < n; i++) {
		text[2 * i] = digits[data[i] >> 4];
		text[2 * i + 1] = digits[data[i] & 0x0F];
	}
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

static void put_made(struct record *r, struct value *v, const char *text)
{
	size_t n = strlen(text);
	char *copy = record_copy(r, text, n);

	if (copy)
		put_text(v, copy, n);
}

/* Octets that are no text: a time, a code, a clock or a date of their own, or hexadecimal digits. */
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
		put_made(r, v, text);
	} else if (n == 5 && code && code[2] == 0 && code[3] == 9) {
		snprintf(text, sizeof text, "%04u-%02u-%02u", (unsigned)(b[0] << 8 | b[1]), b[2], b[3]);
		put_made(r, v, text);
	} else if (n == CODE_SIZE && code_like(b)) {
		snprintf(text, sizeof text, "%u-%u:%u.%u.%u", b[0], b[1], b[2], b[3], b[4]);
		put_made(r, v, text);
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
	if (!sample->exponent)
		return;
	for (int i = sample->exponent; i > 0; i--)
		d *= 10;
	for (int i = sample->exponent; i < 0; i++)
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
		v->as.decimal = decimal_shift(number, sample->exponent);
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
		if (item->tag != AXDR_OCTETS || (printable(item->data, trimmed(item)) &&
		                                 (trimmed(item) || !item->length)))
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
static struct value *put_named(struct record *r, const char *name, size_t length,
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
		put_named(r, NULL, 0, &inner);
	record_end(r);
	return NULL;
}

/* The code as it was sent, for outputs that show it. */
static void put_code(struct record *r, struct value *v, const struct sample *sample)
{
	if (!v || sample->placed)
		return;
	v->obis = sample->code->text;
	v->obis_length = sample->code->length;
	(void)r;
}

/* Where a sample goes: its name at the top, or NULL for `unknown` and `values`. */
static bool unit_fits(const struct sample *sample)
{
	const struct quantity *q = sample->code->quantity;
	const char *sent;

	if (!sample->scaled)
		return true;
	if (sample->exponent < -SCALER_LIMIT || sample->exponent > SCALER_LIMIT)
		return false;
	sent = cosem_unit(sample->unit);
	if (!sent)
		return false;
	if (!q->unit || !strcmp(q->unit, "1"))
		return !*sent;
	return !strcmp(sent, q->unit);
}

/* The names that a record has already; a second value of one name goes to `unknown`. */
struct names {
	uint64_t used[QUANTITY_WORDS];
};

static bool take_name(struct names *names, const struct quantity *q)
{
	size_t i = (size_t)(q - quantities);
	uint64_t bit = (uint64_t)1 << i % 64;

	if (i / 64 >= QUANTITY_WORDS || names->used[i / 64] & bit)
		return false;
	names->used[i / 64] |= bit;
	return true;
}

static const struct sample *best_identity(const struct sample *samples, int count)
{
	const struct sample *best = NULL;

	for (int i = 0; i < count; i++) {
		const struct sample *sample = &samples[i];

		if (!sample->code || sample->code->kind != CODE_IDENTITY ||
		    axdr_container(sample->item) || sample->item->tag == AXDR_NULL)
			continue;
		if (!best || sample->code->rank < best->code->rank)
			best = sample;
	}
	return best;
}

static const struct sample *first_clock(const struct sample *samples, int count,
                                         struct stamp *stamp)
{
	for (int i = 0; i < count; i++) {
		const struct axdr_item *item = samples[i].item;
		bool time = item->tag == AXDR_DATE_TIME ||
		            (item->tag == AXDR_OCTETS && item->length == COSEM_TIME);

		if (samples[i].code && samples[i].code->kind == CODE_CLOCK && time &&
		    cosem_time(stamp, item->data))
			return &samples[i];
	}
	return NULL;
}

static bool same_time(const struct stamp *a, const struct stamp *b)
{
	return stamp_instant(a) == stamp_instant(b) && a->has_offset == b->has_offset &&
	       a->offset == b->offset;
}

void sample_head(const struct sample *samples, int count, const struct notification *head,
                  struct record *r)
{
	const struct sample *id = best_identity(samples, count);
	struct stamp stamp;
	struct value *v;

	if (head->has_time)
		record_time(r, "meter_time", &head->time);
	else if (first_clock(samples, count, &stamp))
		record_time(r, "meter_time", &stamp);
	else
		record_null(r, "meter_time");
	if (!id)
		return;
	v = put_named(r, "meter_id", strlen("meter_id"), id);
	put_code(r, v, id);
	if (v && v->kind == VALUE_DECIMAL) { /* a name, though sent as a number */
		char digits[DECIMAL_TEXT];

		decimal_format(digits, v->as.decimal);
		put_made(r, v, digits);
	}
}

/* Values whose scaler makes no sense: as they were sent. */
static void put_raw(struct record *r, const struct sample *sample)
{
	struct sample raw = *sample;
	const char *unit = cosem_unit(sample->unit);

	raw.exponent = 0;
	record_add_n(r, sample->code->text, sample->code->length)->kind = VALUE_OBJECT;
	put_named(r, "value", strlen("value"), &raw);
	record_int(r, "scaler", sample->exponent);
	if (unit)
		record_word(r, "unit", unit);
	else
		record_int(r, "unit", sample->unit);
	record_end(r);
}

static void put_unknown(struct record *r, const struct sample *sample)
{
	struct value *v;

	if (sample->scaled && (sample->exponent < -SCALER_LIMIT || sample->exponent > SCALER_LIMIT ||
	                        !cosem_unit(sample->unit))) {
		put_raw(r, sample);
		return;
	}
	v = put_named(r, sample->code->text, sample->code->length, sample);
	if (v && sample->scaled && *cosem_unit(sample->unit))
		v->unit = cosem_unit(sample->unit);
}

enum place { DONE, TOP, UNKNOWN, LISTED };

struct sorter {
	const struct sample *identity, *clock;
	const struct notification *head;
	struct stamp stamp;
	struct names names;
};

static enum place place_of(struct sorter *s, const struct sample *sample)
{
	if (!sample->code)
		return LISTED;
	if (sample == s->identity)
		return DONE;
	if (sample == s->clock && (!s->head->has_time || same_time(&s->stamp, &s->head->time)))
		return DONE;
	if (sample->code->kind == CODE_QUANTITY && unit_fits(sample) &&
	    take_name(&s->names, sample->code->quantity))
		return TOP;
	return UNKNOWN;
}

/* A code can stand in `unknown` once. */
static bool seen_before(const struct sample *samples, const uint8_t *places, int i)
{
	for (int j = 0; j < i; j++)
		if (places[j] == UNKNOWN && !memcmp(samples[j].code->bytes, samples[i].code->bytes, 6))
			return true;
	return false;
}

static void put_rest(const struct sample *samples, const uint8_t *places, int count,
                     struct record *r)
{
	bool unknown = false, listed = false;

	for (int i = 0; i < count; i++) {
		if (places[i] != UNKNOWN)
			continue;
		if (!unknown)
			record_object(r, "unknown");
		unknown = true;
		put_unknown(r, &samples[i]);
	}
	if (unknown)
		record_end(r);
	for (int i = 0; i < count; i++) {
		if (places[i] != LISTED)
			continue;
		if (!listed)
			record_list(r, "values");
		listed = true;
		put_named(r, NULL, 0, &samples[i]);
	}
	if (listed)
		record_end(r);
}

void sample_values(const struct sample *samples, int count, const struct notification *head,
                    struct record *r)
{
	struct sorter s = {.head = head};
	uint8_t places[SAMPLES];
	bool rest = false;

	s.identity = best_identity(samples, count);
	s.clock = first_clock(samples, count, &s.stamp);
	for (int i = 0; i < count; i++) {
		const struct sample *sample = &samples[i];
		struct value *v;

		places[i] = (uint8_t)place_of(&s, sample);
		if (places[i] == UNKNOWN && seen_before(samples, places, i))
			places[i] = LISTED;
		rest |= places[i] == UNKNOWN || places[i] == LISTED;
		if (places[i] != TOP)
			continue;
		v = put_named(r, sample->code->quantity->name, sample->code->quantity->length, sample);
		put_code(r, v, sample);
		if (v && v->kind == VALUE_DECIMAL)
			v->unit = sample->code->quantity->unit;
	}
	if (rest)
		put_rest(samples, places, count, r);
}
