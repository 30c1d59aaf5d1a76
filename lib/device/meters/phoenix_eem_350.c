/*
 * Phoenix Contact EEM-350.
 * Max read 11 registers.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x0000, 2, 4, S32, LITTLE, -1, "V", "voltage_l1"},
	{0x0002, 2, 4, S32, LITTLE, -1, "V", "voltage_l2"},
	{0x0004, 2, 4, S32, LITTLE, -1, "V", "voltage_l3"},
	{0x000C, 2, 4, S32, LITTLE, -3, "A", "current_l1"},
	{0x000E, 2, 4, S32, LITTLE, -3, "A", "current_l2"},
	{0x0010, 2, 4, S32, LITTLE, -3, "A", "current_l3"},
	{0x0028, 2, 4, S32, LITTLE, -1, "W", "power"},
	{0x003E, 2, 4, S32, LITTLE, 2, "Wh", "energy_import"},
};

const struct meter meter_phoenix_eem_350 = {"phoenix_eem_350", "Phoenix Contact EEM-350", rows, sizeof rows / sizeof rows[0], false};
