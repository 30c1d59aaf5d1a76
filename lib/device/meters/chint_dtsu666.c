/*
 * Chint DTSU666.
 * Float32 with a hidden divisor (raw 2300.0 = 230.0 V).
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x101E, 2, 3, F32, BIG, 3, "Wh", "energy_import"},
	{0x1020, 2, 3, F32, BIG, 3, "Wh", "energy_import_l1"},
	{0x1022, 2, 3, F32, BIG, 3, "Wh", "energy_import_l2"},
	{0x1024, 2, 3, F32, BIG, 3, "Wh", "energy_import_l3"},
	{0x1028, 2, 3, F32, BIG, 3, "Wh", "energy_export"},
	{0x102A, 2, 3, F32, BIG, 3, "Wh", "energy_export_l1"},
	{0x102C, 2, 3, F32, BIG, 3, "Wh", "energy_export_l2"},
	{0x102E, 2, 3, F32, BIG, 3, "Wh", "energy_export_l3"},
	{0x2006, 2, 3, F32, BIG, -1, "V", "voltage_l1"},
	{0x2008, 2, 3, F32, BIG, -1, "V", "voltage_l2"},
	{0x200A, 2, 3, F32, BIG, -1, "V", "voltage_l3"},
	{0x200C, 2, 3, F32, BIG, -3, "A", "current_l1"},
	{0x200E, 2, 3, F32, BIG, -3, "A", "current_l2"},
	{0x2010, 2, 3, F32, BIG, -3, "A", "current_l3"},
	{0x2012, 2, 3, F32, BIG, -1, "W", "power"},
	{0x2014, 2, 3, F32, BIG, -1, "W", "power_l1"},
	{0x2016, 2, 3, F32, BIG, -1, "W", "power_l2"},
	{0x2018, 2, 3, F32, BIG, -1, "W", "power_l3"},
	{0x201A, 2, 3, F32, BIG, -1, "var", "reactive_power"},
	{0x201C, 2, 3, F32, BIG, -1, "var", "reactive_power_l1"},
	{0x201E, 2, 3, F32, BIG, -1, "var", "reactive_power_l2"},
	{0x2020, 2, 3, F32, BIG, -1, "var", "reactive_power_l3"},
	{0x202A, 2, 3, F32, BIG, -3, "1", "power_factor"},
	{0x202C, 2, 3, F32, BIG, -3, "1", "power_factor_l1"},
	{0x202E, 2, 3, F32, BIG, -3, "1", "power_factor_l2"},
	{0x2030, 2, 3, F32, BIG, -3, "1", "power_factor_l3"},
	{0x2044, 2, 3, F32, BIG, -2, "Hz", "frequency"},
};

const struct meter meter_chint_dtsu666 = {"chint_dtsu666", "Chint DTSU666", rows, sizeof rows / sizeof rows[0], false};
