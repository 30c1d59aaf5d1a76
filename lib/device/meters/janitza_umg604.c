/*
 * Janitza UMG 604.
 * 0x267B, 0x2687: energy direction depends on config.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x0525, 2, 3, F32, BIG, 0, "V", "voltage_l1"},
	{0x0527, 2, 3, F32, BIG, 0, "V", "voltage_l2"},
	{0x0529, 2, 3, F32, BIG, 0, "V", "voltage_l3"},
	{0x052D, 2, 3, F32, BIG, 0, "A", "current_l1"},
	{0x052F, 2, 3, F32, BIG, 0, "A", "current_l2"},
	{0x0531, 2, 3, F32, BIG, 0, "A", "current_l3"},
	{0x0535, 2, 3, F32, BIG, 0, "W", "power_l1"},
	{0x0537, 2, 3, F32, BIG, 0, "W", "power_l2"},
	{0x0539, 2, 3, F32, BIG, 0, "W", "power_l3"},
	{0x053D, 2, 3, F32, BIG, 0, "var", "reactive_power_l1"},
	{0x053F, 2, 3, F32, BIG, 0, "var", "reactive_power_l2"},
	{0x0541, 2, 3, F32, BIG, 0, "var", "reactive_power_l3"},
	{0x0559, 2, 3, F32, BIG, 0, "W", "power"},
	{0x055B, 2, 3, F32, BIG, 0, "var", "reactive_power"},
	{0x059F, 2, 3, F32, BIG, 0, "Hz", "frequency"},
	{0x267B, 2, 3, F32, BIG, 0, "Wh", "energy_a"},
	{0x2687, 2, 3, F32, BIG, 0, "Wh", "energy_b"},
};

const struct meter meter_janitza_umg604 = {"janitza_umg604", "Janitza UMG 604", rows, sizeof rows / sizeof rows[0], false};
