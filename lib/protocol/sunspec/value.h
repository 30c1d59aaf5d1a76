/* Single points: registers to a value of a record. */
#ifndef PROTOCOL_SUNSPEC_VALUE_H
#define PROTOCOL_SUNSPEC_VALUE_H

#include "protocol/sunspec/model.h"
#include "record/record.h"

/* Whether the point is a whole number that is implemented: its digits and sign. */
bool point_integer(const struct sunspec_point *point, const uint16_t *words, struct decimal *out);

/*
 * Makes `v`, the last value that was added to the record, the value of any other point; stays null
 * when it is not implemented. Texts are kept in the record's store.
 */
void point_other(struct record *r, struct value *v, const struct sunspec_point *point,
                 const uint16_t *words);

#endif
