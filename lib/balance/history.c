#include "balance/history.h"

#include <string.h>

void history_start(struct history *h)
{
	h->count = 0;
}

void history_add(struct history *h, int64_t time, const int32_t currents[BALANCE_PHASES])
{
	const struct history_sample *last = history_back(h, 0);
	struct history_sample *place;

	if (last && last->time >= time)
		h->count--;
	place = &h->items[h->count++ % HISTORY_SAMPLES];
	place->time = time;
	memcpy(place->currents, currents, sizeof place->currents);
}

const struct history_sample *history_back(const struct history *h, uint32_t back)
{
	if (back >= h->count || back >= HISTORY_SAMPLES)
		return NULL;
	return &h->items[(h->count - 1 - back) % HISTORY_SAMPLES];
}

static int32_t between(const struct history_sample *a, const struct history_sample *b, int phase,
                       int64_t time)
{
	int64_t rise = (int64_t)b->currents[phase] - a->currents[phase];

	return a->currents[phase] + (int32_t)(rise * (time - a->time) / (b->time - a->time));
}

int32_t history_at(const struct history *h, int phase, int64_t time)
{
	const struct history_sample *later = NULL, *sample;

	for (uint32_t back = 0; (sample = history_back(h, back)) != NULL; back++) {
		if (sample->time <= time)
			return later ? between(sample, later, phase, time)
			             : sample->currents[phase];
		later = sample;
	}
	return later ? later->currents[phase] : 0;
}

void history_each_second(const struct history *h, int64_t last, int count,
                         int32_t out[][BALANCE_PHASES])
{
	const struct history_sample *later = NULL, *sample = history_back(h, 0);
	uint32_t back = 0;

	for (int n = count - 1; n >= 0; n--, last -= 1000) {
		while (sample && sample->time > last) {
			later = sample;
			sample = history_back(h, ++back);
		}
		for (int i = 0; i < BALANCE_PHASES; i++)
			out[n][i] = sample && later ? between(sample, later, i, last)
			            : sample        ? sample->currents[i]
			            : later         ? later->currents[i]
			                            : 0;
	}
}

static void take(struct current_span *span, int32_t current)
{
	span->least = current < span->least ? current : span->least;
	span->most = current > span->most ? current : span->most;
}

void history_cover(const struct history *h, int phase, int64_t from, int64_t to,
                   struct current_span *span)
{
	const struct history_sample *sample;

	take(span, history_at(h, phase, from));
	take(span, history_at(h, phase, to));
	for (uint32_t back = 0; (sample = history_back(h, back)) != NULL; back++) {
		if (sample->time <= from)
			return;
		if (sample->time < to)
			take(span, sample->currents[phase]);
	}
}

void history_widen(const struct history *h, int phase, int64_t from, int64_t to,
                   struct current_span *span)
{
	const struct history_sample *sample;

	for (uint32_t back = 0; (sample = history_back(h, back)) != NULL; back++) {
		if (sample->time > to && history_back(h, back + 1))
			continue;
		take(span, sample->currents[phase]);
		if (sample->time <= from)
			return;
	}
}
