/*
 * Orno WE-525.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x0100, 2, 4, S32, BIG, -3, "V", "voltage"},
	{0x0102, 2, 4, S32, BIG, -3, "A", "current"},
	{0x0104, 2, 4, S32, BIG, 0, "W", "power"},
	{0x0106, 2, 4, S32, BIG, 0, "VA", "apparent_power"},
	{0x0108, 2, 4, S32, BIG, 0, "var", "reactive_power"},
	{0x010A, 1, 4, S16, BIG, -1, "Hz", "frequency"},
	{0x010B, 1, 4, S16, BIG, -3, "1", "power_factor"},
	{0x010E, 2, 4, S32, BIG, 1, "Wh", "energy_import"},
	{0x0110, 2, 4, S32, BIG, 1, "Wh", "energy_import_t1"},
	{0x0112, 2, 4, S32, BIG, 1, "Wh", "energy_import_t2"},
	{0x0118, 2, 4, S32, BIG, 1, "Wh", "energy_export"},
	{0x011A, 2, 4, S32, BIG, 1, "Wh", "energy_export_t1"},
	{0x011C, 2, 4, S32, BIG, 1, "Wh", "energy_export_t2"},
	{0x0122, 2, 4, S32, BIG, 1, "Wh", "energy_total"},
	{0x0124, 2, 4, S32, BIG, 1, "Wh", "energy_total_t1"},
	{0x0126, 2, 4, S32, BIG, 1, "Wh", "energy_total_t2"},
	{0x012C, 2, 4, S32, BIG, 1, "varh", "reactive_energy_import"},
	{0x012E, 2, 4, S32, BIG, 1, "varh", "reactive_energy_import_t1"},
	{0x0130, 2, 4, S32, BIG, 1, "varh", "reactive_energy_import_t2"},
	{0x0136, 2, 4, S32, BIG, 1, "varh", "reactive_energy_export"},
	{0x0138, 2, 4, S32, BIG, 1, "varh", "reactive_energy_export_t1"},
	{0x013A, 2, 4, S32, BIG, 1, "varh", "reactive_energy_export_t2"},
	{0x0140, 2, 4, S32, BIG, 1, "varh", "reactive_energy_total"},
	{0x0142, 2, 4, S32, BIG, 1, "varh", "reactive_energy_total_t1"},
	{0x0144, 2, 4, S32, BIG, 1, "varh", "reactive_energy_total_t2"},
};

const struct meter meter_orno_we525 = {"orno_we525", "Orno WE-525", rows, sizeof rows / sizeof rows[0], false};
