#include "cmd/sim/smart_meter.h"

#include <stdio.h>
#include <string.h>

#include "base/decimal.h"
#include "base/error.h"
#include "cmd/session/say.h"

int smart_meter_start(const struct smart_meter_options *o, instant *clock)
{
	int year, month, day, hour, minute, second, n = 0;
	struct stamp t;

	*clock = loop_clock();
	if (!o->start)
		return EXIT_OK;
	if (sscanf(o->start, "%4d-%2d-%2dT%2d:%2d:%2dZ%n", &year, &month, &day, &hour, &minute,
	           &second, &n) != 6 ||
	    !n || o->start[n])
		return say_usage("--start: needs a time, as 2024-06-03T12:00:00Z");
	t = (struct stamp){(int16_t)year,   (uint8_t)month,  (uint8_t)day, (uint8_t)hour,
	                   (uint8_t)minute, (uint8_t)second, true,         0};
	if (!stamp_valid(&t))
		return say_usage("--start: no such time");
	*clock = stamp_instant(&t);
	return EXIT_OK;
}

int smart_meter_title(const struct smart_meter_options *o, const struct glo_keyring *ring,
                      uint8_t title[GLO_TITLE])
{
	if (!o->title) {
		if (ring->count && ring->keys[0].has_title)
			memcpy(title, ring->keys[0].title, GLO_TITLE);
		return EXIT_OK;
	}
	for (size_t i = 0; i < GLO_TITLE; i++) {
		unsigned byte;
		int length = 0;

		if (sscanf(o->title + 2 * i, "%2x%n", &byte, &length) != 1 || length != 2)
			return say_usage("--title: needs 16 hexadecimal digits");
		title[i] = (uint8_t)byte;
	}
	return o->title[2 * GLO_TITLE] ? say_usage("--title: needs 16 hexadecimal digits")
	                               : EXIT_OK;
}

static int set_value(struct telegram_values *values, const char *text)
{
	const char *equals = strchr(text, '=');
	size_t length = equals ? (size_t)(equals - text) : 0;
	struct decimal d;
	int64_t n;

	if (!equals || decimal_parse(&d, equals + 1, strlen(equals + 1)))
		return EM_SYNTAX;
	if (decimal_scaled(d, -3, &n) || n > INT64_MAX / 2 || n < -(INT64_MAX / 2))
		return EM_RANGE;
	for (size_t i = 0; i < TELEGRAM_VALUES; i++) {
		if (strlen(telegram_value_names[i]) == length &&
		    !strncmp(telegram_value_names[i], text, length)) {
			values->milli[i] = n;
			return 0;
		}
	}
	return EM_UNKNOWN;
}

int smart_meter_set(const struct smart_meter_options *o, struct telegram_values *values)
{
	for (size_t i = 0; i < o->set.count; i++)
		if (set_value(values, o->set.items[i]))
			return say_usage("--set %s: no such value, or out of range",
			                 o->set.items[i]);
	return EXIT_OK;
}
