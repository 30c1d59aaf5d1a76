/*
 * Eastron SDM220.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x0000, 2, 4, F32, BIG, 0, "V", "voltage"},
	{0x0006, 2, 4, F32, BIG, 0, "A", "current"},
	{0x000C, 2, 4, F32, BIG, 0, "W", "power"},
	{0x0012, 2, 4, F32, BIG, 0, "VA", "apparent_power"},
	{0x0018, 2, 4, F32, BIG, 0, "var", "reactive_power"},
	{0x001E, 2, 4, F32, BIG, 0, "1", "power_factor"},
	{0x0024, 2, 4, F32, BIG, 0, "deg", "phase_angle"},
	{0x0046, 2, 4, F32, BIG, 0, "Hz", "frequency"},
	{0x0048, 2, 4, F32, BIG, 3, "Wh", "energy_import"},
	{0x004A, 2, 4, F32, BIG, 3, "Wh", "energy_export"},
	{0x004C, 2, 4, F32, BIG, 3, "varh", "reactive_energy_import"},
	{0x004E, 2, 4, F32, BIG, 3, "varh", "reactive_energy_export"},
	{0x0156, 2, 4, F32, BIG, 3, "Wh", "energy_total"},
	{0x0158, 2, 4, F32, BIG, 3, "varh", "reactive_energy_total"},
};

const struct meter meter_eastron_sdm220 = {"eastron_sdm220", "Eastron SDM220", rows, sizeof rows / sizeof rows[0], false};
