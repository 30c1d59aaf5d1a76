/*
 * Netz Burgenland, Landis+Gyr E450:
 *
 *     structure(14): U1, U2, U3 (V), I1, I2, I3 (0.01 A), P+, P-, A+, A-, 3 x unnamed, meter number
 */
#include "protocol/cosem/layout.h"

static const struct layout_place burgenland_places[] = {
	{1, 0, 32, 7, 0, 0},
	{1, 0, 52, 7, 0, 0},
	{1, 0, 72, 7, 0, 0},
	{1, 0, 31, 7, 0, -2},
	{1, 0, 51, 7, 0, -2},
	{1, 0, 71, 7, 0, -2},
	{1, 0, 1, 7, 0, 0},
	{1, 0, 2, 7, 0, 0},
	{1, 0, 1, 8, 0, 0},
	{1, 0, 2, 8, 0, 0},
	{0, 0, 0, 0, 0, 0}, /* not documented */
	{0, 0, 0, 0, 0, 0},
	{0, 0, 0, 0, 0, 0},
	{0, 0, 96, 1, 0, 0}, /* meter number */
};

const struct layout layout_burgenland = {
	.name = "burgenland",
	.form = LAYOUT_PLACES,
	.shape = "nnnnnnnnnnnnno",
	.channel = -1,
	.places = burgenland_places,
	.place_count = sizeof burgenland_places / sizeof burgenland_places[0],
	.example =
		"0F000102030C07E80603010C223800800000020E1200EC1200EB1200ED12000012002E12001A06000000"
		"7D06000000000601A96EBD0600001DC312019012000312012009083330303030303432",
	.expected =
		"meter_time=2024-06-03T12:34:56 meter_id=30000042 voltage_l1=236 voltage_l2=235 "
		"voltage_l3=237 current_l1=0.00 current_l2=0.46 current_l3=0.26 power_import=125 "
		"power_export=0 energy_import=27881149 energy_export=7619",
};
