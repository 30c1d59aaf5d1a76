/*
 * Finder 7M.38.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x09C4, 2, 4, F32, BIG, 0, "V", "voltage_l1"},
	{0x09C6, 2, 4, F32, BIG, 0, "V", "voltage_l2"},
	{0x09C8, 2, 4, F32, BIG, 0, "V", "voltage_l3"},
	{0x09D4, 2, 4, F32, BIG, 0, "A", "current_l1"},
	{0x09D6, 2, 4, F32, BIG, 0, "A", "current_l2"},
	{0x09D8, 2, 4, F32, BIG, 0, "A", "current_l3"},
	{0x09E2, 2, 4, F32, BIG, 0, "W", "power_l1"},
	{0x09E4, 2, 4, F32, BIG, 0, "W", "power_l2"},
	{0x09E6, 2, 4, F32, BIG, 0, "W", "power_l3"},
	{0x09E8, 2, 4, F32, BIG, 0, "W", "power"},
	{0x09EA, 2, 4, F32, BIG, 0, "var", "reactive_power_l1"},
	{0x09EC, 2, 4, F32, BIG, 0, "var", "reactive_power_l2"},
	{0x09EE, 2, 4, F32, BIG, 0, "var", "reactive_power_l3"},
	{0x09F0, 2, 4, F32, BIG, 0, "var", "reactive_power"},
	{0x09F2, 2, 4, F32, BIG, 0, "VA", "apparent_power_l1"},
	{0x09F4, 2, 4, F32, BIG, 0, "VA", "apparent_power_l2"},
	{0x09F6, 2, 4, F32, BIG, 0, "VA", "apparent_power_l3"},
	{0x09F8, 2, 4, F32, BIG, 0, "VA", "apparent_power"},
	{0x09FA, 2, 4, F32, BIG, 0, "1", "power_factor_l1"},
	{0x09FC, 2, 4, F32, BIG, 0, "1", "power_factor_l2"},
	{0x09FE, 2, 4, F32, BIG, 0, "1", "power_factor_l3"},
	{0x0A00, 2, 4, F32, BIG, 0, "1", "power_factor"},
	{0x0A10, 2, 4, F32, BIG, 0, "deg", "phase_angle"},
	{0x0A18, 2, 4, F32, BIG, 0, "Hz", "frequency"},
	{0x0A22, 2, 4, F32, BIG, 0, "%", "thd_voltage_l1"},
	{0x0A24, 2, 4, F32, BIG, 0, "%", "thd_voltage_l2"},
	{0x0A26, 2, 4, F32, BIG, 0, "%", "thd_voltage_l3"},
	{0x0AC0, 2, 4, F32, BIG, 0, "Wh", "energy_import"},
	{0x0AC2, 2, 4, F32, BIG, 0, "varh", "reactive_energy_import"},
	{0x0AC4, 2, 4, F32, BIG, 0, "Wh", "energy_export"},
	{0x0AC6, 2, 4, F32, BIG, 0, "varh", "reactive_energy_export"},
};

const struct meter meter_finder_7m38 = {"finder_7m38", "Finder 7M.38", rows, sizeof rows / sizeof rows[0], false};
