/*
 * Lovato DMG610.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x0001, 2, 4, U32, BIG, -2, "V", "voltage_l1"},
	{0x0003, 2, 4, U32, BIG, -2, "V", "voltage_l2"},
	{0x0005, 2, 4, U32, BIG, -2, "V", "voltage_l3"},
	{0x0007, 2, 4, U32, BIG, -4, "A", "current_l1"},
	{0x0009, 2, 4, U32, BIG, -4, "A", "current_l2"},
	{0x000B, 2, 4, U32, BIG, -4, "A", "current_l3"},
	{0x0013, 2, 4, S32, BIG, -2, "W", "power_l1"},
	{0x0015, 2, 4, S32, BIG, -2, "W", "power_l2"},
	{0x0017, 2, 4, S32, BIG, -2, "W", "power_l3"},
	{0x0019, 2, 4, S32, BIG, -2, "var", "reactive_power_l1"},
	{0x001B, 2, 4, S32, BIG, -2, "var", "reactive_power_l2"},
	{0x001D, 2, 4, S32, BIG, -2, "var", "reactive_power_l3"},
	{0x001F, 2, 4, U32, BIG, -2, "VA", "apparent_power_l1"},
	{0x0021, 2, 4, U32, BIG, -2, "VA", "apparent_power_l2"},
	{0x0023, 2, 4, U32, BIG, -2, "VA", "apparent_power_l3"},
	{0x0031, 2, 4, U32, BIG, -3, "Hz", "frequency"},
	{0x0039, 2, 4, S32, BIG, -2, "W", "power"},
	{0x003B, 2, 4, S32, BIG, -2, "var", "reactive_power"},
	{0x003D, 2, 4, U32, BIG, -2, "VA", "apparent_power"},
	{0x0053, 2, 4, U32, BIG, -2, "%", "thd_voltage_l1"},
	{0x0055, 2, 4, U32, BIG, -2, "%", "thd_voltage_l2"},
	{0x0057, 2, 4, U32, BIG, -2, "%", "thd_voltage_l3"},
	{0x1B1F, 4, 4, U64, BIG, 1, "Wh", "energy_import"},
	{0x1B23, 4, 4, U64, BIG, 1, "Wh", "energy_export"},
	{0x1B27, 4, 4, U64, BIG, 1, "varh", "reactive_energy_import"},
	{0x1B2B, 4, 4, U64, BIG, 1, "varh", "reactive_energy_export"},
	{0x1E1F, 4, 4, U64, BIG, 1, "Wh", "energy_import_l1"},
	{0x1E23, 4, 4, U64, BIG, 1, "Wh", "energy_export_l1"},
	{0x1E47, 4, 4, U64, BIG, 1, "Wh", "energy_import_l2"},
	{0x1E4B, 4, 4, U64, BIG, 1, "Wh", "energy_export_l2"},
	{0x1E6F, 4, 4, U64, BIG, 1, "Wh", "energy_import_l3"},
	{0x1E73, 4, 4, U64, BIG, 1, "Wh", "energy_export_l3"},
};

const struct meter meter_lovato_dmg610 = {"lovato_dmg610", "Lovato DMG610", rows, sizeof rows / sizeof rows[0], false};
