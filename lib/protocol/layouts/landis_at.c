/*
 * Energienetze Steiermark, Landis+Gyr E450:
 *
 *     structure(33): time, 16 x (code, value)
 *
 * without scalers; all values are in base units.
 */
#include "protocol/cosem/layout.h"

static const struct layout_place landis_at_places[] = {
	{0, 0, 1, 0, 0, 0}, /* clock */
};

const struct layout layout_landis_at = {
	.name = "landis_at",
	.form = LAYOUT_CODES,
	.shape = "tcncn*",
	.channel = -1,
	.scale = {.current = -2, .power_factor = -3},
	.places = landis_at_places,
	.place_count = sizeof landis_at_places / sizeof landis_at_places[0],
	.example =
		"0F000102030C07E80603010C2238008000000221090C07E80603010C22380080000009060100010800FF"
		"060043238009060100010801FF06003567E009060100010802FF06000DBBA009060100010700FF060000"
		"0B4D09060100020800FF060000000009060100020801FF060000000009060100020802FF060000000009"
		"060100020700FF060000000009060100030800FF060000000B09060100030801FF060000000C09060100"
		"030802FF060000000D09060100030700FF060000000E09060100040800FF060000000F09060100040801"
		"FF060000001009060100040802FF060000001109060100040700FF0600000012",
	.expected =
		"meter_time=2024-06-03T12:34:56 energy_import=4400000 energy_import_t1=3500000 "
		"energy_import_t2=900000 power_import=2893 energy_export=0 energy_export_t1=0 "
		"energy_export_t2=0 power_export=0 reactive_energy_import=11 "
		"reactive_energy_import_t1=12 reactive_energy_import_t2=13 "
		"reactive_power_import=14 reactive_energy_export=15 reactive_energy_export_t1=16 "
		"reactive_energy_export_t2=17 reactive_power_export=18",
};
