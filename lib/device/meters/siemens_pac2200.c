/*
 * Siemens PAC2200.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x0001, 2, 4, F32, BIG, 0, "V", "voltage_l1"},
	{0x0003, 2, 4, F32, BIG, 0, "V", "voltage_l2"},
	{0x0005, 2, 4, F32, BIG, 0, "V", "voltage_l3"},
	{0x000D, 2, 4, F32, BIG, 0, "A", "current_l1"},
	{0x000F, 2, 4, F32, BIG, 0, "A", "current_l2"},
	{0x0011, 2, 4, F32, BIG, 0, "A", "current_l3"},
	{0x0019, 2, 4, F32, BIG, 0, "W", "power_l1"},
	{0x001B, 2, 4, F32, BIG, 0, "W", "power_l2"},
	{0x001D, 2, 4, F32, BIG, 0, "W", "power_l3"},
	{0x0025, 2, 4, F32, BIG, 0, "1", "power_factor_l1"},
	{0x0027, 2, 4, F32, BIG, 0, "1", "power_factor_l2"},
	{0x0029, 2, 4, F32, BIG, 0, "1", "power_factor_l3"},
	{0x002E, 2, 4, F32, BIG, 0, "Hz", "frequency"},
	{0x003F, 2, 4, F32, BIG, 0, "VA", "apparent_power"},
	{0x0041, 2, 4, F32, BIG, 0, "W", "power"},
	{0x0043, 2, 4, F32, BIG, 0, "var", "reactive_power"},
	{0x0045, 2, 4, F32, BIG, 0, "1", "power_factor"},
	{0x0321, 4, 4, F64, BIG, 0, "Wh", "energy_import"},
	{0x0329, 4, 4, F64, BIG, 0, "Wh", "energy_export"},
};

const struct meter meter_siemens_pac2200 = {"siemens_pac2200", "Siemens PAC2200", rows, sizeof rows / sizeof rows[0], false};
