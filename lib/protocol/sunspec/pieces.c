#include "protocol/sunspec/pieces.h"

#include <string.h>

#include "protocol/sunspec/shape.h"
#include "protocol/sunspec/walk.h"

enum { HEADER = 2, START = 1, NEEDED = 2 };

void pieces_begin(struct pieces *p)
{
	if (!p->answers)
		return;
	memcpy(p->previous, p->image.words, sizeof p->previous);
	memset(p->image.known, 0, sizeof p->image.known);
	p->answers = 0;
}

void pieces_put(struct pieces *p, unsigned address, unsigned count, const uint16_t *words)
{
	p->answers++;
	sunspec_image_put(&p->image, address, words, count);
	for (unsigned i = 0; i < count && address + i < IMAGE_REGISTERS; i++)
		p->answer[address + i] = (uint16_t)p->answers;
}

void pieces_need(struct pieces *p, unsigned address, unsigned count)
{
	for (unsigned i = 0; i < count && address + i < IMAGE_REGISTERS; i++)
		p->flags[address + i] = START | NEEDED;
}

void pieces_model(struct pieces *p, const struct sunspec_found *model, unsigned from)
{
	unsigned total = HEADER + model->length, address = model->address;
	struct shape shape;

	if (total > IMAGE_REGISTERS - address)
		total = IMAGE_REGISTERS - address;
	if (model->model) {
		shape_make(&shape, model->set, model->model, p->image.words + address,
		           from - address, total);
		shape_starts(&shape, p->flags + address);
	} else {
		memset(p->flags + address, START, total);
	}
	for (unsigned i = 0; i < total; i++)
		p->flags[address + i] |= NEEDED;
}

void pieces_skip(struct pieces *p, const struct sunspec_found *model)
{
	unsigned from = model->address + HEADER, end = from + model->length;

	if (end > IMAGE_REGISTERS)
		end = IMAGE_REGISTERS;
	if (from < end)
		memset(p->flags + from, 0, end - from);
}

/* How many scale factors each cut would separate from their values, as differences. */
struct cuts {
	int parted[SUNSPEC_READ_LIMIT + 2];
	unsigned from, limit; /* the piece begins at register `from` of the model */
};

static void part(void *context, const struct sunspec_point *point, unsigned at, unsigned scale,
                 bool fixed)
{
	struct cuts *c = context;
	unsigned low = at < scale ? at : scale, high = at < scale ? scale : at;

	(void)point;
	(void)fixed;
	if (!scale || high <= c->from || low >= c->from + c->limit)
		return;
	/* A cut at e separates them when low < e <= high. */
	low = low < c->from ? 0 : low - c->from;
	high = high - c->from > c->limit ? c->limit : high - c->from;
	c->parted[low + 1]++;
	c->parted[high + 1]--;
}

/* The largest border within from + 1 .. to. */
static unsigned last_border(const struct pieces *p, unsigned from, unsigned body, unsigned to)
{
	for (unsigned e = to; e > from; e--)
		if (e >= body || p->flags[e] & START)
			return e;
	return to; /* a point is larger than a request */
}

static unsigned best_border(const struct pieces *p, const struct sunspec_found *model,
                            unsigned from, unsigned body, unsigned least, unsigned most)
{
	struct cuts cuts = {.from = from - model->address, .limit = most - from};
	unsigned best = most, address = model->address, total = HEADER + model->length;
	int parted = 0, fewest = INT32_MAX;
	struct shape shape;

	if (total > IMAGE_REGISTERS - address)
		total = IMAGE_REGISTERS - address;
	shape_make(&shape, model->set, model->model, p->image.words + address, from - address,
	           total);
	shape_visit(&shape, part, &cuts);
	for (unsigned e = from + 1; e <= most; e++) {
		parted += cuts.parted[e - from];
		if (e < least || parted > fewest || !(e >= body || p->flags[e] & START))
			continue;
		fewest = parted;
		best = e;
	}
	return best;
}

unsigned pieces_count(struct pieces *p, const struct sunspec_found *model, unsigned from,
                      unsigned body, unsigned end, unsigned limit)
{
	unsigned border;

	if (end - from <= limit)
		return end - from;
	pieces_model(p, model, from);
	border = last_border(p, from, body, from + limit);
	if (model->model && end - border <= limit)
		border = best_border(p, model, from, body, end - limit, border);
	return border - from;
}

bool pieces_ahead(const struct pieces *p, unsigned *cursor, unsigned end, unsigned limit,
                  unsigned *count)
{
	unsigned from = *cursor, to;

	while (from < end && (!(p->flags[from] & NEEDED) || sunspec_image_known(&p->image, from)))
		from++;
	*cursor = from;
	if (from >= end)
		return false;
	to = end - from <= limit ? end : last_border(p, from, end, from + limit);
	while (to > from + 1 && !(p->flags[to - 1] & NEEDED))
		to--;
	*count = to - from;
	return true;
}

struct scales {
	const struct pieces *pieces;
	unsigned address, from, limit, low, high;
	bool apart, changed;
};

static void compare(void *context, const struct sunspec_point *point, unsigned at, unsigned scale,
                    bool fixed)
{
	struct scales *s = context;
	const uint16_t *answer = s->pieces->answer + s->address;
	unsigned where = s->address + scale;

	if (!scale || !sunspec_image_known(&s->pieces->image, where) || answer[at] == answer[scale])
		return;
	s->apart = true;
	s->changed = s->changed || s->pieces->image.words[where] != s->pieces->previous[where];
	if (fixed || point->flags & SUNSPEC_WRITABLE || where < s->from)
		return;
	if (where < s->low)
		s->low = where;
	if (where > s->high && where - s->from < s->limit)
		s->high = where;
}

bool pieces_scales(const struct pieces *p, const struct sunspec_found *model, unsigned *address,
                   unsigned limit, unsigned *count, bool *changed)
{
	struct scales s = {.pieces = p,
	                   .address = model->address,
	                   .from = *address,
	                   .limit = IMAGE_REGISTERS,
	                   .low = IMAGE_REGISTERS};
	unsigned total = HEADER + model->readable;
	struct shape shape;

	*count = 0;
	if (!model->model)
		return false;
	shape_make(&shape, model->set, model->model, p->image.words + model->address, total, total);
	shape_visit(&shape, compare, &s);
	*changed = s.changed;
	if (s.low == IMAGE_REGISTERS)
		return s.apart;
	s.from = s.low;
	s.limit = limit;
	s.high = s.low;
	/* Finds the last one that a request from the first one reaches. */
	shape_visit(&shape, compare, &s);
	*address = s.low;
	*count = s.high - s.low + 1;
	return s.apart;
}
