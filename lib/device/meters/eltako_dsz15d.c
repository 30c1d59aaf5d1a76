/*
 * Eltako DSZ15D.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x0000, 2, 4, U32, BIG, -2, "V", "voltage_l1"},
	{0x0002, 2, 4, U32, BIG, -2, "V", "voltage_l2"},
	{0x0004, 2, 4, U32, BIG, -2, "V", "voltage_l3"},
	{0x0006, 2, 4, U32, BIG, -2, "A", "current_l1"},
	{0x0008, 2, 4, U32, BIG, -2, "A", "current_l2"},
	{0x000A, 2, 4, U32, BIG, -2, "A", "current_l3"},
	{0x000C, 2, 4, S32, BIG, 0, "W", "power_l1"},
	{0x000E, 2, 4, S32, BIG, 0, "W", "power_l2"},
	{0x0010, 2, 4, S32, BIG, 0, "W", "power_l3"},
	{0x001E, 2, 4, S32, BIG, -3, "1", "power_factor_l1"},
	{0x0020, 2, 4, S32, BIG, -3, "1", "power_factor_l2"},
	{0x0022, 2, 4, S32, BIG, -3, "1", "power_factor_l3"},
	{0x0034, 2, 4, S32, BIG, 0, "W", "power"},
	{0x003E, 2, 4, S32, BIG, -3, "1", "power_factor"},
	{0x0048, 2, 4, U32, BIG, 1, "Wh", "energy_import"},
	{0x004A, 2, 4, U32, BIG, 1, "Wh", "energy_export"},
};

const struct meter meter_eltako_dsz15d = {"eltako_dsz15d", "Eltako DSZ15D", rows, sizeof rows / sizeof rows[0], false};
