#include "balance/series.h"

#include <string.h>

void series_start(struct series *s, int32_t rated)
{
	memset(s, 0, sizeof *s);
	s->rated = rated;
	s->width = 1;
}

static void merge(struct series_bin *a, const struct series_bin *b)
{
	a->house += b->house;
	a->total += b->total;
	a->car += b->car;
	a->limit += b->limit;
	a->total_max = b->total_max > a->total_max ? b->total_max : a->total_max;
	a->limit_min = b->limit_min < a->limit_min ? b->limit_min : a->limit_min;
	a->limit_max = b->limit_max > a->limit_max ? b->limit_max : a->limit_max;
	a->seconds += b->seconds;
	a->over += b->over;
	for (int i = 0; i < STATES; i++)
		a->states[i] += b->states[i];
}

static void halve(struct series *s)
{
	for (int i = 0; i < SERIES_BINS / 2; i++) {
		s->bins[i] = s->bins[2 * i];
		merge(&s->bins[i], &s->bins[2 * i + 1]);
	}
	s->count = SERIES_BINS / 2;
	s->width *= 2;
}

void series_add(struct series *s, const struct simulation_tick *tick)
{
	struct series_bin second = {.seconds = 1};
	int phase = 0;

	for (int i = 1; i < BALANCE_PHASES; i++)
		if (tick->house[i] + tick->car[i] > tick->house[phase] + tick->car[phase])
			phase = i;
	second.house = tick->house[phase];
	second.car = tick->car[phase];
	second.total = second.house + second.car;
	second.total_max = (int32_t)second.total;
	second.limit = second.limit_min = second.limit_max = tick->balancer->limit;
	second.over = second.total > s->rated;
	second.states[tick->balancer->state] = 1;
	if (s->count == 0)
		s->begin = tick->t;
	if (s->count == 0 || s->bins[s->count - 1].seconds >= s->width) {
		if (s->count == SERIES_BINS)
			halve(s);
		s->bins[s->count++] = second;
	} else {
		merge(&s->bins[s->count - 1], &second);
	}
}
