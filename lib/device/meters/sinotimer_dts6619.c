/*
 * Sinotimer DTS6619.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x0000, 1, 4, S16, BIG, -1, "V", "voltage_l1"},
	{0x0003, 1, 4, S16, BIG, -2, "A", "current_l1"},
	{0x0008, 1, 4, S16, BIG, 0, "W", "power"},
	{0x0027, 2, 4, S32, BIG, 1, "Wh", "energy_import"},
	{0x0031, 2, 4, S32, BIG, 1, "Wh", "energy_export"},
};

const struct meter meter_sinotimer_dts6619 = {"sinotimer_dts6619", "Sinotimer DTS6619", rows, sizeof rows / sizeof rows[0], false};
