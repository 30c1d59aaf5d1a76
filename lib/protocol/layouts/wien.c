/*
 * Wiener Netze, Iskra AM550 and Siemens IM150/IM350, optical interface:
 *
 *     structure(12): list, meter number, 4 bytes of time, 5 of date, A+, A-, R+, R-, P+, P-,
 *                    text, text code
 */
#include "protocol/cosem/layout.h"

static const struct layout_place wien_places[] = {
	{0, 6, 25, 9, 0, 0}, /* push set-up */
	{0, 0, 96, 1, 0, 0}, /* meter number */
	{1, 0, 0, 9, 1, 0}, /* time */
	{1, 0, 0, 9, 2, 0}, /* date */
	{1, 0, 1, 8, 0, 0},
	{1, 0, 2, 8, 0, 0},
	{1, 0, 3, 8, 0, 0},
	{1, 0, 4, 8, 0, 0},
	{1, 0, 1, 7, 0, 0},
	{1, 0, 2, 7, 0, 0},
	{0, 0, 96, 13, 0, 0}, /* text */
	{0, 0, 96, 13, 1, 0}, /* text code */
};

const struct layout layout_wien = {
	.name = "wien",
	.form = LAYOUT_PLACES,
	.shape = "cooonnnnnnoo",
	.channel = -1,
	.places = wien_places,
	.place_count = sizeof wien_places / sizeof wien_places[0],
	.example =
		"0F000102030C07E80603010C223800FF8880020C09060006190900FF090D303132333435363738393031"
		"3209040C223800090507E806030106003D097B0600000005060000000606000002BC06000005DC060000"
		"000009000900",
	.expected =
		"meter_time=2024-06-03T12:34:56+02:00 meter_id=0123456789012 "
		"energy_import=4000123 energy_export=5 reactive_energy_import=6 "
		"reactive_energy_export=700 power_import=1500 power_export=0",
};
