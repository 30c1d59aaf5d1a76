/*
 * Bernecker MPM3PM.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x0000, 2, 3, S32, BIG, 1, "Wh", "energy_total"},
	{0x0002, 2, 3, U32, BIG, 1, "Wh", "energy_import"},
	{0x0004, 2, 3, U32, BIG, 1, "Wh", "energy_export"},
	{0x0006, 2, 3, U32, BIG, 1, "varh", "reactive_energy_total"},
	{0x0008, 2, 3, U32, BIG, -1, "V", "voltage_l1"},
	{0x000A, 2, 3, U32, BIG, -1, "V", "voltage_l2"},
	{0x000C, 2, 3, U32, BIG, -1, "V", "voltage_l3"},
	{0x000E, 2, 3, U32, BIG, -2, "A", "current_l1"},
	{0x0010, 2, 3, U32, BIG, -2, "A", "current_l2"},
	{0x0012, 2, 3, U32, BIG, -2, "A", "current_l3"},
	{0x0014, 2, 3, S32, BIG, -2, "W", "power_l1"},
	{0x0016, 2, 3, S32, BIG, -2, "W", "power_l2"},
	{0x0018, 2, 3, S32, BIG, -2, "W", "power_l3"},
	{0x001A, 2, 3, S32, BIG, -2, "var", "reactive_power_l1"},
	{0x001C, 2, 3, S32, BIG, -2, "var", "reactive_power_l2"},
	{0x001E, 2, 3, S32, BIG, -2, "var", "reactive_power_l3"},
	{0x0020, 2, 3, U32, BIG, -3, "1", "power_factor_l1"},
	{0x0022, 2, 3, U32, BIG, -3, "1", "power_factor_l2"},
	{0x0024, 2, 3, U32, BIG, -3, "1", "power_factor_l3"},
	{0x0026, 2, 3, S32, BIG, -2, "W", "power"},
	{0x0028, 2, 3, S32, BIG, -2, "var", "reactive_power"},
	{0x002A, 2, 3, U32, BIG, -3, "1", "power_factor"},
	{0x002C, 2, 3, U32, BIG, -2, "Hz", "frequency"},
};

const struct meter meter_bernecker_mpm3pm = {"bernecker_mpm3pm", "Bernecker MPM3PM", rows, sizeof rows / sizeof rows[0], false};
