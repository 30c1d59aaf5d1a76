/*
 * Eastron SDM120.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x0000, 2, 3, F32, BIG, 0, "s", "demand_time"},
	{0x0002, 2, 3, F32, BIG, 0, "s", "demand_period"},
	{0x000C, 2, 3, F32, BIG, 0, "ms", "relay_pulse_width"},
	{0x0014, 2, 3, F32, BIG, 0, NULL, "meter_id"},
	{0xF900, 2, 3, F32, BIG, 0, "s", "display_scroll_timing"},
	{0xFC00, 2, 3, U32, BIG, 0, NULL, "serial_number"},
	{0xFC03, 2, 3, F32, BIG, 0, NULL, "software_version"},
	{0x0000, 2, 4, F32, BIG, 0, "V", "voltage"},
	{0x0006, 2, 4, F32, BIG, 0, "A", "current"},
	{0x000C, 2, 4, F32, BIG, 0, "W", "power"},
	{0x0012, 2, 4, F32, BIG, 0, "VA", "apparent_power"},
	{0x0018, 2, 4, F32, BIG, 0, "var", "reactive_power"},
	{0x001E, 2, 4, F32, BIG, 0, "1", "power_factor"},
	{0x0024, 2, 4, F32, BIG, 0, "deg", "phase_angle"},
	{0x0046, 2, 4, F32, BIG, 0, "Hz", "frequency"},
	{0x0048, 2, 4, F32, BIG, 3, "Wh", "energy_import"},
	{0x004A, 2, 4, F32, BIG, 3, "Wh", "energy_export"},
	{0x004C, 2, 4, F32, BIG, 3, "varh", "reactive_energy_import"},
	{0x004E, 2, 4, F32, BIG, 3, "varh", "reactive_energy_export"},
	{0x0054, 2, 4, F32, BIG, 0, "W", "total_demand_power"},
	{0x0056, 2, 4, F32, BIG, 0, "W", "maximum_total_demand_power"},
	{0x0058, 2, 4, F32, BIG, 0, "W", "import_demand_power"},
	{0x005A, 2, 4, F32, BIG, 0, "W", "maximum_import_demand_power"},
	{0x005C, 2, 4, F32, BIG, 0, "W", "export_demand_power"},
	{0x005E, 2, 4, F32, BIG, 0, "W", "maximum_export_demand_power"},
	{0x0102, 2, 4, F32, BIG, 0, "A", "total_demand_current"},
	{0x0108, 2, 4, F32, BIG, 0, "A", "maximum_total_demand_current"},
	{0x0156, 2, 4, F32, BIG, 3, "Wh", "energy_total"},
	{0x0158, 2, 4, F32, BIG, 3, "varh", "reactive_energy_total"},
};

const struct meter meter_eastron_sdm120 = {"eastron_sdm120", "Eastron SDM120", rows, sizeof rows / sizeof rows[0], false};
