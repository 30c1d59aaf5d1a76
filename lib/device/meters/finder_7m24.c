/*
 * Finder 7M.24.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x09C4, 2, 4, F32, BIG, 0, "V", "voltage"},
	{0x09D4, 2, 4, F32, BIG, 0, "A", "current"},
	{0x09E8, 2, 4, F32, BIG, 0, "W", "power"},
	{0x09F0, 2, 4, F32, BIG, 0, "var", "reactive_power"},
	{0x09F8, 2, 4, F32, BIG, 0, "VA", "apparent_power"},
	{0x0A00, 2, 4, F32, BIG, 0, "1", "power_factor"},
	{0x0A10, 2, 4, F32, BIG, 0, "deg", "phase_angle"},
	{0x0A18, 2, 4, F32, BIG, 0, "Hz", "frequency"},
	{0x0A22, 2, 4, F32, BIG, 0, "%", "thd_voltage"},
	{0x0AC0, 2, 4, F32, BIG, 0, "Wh", "energy_import"},
	{0x0AC2, 2, 4, F32, BIG, 0, "varh", "reactive_energy_import"},
	{0x0AC4, 2, 4, F32, BIG, 0, "Wh", "energy_export"},
	{0x0AC6, 2, 4, F32, BIG, 0, "varh", "reactive_energy_export"},
};

const struct meter meter_finder_7m24 = {"finder_7m24", "Finder 7M.24", rows, sizeof rows / sizeof rows[0], false};
