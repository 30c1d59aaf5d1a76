/*
 * Carlo Gavazzi EM24-E1.
 * Word-swapped int32.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x0000, 2, 4, S32, LITTLE, -1, "V", "voltage_l1"},
	{0x0002, 2, 4, S32, LITTLE, -1, "V", "voltage_l2"},
	{0x0004, 2, 4, S32, LITTLE, -1, "V", "voltage_l3"},
	{0x0006, 2, 4, S32, LITTLE, -1, "V", "voltage_l1_l2"},
	{0x0008, 2, 4, S32, LITTLE, -1, "V", "voltage_l2_l3"},
	{0x000A, 2, 4, S32, LITTLE, -1, "V", "voltage_l3_l1"},
	{0x000C, 2, 4, S32, LITTLE, -3, "A", "current_l1"},
	{0x000E, 2, 4, S32, LITTLE, -3, "A", "current_l2"},
	{0x0010, 2, 4, S32, LITTLE, -3, "A", "current_l3"},
	{0x0012, 2, 4, S32, LITTLE, -1, "W", "power_l1"},
	{0x0014, 2, 4, S32, LITTLE, -1, "W", "power_l2"},
	{0x0016, 2, 4, S32, LITTLE, -1, "W", "power_l3"},
	{0x0018, 2, 4, S32, LITTLE, -1, "VA", "apparent_power_l1"},
	{0x001A, 2, 4, S32, LITTLE, -1, "VA", "apparent_power_l2"},
	{0x001C, 2, 4, S32, LITTLE, -1, "VA", "apparent_power_l3"},
	{0x001E, 2, 4, S32, LITTLE, -1, "var", "reactive_power_l1"},
	{0x0020, 2, 4, S32, LITTLE, -1, "var", "reactive_power_l2"},
	{0x0022, 2, 4, S32, LITTLE, -1, "var", "reactive_power_l3"},
	{0x0024, 2, 4, S32, LITTLE, -1, "V", "voltage_ln"},
	{0x0026, 2, 4, S32, LITTLE, -1, "V", "voltage_ll"},
	{0x0028, 2, 4, S32, LITTLE, -1, "W", "power"},
	{0x002A, 2, 4, S32, LITTLE, -1, "VA", "apparent_power"},
	{0x002C, 2, 4, S32, LITTLE, -1, "var", "reactive_power"},
	{0x002E, 1, 4, S16, BIG, -3, "1", "power_factor_l1"},
	{0x002F, 1, 4, S16, BIG, -3, "1", "power_factor_l2"},
	{0x0030, 1, 4, S16, BIG, -3, "1", "power_factor_l3"},
	{0x0031, 1, 4, S16, BIG, -3, "1", "power_factor"},
	{0x0032, 1, 4, S16, BIG, 0, NULL, "phase_sequence"},
	{0x0033, 1, 4, S16, BIG, -1, "Hz", "frequency"},
	{0x0034, 2, 4, S32, LITTLE, 2, "Wh", "energy_import"},
	{0x0036, 2, 4, S32, LITTLE, 2, "varh", "reactive_energy_import"},
	{0x0038, 2, 4, S32, LITTLE, -1, "W", "demand_power"},
	{0x003A, 2, 4, S32, LITTLE, -1, "W", "maximum_demand_power"},
	{0x0040, 2, 4, S32, LITTLE, 2, "Wh", "energy_import_l1"},
	{0x0042, 2, 4, S32, LITTLE, 2, "Wh", "energy_import_l2"},
	{0x0044, 2, 4, S32, LITTLE, 2, "Wh", "energy_import_l3"},
	{0x004E, 2, 4, S32, LITTLE, 2, "Wh", "energy_export"},
	{0x0050, 2, 4, S32, LITTLE, 2, "varh", "reactive_energy_export"},
	{0x0076, 2, 4, S32, LITTLE, -1, "VA", "demand_apparent_power"},
	{0x0078, 2, 4, S32, LITTLE, -1, "VA", "maximum_demand_apparent_power"},
};

const struct meter meter_carlo_gavazzi_em24_e1 = {"carlo_gavazzi_em24_e1", "Carlo Gavazzi EM24-E1", rows, sizeof rows / sizeof rows[0], false};
