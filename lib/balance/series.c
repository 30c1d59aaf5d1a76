#include "balance/series.h"

#include <string.h>

enum { HOUR = 3600, DAY = 86400 };

void series_start(struct series *s, int32_t rated)
{
	memset(s, 0, sizeof *s);
	s->rated = rated;
	s->width = 1;
	s->days_per_row = 1;
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

/* `seconds` seconds, all like `one`. */
static struct series_bin repeated(struct series_bin one, int64_t seconds)
{
	one.house *= seconds;
	one.total *= seconds;
	one.car *= seconds;
	one.limit *= seconds;
	one.seconds *= (int32_t)seconds;
	one.over *= (int32_t)seconds;
	for (int i = 0; i < STATES; i++)
		one.states[i] *= (int32_t)seconds;
	return one;
}

static void add_bins(struct series *s, const struct series_bin *second, int64_t seconds)
{
	while (seconds > 0) {
		struct series_bin *last = s->count ? &s->bins[s->count - 1] : NULL;
		int64_t room = last ? s->width - last->seconds : 0, part;
		struct series_bin more;

		if (room == 0 && s->count == SERIES_BINS) {
			halve(s);
			continue;
		}
		part = room ? room : s->width;
		part = part < seconds ? part : seconds;
		more = repeated(*second, part);
		if (room)
			merge(last, &more);
		else
			s->bins[s->count++] = more;
		seconds -= part;
	}
}

static void merge_days(struct series_day *a, const struct series_day *b)
{
	a->car += b->car;
	a->solar += b->solar;
	a->import += b->import;
	a->seconds += b->seconds;
	a->over += b->over;
	a->charging += b->charging;
	a->highest = b->highest > a->highest ? b->highest : a->highest;
	for (int i = 0; i < SERIES_HOURS; i++) {
		a->hours[i].total += b->hours[i].total;
		a->hours[i].seconds += b->hours[i].seconds;
	}
}

/* Seven days become a week, four weeks a row, then pairs. */
static void longer_rows(struct series *s)
{
	int factor = s->days_per_row == 1 ? 7 : s->days_per_row == 7 ? 4 : 2, count = 0;

	for (int i = 0; i < s->rows; i++)
		if (i % factor == 0)
			s->days[count++] = s->days[i];
		else
			merge_days(&s->days[count - 1], &s->days[i]);
	memset(&s->days[count], 0, sizeof *s->days * (size_t)(s->rows - count));
	s->rows = count;
	s->days_per_row *= factor;
}

static struct series_day *row_of(struct series *s, int64_t day)
{
	while ((day - s->day) / s->days_per_row >= SERIES_DAYS)
		longer_rows(s);
	day = (day - s->day) / s->days_per_row;
	if (day >= s->rows)
		s->rows = (int)day + 1;
	return &s->days[day];
}

/* What one second adds to its day. */
static struct series_day look(const struct series_bin *second, const struct simulation_tick *tick)
{
	int64_t car = (int64_t)tick->car[0] + tick->car[1] + tick->car[2];
	int64_t net = car + tick->house[0] + tick->house[1] + tick->house[2], spare = car - net;

	return (struct series_day){.car = car,
	                           .solar = spare <= 0    ? 0
	                                    : spare < car ? spare
	                                                  : car,
	                           .import = net > 0 ? net : 0,
	                           .over = second->over,
	                           .charging = car > 0,
	                           .highest = second->total_max};
}

static void add_hour(struct series *s, const struct series_day *second, int64_t total, int64_t t,
                     int64_t seconds)
{
	struct series_day *row = row_of(s, t / DAY);
	struct series_hour *hour = &row->hours[t % DAY / HOUR];

	row->highest = row->seconds && row->highest > second->highest ? row->highest
	                                                              : second->highest;
	row->car += second->car * seconds;
	row->solar += second->solar * seconds;
	row->import += second->import * seconds;
	row->over += second->over * seconds;
	row->charging += second->charging * seconds;
	row->seconds += seconds;
	hour->total += total * seconds;
	hour->seconds += seconds;
}

static void add_days(struct series *s, const struct series_bin *bin,
                     const struct simulation_tick *tick)
{
	struct series_day second = look(bin, tick);
	int64_t t = tick->t + s->clock.begin, left = tick->seconds;

	while (left > 0) {
		int64_t part = HOUR - t % HOUR;

		part = part < left ? part : left;
		add_hour(s, &second, bin->total, t, part);
		t += part;
		left -= part;
	}
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
	if (s->count == 0) {
		s->begin = tick->t;
		s->day = (tick->t + s->clock.begin) / DAY;
	}
	add_bins(s, &second, tick->seconds);
	add_days(s, &second, tick);
}
