/*
 * Records as JSON: an object with `type`, `time` and `source`, then the values in their order. The
 * result is always valid JSON: texts are escaped, and NaN and infinity become null.
 */
#ifndef RECORD_JSON_H
#define RECORD_JSON_H

#include <stdbool.h>

#include "base/text.h"
#include "record/record.h"

/*
 * Appends the object, without a line end. With `units` a value that has a unit or a code is an
 * object: {"value":1.261,"unit":"A","obis":"1-0:31.7.0"}.
 */
void record_json(struct text *out, const struct record *r, bool units);

/* Appends one value of r with everything inside it, without units. */
void json_value(struct text *out, const struct record *r, const struct value *v);

#endif
