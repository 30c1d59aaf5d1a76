/*
 * Netz NOe (EVN), Kaifa MA309 and Sagemcom T210-D:
 *
 *     structure(35): time, 11 x (code, value, {scaler, unit}), serial number
 *
 * The power factor is unsigned on the Kaifa, signed on the Sagemcom.
 */
#include "protocol/cosem/layout.h"

static const struct layout_place evn_places[] = {
	{0, 0, 1, 0, 0, 0}, /* clock */
	{0, 0, 96, 1, 0, 0}, /* serial number */
};

const struct layout layout_evn = {
	.name = "evn",
	.form = LAYOUT_CODES,
	.shape = "tcns*",
	.channel = -1,
	.scale = {.current = -2, .power_factor = -3},
	.places = evn_places,
	.place_count = sizeof evn_places / sizeof evn_places[0],
	.example =
		"0F000102030C07E80603010C223800FF88800223090C07E80603010C223800FF888009060100010800FF"
		"060012D68702020F00161E09060100020800FF060000037A02020F00161E09060100010700FF06000001"
		"B002020F00161B09060100020700FF060000000002020F00161B09060100200700FF12091B02020FFF16"
		"2309060100340700FF12092602020FFF162309060100480700FF1208FC02020FFF1623090601001F0700"
		"FF12007B02020FFE162109060100330700FF12002D02020FFE162109060100470700FF12000002020FFE"
		"1621090601000D0700FF10FC2502020FFD16FF090C313831323230303030303432",
	.expected =
		"meter_time=2024-06-03T12:34:56+02:00 meter_id=181220000042 energy_import=1234567 "
		"energy_export=890 power_import=432 power_export=0 voltage_l1=233.1 "
		"voltage_l2=234.2 voltage_l3=230.0 current_l1=1.23 current_l2=0.45 "
		"current_l3=0.00 power_factor=-0.987",
};
