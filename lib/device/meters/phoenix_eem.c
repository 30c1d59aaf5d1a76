/*
 * Phoenix Contact EEM.
 * 0x8100, 0x8106: energy direction as OpenEMS assigns it (0x8100 production when not inverted).
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x8006, 2, 3, F32, LITTLE, 0, "V", "voltage_l1"},
	{0x8008, 2, 3, F32, LITTLE, 0, "V", "voltage_l2"},
	{0x800A, 2, 3, F32, LITTLE, 0, "V", "voltage_l3"},
	{0x800C, 2, 3, F32, LITTLE, 0, "Hz", "frequency"},
	{0x800E, 2, 3, F32, LITTLE, 0, "A", "current_l1"},
	{0x8010, 2, 3, F32, LITTLE, 0, "A", "current_l2"},
	{0x8012, 2, 3, F32, LITTLE, 0, "A", "current_l3"},
	{0x8014, 2, 3, F32, LITTLE, 0, "A", "current"},
	{0x8016, 2, 3, F32, LITTLE, 0, "W", "power"},
	{0x801E, 2, 3, F32, LITTLE, 0, "W", "power_l1"},
	{0x8020, 2, 3, F32, LITTLE, 0, "W", "power_l2"},
	{0x8022, 2, 3, F32, LITTLE, 0, "W", "power_l3"},
	{0x803D, 2, 3, F32, LITTLE, 0, "V", "voltage"},
	{0x8100, 2, 3, F32, LITTLE, 0, "Wh", "energy_import"},
	{0x8106, 2, 3, F32, LITTLE, 0, "Wh", "energy_export"},
};

const struct meter meter_phoenix_eem = {"phoenix_eem", "Phoenix Contact EEM", rows, sizeof rows / sizeof rows[0], false};
