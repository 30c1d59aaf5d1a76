/*
 * Carlo Gavazzi EM111, EM112, ET112.
 * 0x0002: UNCONFIRMED scale: OpenEMS code implies 0.1 A, siblings (mbmd EM24/EM3x0) use 0.001 A.
 */
#include "device/meter_map.h"

static const struct meter_row rows[] = {
	{0x0000, 2, 4, S32, LITTLE, -1, "V", "voltage"},
	{0x0002, 2, 4, S32, LITTLE, -3, "A", "current"},
	{0x0004, 2, 4, S32, LITTLE, -1, "W", "power"},
	{0x0006, 2, 4, S32, LITTLE, -1, "VA", "apparent_power"},
	{0x0008, 2, 4, S32, LITTLE, -1, "var", "reactive_power"},
	{0x000F, 1, 4, U16, BIG, -1, "Hz", "frequency"},
	{0x0010, 2, 4, S32, LITTLE, 2, "Wh", "energy_import"},
	{0x0020, 2, 4, S32, LITTLE, 2, "Wh", "energy_export"},
};

const struct meter meter_carlo_gavazzi_em111_em112_et112 = {"carlo_gavazzi_em111_em112_et112", "Carlo Gavazzi EM111, EM112, ET112", rows, sizeof rows / sizeof rows[0], false};
