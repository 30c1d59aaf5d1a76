/*
 * Kamstrup Omnipower, Denmark, Norway and Sweden:
 *
 *     structure: list id, n x (code 1-1:..., value)
 *
 * without scalers: energies in 10 Wh, currents and power factors in hundredths, voltages in V, or
 * in 0.01 V on meters with five digits. Single-phase lists are filled up with nulls.
 */
#include "protocol/cosem/layout.h"

static const struct layout_place kamstrup_places[] = {
	{1, 1, 0, 2, 129, 0}, /* list id */
};

const struct layout layout_kamstrup = {
	.name = "kamstrup",
	.form = LAYOUT_CODES,
	.shape = "o*",
	.text = "Kamstrup_",
	.channel = -1,
	.scale = {.energy = 1, .current = -2, .power_factor = -2},
	.places = kamstrup_places,
	.place_count = sizeof kamstrup_places / sizeof kamstrup_places[0],
	.example =
		"0F000102030C07E80603010C22380080000002150A0E4B616D73747275705F5630303031090601010000"
		"05FF0A103537303635363730303030303030343209060101600101FF0A12363834313133383030303030"
		"30303030343209060101010700FF0600000251090601011F0700FF06000000FC09060101200700FF1200"
		"DD09060101340700FF12572A000009060001010000FF090C07E80603010C223800800000090601010108"
		"00FF060091CCBF090601010D0700FF120061",
	.expected =
		"meter_time=2024-06-03T12:34:56 meter_id=5706567000000042 power_import=593 "
		"current_l1=2.52 voltage_l1=221 voltage_l2=223.14 energy_import=95551350 "
		"power_factor=0.97",
};
