/*
 * DDM18SD.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x0000, 2, 4, F32, BIG, 0, "V", "voltage"},
	{0x0008, 2, 4, F32, BIG, 0, "A", "current"},
	{0x0012, 2, 4, F32, BIG, 0, "W", "power"},
	{0x001A, 2, 4, F32, BIG, 0, "var", "reactive_power"},
	{0x002A, 2, 4, F32, BIG, 0, "1", "power_factor"},
	{0x0036, 2, 4, F32, BIG, 0, "Hz", "frequency"},
	{0x0100, 2, 4, F32, BIG, 3, "Wh", "energy_total"},
	{0x0400, 2, 4, F32, BIG, 3, "varh", "reactive_energy_total"},
};

const struct meter meter_ddm18sd = {"ddm18sd", "DDM18SD", rows, sizeof rows / sizeof rows[0], false};
