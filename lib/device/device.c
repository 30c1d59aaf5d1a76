#include "device/device.h"

#include <string.h>

#include "base/nearest.h"

#define DEVICE(name, about, choice) &name##_device,
const struct device *const devices[] = {
#include "device/devices.def"
	NULL};
#undef DEVICE

const struct device *device_by_name(const char *name, size_t length)
{
	for (size_t i = 0; devices[i]; i++)
		if (strlen(devices[i]->name) == length && !memcmp(devices[i]->name, name, length))
			return devices[i];
	return NULL;
}

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

const struct device_register *device_role(const struct device *d, enum register_role role,
                                          unsigned access)
{
	for (size_t i = 0; i < d->count; i++)
		if (d->rows[i].role == role && (d->rows[i].access & access) == access)
			return &d->rows[i];
	return NULL;
}

unsigned device_reads(const struct device *d, const struct device_register *row)
{
	return row->reads ? row->reads : d->reads;
}

unsigned device_writes(const struct device *d, const struct device_register *row)
{
	return row->writes ? row->writes : d->writes;
}

unsigned device_space(unsigned unit, unsigned function)
{
	switch (function) {
	case 1:
	case 5:
	case 15: return unit | 2u << 8;
	case 2: return unit | 3u << 8;
	case 4: return unit | 1u << 8;
	default: return unit;
	}
}

unsigned device_row_space(const struct device *d, const struct device_register *row,
                          unsigned socket)
{
	unsigned function = row->access & ACCESS_R ? device_reads(d, row) : device_writes(d, row);

	return device_space(device_unit(d, row, socket), function);
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
