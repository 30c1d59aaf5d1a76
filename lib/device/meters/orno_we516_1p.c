/*
 * Orno WE-516, one phase.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x0130, 1, 3, U16, BIG, -2, "Hz", "frequency"},
	{0x0131, 1, 3, U16, BIG, -2, "V", "voltage"},
	{0x0139, 2, 3, U32, BIG, -3, "A", "current"},
	{0x0140, 2, 3, U32, BIG, 0, "W", "power"},
	{0x0148, 2, 3, U32, BIG, 0, "var", "reactive_power"},
	{0x0150, 2, 3, U32, BIG, 0, "VA", "apparent_power"},
	{0x0158, 1, 3, U16, BIG, -3, "1", "power_factor"},
	{0xA000, 2, 3, U32, BIG, 1, "Wh", "energy_total"},
	{0xA01E, 2, 3, U32, BIG, 1, "varh", "reactive_energy_total"},
};

const struct meter meter_orno_we516_1p = {"orno_we516_1p", "Orno WE-516, one phase", rows, sizeof rows / sizeof rows[0], false};
