/*
 * Schneider iEM3000.
 * Power kW on the wire; energy int64 Wh.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x0BB7, 2, 3, F32, BIG, 0, "A", "current_l1"},
	{0x0BB9, 2, 3, F32, BIG, 0, "A", "current_l2"},
	{0x0BBB, 2, 3, F32, BIG, 0, "A", "current_l3"},
	{0x0BC1, 2, 3, F32, BIG, 0, "A", "current"},
	{0x0BD3, 2, 3, F32, BIG, 0, "V", "voltage_l1"},
	{0x0BD5, 2, 3, F32, BIG, 0, "V", "voltage_l2"},
	{0x0BD7, 2, 3, F32, BIG, 0, "V", "voltage_l3"},
	{0x0BDB, 2, 3, F32, BIG, 0, "V", "voltage"},
	{0x0BED, 2, 3, F32, BIG, 3, "W", "power_l1"},
	{0x0BEF, 2, 3, F32, BIG, 3, "W", "power_l2"},
	{0x0BF1, 2, 3, F32, BIG, 3, "W", "power_l3"},
	{0x0BF3, 2, 3, F32, BIG, 3, "W", "power"},
	{0x0BFB, 2, 3, F32, BIG, 3, "var", "reactive_power"},
	{0x0C03, 2, 3, F32, BIG, 3, "VA", "apparent_power"},
	{0x0C25, 2, 3, F32, BIG, 0, "Hz", "frequency"},
	{0x0C83, 4, 3, S64, BIG, 0, "Wh", "energy_import"},
	{0x0C87, 4, 3, S64, BIG, 0, "Wh", "energy_export"},
	{0x0C93, 4, 3, S64, BIG, 0, "varh", "reactive_energy_import"},
	{0x0C97, 4, 3, S64, BIG, 0, "varh", "reactive_energy_export"},
	{0x0DBD, 4, 3, S64, BIG, 0, "Wh", "energy_import_l1"},
	{0x0DC1, 4, 3, S64, BIG, 0, "Wh", "energy_import_l2"},
	{0x0DC5, 4, 3, S64, BIG, 0, "Wh", "energy_import_l3"},
};

const struct meter meter_schneider_iem3000 = {"schneider_iem3000", "Schneider iEM3000", rows, sizeof rows / sizeof rows[0], false};
