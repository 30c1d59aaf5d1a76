#include "balance/history.h"

#include <stdbool.h>
#include <string.h>

void history_start(struct history *h)
{
	h->count = 0;
}

static bool same(const int32_t *a, const int32_t *b)
{
	return a[0] == b[0] && a[1] == b[1] && a[2] == b[2];
}

void history_add(struct history *h, int64_t time, const int32_t currents[BALANCE_PHASES])
{
	const struct history_sample *last = history_back(h, 0);
	struct history_sample *place;

	if (last && last->time >= time) {
		h->count--;
		last = history_back(h, 0);
	}
	place = &h->items[h->count % HISTORY_SAMPLES];
	if (last && same(last->currents, currents)) {
		place->since = last->since;
		place->first = last->first;
	} else {
		place->since = time;
		place->first = h->count;
	}
	place->time = time;
	memcpy(place->currents, currents, sizeof place->currents);
	h->count++;
}

static int32_t between(const struct history_sample *a, const struct history_sample *b, int phase,
                       int64_t time)
{
	int64_t rise = (int64_t)b->currents[phase] - a->currents[phase];

	if (!rise)
		return a->currents[phase];
	return (int32_t)(a->currents[phase] + rise * (time - a->time) / (b->since - a->time));
}

/* Where a time is among the rows of samples that are the same. */
struct place {
	const struct history_sample *sample; /* of its row, or the last one before it; NULL: none */
	const struct history_sample *later;  /* of the row after it; NULL: none */
};

static struct place newest(const struct history *h)
{
	return (struct place){history_back(h, 0), NULL};
}

static void go_back(const struct history *h, struct place *p)
{
	p->later = p->sample;
	p->sample = history_back(h, h->count - p->sample->first);
}

static void find(const struct history *h, struct place *p, int64_t time)
{
	while (p->sample && p->sample->since > time)
		go_back(h, p);
}

/* The currents at the time to which `find` has walked. */
static void read_at(const struct place *p, int64_t time, int32_t currents[BALANCE_PHASES])
{
	const struct history_sample *near = p->sample ? p->sample : p->later;

	if (!near) {
		memset(currents, 0, sizeof near->currents);
	} else if (!p->sample || !p->later || p->sample->time >= time) {
		memcpy(currents, near->currents, sizeof near->currents);
	} else {
		for (int i = 0; i < BALANCE_PHASES; i++)
			currents[i] = between(p->sample, p->later, i, time);
	}
}

void history_at(const struct history *h, int64_t time, int32_t out[BALANCE_PHASES])
{
	struct place p = newest(h);

	find(h, &p, time);
	read_at(&p, time, out);
}

void history_each_second(const struct history *h, int64_t last, int count,
                         int32_t out[][BALANCE_PHASES])
{
	struct place p = newest(h);

	for (int n = count - 1; n >= 0; n--, last -= 1000) {
		find(h, &p, last);
		read_at(&p, last, out[n]);
	}
}

static void take(struct current_span *spans, const int32_t *currents)
{
	for (int i = 0; i < BALANCE_PHASES; i++) {
		spans[i].least = currents[i] < spans[i].least ? currents[i] : spans[i].least;
		spans[i].most = currents[i] > spans[i].most ? currents[i] : spans[i].most;
	}
}

static void take_at(struct current_span *spans, const struct place *p, int64_t time)
{
	int32_t currents[BALANCE_PHASES];

	read_at(p, time, currents);
	take(spans, currents);
}

void history_cover(const struct history *h, int64_t from, int64_t to,
                   struct current_span spans[BALANCE_PHASES])
{
	struct place p = newest(h);

	find(h, &p, to);
	take_at(spans, &p, to);
	while (p.sample && p.sample->since > from) {
		take(spans, p.sample->currents);
		go_back(h, &p);
	}
	take_at(spans, &p, from);
}

void history_widen(const struct history *h, int64_t from, int64_t to,
                   struct current_span spans[BALANCE_PHASES])
{
	struct place p = newest(h);

	find(h, &p, to);
	if (!p.sample && p.later)
		take(spans, p.later->currents);
	for (; p.sample; go_back(h, &p)) {
		take(spans, p.sample->currents);
		if (p.sample->since <= from)
			return;
	}
}
