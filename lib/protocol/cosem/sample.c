/* Readings into records: names, units, times and texts. */
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
static void put_octets(struct record *r, struct value *v, const struct reading *reading)
{
	const uint8_t *b = reading->item->data;
	const uint8_t *code = reading->code ? reading->code->bytes : NULL;
	size_t n = reading->item->length;
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
	} else if (n && n <= SHORT_NUMBER && code && reading->code->kind == CODE_QUANTITY) {
		uint32_t number = 0;

		for (size_t i = 0; i < n; i++)
			number = number << 8 | b[i];
		v->kind = VALUE_DECIMAL;
		v->as.decimal = decimal_u64(number, 0);
	} else {
		put_hex(r, v, b, n);
	}
}

static void put_float(struct value *v, const struct reading *reading)
{
	struct reader bytes = reader_make(reading->item->data, reading->item->length);
	double d;

	if (reading->item->tag == AXDR_FLOAT32) {
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
	if (!reading->exponent)
		return;
	for (int i = reading->exponent; i > 0; i--)
		d *= 10;
	for (int i = reading->exponent; i < 0; i++)
		d /= 10;
	v->kind = VALUE_FLOAT64;
	v->as.f64 = d;
}

/* The item itself, without its name: a number, a text, a time, or null. */
static void put_item(struct record *r, struct value *v, const struct reading *reading)
{
	const struct axdr_item *item = reading->item;
	struct decimal number;

	if (axdr_number(item, &number)) {
		v->kind = VALUE_DECIMAL;
		v->as.decimal = decimal_shift(number, reading->exponent);
		return;
	}
	switch (item->tag) {
	case AXDR_BOOLEAN:
		v->kind = VALUE_BOOL;
		v->as.flag = item->data[0] != 0;
		break;
	case AXDR_FLOAT32:
	case AXDR_FLOAT64: put_float(v, reading); break;
	case AXDR_OCTETS:
	case AXDR_VISIBLE:
	case AXDR_UTF8:
		if (item->tag != AXDR_OCTETS || (printable(item->data, trimmed(item)) &&
		                                 (trimmed(item) || !item->length)))
			put_text(v, item->data, trimmed(item));
		else
			put_octets(r, v, reading);
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
                               const struct reading *reading)
{
	const struct axdr_item *item = reading->item;
	struct reading inner = {.item = item + 1};

	if (!axdr_container(item)) {
		struct value *v = record_add_n(r, name, length);

		put_item(r, v, reading);
		return v;
	}
	record_add_n(r, name, length)->kind = VALUE_LIST;
	for (uint32_t i = 0; i < item->length; i++, inner.item += inner.item->span)
		put_named(r, NULL, 0, &inner);
	record_end(r);
	return NULL;
}

/* The code as it was sent, for outputs that show it. */
static void put_code(struct record *r, struct value *v, const struct reading *reading)
{
	if (!v || reading->placed)
		return;
	v->obis = reading->code->text;
	v->obis_length = reading->code->length;
	(void)r;
}

/* Where a reading goes: its name at the top, or NULL for `unknown` and `values`. */
static bool unit_fits(const struct reading *reading)
{
	const struct quantity *q = reading->code->quantity;
	const char *sent;

	if (!reading->scaled)
		return true;
	if (reading->exponent < -SCALER_LIMIT || reading->exponent > SCALER_LIMIT)
		return false;
	sent = cosem_unit(reading->unit);
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

static const struct reading *best_identity(const struct reading *readings, int count)
{
	const struct reading *best = NULL;

	for (int i = 0; i < count; i++) {
		const struct reading *reading = &readings[i];

		if (!reading->code || reading->code->kind != CODE_IDENTITY ||
		    axdr_container(reading->item) || reading->item->tag == AXDR_NULL)
			continue;
		if (!best || reading->code->rank < best->code->rank)
			best = reading;
	}
	return best;
}

static const struct reading *first_clock(const struct reading *readings, int count,
                                         struct stamp *stamp)
{
	for (int i = 0; i < count; i++) {
		const struct axdr_item *item = readings[i].item;
		bool time = item->tag == AXDR_DATE_TIME ||
		            (item->tag == AXDR_OCTETS && item->length == COSEM_TIME);

		if (readings[i].code && readings[i].code->kind == CODE_CLOCK && time &&
		    cosem_time(stamp, item->data))
			return &readings[i];
	}
	return NULL;
}

static bool same_time(const struct stamp *a, const struct stamp *b)
{
	return stamp_instant(a) == stamp_instant(b) && a->has_offset == b->has_offset &&
	       a->offset == b->offset;
}

void reading_head(const struct reading *readings, int count, const struct notification *head,
                  struct record *r)
{
	const struct reading *id = best_identity(readings, count);
	struct stamp stamp;
	struct value *v;

	if (head->has_time)
		record_time(r, "meter_time", &head->time);
	else if (first_clock(readings, count, &stamp))
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
static void put_raw(struct record *r, const struct reading *reading)
{
	struct reading raw = *reading;
	const char *unit = cosem_unit(reading->unit);

	raw.exponent = 0;
	record_add_n(r, reading->code->text, reading->code->length)->kind = VALUE_OBJECT;
	put_named(r, "value", strlen("value"), &raw);
	record_int(r, "scaler", reading->exponent);
	if (unit)
		record_word(r, "unit", unit);
	else
		record_int(r, "unit", reading->unit);
	record_end(r);
}

static void put_unknown(struct record *r, const struct reading *reading)
{
	struct value *v;

	if (reading->scaled && (reading->exponent < -SCALER_LIMIT || reading->exponent > SCALER_LIMIT ||
	                        !cosem_unit(reading->unit))) {
		put_raw(r, reading);
		return;
	}
	v = put_named(r, reading->code->text, reading->code->length, reading);
	if (v && reading->scaled && *cosem_unit(reading->unit))
		v->unit = cosem_unit(reading->unit);
}

enum place { DONE, TOP, UNKNOWN, LISTED };

struct sorter {
	const struct reading *identity, *clock;
	const struct notification *head;
	struct stamp stamp;
	struct names names;
};

static enum place place_of(struct sorter *s, const struct reading *reading)
{
	if (!reading->code)
		return LISTED;
	if (reading == s->identity)
		return DONE;
	if (reading == s->clock && (!s->head->has_time || same_time(&s->stamp, &s->head->time)))
		return DONE;
	if (reading->code->kind == CODE_QUANTITY && unit_fits(reading) &&
	    take_name(&s->names, reading->code->quantity))
		return TOP;
	return UNKNOWN;
}

/* A code can stand in `unknown` once. */
static bool seen_before(const struct reading *readings, const uint8_t *places, int i)
{
	for (int j = 0; j < i; j++)
		if (places[j] == UNKNOWN && !memcmp(readings[j].code->bytes, readings[i].code->bytes, 6))
			return true;
	return false;
}

static void put_rest(const struct reading *readings, const uint8_t *places, int count,
                     struct record *r)
{
	bool unknown = false, listed = false;

	for (int i = 0; i < count; i++) {
		if (places[i] != UNKNOWN)
			continue;
		if (!unknown)
			record_object(r, "unknown");
		unknown = true;
		put_unknown(r, &readings[i]);
	}
	if (unknown)
		record_end(r);
	for (int i = 0; i < count; i++) {
		if (places[i] != LISTED)
			continue;
		if (!listed)
			record_list(r, "values");
		listed = true;
		put_named(r, NULL, 0, &readings[i]);
	}
	if (listed)
		record_end(r);
}

void reading_values(const struct reading *readings, int count, const struct notification *head,
                    struct record *r)
{
	struct sorter s = {.head = head};
	uint8_t places[READINGS];
	bool rest = false;

	s.identity = best_identity(readings, count);
	s.clock = first_clock(readings, count, &s.stamp);
	for (int i = 0; i < count; i++) {
		const struct reading *reading = &readings[i];
		struct value *v;

		places[i] = (uint8_t)place_of(&s, reading);
		if (places[i] == UNKNOWN && seen_before(readings, places, i))
			places[i] = LISTED;
		rest |= places[i] == UNKNOWN || places[i] == LISTED;
		if (places[i] != TOP)
			continue;
		v = put_named(r, reading->code->quantity->name, reading->code->quantity->length, reading);
		put_code(r, v, reading);
		if (v && v->kind == VALUE_DECIMAL)
			v->unit = reading->code->quantity->unit;
	}
	if (rest)
		put_rest(readings, places, count, r);
}
