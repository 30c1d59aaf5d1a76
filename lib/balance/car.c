#include "balance/car.h"

#include <stddef.h>
#include <string.h>

#include "base/error.h"

struct car_settings car_defaults(void)
{
	return (struct car_settings){
		.least = 6000,
		.most = 16000,
		.phases = 3,
		.first = 1,
		.dead = 2,
		.up = 1000,
		.down = 8000,
		.restart = 20,
		.loss = 250,
		.charge = 20,
		.taper = 80,
	};
}

static const struct {
	const char *name;
	size_t offset;
	int exponent; /* of the unit it is kept in */
	int32_t least, most;
} rows[] = {
	{"min", offsetof(struct car_settings, least), -3, 1000, 63000},
	{"max", offsetof(struct car_settings, most), -3, 1000, 63000},
	{"phases", offsetof(struct car_settings, phases), 0, 1, 3},
	{"first", offsetof(struct car_settings, first), 0, 1, 3},
	{"dead", offsetof(struct car_settings, dead), 0, 0, CAR_DEAD_MOST},
	{"up", offsetof(struct car_settings, up), -3, 100, 63000},
	{"down", offsetof(struct car_settings, down), -3, 100, 63000},
	{"restart", offsetof(struct car_settings, restart), 0, 0, 3600},
	{"loss", offsetof(struct car_settings, loss), 0, 0, 2000},
	{"battery", offsetof(struct car_settings, battery), -3, 0, 1000000},
	{"charge", offsetof(struct car_settings, charge), 0, 0, 100},
	{"taper", offsetof(struct car_settings, taper), 0, 1, 100},
	{"sleeps_after", offsetof(struct car_settings, sleeps_after), 0, 0, 1000},
};

int car_parse(struct car_settings *c, const char *text, size_t length)
{
	const char *equals = memchr(text, '=', length);
	size_t name = equals ? (size_t)(equals - text) : length;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct decimal value;
		int64_t n;

		if (strlen(rows[i].name) != name || memcmp(rows[i].name, text, name) != 0)
			continue;
		if (!equals || decimal_parse(&value, equals + 1, length - name - 1) ||
		    decimal_scaled(value, rows[i].exponent, &n))
			return EM_SYNTAX;
		if (n < rows[i].least || n > rows[i].most)
			return EM_RANGE;
		*(int32_t *)(void *)((char *)c + rows[i].offset) = (int32_t)n;
		return 0;
	}
	return EM_UNKNOWN;
}

const char *car_property(size_t index)
{
	return index < sizeof rows / sizeof *rows ? rows[index].name : NULL;
}

void car_bounds(size_t index, double *least, double *most)
{
	double unit = rows[index].exponent ? 1000 : 1;

	*least = rows[index].least / unit;
	*most = rows[index].most / unit;
}

void car_start(struct car *car)
{
	*car = (struct car){0};
}

/* The most that the car takes: less and less while the last part of the battery fills. */
static int32_t appetite(struct car *car, const struct car_settings *c)
{
	int64_t full = (int64_t)c->battery * 3600000, percent, most;

	if (!full)
		return c->most;
	percent = c->charge + car->stored * 100 / full;
	car->full = car->full || percent >= 100;
	if (car->full)
		return 0;
	if (percent <= c->taper)
		return c->most;
	most = (int64_t)c->most * (100 - percent) / (100 - c->taper);
	return most > c->least ? (int32_t)most : c->least;
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
		if (c->sleeps_after && car->pauses >= c->sleeps_after)
			return;
		if (car->waiting++ >= c->restart)
			car->current = c->least;
		return;
	}
	car->current += step > c->up ? c->up : step < -c->down ? -c->down : step;
}

void car_hold(struct car *car, const struct car_settings *c, int64_t seconds)
{
	int64_t taken = (int64_t)car->current * CAR_VOLTAGE * c->phases * seconds; /* mW s */

	car->energy += taken;
	if (taken)
		car->stored += taken - (int64_t)c->loss * 1000 * seconds;
}

bool car_tick(struct car *car, const struct car_settings *c, int32_t offered)
{
	int32_t before = car->current, waiting = car->waiting;
	int32_t reached = delayed(car, c, offered), most = appetite(car, c);

	if (reached < c->least || most == 0)
		stop(car);
	else
		follow(car, c, reached < most ? reached : most);
	car_hold(car, c, 1);
	return car->current != before || car->waiting != waiting || car->same <= c->dead ||
	       c->battery != 0;
}
