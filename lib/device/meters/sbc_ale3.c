/*
 * SBC ALE3.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x001B, 2, 3, U32, BIG, 1, "Wh", "energy_import"},
	{0x001F, 2, 3, U32, BIG, 1, "Wh", "energy_export"},
	{0x0023, 1, 3, U16, BIG, 0, "V", "voltage_l1"},
	{0x0024, 1, 3, U16, BIG, -1, "A", "current_l1"},
	{0x0025, 1, 3, U16, BIG, -2, "W", "power_l1"},
	{0x0026, 1, 3, U16, BIG, -2, "var", "reactive_power_l1"},
	{0x0027, 1, 3, U16, BIG, -2, "1", "power_factor_l1"},
	{0x0028, 1, 3, U16, BIG, 0, "V", "voltage_l2"},
	{0x0029, 1, 3, U16, BIG, -1, "A", "current_l2"},
	{0x002A, 1, 3, U16, BIG, -2, "W", "power_l2"},
	{0x002B, 1, 3, U16, BIG, -2, "var", "reactive_power_l2"},
	{0x002C, 1, 3, U16, BIG, -2, "1", "power_factor_l2"},
	{0x002D, 1, 3, U16, BIG, 0, "V", "voltage_l3"},
	{0x002E, 1, 3, U16, BIG, -1, "A", "current_l3"},
	{0x002F, 1, 3, U16, BIG, -2, "W", "power_l3"},
	{0x0030, 1, 3, U16, BIG, -2, "var", "reactive_power_l3"},
	{0x0031, 1, 3, U16, BIG, -2, "1", "power_factor_l3"},
	{0x0032, 1, 3, U16, BIG, -2, "W", "power"},
	{0x0033, 1, 3, U16, BIG, -2, "var", "reactive_power"},
};

const struct meter meter_sbc_ale3 = {"sbc_ale3", "SBC ALE3", rows, sizeof rows / sizeof rows[0], false};
