/* Puts single values of a push into a record; sample.c combines them. */
#ifndef COSEM_SAMPLE_VALUE_H
#define COSEM_SAMPLE_VALUE_H

#include "protocol/cosem/layout.h"

enum { SCALER_LIMIT = 12 };

/* The power of ten to apply; a scaler beyond the limit counts as 0. */
static inline int sample_exponent(const struct sample *sample)
{
	bool meant = sample->exponent >= -SCALER_LIMIT && sample->exponent <= SCALER_LIMIT;

	return meant ? sample->exponent : 0;
}

/* Appends the sample's item under a name; NULL when it was a container and became a list. */
struct value *sample_put(struct record *r, const char *name, size_t length,
                         const struct sample *sample);

/* Makes a value a text that is copied into the record. */
void sample_text(struct record *r, struct value *v, const char *text);

#endif
