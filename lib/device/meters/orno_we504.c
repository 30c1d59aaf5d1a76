/*
 * Orno WE-504.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x0000, 1, 3, U16, BIG, -1, "V", "voltage"},
	{0x0001, 1, 3, U16, BIG, -1, "A", "current"},
	{0x0002, 1, 3, U16, BIG, -1, "Hz", "frequency"},
	{0x0003, 1, 3, U16, BIG, 0, "W", "power"},
	{0x0004, 1, 3, U16, BIG, 0, "var", "reactive_power"},
	{0x0005, 1, 3, U16, BIG, 0, "VA", "apparent_power"},
	{0x0006, 1, 3, U16, BIG, -3, "1", "power_factor"},
	{0x0007, 2, 3, U32, BIG, 0, "Wh", "energy_total"},
	{0x0009, 2, 3, U32, BIG, 0, "varh", "reactive_energy_total"},
};

const struct meter meter_orno_we504 = {"orno_we504", "Orno WE-504", rows, sizeof rows / sizeof rows[0], false};
