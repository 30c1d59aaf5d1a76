/* Puts samples into records: chooses the place, the name and the unit of each. */
#include <string.h>

#include "protocol/cosem/sample_value.h"

enum { QUANTITY_WORDS = 8 };

/* The code as it was sent, for outputs that show it. */
static void put_code(struct value *v, const struct sample *sample)
{
	if (!v || sample->placed)
		return;
	v->obis = sample->code->text;
	v->obis_length = sample->code->length;
}

/* Whether the scaler is implausible, or the number impossible in a house. */
static bool absurd(const struct sample *sample)
{
	struct decimal n;

	if (sample->exponent != sample_exponent(sample))
		return true;
	if (!sample->exponent || !axdr_number(sample->item, &n) || !n.digits)
		return false;
	n = decimal_shift(n, sample->exponent);
	n.negative = false;
	return decimal_compare(n, decimal_u64(1, SCALER_LIMIT)) >= 0 ||
	       decimal_compare(n, decimal_u64(1, -SCALER_LIMIT)) <= 0;
}

/* Whether the unit, if one was sent, is that of the vocabulary, and the scaler is plausible. */
static bool unit_fits(const struct sample *sample)
{
	const struct quantity *q = sample->code->quantity;
	const char *sent;

	if (!sample->scaled)
		return true;
	if (absurd(sample))
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
	v = sample_put(r, "meter_id", strlen("meter_id"), id);
	put_code(v, id);
	if (v && v->kind == VALUE_DECIMAL) { /* an identifier, even if sent as a number */
		char digits[DECIMAL_TEXT];

		decimal_format(digits, v->as.decimal);
		sample_text(r, v, digits);
	}
}

/* Adds a value with an implausible scaler as it was sent. */
static void put_raw(struct record *r, const struct sample *sample)
{
	struct sample raw = *sample;
	const char *unit = cosem_unit(sample->unit);

	raw.exponent = 0;
	record_add_n(r, sample->code->text, sample->code->length)->kind = VALUE_OBJECT;
	sample_put(r, "value", strlen("value"), &raw);
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

	if (sample->scaled && (absurd(sample) || !cosem_unit(sample->unit))) {
		put_raw(r, sample);
		return;
	}
	v = sample_put(r, sample->code->text, sample->code->length, sample);
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
	if (sample->code->kind == CODE_QUANTITY && !axdr_container(sample->item) &&
	    unit_fits(sample) && take_name(&s->names, sample->code->quantity))
		return TOP;
	return UNKNOWN;
}

/* A code may occur only once in `unknown`. */
static bool seen_before(const struct sample *samples, const uint8_t *places, int i)
{
	for (int j = 0; j < i; j++)
		if (places[j] == UNKNOWN &&
		    !memcmp(samples[j].code->bytes, samples[i].code->bytes, 6))
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
		sample_put(r, NULL, 0, &samples[i]);
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
		v = sample_put(r, sample->code->quantity->name, sample->code->quantity->length,
		               sample);
		put_code(v, sample);
		if (v && v->kind == VALUE_DECIMAL)
			v->unit = sample->code->quantity->unit;
	}
	if (rest)
		put_rest(samples, places, count, r);
}
