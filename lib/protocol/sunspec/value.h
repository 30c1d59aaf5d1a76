/* Converts the registers of a single point to a value of a record. */
#ifndef PROTOCOL_SUNSPEC_VALUE_H
#define PROTOCOL_SUNSPEC_VALUE_H

#include "protocol/sunspec/model.h"
#include "record/record.h"

/* Reads the digits and sign of a whole number; false for other points, or if not implemented. */
bool point_integer(const struct sunspec_point *point, const uint16_t *words, struct decimal *out);

/*
 * Sets `v`, the last value that was added to the record, to the value of any other point; it stays
 * null if the point is not implemented. Texts are in the record's store.
 */
void point_other(struct record *r, struct value *v, const struct sunspec_point *point,
                 const uint16_t *words);

#endif
