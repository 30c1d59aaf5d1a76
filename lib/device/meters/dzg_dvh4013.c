/*
 * DZG DVH4013.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x0000, 2, 3, U32, BIG, -1, "W", "power_import"},
	{0x0002, 2, 3, U32, BIG, -1, "W", "power_export"},
	{0x0004, 2, 3, U32, BIG, -2, "V", "voltage_l1"},
	{0x0006, 2, 3, U32, BIG, -2, "V", "voltage_l2"},
	{0x0008, 2, 3, U32, BIG, -2, "V", "voltage_l3"},
	{0x000A, 2, 3, U32, BIG, -3, "A", "current_l1"},
	{0x000C, 2, 3, U32, BIG, -3, "A", "current_l2"},
	{0x000E, 2, 3, U32, BIG, -3, "A", "current_l3"},
	{0x0010, 2, 3, U32, BIG, -3, "1", "power_factor"},
	{0x0012, 2, 3, U32, BIG, -3, "Hz", "frequency"},
	{0x4000, 2, 3, U32, BIG, 0, "Wh", "energy_import"},
	{0x4020, 2, 3, U32, BIG, 0, "Wh", "energy_import_l1"},
	{0x4040, 2, 3, U32, BIG, 0, "Wh", "energy_import_l2"},
	{0x4060, 2, 3, U32, BIG, 0, "Wh", "energy_import_l3"},
	{0x4100, 2, 3, U32, BIG, 0, "Wh", "energy_export"},
	{0x4120, 2, 3, U32, BIG, 0, "Wh", "energy_export_l1"},
	{0x4140, 2, 3, U32, BIG, 0, "Wh", "energy_export_l2"},
	{0x4160, 2, 3, U32, BIG, 0, "Wh", "energy_export_l3"},
};

const struct meter meter_dzg_dvh4013 = {"dzg_dvh4013", "DZG DVH4013", rows, sizeof rows / sizeof rows[0], false};
