#include "balance/car.h"

void car_start(struct car *car)
{
	*car = (struct car){0};
}

void car_plug(struct car *car, int64_t content)
{
	struct car fresh = {.pauses = car->pauses,
	                    .rested = car->pauses,
	                    .energy = car->energy,
	                    .stored = car->stored,
	                    .content = content};

	*car = fresh;
}

void car_unplug(struct car *car)
{
	car->current = 0;
	car->waiting = 0;
}

int64_t car_charge(const struct car_settings *c, int64_t content)
{
	return (int64_t)c->battery * 36000 * c->charge + content;
}

/* mJ that fit */
static int64_t capacity(const struct car_settings *c)
{
	return (int64_t)c->battery * 3600000;
}

static int64_t percent_of(const struct car *car, const struct car_settings *c)
{
	return car_charge(c, car->content) * 100 / capacity(c);
}

/* The most that it takes with its battery at `percent`. */
static int32_t most_at(const struct car_settings *c, int64_t percent)
{
	int64_t most;

	if (percent <= c->taper)
		return c->most;
	most = (int64_t)c->most * (100 - percent) / (100 - c->taper);
	return most > c->least ? (int32_t)most : c->least;
}

/* The most that the car takes: less and less while the last part of the battery fills. */
static int32_t appetite(struct car *car, const struct car_settings *c)
{
	int64_t percent;

	if (!c->battery)
		return c->most;
	percent = percent_of(car, c);
	car->full = car->full || percent >= 100;
	return car->full ? 0 : most_at(c, percent);
}

/* The offer that reaches the car now, after its dead time. */
static int32_t delayed(struct car *car, const struct car_settings *c, int32_t offered)
{
	int32_t last = car->offers[car->at];

	car->same = offered != last ? 0 : car->same <= CAR_DEAD_MOST ? car->same + 1 : car->same;
	car->at = (car->at + 1) & CAR_DEAD_MOST;
	car->offers[car->at] = offered;
	return car->offers[(car->at - (uint32_t)c->dead) & CAR_DEAD_MOST];
}

static void stop(struct car *car)
{
	if (car->current > 0)
		car->pauses += !car->full;
	car->current = 0;
	car->waiting = 0;
}

static void follow(struct car *car, const struct car_settings *c, int32_t target)
{
	int32_t step = target - car->current;

	if (car->current == 0) {
		if (c->sleeps_after && car->pauses - car->rested >= c->sleeps_after)
			return;
		if (car->waiting++ >= c->restart)
			car->current = c->least;
		return;
	}
	car->current += step > c->up ? c->up : step < -c->down ? -c->down : step;
}

/* mJ a second that reach the battery */
static int64_t gain(const struct car *car, const struct car_settings *c)
{
	return (int64_t)car->current * CAR_VOLTAGE * c->phases - (int64_t)c->loss * 1000;
}

int64_t car_lasts(const struct car *car, const struct car_settings *c)
{
	int64_t percent, next, more;

	if (!c->battery || car->current == 0)
		return INT64_MAX;
	percent = percent_of(car, c);
	more = gain(car, c);
	if (percent >= 100 || more <= 0 || most_at(c, percent) != car->most)
		return 0;
	next = percent < c->taper ? c->taper + 1 : percent + 1;
	next = (next < 100 ? next : 100) * (capacity(c) / 100);
	return (next - 1 - car_charge(c, car->content)) / more + 1;
}

void car_hold(struct car *car, const struct car_settings *c, int64_t seconds)
{
	if (!car->current)
		return;
	car->energy += (int64_t)car->current * CAR_VOLTAGE * c->phases * seconds;
	car->stored += gain(car, c) * seconds;
	car->content += gain(car, c) * seconds;
}

bool car_tick(struct car *car, const struct car_settings *c, int32_t offered)
{
	int32_t before = car->current, waiting = car->waiting;
	int32_t reached = delayed(car, c, offered);

	car->most = appetite(car, c);
	if (reached < c->least || car->most == 0)
		stop(car);
	else
		follow(car, c, reached < car->most ? reached : car->most);
	car_hold(car, c, 1);
	return car->current != before || car->waiting != waiting || car->same <= c->dead;
}
