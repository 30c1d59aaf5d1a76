/*
 * Finder 7E.78.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x1000, 2, 4, F32, BIG, 0, "V", "voltage_l1"},
	{0x100E, 2, 4, F32, BIG, 0, "A", "current_l1"},
	{0x1026, 2, 4, F32, BIG, 0, "W", "power"},
	{0x1106, 2, 4, F32, BIG, 0, "Wh", "energy_import"},
	{0x110E, 2, 4, F32, BIG, 0, "Wh", "energy_export"},
};

const struct meter meter_finder_7e78 = {"finder_7e78", "Finder 7E.78", rows, sizeof rows / sizeof rows[0], false};
