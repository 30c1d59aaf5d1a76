#include "device/charger.h"

#include <math.h>

#include "device/registers.h"

enum { MOST_AMPERES = 1000 };

bool charger_steerable(const struct device *d)
{
	return device_role(d, ROLE_SETPOINT, ACCESS_W) != NULL;
}

bool charger_expires(const struct device *d)
{
	const struct device_register *row = device_role(d, ROLE_SETPOINT, ACCESS_W);

	return row && row->steering->expires;
}

bool charger_pauses(const struct device *d, int32_t current)
{
	const struct device_register *row = device_role(d, ROLE_SETPOINT, ACCESS_W);

	return row && d->charger.pause.role != ROLE_NONE &&
	       current < (int32_t)(row->steering->least * 1000);
}

struct decimal charger_value(const struct device_register *row, int32_t current)
{
	const struct register_steering *s = row->steering;
	int64_t value = current;
	int scale = -3;

	if (current > s->max * 1000)
		value = (int64_t)(s->max * 1000);
	if (value < (int64_t)(s->least * 1000))
		value = 0;
	for (; row->type < REGISTER_F32 && scale < row->scale; scale++)
		value /= 10;
	return decimal_i64(value, scale);
}

void charger_raw(const struct device_register *row, uint32_t value, uint16_t *words)
{
	for (unsigned i = 0; i < row->count; i++)
		words[row->flags & FLAG_LOW_FIRST ? i : row->count - 1u - i] =
			i < 2 ? (uint16_t)(value >> 16 * i) : 0;
}

int32_t charger_current(const struct device *d, const struct device_register *row,
                        const struct image *m, unsigned socket)
{
	struct record r = {0};
	double amperes;
	bool known;

	record_begin(&r, "");
	known = value_number(register_value(&r, d, row, m, socket), &amperes);
	record_free(&r);
	return known && fabs(amperes) < MOST_AMPERES ? (int32_t)lround(amperes * 1000)
	                                             : CHARGER_NONE;
}
