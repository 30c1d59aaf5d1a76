#include "balance/prices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "balance/prices_reader.h"
#include "base/error.h"

enum { HOUR = 3600000, STEP_MOST = 31 * 24 /* hours */ };

int price_add(struct prices_reader *r, const struct price_span *span, int64_t price)
{
	if (span->start == INSTANT_NONE)
		return 0;
	if (r->count == PRICES_MOST) {
		r->out->left_out++;
		return 0;
	}
	if (r->count == r->capacity) {
		size_t capacity = r->capacity ? 2 * r->capacity : 256;
		struct price_entry *grown = realloc(r->entries, capacity * sizeof *grown);

		if (!grown)
			return EM_NO_MEMORY;
		r->entries = grown;
		r->capacity = capacity;
	}
	r->entries[r->count] = (struct price_entry){{span->start, span->end, price},
	                                            (uint32_t)r->count};
	r->count++;
	r->last = span->start;
	return 0;
}

void price_unit_of_list(struct prices_reader *r, const struct price_unit *unit)
{
	if (r->count)
		return;
	memcpy(r->out->currency, unit->currency, sizeof unit->currency);
	r->out->no_unit = !unit->told;
}

static int by_start(const void *a, const void *b)
{
	const struct price_entry *x = a, *y = b;

	if (x->slot.start != y->slot.start)
		return x->slot.start < y->slot.start ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* ms from the start of an entry to that of the next one, 0: there is none. */
static int64_t step_at(const struct prices_reader *r, size_t i)
{
	if (i + 1 >= r->count)
		return 0;
	return r->entries[i + 1].slot.start - r->entries[i].slot.start;
}

/* The smallest distance of two entries; an hour when there is only one. */
static int64_t usual_step(const struct prices_reader *r)
{
	int64_t least = 0;

	for (size_t i = 0; i + 1 < r->count; i++) {
		int64_t step = step_at(r, i);

		if (step && (!least || step < least))
			least = step;
	}
	return least && least <= (int64_t)STEP_MOST * HOUR ? least : HOUR;
}

/*
 * A slot without an end has the usual length; a longer one when the distance to the next slot is an
 * hour at most and the one before or behind it has the same length.
 */
static int64_t length_at(const struct prices_reader *r, size_t i, int64_t usual)
{
	int64_t step = step_at(r, i);
	bool repeats = step <= HOUR &&
	               ((i && step_at(r, i - 1) == step) || step_at(r, i + 1) == step);

	return step && (step < usual || repeats) ? step : usual;
}

static void keep(struct prices *p, const struct price_slot *slot)
{
	const struct price_slot *last = p->count ? &p->slots[p->count - 1] : NULL;

	if (last && slot->start < last->end) {
		p->overlapping += slot->start != last->start || slot->end != last->end ||
		                  slot->price != last->price;
		return;
	}
	p->holes += last && slot->start > last->end;
	p->slots[p->count++] = *slot;
}

/* Sorts the entries, gives them ends, and leaves out what overlaps. */
static int finish(struct prices_reader *r)
{
	int64_t usual;

	r->out->slots = calloc(r->count, sizeof *r->out->slots);
	if (!r->out->slots)
		return EM_NO_MEMORY;
	qsort(r->entries, r->count, sizeof *r->entries, by_start);
	usual = usual_step(r);
	for (size_t i = 0; i < r->count; i++) {
		struct price_slot slot = r->entries[i].slot;

		if (slot.end == INSTANT_NONE)
			slot.end = slot.start + length_at(r, i, usual);
		if (slot.end - slot.start < PRICE_SHORTEST) {
			char text[STAMP_TEXT];

			instant_format(text, slot.start);
			snprintf(r->why, PRICES_WHY, "%s: a slot shorter than 5 minutes", text);
			return EM_SYNTAX;
		}
		keep(r->out, &slot);
	}
	return 0;
}

/* The first byte that is no blank tells the format. */
static int read_any(struct prices_reader *r, struct csv_text text)
{
	size_t i = 0;

	if (text.length >= 3 && !memcmp(text.data, "\xEF\xBB\xBF", 3)) {
		text.data += 3;
		text.length -= 3;
	}
	while (i < text.length && (csv_is_blank(text.data[i]) || text.data[i] == '\n'))
		i++;
	if (i == text.length) {
		snprintf(r->why, PRICES_WHY, "it is empty");
		return EM_SYNTAX;
	}
	switch (text.data[i]) {
	case '{':
	case '[': return prices_json(r, text);
	case '<': return prices_xml(r, text);
	default: return prices_csv(r, text);
	}
}

int prices_read(struct prices *p, const char *text, size_t length, const struct zone *zone,
                char why[PRICES_WHY])
{
	struct prices_reader r = {.out = p, .zone = zone, .last = INSTANT_NONE, .why = why};
	int error;

	*p = (struct prices){0};
	*why = '\0';
	error = read_any(&r, (struct csv_text){text, length});
	if (!error && !r.count) {
		snprintf(why, PRICES_WHY, "no price in it");
		error = EM_SYNTAX;
	}
	if (!error)
		error = finish(&r);
	free(r.entries);
	if (error)
		prices_free(p);
	return error;
}

void prices_free(struct prices *p)
{
	free(p->slots);
	*p = (struct prices){0};
}

const struct price_slot *prices_at(const struct prices *p, instant t,
                                   const struct price_slot **next)
{
	size_t low = 0, high = p->count;

	while (low < high) { /* the first slot that begins after t */
		size_t middle = (low + high) / 2;

		if (p->slots[middle].start > t)
			high = middle;
		else
			low = middle + 1;
	}
	if (next)
		*next = low < p->count ? &p->slots[low] : NULL;
	return low && p->slots[low - 1].end > t ? &p->slots[low - 1] : NULL;
}
