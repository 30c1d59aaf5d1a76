#include "device/device.h"

#include <string.h>

#include "base/nearest.h"

const struct device_register *device_row(const struct device *d, const char *name)
{
	for (size_t i = 0; i < d->count; i++)
		if (!strcmp(d->rows[i].name, name))
			return &d->rows[i];
	return NULL;
}

const char *device_nearest(const struct device *d, const char *name)
{
	struct nearest near = nearest_to(name);

	for (size_t i = 0; i < d->count; i++)
		nearest_consider(&near, d->rows[i].name);
	return near.best;
}

const char *register_type_text(const struct device_register *row)
{
	/* clang-format off */
	static const char *const texts[] = {
		[REGISTER_U16] = "uint16", [REGISTER_I16] = "int16", [REGISTER_U32] = "uint32",
		[REGISTER_I32] = "int32", [REGISTER_U64] = "uint64", [REGISTER_I64] = "int64",
		[REGISTER_F32] = "float32", [REGISTER_F64] = "float64", [REGISTER_TEXT] = "string",
		[REGISTER_ODD] = "bytes",
	};
	/* clang-format on */

	return texts[row->type];
}
