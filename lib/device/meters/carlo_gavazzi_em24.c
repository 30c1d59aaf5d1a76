/*
 * Carlo Gavazzi EM24 (RS-485).
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
	{0x0032, 1, 4, S16, BIG, -3, "1", "power_factor_l1"},
	{0x0033, 1, 4, S16, BIG, -3, "1", "power_factor_l2"},
	{0x0034, 1, 4, S16, BIG, -3, "1", "power_factor_l3"},
	{0x0035, 1, 4, S16, BIG, -3, "1", "power_factor"},
	{0x0037, 1, 4, S16, BIG, -1, "Hz", "frequency"},
	{0x0042, 2, 4, S32, LITTLE, 2, "Wh", "energy_import"},
	{0x0046, 2, 4, S32, LITTLE, 2, "Wh", "energy_import_l1"},
	{0x0048, 2, 4, S32, LITTLE, 2, "Wh", "energy_import_l2"},
	{0x004A, 2, 4, S32, LITTLE, 2, "Wh", "energy_import_l3"},
	{0x005C, 2, 4, S32, LITTLE, 2, "Wh", "energy_export"},
};

const struct meter meter_carlo_gavazzi_em24 = {"carlo_gavazzi_em24", "Carlo Gavazzi EM24 (RS-485)", rows, sizeof rows / sizeof rows[0], false};
