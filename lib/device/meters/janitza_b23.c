/*
 * Janitza B23.
 * Energy in Wh on the wire.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x4A38, 2, 3, F32, BIG, 0, "V", "voltage_l1"},
	{0x4A3A, 2, 3, F32, BIG, 0, "V", "voltage_l2"},
	{0x4A3C, 2, 3, F32, BIG, 0, "V", "voltage_l3"},
	{0x4A44, 2, 3, F32, BIG, 0, "A", "current_l1"},
	{0x4A46, 2, 3, F32, BIG, 0, "A", "current_l2"},
	{0x4A48, 2, 3, F32, BIG, 0, "A", "current_l3"},
	{0x4A4C, 2, 3, F32, BIG, 0, "W", "power_l1"},
	{0x4A4E, 2, 3, F32, BIG, 0, "W", "power_l2"},
	{0x4A50, 2, 3, F32, BIG, 0, "W", "power_l3"},
	{0x4A52, 2, 3, F32, BIG, 0, "W", "power"},
	{0x4A64, 2, 3, F32, BIG, 0, "1", "power_factor_l1"},
	{0x4A66, 2, 3, F32, BIG, 0, "1", "power_factor_l2"},
	{0x4A68, 2, 3, F32, BIG, 0, "1", "power_factor_l3"},
	{0x4A6A, 2, 3, F32, BIG, 0, "Hz", "frequency"},
	{0x4A76, 2, 3, F32, BIG, 0, "Wh", "energy_import_l1"},
	{0x4A78, 2, 3, F32, BIG, 0, "Wh", "energy_import_l2"},
	{0x4A7A, 2, 3, F32, BIG, 0, "Wh", "energy_import_l3"},
	{0x4A7C, 2, 3, F32, BIG, 0, "Wh", "energy_import"},
	{0x4A7E, 2, 3, F32, BIG, 0, "Wh", "energy_export_l1"},
	{0x4A80, 2, 3, F32, BIG, 0, "Wh", "energy_export_l2"},
	{0x4A82, 2, 3, F32, BIG, 0, "Wh", "energy_export_l3"},
	{0x4A84, 2, 3, F32, BIG, 0, "Wh", "energy_export"},
};

const struct meter meter_janitza_b23 = {"janitza_b23", "Janitza B23", rows, sizeof rows / sizeof rows[0], false};
