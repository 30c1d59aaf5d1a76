#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "device/plan.h"
#include "device/registers.h"
#include "sim/device.h"

static void assert_blocks(const struct device_block *got, size_t n, const unsigned (*want)[3],
                          size_t m)
{
	assert_int_equal(n, m);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(got[i].place, want[i][0]);
		assert_int_equal(got[i].address, want[i][1]);
		assert_int_equal(got[i].count, want[i][2]);
	}
}

static void a_dump_takes_six_reads(void **state)
{
	static const unsigned alfen[][3] = {{0, 100, 79}, {0, 1100, 6}, {0, 1400, 32},
	                                    {1, 300, 62}, {1, 362, 64}, {1, 1200, 16}};
	static const unsigned abb[][3] = {{0, 0x4000, 37}};
	struct device_block blocks[PLAN_LIMIT];

	(void)state;
	assert_blocks(blocks, device_plan(&alfen_device, NULL, blocks), alfen, 6);
	assert_blocks(blocks, device_plan(&abb_device, NULL, blocks), abb, 1);
}

/* A KEBA answers one value per request; fields of one register are one value. */
static void single_values_are_read_alone(void **state)
{
	struct device_block blocks[PLAN_LIMIT];
	struct device single = abb_device;
	size_t n;

	(void)state;
	n = device_plan(&keba_device, NULL, blocks);
	assert_int_equal(n, 23);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(blocks[i].count, 2);
	single.single = true;
	n = device_plan(&single, NULL, blocks);
	assert_int_equal(n, 18); /* 19 rows, two of them in the same register */
	for (size_t i = 1; i < n; i++)
		assert_true(blocks[i].address > blocks[i - 1].address);
}

/* Rows of another function are read apart, even at the next address. */
static void functions_are_read_apart(void **state)
{
	static const struct device_register rows[] = {
		{.name = "a", .address = 1, .count = 1, .access = ACCESS_R, .reads = 4},
		{.name = "b", .address = 2, .count = 1, .access = ACCESS_R},
		{.name = "c", .address = 3, .count = 1, .access = ACCESS_R, .reads = 4},
		{.name = "d", .address = 2, .count = 1, .access = ACCESS_R, .reads = 4},
		{.name = "e", .address = 1, .count = 1, .access = ACCESS_R, .reads = 1}};
	static const struct device d = {.rows = rows, .count = 5, .unit = 1, .reads = 3};
	struct device_block blocks[PLAN_LIMIT];
	static const unsigned want[][3] = {{0, 1, 1}, {0, 2, 1}, {0, 1, 3}};

	(void)state;
	assert_blocks(blocks, device_plan(&d, NULL, blocks), want, 3);
	assert_int_equal(blocks[0].function, 1);
	assert_int_equal(blocks[1].function, 3);
	assert_int_equal(blocks[2].function, 4);
}

/* Any choice of rows is covered, no block cuts a value, none is too long. */
static void plans_are_legal(void **state)
{
	struct device_block blocks[PLAN_LIMIT];
	bool wanted[256];

	(void)state;
	assert_non_null(devices[2]);
	srand(7);
	for (int round = 0; round < 4000; round++) {
		const struct device *d = devices[round % 3];
		size_t n, picked = 0;

		for (size_t i = 0; i < d->count; i++)
			picked += wanted[i] = rand() % (1 + round % 40) == 0 &&
			                      d->rows[i].access & ACCESS_R;
		n = device_plan(d, wanted, blocks);
		assert_true(n <= picked);
		for (size_t i = 0; i < d->count; i++) {
			const struct device_register *row = &d->rows[i];
			bool covered = false;

			for (size_t b = 0; b < n; b++) {
				unsigned from = blocks[b].address, to = from + blocks[b].count;

				assert_in_range(blocks[b].count, 1, PLAN_READ);
				if (blocks[b].place != row->place)
					continue;
				assert_false(row->address < from &&
				             row->address + row->count > from);
				assert_false(row->address < to && row->address + row->count > to);
				covered = covered ||
				          (row->address >= from && row->address + row->count <= to);
			}
			assert_true(covered || !wanted[i]);
		}
	}
}

static void names_and_orders_are_unique(void **state)
{
	(void)state;
	for (size_t k = 0; devices[k]; k++) {
		const struct device *d = devices[k];

		for (size_t i = 0; i < d->count; i++) {
			const struct register_steering *s = d->rows[i].steering;

			for (size_t j = 0; j < i; j++) {
				assert_string_not_equal(d->rows[i].name, d->rows[j].name);
				if (d->rows[i].text_order)
					assert_int_not_equal(d->rows[i].text_order,
					                     d->rows[j].text_order);
			}
			assert_int_equal(!s, !(d->rows[i].access & ACCESS_W));
			if (!s)
				continue;
			assert_true(!s->limit || device_row(d, s->limit));
			assert_true(!s->mirror || device_row(d, s->mirror));
			assert_true(!s->applied || device_row(d, s->applied));
			assert_true(!s->validity || device_row(d, s->validity));
			assert_true(!s->fallback || device_row(d, s->fallback));
			assert_true(!s->accounted || device_row(d, s->accounted));
		}
	}
	assert_int_equal(alfen_device.count, 89);
}

/* Text and JSON form of registers given as hex. */
static const char *shown(const struct device *d, const char *name, const char *hex, bool words)
{
	static struct text out;
	const struct device_register *row = device_row(d, name);
	struct image m = {0};
	struct record r = {0};

	for (unsigned i = 0; hex[4 * i]; i++) {
		char digits[5] = {hex[4 * i], hex[4 * i + 1], hex[4 * i + 2], hex[4 * i + 3], '\0'};

		image_put(&m, device_unit(d, row, 1), row->address + i,
		          (uint16_t)strtoul(digits, NULL, 16));
	}
	record_begin(&r, "");
	out.length = 0;
	register_value(&r, d, row, &m, 1);
	if (words) {
		register_text(&out, row, &r.values[0]);
	} else {
		struct device_register plain = *row;

		plain.words = NULL;
		register_text(&out, &plain, &r.values[0]);
	}
	record_free(&r);
	image_free(&m);
	return text_string(&out);
}

static void values_are_decoded(void **state)
{
	static const struct {
		const char *name, *hex, *text;
	} rows[] = {
		/* replies of real chargers */
		{"voltage_phase_L1N", "436628f5", "230.15999"},
		{"real_energy_delivered_sum", "41127b5800000000", "302806.0"},
		{"mode_3_state", "42310000000000000000", "Connected, B1"},
		{"real_power_sum", "40c8a3d7", "6.27"},
		{"current_phase_L2", "ffffffff", "-"},
		/* floats: NaN in any form, infinity, the sign of zero */
		{"voltage_phase_L1N", "7fc00000", "-"},
		{"voltage_phase_L1N", "ff800000", "-"},
		{"voltage_phase_L1N", "80000000", "-0.0"},
		{"real_energy_delivered_sum", "7ff8000000000001", "-"},
		{"station_active_max_current", "41fe0000", "31.75"},
		/* integers, not available, words */
		{"c_uptime", "000000000784640f", "126116879"},
		{"c_uptime", "ffffffffffffffff", "-"},
		{"meter_last_value_timestamp", "8000000000000000", "9223372036854775808"},
		{"modbus_slave_max_current_valid_time", "ffffffff", "-"},
		{"meter_state", "0003", "Initialised & Updated"},
		{"meter_state", "000d", "Error, Warning & Initialised"},
		{"meter_state", "0000", "0"},
		{"meter_state", "0011", "Initialised & bit4"},
		{"meter_state", "ffff", "-"},
		{"meter_type", "0001", "TCP/IP"},
		{"meter_type", "0009", "9"},
		{"availability", "0000", "Inoperable"},
		{"mode_3_state", "ffffffffffffffffffff", "-"},
		{"mode_3_state", "58390000000000000000", "X9"},
		{"c_time_zone", "ffc4", "-60"},
		{"scn_name", "0000000000000000", ""},
		{"voltage_phase_L1N", "4366", "-"}, /* half of it is not known */
	};
	static const struct {
		const char *name, *hex, *text;
	} abb[] = {
		{"serial_number", "5422040049200025", "TACW22-4-4920-T0025"},
		{"firmware_version", "01021300", "1.2.13"},
		{"user_settable_max_current", "00007d00", "32.000"},
		{"charging_state", "00008400", "C2, charging"},
		{"below_limit", "00008400", "yes"},
		{"voltage_l1", "00000902", "230.6"},
		{"error_code", "00000000", "no error"},
		{"error_code", "00000082", "residual current & over temperature"},
		{"socket_lock_state", "00000111", "cable at station and car, locked"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(shown(&alfen_device, rows[i].name, rows[i].hex, true),
		                    rows[i].text);
	for (size_t i = 0; i < sizeof abb / sizeof *abb; i++)
		assert_string_equal(shown(&abb_device, abb[i].name, abb[i].hex, true), abb[i].text);
	assert_string_equal(shown(&alfen_device, "mode_3_state", "42310000000000000000", false),
	                    "B1");
}

/* -1 minute is also 0xFFFF: not available only when the rest of the clock is not either. */
static void a_time_zone_of_minus_one(void **state)
{
	const struct device_register *row = device_row(&alfen_device, "c_time_zone");
	struct image m = {0};
	struct record r = {0};

	(void)state;
	record_begin(&r, "");
	image_put(&m, 200, 178, 0xFFFF);
	image_put(&m, 200, 168, 2026);
	assert_int_equal(register_value(&r, &alfen_device, row, &m, 1)->kind, VALUE_DECIMAL);
	image_put(&m, 200, 168, 0xFFFF);
	assert_int_equal(register_value(&r, &alfen_device, row, &m, 1)->kind, VALUE_NULL);
	record_free(&r);
	image_free(&m);
}

static int encoded(const char *name, const char *text, uint16_t words[REGISTER_WORDS])
{
	const struct device *d = strstr(name, "set_") || strstr(name, "lock") ? &abb_device
	                                                                      : &alfen_device;
	const struct device_register *row = device_row(d, name);
	struct decimal value;
	int error = register_parse(row, text, &value);

	return error ? error : register_encode(row, value, words);
}

/* The least and the greatest value that each register takes, as its document has them. */
static void bounds_of_what_is_written(void **state)
{
	static const struct {
		const char *device, *name;
		double least, most;
	} rows[] = {
		{"alfen", "modbus_slave_max_current", 0, 1000},
		{"alfen", "charge_using_1_or_3_phases", 1, 3},
		{"alfen", "scn_max_current_phase_l1", 0, 1000},
		{"alfen", "scn_max_current_phase_l2", 0, 1000},
		{"alfen", "scn_max_current_phase_l3", 0, 1000},
		{"abb", "set_charging_current_limit", 0, 1000},
		{"abb", "set_communication_timeout", 10, 65535},
		{"abb", "set_fallback_limit", 0, 32},
	};
	struct decimal value;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct device *d = rows[i].device[1] == 'l' ? &alfen_device : &abb_device;
		const struct device_register *row = device_row(d, rows[i].name);
		const double numbers[] = {rows[i].least - 1, rows[i].least, rows[i].most,
		                          rows[i].most + 1};

		if (!row)
			fail_msg("%s is missing", rows[i].name);
		for (int k = 0; k < 4; k++) {
			char text[32];

			snprintf(text, sizeof text, "%.0f", numbers[k]);
			if (register_parse(row, text, &value) != (k % 3 ? 0 : EM_RANGE))
				fail_msg("%s=%s", rows[i].name, text);
		}
	}
}

static void values_are_encoded(void **state)
{
	static const char *const bad[] = {"",     "abc", "nan", "inf", "1e1",
	                                  "0x10", "7 ",  "7A",  "--7", "7,5"};
	uint16_t w[REGISTER_WORDS];

	(void)state;
	assert_int_equal(encoded("modbus_slave_max_current", "7", w), 0);
	assert_true(w[0] == 0x40e0 && w[1] == 0);
	assert_int_equal(encoded("modbus_slave_max_current", "6.1", w), 0);
	assert_true(w[0] == 0x40c3 && w[1] == 0x3333);
	assert_int_equal(encoded("charge_using_1_or_3_phases", "3", w), 0);
	assert_int_equal(w[0], 3);
	assert_int_equal(encoded("charge_using_1_or_3_phases", "2", w), EM_RANGE);
	assert_int_equal(encoded("modbus_slave_max_current", "-1", w), EM_RANGE);
	assert_int_equal(encoded("set_charging_current_limit", "15.65", w), 0);
	assert_true(w[0] == 0 && w[1] == 15650);
	assert_int_equal(encoded("set_charging_current_limit", "6.0001", w), EM_RANGE);
	assert_int_equal(encoded("lock_unlock_socket_cable", "lock", w), 0);
	assert_int_equal(w[0], 1);
	assert_int_equal(encoded("set_communication_timeout", "9", w), EM_RANGE);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(encoded("modbus_slave_max_current", bad[i], w), EM_SYNTAX);
}

static void images_are_parsed(void **state)
{
	static const char good[] =
		"unit,address,hex\n200,100,4449455f\r\n\n1,1200,0001\n200,100,0000";
	static const struct {
		const char *text;
		int error;
	} bad[] = {
		{"1,2", EM_SYNTAX},
		{"1,2,", EM_SYNTAX},
		{"1,2,123", EM_SYNTAX},
		{"1,2,12g4", EM_SYNTAX},
		{"1,2,0000,", EM_SYNTAX},
		{"256,2,0000", EM_RANGE},
		{"1,65536,0000", EM_RANGE},
		{"1,65535,00000000", EM_RANGE},
		{"1,2,0000\nx,1,0000", EM_SYNTAX},
		{"-1,2,0000", EM_SYNTAX},
		{"1,2,0000\nunit,address,hex", EM_SYNTAX},
	};
	struct image m = {0};
	uint16_t word;
	unsigned line;

	(void)state;
	assert_int_equal(image_parse(&m, good, sizeof good - 1, &line), 0);
	assert_int_equal(m.count, 3);
	assert_true(image_get(&m, 200, 101, &word) && word == 0x455f);
	assert_true(image_get(&m, 200, 100, &word) && word == 0);
	assert_false(image_get(&m, 2, 100, &word));
	assert_int_equal(word, 0xFFFF);
	assert_true(image_has_unit(&m, 1) && !image_has_unit(&m, 2));
	image_free(&m);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(image_parse(&m, bad[i].text, strlen(bad[i].text), &line),
		                 bad[i].error);
		assert_int_equal(line, strchr(bad[i].text, '\n') ? 2 : 1);
		image_free(&m);
	}
}

static int ask(struct sim_device *s, unsigned unit, unsigned address, unsigned count,
               uint16_t *words)
{
	return sim_device_request(s, unit, 3, address, count, words, 0);
}

static void simulated_rules(void **state)
{
	struct sim_device s = {
		.device = &alfen_device, .validity = 60, .refused = {1404}, .refusals = 1};
	uint16_t w[125], seven[2] = {0x40e0, 0}, two[1] = {2};

	(void)state;
	assert_int_equal(sim_device_example(&s, 1), 0);
	assert_int_equal(ask(&s, 2, 300, 1, w), 11);
	assert_int_equal(ask(&s, 200, 90, 20, w), 0);
	assert_true(w[0] == 0xFFFF && w[10] >> 8 == 'S');
	assert_int_equal(ask(&s, 1, 300, 125, w), 0);
	assert_int_equal(ask(&s, 200, 1400, 32, w), 2);
	assert_int_equal(sim_device_request(&s, 1, 4, 300, 1, w, 0), 1);
	s.strict = true;
	assert_int_equal(ask(&s, 1, 300, 125, w), 2);
	assert_int_equal(ask(&s, 1, 307, 1, w), 2);
	assert_int_equal(ask(&s, 1, 300, 62, w), 0);
	assert_int_equal(sim_device_request(&s, 1, 16, 1210, 1, seven, 0), 2);
	assert_int_equal(sim_device_request(&s, 1, 6, 1210, 1, seven, 0), 2);
	assert_int_equal(sim_device_request(&s, 1, 16, 1212, 2, seven, 0), 2);
	assert_int_equal(sim_device_request(&s, 1, 16, 1215, 1, two, 0), 3);
	assert_int_equal(sim_device_request(&s, 1, 16, 1210, 2, (uint16_t[]){0x7fc0, 0}, 0), 3);
	assert_int_equal(sim_device_request(&s, 1, 16, 1210, 2, seven, 0), 0);
	s.refuse_write = 4;
	assert_int_equal(sim_device_request(&s, 1, 16, 1210, 2, seven, 0), 4);
	image_free(&s.image);
}

/* 1206 applied, 1208 seconds left, 1210 set-point, 1212 safe current */
static void assert_current(struct sim_device *s, instant now, uint16_t left, uint16_t set_point)
{
	uint16_t w[16];

	assert_int_equal(sim_device_request(s, 1, 3, 1200, 16, w, now), 0);
	assert_int_equal(w[9], left);
	assert_int_equal(w[10], set_point);
	assert_int_equal(w[6], set_point);
}

static void set_points_expire(void **state)
{
	struct sim_device s = {.device = &alfen_device, .validity = 60};
	uint16_t seven[2] = {0x40e0, 0}, hundred[2] = {0x42c8, 0}, w[2];

	(void)state;
	sim_device_example(&s, 1);
	assert_int_equal(sim_device_request(&s, 1, 16, 1210, 2, seven, 1000), 0);
	assert_current(&s, 1000, 60, 0x40e0);
	assert_current(&s, 31500, 30, 0x40e0);
	assert_int_equal(sim_device_request(&s, 1, 16, 1210, 2, seven, 40000), 0);
	assert_current(&s, 99999, 1, 0x40e0);
	assert_current(&s, 100000, 0, 0x40c0);
	assert_int_equal(sim_device_request(&s, 1, 16, 1210, 2, hundred, 200000), 0);
	assert_int_equal(sim_device_request(&s, 1, 3, 1206, 2, w, 200000), 0);
	assert_int_equal(w[0], 0x41fe); /* the station's 31.75 A */
	image_free(&s.image);
}

static void an_abb_expects_life_signs(void **state)
{
	struct sim_device s = {.device = &abb_device};
	uint16_t ten[2] = {0, 10000}, w[37];

	(void)state;
	assert_int_equal(sim_device_example(&s, 1), 0);
	assert_int_equal(sim_device_request(&s, 1, 16, 0x4100, 2, ten, 0), 0);
	for (instant t = 0; t < 300000; t += 50000) {
		assert_int_equal(sim_device_request(&s, 1, 3, 0x4000, 37, w, t), 0);
		assert_int_equal(w[0x23], 10000);
		assert_int_equal(w[0x0f], 10000);
	}
	assert_int_equal(sim_device_request(&s, 1, 3, 0x4000, 37, w, 400000), 0);
	assert_int_equal(w[0x0f], 6000);
	assert_int_equal(sim_device_request(&s, 1, 3, 0x4100, 2, w, 400000), 0);
	image_free(&s.image);
}

/* A unit exists if it has registers or coils of any of the four functions that read. */
static void units_of_any_function_answer(void **state)
{
	(void)state;
	for (unsigned function = 1; function <= 4; function++) {
		struct sim_device s = {.device = &alfen_device};
		uint16_t word;

		assert_int_equal(image_put(&s.image, device_space(7, function), 300, 1), 0);
		assert_int_equal(ask(&s, 7, 300, 1, &word), 0);
		assert_int_equal(word, function == 3 ? 1 : 0xFFFF);
		assert_int_equal(ask(&s, 8, 300, 1, &word), 11);
		assert_int_equal(ask(&s, 6, 300, 1, &word), 11);
		image_free(&s.image);
	}
}

/* Two functions see the same registers or coils, or different ones, whatever the unit. */
static void functions_share_spaces(void **state)
{
	static const unsigned groups[][3] = {{1, 5, 15}, {2, 2, 2}, {3, 6, 16}, {4, 4, 4}};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		for (size_t j = 0; j < 3; j++)
			assert_int_equal(device_space(7, groups[i][j]),
			                 device_space(7, groups[i][0]));
		for (size_t j = 0; j < 4; j++) {
			unsigned space = device_space(255, groups[j][0]);

			assert_int_equal(space & 0xFF, 255);
			assert_int_equal(space == device_space(255, groups[i][0]), i == j);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dump_takes_six_reads),
		cmocka_unit_test(single_values_are_read_alone),
		cmocka_unit_test(functions_are_read_apart),
		cmocka_unit_test(functions_share_spaces),
		cmocka_unit_test(plans_are_legal),
		cmocka_unit_test(names_and_orders_are_unique),
		cmocka_unit_test(values_are_decoded),
		cmocka_unit_test(a_time_zone_of_minus_one),
		cmocka_unit_test(bounds_of_what_is_written),
		cmocka_unit_test(values_are_encoded),
		cmocka_unit_test(images_are_parsed),
		cmocka_unit_test(simulated_rules),
		cmocka_unit_test(units_of_any_function_answer),
		cmocka_unit_test(set_points_expire),
		cmocka_unit_test(an_abb_expects_life_signs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
