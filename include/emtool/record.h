/*
 * A record contains the values of one telegram, push or transaction. It has a type ("p1", "dlms",
 * "modbus") and a flat row of values; lists and objects are a LIST or OBJECT value, their members,
 * and an END. The manual pages emtool-p1(1), emtool-decrypt(1) and emtool-sniff(1) name the values.
 *
 * A record is valid until the function that receives it returns.
 */
#ifndef EMTOOL_RECORD_H
#define EMTOOL_RECORD_H

#include "value.h"

#ifdef __cplusplus
extern "C" {
#endif

struct emtool_record;

#define EMTOOL_NO_TIME INT64_MIN /* the caller gave no time */

/* "p1"; a constant string. */
const char *emtool_record_type(const struct emtool_record *r);

/* When it was received, as the caller said: ms since 1970-01-01T00:00:00Z, or EMTOOL_NO_TIME. */
int64_t emtool_record_time(const struct emtool_record *r);

/* The number of values, including those inside lists and objects and their ENDs. */
size_t emtool_record_count(const struct emtool_record *r);

/* NULL if the index is not below the count. */
const struct emtool_value *emtool_record_value(const struct emtool_record *r, size_t index);

/* The first value of that name outside of lists and objects, or NULL. */
const struct emtool_value *emtool_record_find(const struct emtool_record *r, const char *name);

/* The number of that name. Returns false and leaves *out unchanged if there is none. */
bool emtool_record_number(const struct emtool_record *r, const char *name, double *out);

#ifdef __cplusplus
}
#endif

#endif
