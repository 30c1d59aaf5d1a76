#include "balance/days.h"

static struct day_sums difference(const struct day_sums *a, const struct day_sums *b)
{
	return (struct day_sums){.seconds = a->seconds - b->seconds,
	                         .energy = a->energy - b->energy,
	                         .stored = a->stored - b->stored,
	                         .solar = a->solar - b->solar,
	                         .driven = a->driven - b->driven,
	                         .missed = a->missed - b->missed,
	                         .over = a->over - b->over,
	                         .charging = a->charging - b->charging,
	                         .pauses = a->pauses - b->pauses};
}

void days_turn(struct days *d, const struct day_sums *now, int64_t second, int64_t date)
{
	d->day.sums = difference(now, &d->before);
	if (d->told && d->day.sums.seconds)
		d->told(d->context, &d->day);
	d->before = *now;
	d->day = (struct simulation_day){
		.number = d->day.number + 1, .begin = second, .date = date};
}
