#include "protocol/cosem/layout.h"

#include <string.h>

#include "base/error.h"

enum { HIGHEST_VOLTAGE = 1000, ABSTRACT_CLOCK = 0 };

static bool is_code(const struct axdr_item *item)
{
	return item->tag == AXDR_OCTETS && item->length == CODE_SIZE && code_like(item->data);
}

static bool is_integer(const struct axdr_item *item)
{
	struct decimal ignored;

	return axdr_number(item, &ignored);
}

static bool letter_fits(char letter, const struct axdr_item *item)
{
	switch (letter) {
	case 't': return item->tag == AXDR_OCTETS && item->length == COSEM_TIME;
	case 'c': return is_code(item);
	case 'o': return axdr_string(item);
	case 'n': return is_integer(item);
	case 's': return item->tag == AXDR_STRUCTURE;
	case 'a': return item->tag == AXDR_ARRAY;
	default: return letter == '?';
	}
}

static bool shape_fits(const char *shape, const struct axdr_item *items)
{
	unsigned at = 1;

	for (uint32_t i = 0; i < items[0].length; i++, shape++) {
		if (*shape == '*')
			return true;
		if (!*shape || !letter_fits(*shape, &items[at]))
			return false;
		at += items[at].span;
	}
	return !*shape || *shape == '*';
}

/* Whether the first text of the body begins with these characters. */
static bool text_fits(const char *text, const struct layout_body *body)
{
	size_t n = strlen(text);

	for (size_t i = 1; i < body->count; i++) {
		const struct axdr_item *item = &body->items[i];

		if (!axdr_string(item) || is_code(item) || item->length == COSEM_TIME)
			continue;
		return item->length >= n && !memcmp(item->data, text, n);
	}
	return false;
}

/* {class, code, attribute, index ...}: the definition of an object */
static bool is_definition(const struct axdr_item *item)
{
	return item->tag == AXDR_STRUCTURE && item->length >= 4 && is_integer(&item[1]) &&
	       item[2].tag == AXDR_OCTETS && item[2].length == CODE_SIZE && is_integer(&item[3]);
}

static bool objects_fit(const struct layout *layout, const struct layout_body *body)
{
	const struct axdr_item *items = body->items;

	if (body->count < 6 || items[0].tag != AXDR_STRUCTURE || items[1].tag != AXDR_ARRAY ||
	    !items[1].length || !is_definition(&items[2]))
		return false;
	return layout->channel < 0 || items[4].data[1] == layout->channel;
}

const struct layout *layout_find(const struct layout_body *body)
{
	const struct layout *const *l = layouts;

	for (; l[1]; l++) {
		if ((*l)->shape && !shape_fits((*l)->shape, body->items))
			continue;
		if ((*l)->text && !text_fits((*l)->text, body))
			continue;
		if ((*l)->form == LAYOUT_OBJECTS && !objects_fit(*l, body))
			continue;
		break;
	}
	return *l;
}

/* The power of ten of a raw number; a voltage above any mains voltage is in smaller units. */
static int16_t raw_exponent(const struct layout_scale *scale, const struct sample *sample)
{
	const struct quantity *q = sample->code->quantity;
	struct decimal raw;
	int16_t exponent = 0;

	if (!q || !q->unit)
		return 0;
	if (!strcmp(q->unit, "A"))
		return scale->current;
	if (!strcmp(q->unit, "1"))
		return scale->power_factor;
	if (!strcmp(q->unit, "Wh") || !strcmp(q->unit, "varh") || !strcmp(q->unit, "VAh"))
		return scale->energy;
	if (strcmp(q->unit, "V") != 0 || !axdr_number(sample->item, &raw))
		return 0;
	exponent = scale->voltage;
	while (exponent > -3 &&
	       decimal_compare(decimal_shift(raw, exponent), decimal_u64(HIGHEST_VOLTAGE, 0)) > 0)
		exponent--;
	return exponent;
}

struct collector {
	const struct layout *layout;
	const struct layout_body *body;
	struct sample *samples;
	int count;
	size_t place;
};

static struct sample *add(struct collector *c, const uint8_t *code, const struct axdr_item *item)
{
	struct sample *sample = &c->samples[c->count++];

	*sample = (struct sample){.item = item};
	if (code) {
		sample->code = code_find(c->body->book, code);
		sample->exponent = raw_exponent(&c->layout->scale, sample);
	}
	return sample;
}

/* Adds a value without code: the layout may name it, and a time is recognised by its form. */
static void add_bare(struct collector *c, const struct axdr_item *item)
{
	static const uint8_t clock[CODE_SIZE] = {ABSTRACT_CLOCK, 0, 1, 0, 0, 0xFF};
	const struct layout_place *place = NULL;
	struct stamp stamp;

	if (item->tag == AXDR_NULL && c->layout->form == LAYOUT_CODES)
		return;
	if (c->place < c->layout->place_count)
		place = &c->layout->places[c->place++];
	if (place && (place->c || place->d)) {
		const uint8_t code[CODE_SIZE] = {place->a, place->b, place->c,
		                                 place->d, place->e, 0xFF};
		struct sample *sample = add(c, code, item);

		sample->placed = true;
		sample->exponent = place->exponent;
	} else if (!place && item->tag == AXDR_OCTETS && item->length == COSEM_TIME &&
	           cosem_time(&stamp, item->data)) {
		add(c, clock, item)->placed = true;
	} else {
		add(c, NULL, item)->placed = true;
	}
}

/* {scaler, unit} */
static bool is_scale(const struct axdr_item *item)
{
	return item->tag == AXDR_STRUCTURE && item->length == 2 && item[1].tag == AXDR_INT8 &&
	       item[2].tag == AXDR_ENUM;
}

static void set_scale(struct sample *sample, const struct axdr_item *scale)
{
	sample->scaled = true;
	sample->exponent = scale[1].data[0];
	if (sample->exponent >= 0x80)
		sample->exponent = (int16_t)(sample->exponent - 0x100);
	sample->unit = scale[2].data[0];
}

static void collect_codes(struct collector *c)
{
	const struct axdr_item *items = c->body->items;
	const struct axdr_item *end = items + c->body->count;

	for (const struct axdr_item *item = items, *value; item < end;) {
		struct sample *sample;

		value = item + 1;
		if (axdr_container(item)) {
			item++;
			continue;
		}
		if (!is_code(item) || value == end || value->depth != item->depth) {
			add_bare(c, item++);
			continue;
		}
		sample = add(c, item->data, value);
		value += value->span;
		if (value < end && value->depth == item->depth && is_scale(value)) {
			set_scale(sample, value);
			value += value->span;
		}
		item = value;
	}
}

/* Finds the value of another object that contains the scale of this code's number. */
static void find_scale(struct collector *c)
{
	for (int i = 0; i < c->count; i++) {
		const struct sample *scale = &c->samples[i];

		if (!is_scale(scale->item))
			continue;
		for (int j = 0; j < c->count; j++)
			if (j != i && c->samples[j].code == scale->code &&
			    !is_scale(c->samples[j].item))
				set_scale(&c->samples[j], scale->item);
	}
}

static int collect_objects(struct collector *c)
{
	const struct axdr_item *items = c->body->items, *list = &items[1];
	uint32_t values = items[0].length - 1;
	const struct axdr_item *d = list + 1, *value = list + list->span;
	bool scales = false;

	if (values != list->length && values + 1 != list->length)
		return EM_SYNTAX;
	for (uint32_t i = 0; i < list->length; i++, d += d->span) {
		if (!is_definition(d))
			return EM_SYNTAX;
		if (i == 0 && values < list->length)
			continue;
		scales |= is_scale(value);
		add(c, d[2].data, value);
		value += value->span;
	}
	if (scales)
		find_scale(c);
	return 0;
}

static void collect_places(struct collector *c)
{
	const struct axdr_item *items = c->body->items;
	size_t at = 1;

	for (uint32_t i = 0; i < items[0].length; i++) {
		add_bare(c, &items[at]);
		at += items[at].span;
	}
}

int layout_collect(const struct layout *layout, const struct layout_body *body,
                   struct sample samples[SAMPLES])
{
	struct collector c = {.layout = layout, .body = body, .samples = samples};
	int error = 0;

	switch (layout->form) {
	case LAYOUT_CODES: collect_codes(&c); break;
	case LAYOUT_OBJECTS: error = collect_objects(&c); break;
	case LAYOUT_PLACES: collect_places(&c); break;
	}
	return error ? error : c.count;
}
