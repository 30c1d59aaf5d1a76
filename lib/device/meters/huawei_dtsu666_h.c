/*
 * Huawei DTSU666-H.
 * SUN2000 polls slave 11 FC03; tested on direct meter bus.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x0836, 2, 3, F32, BIG, 0, "A", "current_l1"},
	{0x0838, 2, 3, F32, BIG, 0, "A", "current_l2"},
	{0x083A, 2, 3, F32, BIG, 0, "A", "current_l3"},
	{0x083C, 2, 3, F32, BIG, 0, "V", "voltage_l1"},
	{0x083E, 2, 3, F32, BIG, 0, "V", "voltage_l2"},
	{0x0840, 2, 3, F32, BIG, 0, "V", "voltage_l3"},
	{0x0842, 2, 3, F32, BIG, 0, "V", "voltage"},
	{0x0844, 2, 3, F32, BIG, 0, "V", "voltage_l1_l2"},
	{0x0846, 2, 3, F32, BIG, 0, "V", "voltage_l2_l3"},
	{0x0848, 2, 3, F32, BIG, 0, "V", "voltage_l3_l1"},
	{0x084A, 2, 3, F32, BIG, 0, "V", "voltage_ll"},
	{0x084C, 2, 3, F32, BIG, 0, "Hz", "frequency"},
	{0x084E, 2, 3, F32, BIG, 0, "W", "power"},
	{0x0850, 2, 3, F32, BIG, 0, "W", "power_l1"},
	{0x0852, 2, 3, F32, BIG, 0, "W", "power_l2"},
	{0x0854, 2, 3, F32, BIG, 0, "W", "power_l3"},
	{0x0856, 2, 3, F32, BIG, 0, "var", "reactive_power"},
	{0x0858, 2, 3, F32, BIG, 0, "var", "reactive_power_l1"},
	{0x085A, 2, 3, F32, BIG, 0, "var", "reactive_power_l2"},
	{0x085C, 2, 3, F32, BIG, 0, "var", "reactive_power_l3"},
	{0x085E, 2, 3, F32, BIG, 0, "VA", "apparent_power"},
	{0x0860, 2, 3, F32, BIG, 0, "VA", "apparent_power_l1"},
	{0x0862, 2, 3, F32, BIG, 0, "VA", "apparent_power_l2"},
	{0x0864, 2, 3, F32, BIG, 0, "VA", "apparent_power_l3"},
	{0x0866, 2, 3, F32, BIG, 0, NULL, "power_factor"},
	{0x0868, 2, 3, F32, BIG, 0, NULL, "power_factor_l1"},
	{0x086A, 2, 3, F32, BIG, 0, NULL, "power_factor_l2"},
	{0x086C, 2, 3, F32, BIG, 0, NULL, "power_factor_l3"},
	{0x086E, 2, 3, F32, BIG, 3, "Wh", "energy_net"},
	{0x0870, 2, 3, F32, BIG, 3, "Wh", "energy_net_l1"},
	{0x0872, 2, 3, F32, BIG, 3, "Wh", "energy_net_l2"},
	{0x0874, 2, 3, F32, BIG, 3, "Wh", "energy_net_l3"},
	{0x0876, 2, 3, F32, BIG, 3, "Wh", "energy_import"},
	{0x0878, 2, 3, F32, BIG, 3, "Wh", "energy_import_l1"},
	{0x087A, 2, 3, F32, BIG, 3, "Wh", "energy_import_l2"},
	{0x087C, 2, 3, F32, BIG, 3, "Wh", "energy_import_l3"},
	{0x087E, 2, 3, F32, BIG, 3, "Wh", "energy_export"},
	{0x0880, 2, 3, F32, BIG, 3, "Wh", "energy_export_l1"},
	{0x0882, 2, 3, F32, BIG, 3, "Wh", "energy_export_l2"},
	{0x0884, 2, 3, F32, BIG, 3, "Wh", "energy_export_l3"},
	{0x08AE, 2, 3, F32, BIG, 3, "varh", "reactive_energy_total"},
};

const struct meter meter_huawei_dtsu666_h = {"huawei_dtsu666_h", "Huawei DTSU666-H", rows, sizeof rows / sizeof rows[0], false};
