/*
 * Chint DDSU666.
 * Tasmota polls with FC04; 9600, slave 1.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x2000, 2, 4, F32, BIG, 0, "V", "voltage"},
	{0x2002, 2, 4, F32, BIG, 0, "A", "current"},
	{0x2004, 2, 4, F32, BIG, 3, "W", "power"},
	{0x2006, 2, 4, F32, BIG, 3, "var", "reactive_power"},
	{0x200A, 2, 4, F32, BIG, 0, "1", "power_factor"},
	{0x200E, 2, 4, F32, BIG, 0, "Hz", "frequency"},
	{0x4000, 2, 4, F32, BIG, 3, "Wh", "energy_import"},
	{0x400A, 2, 4, F32, BIG, 3, "Wh", "energy_export"},
};

const struct meter meter_chint_ddsu666 = {"chint_ddsu666", "Chint DDSU666", rows, sizeof rows / sizeof rows[0], false};
