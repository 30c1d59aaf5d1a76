/*
 * Kaifa MA105 and MA304 in Norway send positions without codes, in lists of different length:
 * powers every two seconds, phases every ten, energies every hour. Sweden's send codes.
 */
#include "protocol/cosem/layout.h"

static const struct layout_place kaifa_1_places[] = {
	{1, 0, 1, 7, 0, 0}, /* P+, P-, Q+, Q- */
};

const struct layout layout_kaifa_1 = {
	.name = "kaifa_1",
	.form = LAYOUT_PLACES,
	.shape = "n",
	.channel = -1,
	.places = kaifa_1_places,
	.place_count = sizeof kaifa_1_places / sizeof kaifa_1_places[0],
	.example =
		"0F00010203090C07E80603010C223800800000020106000003B4",
	.expected =
		"meter_time=2024-06-03T12:34:56 power_import=948",
};

static const struct layout_place kaifa_9_places[] = {
	{1, 1, 0, 2, 129, 0}, /* list id */
	{0, 0, 96, 1, 0, 0}, /* meter number */
	{0, 0, 96, 1, 7, 0}, /* meter type */
	{1, 0, 1, 7, 0, 0}, /* P+, P-, Q+, Q- */
	{1, 0, 2, 7, 0, 0},
	{1, 0, 3, 7, 0, 0},
	{1, 0, 4, 7, 0, 0},
	{1, 0, 31, 7, 0, -3}, /* mA */
	{1, 0, 32, 7, 0, -1}, /* 0.1 V */
};

const struct layout layout_kaifa_9 = {
	.name = "kaifa_9",
	.form = LAYOUT_PLACES,
	.shape = "ooonnnnnn",
	.channel = -1,
	.places = kaifa_9_places,
	.place_count = sizeof kaifa_9_places / sizeof kaifa_9_places[0],
	.example =
		"0F00010203090C07E80603010C223800800000020909074B464D5F303031091036393730363331343030"
		"30303030343209084D4133303448334506000003B4060000000006000000000600000040060000058806"
		"00000951",
	.expected =
		"meter_time=2024-06-03T12:34:56 meter_id=6970631400000042 power_import=948 "
		"power_export=0 reactive_power_import=0 reactive_power_export=64 current_l1=1.416 "
		"voltage_l1=238.5",
};

static const struct layout_place kaifa_13_places[] = {
	{1, 1, 0, 2, 129, 0}, /* list id */
	{0, 0, 96, 1, 0, 0}, /* meter number */
	{0, 0, 96, 1, 7, 0}, /* meter type */
	{1, 0, 1, 7, 0, 0}, /* P+, P-, Q+, Q- */
	{1, 0, 2, 7, 0, 0},
	{1, 0, 3, 7, 0, 0},
	{1, 0, 4, 7, 0, 0},
	{1, 0, 31, 7, 0, -3}, /* mA */
	{1, 0, 51, 7, 0, -3},
	{1, 0, 71, 7, 0, -3},
	{1, 0, 32, 7, 0, -1}, /* 0.1 V */
	{1, 0, 52, 7, 0, -1},
	{1, 0, 72, 7, 0, -1},
};

const struct layout layout_kaifa_13 = {
	.name = "kaifa_13",
	.form = LAYOUT_PLACES,
	.shape = "ooonnnnnnnnnn",
	.channel = -1,
	.places = kaifa_13_places,
	.place_count = sizeof kaifa_13_places / sizeof kaifa_13_places[0],
	.example =
		"0F00010203090C07E80603010C223800800000020D09074B464D5F303031091036393730363331343030"
		"30303030343209084D4133303448334506000003B4060000000006000000000600000040060000058806"
		"00000CA90600000C2F060000095106000000000600000955",
	.expected =
		"meter_time=2024-06-03T12:34:56 meter_id=6970631400000042 power_import=948 "
		"power_export=0 reactive_power_import=0 reactive_power_export=64 current_l1=1.416 "
		"current_l2=3.241 current_l3=3.119 voltage_l1=238.5 voltage_l2=0.0 "
		"voltage_l3=238.9",
};

static const struct layout_place kaifa_14_places[] = {
	{1, 1, 0, 2, 129, 0}, /* list id */
	{0, 0, 96, 1, 0, 0}, /* meter number */
	{0, 0, 96, 1, 7, 0}, /* meter type */
	{1, 0, 1, 7, 0, 0}, /* P+, P-, Q+, Q- */
	{1, 0, 2, 7, 0, 0},
	{1, 0, 3, 7, 0, 0},
	{1, 0, 4, 7, 0, 0},
	{1, 0, 31, 7, 0, -3}, /* mA */
	{1, 0, 32, 7, 0, -1}, /* 0.1 V */
	{0, 0, 1, 0, 0, 0}, /* clock */
	{1, 0, 1, 8, 0, 0}, /* A+, A-, R+, R- */
	{1, 0, 2, 8, 0, 0},
	{1, 0, 3, 8, 0, 0},
	{1, 0, 4, 8, 0, 0},
};

const struct layout layout_kaifa_14 = {
	.name = "kaifa_14",
	.form = LAYOUT_PLACES,
	.shape = "ooonnnnnntnnnn",
	.channel = -1,
	.places = kaifa_14_places,
	.place_count = sizeof kaifa_14_places / sizeof kaifa_14_places[0],
	.example =
		"0F00010203090C07E80603010C223800800000020E09074B464D5F303031091036393730363331343030"
		"30303030343209084D4133303448334506000003B4060000000006000000000600000040060000058806"
		"00000951090C07E80603010C2238008000000604BE76E8060000000006000D922D06003102B4",
	.expected =
		"meter_time=2024-06-03T12:34:56 meter_id=6970631400000042 power_import=948 "
		"power_export=0 reactive_power_import=0 reactive_power_export=64 current_l1=1.416 "
		"voltage_l1=238.5 energy_import=79591144 energy_export=0 "
		"reactive_energy_import=889389 reactive_energy_export=3211956",
};

static const struct layout_place kaifa_18_places[] = {
	{1, 1, 0, 2, 129, 0}, /* list id */
	{0, 0, 96, 1, 0, 0}, /* meter number */
	{0, 0, 96, 1, 7, 0}, /* meter type */
	{1, 0, 1, 7, 0, 0}, /* P+, P-, Q+, Q- */
	{1, 0, 2, 7, 0, 0},
	{1, 0, 3, 7, 0, 0},
	{1, 0, 4, 7, 0, 0},
	{1, 0, 31, 7, 0, -3}, /* mA */
	{1, 0, 51, 7, 0, -3},
	{1, 0, 71, 7, 0, -3},
	{1, 0, 32, 7, 0, -1}, /* 0.1 V */
	{1, 0, 52, 7, 0, -1},
	{1, 0, 72, 7, 0, -1},
	{0, 0, 1, 0, 0, 0}, /* clock */
	{1, 0, 1, 8, 0, 0}, /* A+, A-, R+, R- */
	{1, 0, 2, 8, 0, 0},
	{1, 0, 3, 8, 0, 0},
	{1, 0, 4, 8, 0, 0},
};

const struct layout layout_kaifa_18 = {
	.name = "kaifa_18",
	.form = LAYOUT_PLACES,
	.shape = "ooonnnnnnnnnntnnnn",
	.channel = -1,
	.places = kaifa_18_places,
	.place_count = sizeof kaifa_18_places / sizeof kaifa_18_places[0],
	.example =
		"0F00010203090C07E80603010C223800800000021209074B464D5F303031091036393730363331343030"
		"30303030343209084D4133303448334506000003B4060000000006000000000600000040060000058806"
		"00000CA90600000C2F060000095106000000000600000955090C07E80603010C2238008000000604BE76"
		"E8060000000006000D922D06003102B4",
	.expected =
		"meter_time=2024-06-03T12:34:56 meter_id=6970631400000042 power_import=948 "
		"power_export=0 reactive_power_import=0 reactive_power_export=64 current_l1=1.416 "
		"current_l2=3.241 current_l3=3.119 voltage_l1=238.5 voltage_l2=0.0 "
		"voltage_l3=238.9 energy_import=79591144 energy_export=0 "
		"reactive_energy_import=889389 reactive_energy_export=3211956",
};

const struct layout layout_kaifa_codes = {
	.name = "kaifa_codes",
	.form = LAYOUT_CODES,
	.text = "KFM_",
	.channel = -1,
	.scale = {.voltage = -1, .current = -3, .power_factor = -3},
	.example =
		"0F00010203090C07E80603010C223800800000020E09060100000281FF09074B464D5F30303109060000"
		"600100FF09103733343030303030303030303030343209060000600107FF09074D413330344834090601"
		"00010700FF0600000141090601001F0700FF06000006F909060100200700FF060000091A090601000108"
		"00FF06000003E8",
	.expected =
		"meter_time=2024-06-03T12:34:56 meter_id=7340000000000042 power_import=321 "
		"current_l1=1.785 voltage_l1=233.0 energy_import=1000",
};
