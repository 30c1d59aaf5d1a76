#include "sim/smart_meter.h"

#include <stdio.h>
#include <string.h>

#include "base/decimal.h"
#include "base/error.h"
#include "base/hex.h"

int smart_meter_time(const char *text, instant *time)
{
	int year, month, day, hour, minute, second, n = 0;
	struct stamp t;

	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2dZ%n", &year, &month, &day, &hour, &minute, &second,
	           &n) != 6 ||
	    !n || text[n])
		return EM_SYNTAX;
	t = (struct stamp){(int16_t)year,   (uint8_t)month,  (uint8_t)day, (uint8_t)hour,
	                   (uint8_t)minute, (uint8_t)second, true,         0};
	if (!stamp_valid(&t))
		return EM_RANGE;
	*time = stamp_instant(&t);
	return 0;
}

int smart_meter_title(const char *text, uint8_t title[GLO_TITLE])
{
	return hex_read(title, GLO_TITLE, text, strlen(text));
}

static int find_value(const char *name, size_t length, enum telegram_value *value)
{
	for (size_t i = 0; i < TELEGRAM_VALUES; i++) {
		if (strlen(telegram_value_names[i]) == length &&
		    !strncmp(telegram_value_names[i], name, length)) {
			*value = (enum telegram_value)i;
			return 0;
		}
	}
	return EM_UNKNOWN;
}

int smart_meter_stand(struct smart_meter_settings *s, const char *text)
{
	const char *equals = strchr(text, '=');
	struct smart_meter_standing *standing = &s->standing[s->standing_count];
	struct decimal d;
	int64_t n;
	int error;

	if (!equals || decimal_parse(&d, equals + 1, strlen(equals + 1)))
		return EM_SYNTAX;
	if (s->standing_count == SMART_METER_STANDING || decimal_scaled(d, -3, &n) ||
	    n > INT64_MAX / 2 || n < -(INT64_MAX / 2))
		return EM_RANGE;
	error = find_value(text, (size_t)(equals - text), &standing->value);
	if (error)
		return error;
	standing->milli = n;
	s->standing_count++;
	return 0;
}

void smart_meter_apply(const struct smart_meter_settings *s, struct telegram_values *values)
{
	for (size_t i = 0; i < s->standing_count; i++)
		values->milli[s->standing[i].value] = s->standing[i].milli;
}
