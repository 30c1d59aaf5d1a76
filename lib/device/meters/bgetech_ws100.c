/*
 * B+G E-Tech WS100.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x0100, 2, 3, U32, BIG, -3, "V", "voltage"},
	{0x0102, 2, 3, S32, BIG, -3, "A", "current"},
	{0x0104, 2, 3, S32, BIG, 0, "W", "power"},
	{0x0106, 2, 3, U32, BIG, 0, "VA", "apparent_power"},
	{0x0108, 2, 3, S32, BIG, 0, "var", "reactive_power"},
	{0x010A, 1, 3, U16, BIG, -1, "Hz", "frequency"},
	{0x010B, 1, 3, S16, BIG, -3, "1", "power_factor"},
	{0x010E, 2, 3, U32, BIG, 1, "Wh", "energy_import"},
	{0x0118, 2, 3, U32, BIG, 1, "Wh", "energy_export"},
	{0x0122, 2, 3, U32, BIG, 1, "Wh", "energy_total"},
};

const struct meter meter_bgetech_ws100 = {"bgetech_ws100", "B+G E-Tech WS100", rows, sizeof rows / sizeof rows[0], false};
