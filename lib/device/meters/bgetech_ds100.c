/*
 * B+G E-Tech DS100.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x010E, 2, 3, U32, BIG, 1, "Wh", "energy_import"},
	{0x0122, 2, 3, U32, BIG, 1, "Wh", "energy_total"},
	{0x0400, 2, 3, U32, BIG, -3, "V", "voltage_l1"},
	{0x0402, 2, 3, U32, BIG, -3, "V", "voltage_l2"},
	{0x0404, 2, 3, U32, BIG, -3, "V", "voltage_l3"},
	{0x040C, 2, 3, U32, BIG, -3, "V", "voltage"},
	{0x0410, 2, 3, S32, BIG, -3, "A", "current_l1"},
	{0x0412, 2, 3, S32, BIG, -3, "A", "current_l2"},
	{0x0414, 2, 3, S32, BIG, -3, "A", "current_l3"},
	{0x0418, 2, 3, S32, BIG, -3, "A", "current"},
	{0x041A, 2, 3, S32, BIG, 0, "W", "power_l1"},
	{0x041C, 2, 3, S32, BIG, 0, "W", "power_l2"},
	{0x041E, 2, 3, S32, BIG, 0, "W", "power_l3"},
	{0x0420, 2, 3, S32, BIG, 0, "W", "power"},
	{0x0422, 2, 3, U32, BIG, 0, "VA", "apparent_power_l1"},
	{0x0424, 2, 3, U32, BIG, 0, "VA", "apparent_power_l2"},
	{0x0426, 2, 3, U32, BIG, 0, "VA", "apparent_power_l3"},
	{0x0428, 2, 3, U32, BIG, 0, "VA", "apparent_power"},
	{0x042A, 2, 3, S32, BIG, 0, "var", "reactive_power_l1"},
	{0x042C, 2, 3, S32, BIG, 0, "var", "reactive_power_l2"},
	{0x042E, 2, 3, S32, BIG, 0, "var", "reactive_power_l3"},
	{0x0430, 2, 3, S32, BIG, 0, "var", "reactive_power"},
	{0x0435, 1, 3, U16, BIG, -1, "Hz", "frequency"},
	{0x0436, 1, 3, S16, BIG, -3, "1", "power_factor_l1"},
	{0x0437, 1, 3, S16, BIG, -3, "1", "power_factor_l2"},
	{0x0438, 1, 3, S16, BIG, -3, "1", "power_factor_l3"},
	{0x0439, 1, 3, S16, BIG, -3, "1", "power_factor"},
	{0x0500, 2, 3, U32, BIG, 1, "Wh", "energy_total_l1"},
	{0x050A, 2, 3, U32, BIG, 1, "Wh", "energy_import_l1"},
	{0x0514, 2, 3, U32, BIG, 1, "Wh", "energy_export_l1"},
	{0x0564, 2, 3, U32, BIG, 1, "Wh", "energy_total_l2"},
	{0x056E, 2, 3, U32, BIG, 1, "Wh", "energy_import_l2"},
	{0x0578, 2, 3, U32, BIG, 1, "Wh", "energy_export_l2"},
	{0x05C8, 2, 3, U32, BIG, 1, "Wh", "energy_total_l3"},
	{0x05D2, 2, 3, U32, BIG, 1, "Wh", "energy_import_l3"},
	{0x05DC, 2, 3, U32, BIG, 1, "Wh", "energy_export_l3"},
	{0x118A, 2, 3, U32, BIG, 1, "Wh", "energy_export"},
};

const struct meter meter_bgetech_ds100 = {"bgetech_ds100", "B+G E-Tech DS100", rows, sizeof rows / sizeof rows[0], false};
