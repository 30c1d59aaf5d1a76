/*
 * ABB B21, B23, B24.
 * NaN: unsigned 0xFF.., signed 0x7FFF...
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x5000, 4, 3, U64, BIG, 1, "Wh", "energy_import"},
	{0x5004, 4, 3, U64, BIG, 1, "Wh", "energy_export"},
	{0x5460, 4, 3, U64, BIG, 1, "Wh", "energy_import_l1"},
	{0x5464, 4, 3, U64, BIG, 1, "Wh", "energy_import_l2"},
	{0x5468, 4, 3, U64, BIG, 1, "Wh", "energy_import_l3"},
	{0x546C, 4, 3, U64, BIG, 1, "Wh", "energy_export_l1"},
	{0x5470, 4, 3, U64, BIG, 1, "Wh", "energy_export_l2"},
	{0x5474, 4, 3, U64, BIG, 1, "Wh", "energy_export_l3"},
	{0x5B00, 2, 3, U32, BIG, -1, "V", "voltage_l1"},
	{0x5B02, 2, 3, U32, BIG, -1, "V", "voltage_l2"},
	{0x5B04, 2, 3, U32, BIG, -1, "V", "voltage_l3"},
	{0x5B0C, 2, 3, U32, BIG, -2, "A", "current_l1"},
	{0x5B0E, 2, 3, U32, BIG, -2, "A", "current_l2"},
	{0x5B10, 2, 3, U32, BIG, -2, "A", "current_l3"},
	{0x5B14, 2, 3, S32, BIG, -2, "W", "power"},
	{0x5B16, 2, 3, S32, BIG, -2, "W", "power_l1"},
	{0x5B18, 2, 3, S32, BIG, -2, "W", "power_l2"},
	{0x5B1A, 2, 3, S32, BIG, -2, "W", "power_l3"},
	{0x5B2C, 1, 3, U16, BIG, -2, "Hz", "frequency"},
	{0x5B3A, 1, 3, S16, BIG, -3, "1", "power_factor"},
	{0x5B3B, 1, 3, S16, BIG, -3, "1", "power_factor_l1"},
	{0x5B3C, 1, 3, S16, BIG, -3, "1", "power_factor_l2"},
	{0x5B3D, 1, 3, S16, BIG, -3, "1", "power_factor_l3"},
};

const struct meter meter_abb_b21_b23_b24 = {"abb_b21_b23_b24", "ABB B21, B23, B24", rows, sizeof rows / sizeof rows[0], true};
