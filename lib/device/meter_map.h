/*
 * Macros for the rows of a meter's map:
 * {first register, registers, function, type, word order, power of ten, unit, name}.
 */
#ifndef DEVICE_METER_MAP_H
#define DEVICE_METER_MAP_H

#include "device/meter.h"

enum {
	U16 = TYPE_U16,
	S16 = TYPE_S16,
	U32 = TYPE_U32,
	S32 = TYPE_S32,
	U64 = TYPE_U64,
	S64 = TYPE_S64,
	F32 = TYPE_F32,
	F64 = TYPE_F64,
	BIG = ORDER_BIG,
	LITTLE = ORDER_LITTLE
};

#define METER(name) extern const struct meter meter_##name;
#include "device/meters.def"
#undef METER

#endif
