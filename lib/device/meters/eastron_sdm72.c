/*
 * Eastron SDM72.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x0034, 2, 4, F32, BIG, 0, "W", "power"},
	{0x0048, 2, 4, F32, BIG, 3, "Wh", "energy_import"},
	{0x004A, 2, 4, F32, BIG, 3, "Wh", "energy_export"},
	{0x0156, 2, 4, F32, BIG, 3, "Wh", "energy_total"},
};

const struct meter meter_eastron_sdm72 = {"eastron_sdm72", "Eastron SDM72", rows, sizeof rows / sizeof rows[0], false};
