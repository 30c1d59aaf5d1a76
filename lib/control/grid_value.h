/* How the readings of a meter at the main fuse are read from a record. Internal to grid_*.c. */
#ifndef CONTROL_GRID_VALUE_H
#define CONTROL_GRID_VALUE_H

#include <math.h>

#include "record/record.h"

enum { GRID_MOST_POWER = 1000000000 /* mW, mVA or mvar */ };

/* Gets a value of the record in thousandths; false when it is missing. */
static inline bool grid_milli(const struct record *r, const char *name, int64_t *out)
{
	const struct value *v = record_find(r, name);
	double number;

	if (!v)
		return false;
	if (v->kind == VALUE_DECIMAL)
		return decimal_scaled(v->as.decimal, -3, out) == 0;
	if (!value_number(v, &number) || !(fabs(number) < GRID_MOST_POWER))
		return false;
	*out = llround(number * 1000);
	return true;
}

#endif
