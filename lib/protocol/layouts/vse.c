#include "protocol/cosem/layout.h"

/*
 * Switzerland, Iskra AM550 and Landis+Gyr E360, the list of the utilities' association (VSE):
 *
 *     structure: array of {class, code, attribute, index}, then the values in that order
 *
 * The first definition may describe the list itself and has no value then. No scalers: currents in
 * hundredths, power factors in thousandths, voltages in 0.1 V.
 */
const struct layout layout_vse_tenths = {
	.name = "vse_tenths",
	.form = LAYOUT_OBJECTS,
	.shape = "a*",
	.channel = 6,
	.scale = {.voltage = -1, .current = -2, .power_factor = -3},
	.example =
		"0F000102030C07E80603010C223800FF888002080108020412002809060006190900FF0F021200000204"
		"120001090600002A0000FF0F02120000020412000309060101010800FF0F021200000204120003090601"
		"00010700FF0F02120000020412000309060100200700FF0F021200000204120003090601001F0700FF0F"
		"021200000204120003090601000D0700FF0F02120000020412000309060101050801FF0F021200000910"
		"49534B313033303030303030303034320600003B67060000001B12092B12000C1203E50600000009",
	.expected =
		"meter_time=2024-06-03T12:34:56+02:00 meter_id=ISK1030000000042 "
		"energy_import=15207 power_import=27 voltage_l1=234.7 current_l1=0.12 "
		"power_factor=0.997",
};

/*
 * Switzerland, Landis+Gyr E450 and E570, the list of the utilities' association (VSE):
 *
 *     structure: array of {class, code, attribute, index}, then the values in that order
 *
 * The first definition may describe the list itself and has no value then. No scalers: currents in
 * hundredths, power factors in thousandths, voltages in V.
 */
const struct layout layout_vse = {
	.name = "vse",
	.form = LAYOUT_OBJECTS,
	.shape = "a*",
	.channel = -1,
	.scale = {.current = -2, .power_factor = -3},
	.example =
		"0F000102030C07E80603010C223800FF888002080108020412002809060008190900FF0F021200000204"
		"120001090600002A0000FF0F02120000020412000309060101010800FF0F021200000204120003090601"
		"00010700FF0F02120000020412000309060100200700FF0F021200000204120003090601001F0700FF0F"
		"021200000204120003090601000D0700FF0F02120000020412000309060101050801FF0F021200000910"
		"4C475A313033303030303030303034320600003B67060000001B1200E812000C1203E50600000009",
	.expected =
		"meter_time=2024-06-03T12:34:56+02:00 meter_id=LGZ1030000000042 "
		"energy_import=15207 power_import=27 voltage_l1=232 current_l1=0.12 "
		"power_factor=0.997",
};
