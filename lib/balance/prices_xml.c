/*
 * The answer of ENTSO-E's transparency platform (IEC 62325-451-3): a Publication_MarketDocument
 * whose periods have a resolution and points with positions. This reads the tags that count and
 * leaves the rest out; it is no reader of XML in general.
 */
#include <stdio.h>
#include <string.h>

#include "balance/prices_reader.h"
#include "base/decimal.h"
#include "base/error.h"

enum { POSITIONS = 40000, MINUTE = 60000 /* ms */ };

struct price_period {
	struct price_span span; /* of the interval that was named last */
	int64_t step;           /* ms */
	uint32_t position;      /* that will be filled next, from 1 */
	uint32_t told;          /* of the point being read, 0: not told */
	int64_t price;          /* of the last point */
	bool known;             /* there was one in this period */
	struct price_unit unit;
};

/* A tag and the text behind it up to the next one. */
struct price_tag {
	struct csv_text name, text;
};

static struct csv_text trimmed(const char *begin, const char *end)
{
	while (begin < end && (csv_is_blank(*begin) || *begin == '\n'))
		begin++;
	while (begin < end && (csv_is_blank(end[-1]) || end[-1] == '\n'))
		end--;
	return (struct csv_text){begin, (size_t)(end - begin)};
}

static bool next_tag(const char **at, const char *end, struct price_tag *tag)
{
	const char *open = memchr(*at, '<', (size_t)(end - *at));
	const char *close = open ? memchr(open, '>', (size_t)(end - open)) : NULL;
	const char *next, *stop;

	if (!close)
		return false;
	for (stop = open + 1; stop < close && !csv_is_blank(*stop) && *stop != '\n';)
		stop++;
	tag->name = (struct csv_text){open + 1, (size_t)(stop - open - 1)};
	next = memchr(close, '<', (size_t)(end - close));
	tag->text = trimmed(close + 1, next ? next : end);
	*at = close + 1;
	return true;
}

/* Whether the period can be counted in. */
static bool has_times(const struct price_period *p)
{
	return p->step && p->span.start != INSTANT_NONE && p->span.end != INSTANT_NONE;
}

/* Gives the price of the last point to the positions up to `last`. */
static int fill(struct prices_reader *r, struct price_period *p, uint32_t last)
{
	int error = 0;

	for (; !error && p->position <= last; p->position++) {
		struct price_span span = p->span;

		span.start += (p->position - 1) * p->step;
		span.end = span.start + p->step;
		if (p->known)
			error = price_add(r, &span, p->price);
	}
	return error;
}

static int take_position(struct prices_reader *r, struct price_period *p, struct csv_text text)
{
	uint32_t position;

	if (decimal_whole(&position, text.data, text.length, POSITIONS) || position < p->position ||
	    !has_times(p))
		return price_fault(r, text,
		                   "is no position: a number above the one before, in a "
		                   "period with interval and resolution, is expected");
	p->told = position;
	return fill(r, p, position - 1);
}

static int take_amount(struct prices_reader *r, struct price_period *p, struct csv_text text)
{
	bool known;
	int error;

	if (!p->told)
		return price_fault(r, text, "is a price without a position before it");
	error = price_value(r, text, &p->unit, &p->price, &known);
	p->known = known;
	p->told = 0;
	price_unit_of_list(r, &p->unit);
	return error;
}

static int take_resolution(struct prices_reader *r, struct price_period *p, struct csv_text text)
{
	static const struct {
		const char *word;
		int minutes;
	} words[] = {{"PT15M", 15}, {"PT30M", 30}, {"PT60M", 60}, {"PT1H", 60}, {"P1D", 1440}};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (csv_is(text, words[i].word)) {
			p->step = (int64_t)words[i].minutes * MINUTE;
			return 0;
		}
	}
	return price_fault(r, text, "is no resolution: PT15M, PT30M or PT60M is expected");
}

static int end_period(struct prices_reader *r, struct price_period *p)
{
	int64_t positions = has_times(p) ? (p->span.end - p->span.start) / p->step : 0;
	int error = 0;

	if (positions > 0)
		error = fill(r, p, positions < POSITIONS ? (uint32_t)positions : POSITIONS);
	p->position = 1;
	p->known = false;
	return error;
}

static int take_tag(struct prices_reader *r, struct price_period *p, const struct price_tag *tag)
{
	if (csv_is(tag->name, "start"))
		return price_times(r, tag->text, &p->span);
	if (csv_is(tag->name, "end"))
		return price_end_time(r, tag->text, &p->span);
	if (csv_is(tag->name, "resolution"))
		return take_resolution(r, p, tag->text);
	if (csv_is(tag->name, "position"))
		return take_position(r, p, tag->text);
	if (csv_is(tag->name, "price.amount"))
		return take_amount(r, p, tag->text);
	if (csv_is(tag->name, "currency_Unit.name") || csv_is(tag->name, "price_Measure_Unit.name"))
		price_unit_add(&p->unit, tag->text);
	return csv_is(tag->name, "/Period") ? end_period(r, p) : 0;
}

int prices_xml(struct prices_reader *r, struct csv_text text)
{
	struct price_period p = {.position = 1,
	                         .span = {.start = INSTANT_NONE, .end = INSTANT_NONE}};
	const char *at = text.data, *end = text.data + text.length, *counted = at;
	struct price_tag tag;
	unsigned line = 1;
	int error = 0;

	while (!error && next_tag(&at, end, &tag)) {
		for (; counted < tag.text.data; counted++)
			line += *counted == '\n';
		snprintf(r->where, sizeof r->where, "line %u", line);
		error = take_tag(r, &p, &tag);
	}
	if (!error && !r->count) {
		snprintf(r->why, PRICES_WHY,
		         "no prices in it: a Publication_MarketDocument with points is expected");
		error = EM_SYNTAX;
	}
	return error;
}
