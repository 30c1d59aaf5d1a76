/*
 * WAGO 879-30x0.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x5000, 2, 3, F32, BIG, 0, "V", "voltage"},
	{0x5002, 2, 3, F32, BIG, 0, "V", "voltage_l1"},
	{0x5004, 2, 3, F32, BIG, 0, "V", "voltage_l2"},
	{0x5006, 2, 3, F32, BIG, 0, "V", "voltage_l3"},
	{0x5008, 2, 3, F32, BIG, 0, "Hz", "frequency"},
	{0x500A, 2, 3, F32, BIG, 0, "A", "current"},
	{0x500C, 2, 3, F32, BIG, 0, "A", "current_l1"},
	{0x500E, 2, 3, F32, BIG, 0, "A", "current_l2"},
	{0x5010, 2, 3, F32, BIG, 0, "A", "current_l3"},
	{0x5012, 2, 3, F32, BIG, 3, "W", "power"},
	{0x5014, 2, 3, F32, BIG, 3, "W", "power_l1"},
	{0x5016, 2, 3, F32, BIG, 3, "W", "power_l2"},
	{0x5018, 2, 3, F32, BIG, 3, "W", "power_l3"},
	{0x501A, 2, 3, F32, BIG, 3, "var", "reactive_power"},
	{0x501C, 2, 3, F32, BIG, 3, "var", "reactive_power_l1"},
	{0x501E, 2, 3, F32, BIG, 3, "var", "reactive_power_l2"},
	{0x5020, 2, 3, F32, BIG, 3, "var", "reactive_power_l3"},
	{0x5022, 2, 3, F32, BIG, 3, "VA", "apparent_power"},
	{0x5024, 2, 3, F32, BIG, 3, "VA", "apparent_power_l1"},
	{0x5026, 2, 3, F32, BIG, 3, "VA", "apparent_power_l2"},
	{0x5028, 2, 3, F32, BIG, 3, "VA", "apparent_power_l3"},
	{0x502A, 2, 3, F32, BIG, 0, "1", "power_factor"},
	{0x502C, 2, 3, F32, BIG, 0, "1", "power_factor_l1"},
	{0x502E, 2, 3, F32, BIG, 0, "1", "power_factor_l2"},
	{0x5030, 2, 3, F32, BIG, 0, "1", "power_factor_l3"},
	{0x600C, 2, 3, F32, BIG, 3, "Wh", "energy_import"},
	{0x6012, 2, 3, F32, BIG, 3, "Wh", "energy_import_l1"},
	{0x6014, 2, 3, F32, BIG, 3, "Wh", "energy_import_l2"},
	{0x6016, 2, 3, F32, BIG, 3, "Wh", "energy_import_l3"},
	{0x6018, 2, 3, F32, BIG, 3, "Wh", "energy_export"},
	{0x601E, 2, 3, F32, BIG, 3, "Wh", "energy_export_l1"},
	{0x6020, 2, 3, F32, BIG, 3, "Wh", "energy_export_l2"},
	{0x6022, 2, 3, F32, BIG, 3, "Wh", "energy_export_l3"},
};

const struct meter meter_wago_879_30x0 = {"wago_879_30x0", "WAGO 879-30x0", rows, sizeof rows / sizeof rows[0], false};
