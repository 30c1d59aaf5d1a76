/*
 * All other meters that send codes: TINETZ, Salzburg Netz and Vorarlberg (Kaifa MA110, MA309),
 * Aidon in Norway and Sweden, Iskra AM550 in Switzerland, Landis+Gyr E350.
 *
 *     structure or array of: code, value, {scaler, unit}, or structures of these
 *
 * Raw numbers without scaler have the units that most meters use.
 */
#include "protocol/cosem/layout.h"

const struct layout layout_codes = {
	.name = "codes",
	.form = LAYOUT_CODES,
	.channel = -1,
	.scale = {.current = -2, .power_factor = -3},
	.example =
		"0F000102030C07E80603010C223800FF8880020909060000010000FF090C07E80603010C223800FF8880"
		"020209060000600100FF090E314B464D303130303030303034320202090600002A0000FF09104B464D31"
		"313030313030303030303432020309060100200700FF12090402020FFF16230203090601001F0700FF12"
		"00A502020FFE1621020309060100010700FF06000002CA02020F00161B020309060100010800FF060014"
		"416002020F00161E020309060100030800FF06000012D202020F001620",
	.expected =
		"meter_time=2024-06-03T12:34:56+02:00 meter_id=1KFM0100000042 voltage_l1=230.8 "
		"current_l1=1.65 power_import=714 energy_import=1327456 "
		"reactive_energy_import=4818",
};
