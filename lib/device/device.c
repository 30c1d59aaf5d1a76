#include "device/device.h"

#include <string.h>

const struct device_register *device_row(const struct device *d, const char *name)
{
	for (size_t i = 0; i < d->count; i++)
		if (!strcmp(d->rows[i].name, name))
			return &d->rows[i];
	return NULL;
}

enum { NAME_LIMIT = 64 };

/* Edits that make one name the other (Levenshtein). */
static size_t distance(const char *a, const char *b)
{
	size_t row[NAME_LIMIT], n = strlen(b);

	if (n >= NAME_LIMIT || strlen(a) >= NAME_LIMIT)
		return NAME_LIMIT;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			best = row[j] + 1 < best ? row[j] + 1 : best;
			row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
		}
	}
	return row[n];
}

const char *device_nearest(const struct device *d, const char *name)
{
	const char *best = NULL;
	size_t least = NAME_LIMIT;

	for (size_t i = 0; i < d->count; i++) {
		size_t n = distance(name, d->rows[i].name);

		if (n < least && n <= 1 + strlen(d->rows[i].name) / 3) {
			least = n;
			best = d->rows[i].name;
		}
	}
	return best;
}

const char *register_type_text(const struct device_register *row)
{
	static const char *const texts[] = {
		[REGISTER_U16] = "uint16", [REGISTER_I16] = "int16", [REGISTER_U32] = "uint32",
		[REGISTER_I32] = "int32", [REGISTER_U64] = "uint64", [REGISTER_I64] = "int64",
		[REGISTER_F32] = "float32", [REGISTER_F64] = "float64", [REGISTER_TEXT] = "string",
		[REGISTER_ODD] = "bytes",
	};

	return texts[row->type];
}
