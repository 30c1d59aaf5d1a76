/*
 * Carlo Gavazzi EM330, EM340.
 * Word-swapped int32.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x0000, 2, 4, S32, LITTLE, -1, "V", "voltage_l1"},
	{0x0002, 2, 4, S32, LITTLE, -1, "V", "voltage_l2"},
	{0x0004, 2, 4, S32, LITTLE, -1, "V", "voltage_l3"},
	{0x000C, 2, 4, S32, LITTLE, -3, "A", "current_l1"},
	{0x000E, 2, 4, S32, LITTLE, -3, "A", "current_l2"},
	{0x0010, 2, 4, S32, LITTLE, -3, "A", "current_l3"},
	{0x0012, 2, 4, S32, LITTLE, -1, "W", "power_l1"},
	{0x0014, 2, 4, S32, LITTLE, -1, "W", "power_l2"},
	{0x0016, 2, 4, S32, LITTLE, -1, "W", "power_l3"},
	{0x0028, 2, 4, S32, LITTLE, -1, "W", "power"},
	{0x002E, 1, 4, S16, BIG, -3, "1", "power_factor_l1"},
	{0x002F, 1, 4, S16, BIG, -3, "1", "power_factor_l2"},
	{0x0030, 1, 4, S16, BIG, -3, "1", "power_factor_l3"},
	{0x0031, 1, 4, S16, BIG, -3, "1", "power_factor"},
	{0x0033, 1, 4, S16, BIG, -1, "Hz", "frequency"},
	{0x0034, 2, 4, S32, LITTLE, 2, "Wh", "energy_import"},
	{0x0040, 2, 4, S32, LITTLE, 2, "Wh", "energy_import_l1"},
	{0x0042, 2, 4, S32, LITTLE, 2, "Wh", "energy_import_l2"},
	{0x0044, 2, 4, S32, LITTLE, 2, "Wh", "energy_import_l3"},
	{0x004E, 2, 4, S32, LITTLE, 2, "Wh", "energy_export"},
};

const struct meter meter_carlo_gavazzi_em330_em340 = {"carlo_gavazzi_em330_em340", "Carlo Gavazzi EM330, EM340", rows, sizeof rows / sizeof rows[0], false};
