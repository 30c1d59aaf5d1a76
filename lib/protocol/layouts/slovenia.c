#include "protocol/cosem/layout.h"

/*
 * Elektro Ljubljana and others, Iskra AM550, every few seconds: positions without codes.
 */
static const struct layout_place slovenia_18_places[] = {
	{0, 0, 42, 0, 0, 0}, /* device name */
	{0, 0, 96, 1, 0, 0}, /* meter number */
	{1, 0, 1, 7, 0, 0}, /* P+, P-, Q+, Q- */
	{1, 0, 2, 7, 0, 0},
	{1, 0, 3, 7, 0, 0},
	{1, 0, 4, 7, 0, 0},
	{1, 0, 32, 7, 0, -1}, /* 0.1 V */
	{1, 0, 52, 7, 0, -1},
	{1, 0, 72, 7, 0, -1},
	{1, 0, 31, 7, 0, -2}, /* 0.01 A */
	{1, 0, 51, 7, 0, -2},
	{1, 0, 71, 7, 0, -2},
	{1, 0, 21, 7, 0, 0}, /* P+ per phase */
	{1, 0, 41, 7, 0, 0},
	{1, 0, 61, 7, 0, 0},
	{1, 0, 22, 7, 0, 0}, /* P- per phase */
	{1, 0, 42, 7, 0, 0},
	{1, 0, 62, 7, 0, 0},
};

const struct layout layout_slovenia_18 = {
	.name = "slovenia_18",
	.form = LAYOUT_PLACES,
	.shape = "oonnnnnnnnnnnnnnnn",
	.channel = -1,
	.places = slovenia_18_places,
	.place_count = sizeof slovenia_18_places / sizeof slovenia_18_places[0],
	.example =
		"0F000102030C07E80603010C223800FF88800212091049534B3130333037383930303030343209083136"
		"38323030343206000005710600000000060000000006000002E212094B12094B1208F812006712007D12"
		"025506000000100600000033060000052D060000000006000000000600000000",
	.expected =
		"meter_time=2024-06-03T12:34:56+02:00 meter_id=16820042 power_import=1393 "
		"power_export=0 reactive_power_import=0 reactive_power_export=738 "
		"voltage_l1=237.9 voltage_l2=237.9 voltage_l3=229.6 current_l1=1.03 "
		"current_l2=1.25 current_l3=5.97 power_import_l1=16 power_import_l2=51 "
		"power_import_l3=1325 power_export_l1=0 power_export_l2=0 power_export_l3=0",
};

/*
 * Elektro Ljubljana and others, Iskra AM550, every quarter of an hour: positions without codes.
 */
static const struct layout_place slovenia_12_places[] = {
	{0, 0, 42, 0, 0, 0}, /* device name */
	{0, 0, 96, 1, 0, 0}, /* meter number */
	{0, 0, 96, 3, 10, 0}, /* disconnector */
	{0, 0, 96, 14, 0, 0}, /* tariff */
	{1, 0, 1, 8, 0, 0},
	{1, 0, 1, 8, 1, 0},
	{1, 0, 1, 8, 2, 0},
	{1, 0, 2, 8, 0, 0},
	{1, 0, 2, 8, 1, 0},
	{1, 0, 2, 8, 2, 0},
	{1, 0, 3, 8, 0, 0},
	{1, 0, 4, 8, 0, 0},
};

const struct layout layout_slovenia_12 = {
	.name = "slovenia_12",
	.form = LAYOUT_PLACES,
	.shape = "oononnnnnnnn",
	.channel = -1,
	.places = slovenia_12_places,
	.place_count = sizeof slovenia_12_places / sizeof slovenia_12_places[0],
	.example =
		"0F000102030C07E80603010C223800FF8880020C091049534B3130333037383930303030343209083136"
		"383230303432160109020001060000CE650600003519060000994C060002B707060001331706000183F0"
		"060001A56A060000A8F5",
	.expected =
		"meter_time=2024-06-03T12:34:56+02:00 meter_id=16820042 breaker_state=1 tariff=1 "
		"energy_import=52837 energy_import_t1=13593 energy_import_t2=39244 "
		"energy_export=177927 energy_export_t1=78615 energy_export_t2=99312 "
		"reactive_energy_import=107882 reactive_energy_export=43253",
};
