#include "balance/car.h"

#include <stddef.h>
#include <string.h>

#include "base/error.h"

enum { BATTERY = 60000 /* Wh, of a car that drives */ };

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

/* A row is a number, or hours when it has a form. */
static const struct {
	const char *name;
	size_t offset;
	int exponent; /* of the unit it is kept in */
	int32_t least, most;
	const char *form;
} rows[] = {
	{"min", offsetof(struct car_settings, least), -3, 1000, 63000, NULL},
	{"max", offsetof(struct car_settings, most), -3, 1000, 63000, NULL},
	{"phases", offsetof(struct car_settings, phases), 0, 1, 3, NULL},
	{"first", offsetof(struct car_settings, first), 0, 1, 3, NULL},
	{"dead", offsetof(struct car_settings, dead), 0, 0, CAR_DEAD_MOST, NULL},
	{"up", offsetof(struct car_settings, up), -3, 100, 63000, NULL},
	{"down", offsetof(struct car_settings, down), -3, 100, 63000, NULL},
	{"restart", offsetof(struct car_settings, restart), 0, 0, 3600, NULL},
	{"loss", offsetof(struct car_settings, loss), 0, 0, 2000, NULL},
	{"battery", offsetof(struct car_settings, battery), -3, 0, 1000000, NULL},
	{"charge", offsetof(struct car_settings, charge), 0, 0, 100, NULL},
	{"taper", offsetof(struct car_settings, taper), 0, 1, 100, NULL},
	{"sleeps_after", offsetof(struct car_settings, sleeps_after), 0, 0, 1000, NULL},
	{"daily", offsetof(struct car_settings, daily), -3, 0, 1000000, NULL},
	{"home", offsetof(struct car_settings, home), 0, 0, 24, "FROM-TO[+FROM-TO...]"},
};

static int parse_number(void *field, size_t row, const char *text, size_t length)
{
	struct decimal value;
	int64_t n;

	if (decimal_parse(&value, text, length) || decimal_scaled(value, rows[row].exponent, &n))
		return EM_SYNTAX;
	if (n < rows[row].least || n > rows[row].most)
		return EM_RANGE;
	*(int32_t *)field = (int32_t)n;
	return 0;
}

int car_parse(struct car_settings *c, const char *text, size_t length)
{
	const char *equals = memchr(text, '=', length);
	size_t name = equals ? (size_t)(equals - text) : length;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		void *field = (char *)c + rows[i].offset;

		if (strlen(rows[i].name) != name || memcmp(rows[i].name, text, name) != 0)
			continue;
		if (!equals)
			return EM_SYNTAX;
		return rows[i].form ? hours_parse(field, equals + 1, length - name - 1)
		                    : parse_number(field, i, equals + 1, length - name - 1);
	}
	return EM_UNKNOWN;
}

void car_settle(struct car_settings *c)
{
	static const struct hours by_night = {1, {{18 * 3600, 13 * 3600}}};

	if (!c->daily)
		return;
	if (!c->battery)
		c->battery = BATTERY;
	if (!c->home.count)
		c->home = by_night;
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

const char *car_form(size_t index)
{
	return rows[index].form;
}
