/* Values of meter and charger registers by type, and recognising a meter by what it answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "printed.h"
#include "base/error.h"
#include "device/meter_map.h"
#include "device/registers.h"
#include "sim/device.h"

static void meter_types(void **state)
{
	static const struct {
		struct meter_row row;
		const char *words, *value;
		bool none; /* the meter says "not available" in its own way */
		double number;
	} cases[] = {
		{{0, 1, 3, U16, BIG, -1, "V", "v"}, "08FD", "230.1", false, 230.1},
		{{0, 1, 3, S16, BIG, -1, "V", "v"}, "FFFF", "-0.1", true, -0.1},
		{{0, 1, 3, U16, BIG, 0, "V", "v"}, "FFFF", "null", true, 0},
		{{0, 1, 3, S16, BIG, 0, "V", "v"}, "7FFF", "null", true, 0},
		{{0, 1, 3, S16, BIG, 0, "V", "v"}, "7FFF", "32767", false, 32767},
		{{0, 2, 3, U32, BIG, 0, "W", "v"}, "0001 0002", "65538", false, 65538},
		{{0, 2, 3, U32, LITTLE, 0, "W", "v"}, "0002 0001", "65538", false, 65538},
		{{0, 2, 3, S32, BIG, -3, "A", "v"}, "FFFFFFFE", "-0.002", false, -0.002},
		{{0, 2, 3, S32, BIG, 0, "A", "v"}, "7FFFFFFF", "null", true, 0},
		{{0, 3, 3, S64, BIG, 0, "A", "v"}, "FFFFFFFFFFFD", "-3", false, -3}, /* 48 bits */
		{{0, 4, 3, S64, LITTLE, 0, "A", "v"}, "FFFD FFFF FFFF FFFF", "-3", false, -3},
		{{0, 4, 3, S64, BIG, 0, "A", "v"}, "7FFFFFFFFFFFFFFF", "null", true, 0},
		{{0, 4, 3, U64, BIG, 1, "Wh", "v"}, "0000000000000007", "70", false, 70},
		{{0, 4, 3, U64, BIG, 0, "Wh", "v"}, "FFFFFFFFFFFFFFFF", "null", true, 0},
		{{0, 2, 3, F32, BIG, 0, "A", "v"}, "3FA16873", "1.261", false, 1.261},
		{{0, 2, 3, F32, BIG, 3, "W", "v"}, "3DFBE76D", "123", false, 123},
		{{0, 2, 3, F32, BIG, 3, "W", "v"}, "40000000", "2000", false, 2000},
		{{0, 2, 3, F32, BIG, 3, "W", "v"}, "2B8CBCCC", "9.999999960041972e-10", false, 0},
		{{0, 2, 3, F32, BIG, 0, "A", "v"}, "7FC00000", "null", false, 0},
		{{0, 2, 3, F32, BIG, 3, "A", "v"}, "FF800000", "null", false, 0},
		{{0, 4, 3, F64, BIG, 0, "A", "v"}, "405EC00000000000", "123.0", false, 123},
		{{0, 4, 3, F64, BIG, 3, "W", "v"}, "3FBF7CED916872B0", "123", false, 123},
		{{0, 4, 3, F64, LITTLE, 0, "A", "v"}, "0000 0000 C000 405E", "123.0", false, 123},
		{{0, 4, 3, F64, BIG, 0, "A", "v"}, "7FF0000000000000", "null", false, 0},
	};
	struct record r = {0};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct meter meter = {
			.name = "m", .rows = &cases[i].row, .count = 1, .none = cases[i].none};
		uint8_t words[8];
		char part[64];
		double number;

		hex_bytes(words, sizeof words, cases[i].words);
		record_begin(&r, "t");
		assert_int_equal(meter_decode(&r, &meter, 3, 0, words, cases[i].row.count), 1);
		snprintf(part, sizeof part, "\"v\":%s", cases[i].value);
		has(&r, strcat(part, "}"));
		assert_int_equal(r.values[0].address, 0);
		if (meter_number(&meter, &cases[i].row, words, &number)) {
			assert_string_not_equal(cases[i].value, "null");
			assert_true(number - cases[i].number < 1e-4 &&
			            number - cases[i].number > -1e-4);
		} else {
			assert_string_equal(cases[i].value, "null");
		}
	}
	record_free(&r);
}

/* Only whole values of the function asked for, each name once. */
static void meter_reads(void **state)
{
	static const struct meter_row rows[] = {
		{10, 2, 3, U32, BIG, 0, "W", "a"},
		{12, 1, 3, U16, BIG, 0, "W", "b"},
		{12, 1, 4, U16, BIG, 0, "W", "c"},
		{13, 1, 3, U16, BIG, 0, "W", "b"},
	};
	static const struct meter meter = {.name = "m", .rows = rows, .count = 4};
	static const struct meter fewer = {.name = "m", .rows = rows, .count = 1};
	static const uint8_t words[] = {0, 1, 0, 2, 0, 3, 0, 4};
	struct record r = {0};

	(void)state;
	record_begin(&r, "t");
	assert_int_equal(meter_decode(&r, &meter, 3, 11, words, 3), 1);
	assert_string_equal(printed(&r), "{\"type\":\"t\",\"b\":2}");
	record_begin(&r, "t");
	assert_int_equal(meter_decode(&r, &meter, 4, 10, words, 4), 1);
	assert_string_equal(printed(&r), "{\"type\":\"t\",\"c\":3}");
	record_begin(&r, "t");
	assert_int_equal(meter_decode(&r, &meter, 3, 10, words, 1), 0);
	assert_int_equal(meter_decode(&r, &fewer, 3, 10, words, 4), 1);
	assert_ptr_equal(meter_named("inepro_n1_ct"), &meter_inepro_n1_ct);
	assert_null(meter_named("none"));
	record_free(&r);
}

/* Reads a float from each address in turn; the value is one that the map's unit permits or not. */
static const struct meter *ask(struct meter_guess *guess, const struct meter *const *maps, size_t n,
                               unsigned address, const char *words)
{
	uint8_t bytes[8];

	return meter_guess_read(guess, maps, n, 3, (uint16_t)address, bytes,
	                        hex_bytes(bytes, sizeof bytes, words) / 2);
}

static void guesses(void **state)
{
#define VOLTS "43660000"   /* 230.0 */
#define AMPERES "40A00000" /* 5.0 */
	static const struct meter_row one[] = {
		{0, 2, 3, F32, BIG, 0, "V", "voltage"},
		{2, 2, 3, F32, BIG, 0, "A", "current"},
		{4, 2, 3, F32, BIG, 0, "W", "power"},
		{6, 2, 3, F32, BIG, 0, "Wh", "energy"},
		{8, 2, 3, F32, BIG, 0, "1", "power_factor"},
		{10, 2, 3, F32, BIG, 0, "Hz", "frequency"},
		{12, 2, 3, F32, BIG, 0, NULL, "number"},
		{14, 2, 3, F32, BIG, 0, "J", "heat"},
	};
	static const struct meter_row other[] = {
		{0, 2, 3, F32, BIG, 0, "V", "voltage"},
		{2, 2, 3, F32, BIG, 0, "A", "current"},
		{4, 2, 3, F32, BIG, 0, "W", "other_power"},
	};
	static const struct meter_row absurd[] = {{0, 2, 3, F32, BIG, 0, "Hz", "frequency"}};
	static const struct meter first = {.name = "first", .rows = one, .count = 8};
	static const struct meter second = {.name = "second", .rows = other, .count = 3};
	static const struct meter third = {.name = "third", .rows = absurd, .count = 1};
	static const struct meter *const maps[] = {&first, &second, &third};
	struct meter_guess guess = {.reads = 0};

	(void)state;
	assert_null(ask(&guess, maps, 3, 0, VOLTS));
	assert_null(ask(&guess, maps, 3, 0, VOLTS)); /* the same read tells nothing new */
	assert_null(ask(&guess, maps, 3, 2, AMPERES));
	assert_ptr_equal(ask(&guess, maps, 3, 0, VOLTS AMPERES),
	                 &second); /* both would do: the smaller */
	guess = (struct meter_guess){.reads = 0};
	ask(&guess, maps, 3, 0, VOLTS);
	ask(&guess, maps, 3, 2, AMPERES);
	assert_null(
		ask(&guess, maps, 3, 4, VOLTS)); /* they name this one differently: nobody knows */
	assert_ptr_equal(ask(&guess, maps, 3, 10, "42480000"),
	                 &first);                                   /* which the second has not */
	assert_ptr_equal(ask(&guess, maps, 3, 100, VOLTS), &first); /* settled */
	for (unsigned i = 0; i < 40; i++)                           /* more reads than are kept */
		assert_ptr_equal(ask(&guess, maps, 3, 200 + i, VOLTS), &first);

	static const char *const frequencies[] = {"42200000", "428C0000", "00000000"}; /* 40, 70 */

	for (size_t i = 0; i < sizeof frequencies / sizeof frequencies[0]; i++) {
		guess = (struct meter_guess){.reads = 0};
		ask(&guess, maps, 1, 0, VOLTS);
		ask(&guess, maps, 1, 2, AMPERES);
		ask(&guess, maps, 1, 10, frequencies[i]);
		assert_int_equal(guess.candidate[0].implausible, 0);
	}

	static const struct {
		unsigned address;
		const char *words;
	} wrong[] = {
		{0, "41200000"},  {0, "44960000"},  {0, "BF800000"},  {2, "447A4000"},
		{2, "0A000000"},  {4, "49B71B00"},  {4, "0A000000"},  {6, "50000000 "},
		{6, "37000000"},  {8, "40000000"},  {10, "41200000"}, {10, "42C80000"},
		{12, "51000000"}, {14, "51000000"},
	};

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0];
	     i++) { /* what no house's meter shows */
		guess = (struct meter_guess){.reads = 0};
		ask(&guess, maps, 1, 0, VOLTS);
		ask(&guess, maps, 1, wrong[i].address, wrong[i].words);
		ask(&guess, maps, 1, wrong[i].address ? 10 : 2,
		    wrong[i].address ? "42480000" : AMPERES);
		if (strcmp(wrong[i].words, "50000000 ") != 0 && wrong[i].address != 0 &&
		    wrong[i].address != 10)
			assert_null(guess.found);
	}
	guess = (struct meter_guess){.reads = 0};
	ask(&guess, maps, 1, 0, VOLTS);
	ask(&guess, maps, 1, 2, "7FC00000"); /* not available: neither for nor against */
	ask(&guess, maps, 1, 12, AMPERES);
	assert_ptr_equal(guess.found, &first);
}

/* Types that the chargers built in do not use, but a row may. */
static void register_types(void **state)
{
	static const struct {
		struct device_register row;
		const char *words, *value;
	} cases[] = {
		{{.count = 1, .type = REGISTER_I16, .scale = -1}, "FFFE", "-0.2"},
		{{.count = 2, .type = REGISTER_I32}, "FFFFFFFE", "-2"},
		{{.count = 4, .type = REGISTER_I64}, "FFFFFFFFFFFFFFFE", "-2"},
		{{.count = 4, .type = REGISTER_U64, .scale = 1}, "0000000000000001", "10"},
		{{.count = 2, .type = REGISTER_U32, .flags = FLAG_LOW_FIRST}, "00020001", "65538"},
		{{.count = 1, .type = REGISTER_U16, .shift = 4, .bits = 4}, "1230", "3"},
		{{.count = 2, .type = REGISTER_F32}, "7FC00000", "null"},
		{{.count = 4, .type = REGISTER_F64}, "405EC00000000000", "123.0"},
		{{.count = 4, .type = REGISTER_F64}, "7FF8000000000000", "null"},
		{{.count = 2, .type = REGISTER_TEXT}, "41424300", "\"ABC\""},
		{{.count = 2, .type = REGISTER_TEXT}, "41424344", "\"ABCD\""},
		{{.count = 1, .type = REGISTER_U16, .flags = FLAG_ONES}, "FFFF", "null"},
		{{.count = 1, .type = REGISTER_U16, .flags = FLAG_ONES}, "FFFE", "65534"},
		{{.count = 1, .type = REGISTER_U16, .flags = FLAG_ONES, .companion = 1},
	         "FFFF 0000",
	         "65535"},
		{{.count = 1, .type = REGISTER_U16, .flags = FLAG_ONES, .companion = 1},
	         "FFFF FFFF",
	         "null"},
		{{.count = 3, .type = REGISTER_U16}, "0000 0000", "null"}, /* one is missing */
	};
	struct record r = {0};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct device_register row = cases[i].row;
		struct device d = {.name = "d", .rows = &row, .count = 1, .unit = 1};
		struct image image = {0};
		uint8_t bytes[8];
		size_t n = hex_bytes(bytes, sizeof bytes, cases[i].words);
		char part[64];

		row.name = "v";
		for (unsigned k = 0; k < n / 2; k++)
			assert_int_equal(
				image_put(&image, 1, k,
			                  (uint16_t)(bytes[2 * k] << 8 | bytes[2 * k + 1])),
				0);
		record_begin(&r, "t");
		register_value(&r, &d, &row, &image, 1);
		snprintf(part, sizeof part, "\"v\":%s}", cases[i].value);
		has(&r, part);
		image_free(&image);
	}
	record_free(&r);
}

static void register_writes(void **state)
{
	static const struct register_steering steering = {.min = -5, .max = 1e19};
	static const struct register_word words[] = {
		{"on", 1, NULL}, {"off", 0, NULL}, {NULL, 0, NULL}};
	static const struct {
		struct device_register row;
		const char *text;
		int parse, encode;
		uint16_t words[4];
	} cases[] = {
		{{.count = 1, .type = REGISTER_U16, .scale = -1}, "1.5", 0, 0, {15}},
		{{.count = 1, .type = REGISTER_U16, .scale = -1}, "1.55", 0, EM_RANGE, {0}},
		{{.count = 1, .type = REGISTER_U16}, "-1", 0, EM_RANGE, {0}},
		{{.count = 1, .type = REGISTER_U16}, "65536", 0, EM_RANGE, {0}},
		{{.count = 1, .type = REGISTER_I16}, "-1", 0, 0, {0xFFFF}},
		{{.count = 1, .type = REGISTER_I16}, "-6", EM_RANGE, 0, {0}},
		{{.count = 2, .type = REGISTER_I32}, "-2", 0, 0, {0xFFFF, 0xFFFE}},
		{{.count = 2, .type = REGISTER_U32, .flags = FLAG_LOW_FIRST},
	         "65538",
	         0,
	         0,
	         {2, 1}},
		{{.count = 4, .type = REGISTER_I64}, "-3", 0, 0, {0xFFFF, 0xFFFF, 0xFFFF, 0xFFFD}},
		{{.count = 4, .type = REGISTER_U64}, "9999999999999999999", 0, EM_RANGE, {0}},
		{{.count = 2, .type = REGISTER_F32}, "1.5", 0, 0, {0x3FC0, 0}},
		{{.count = 4, .type = REGISTER_F64}, "1.5", 0, 0, {0x3FF8, 0, 0, 0}},
		{{.count = 2, .type = REGISTER_TEXT}, "1", EM_SYNTAX, 0, {0}},
		{{.count = 1, .type = REGISTER_ODD}, "1", 0, EM_RANGE, {0}},
		{{.count = 1, .type = REGISTER_U16, .words = words}, "on", 0, 0, {1}},
		{{.count = 1, .type = REGISTER_U16, .words = words}, "0", 0, 0, {0}},
		{{.count = 1, .type = REGISTER_U16, .words = words}, "2", EM_RANGE, 0, {0}},
		{{.count = 1, .type = REGISTER_U16, .words = words}, "maybe", EM_SYNTAX, 0, {0}},
		{{.count = 1, .type = REGISTER_U16, .words = words, .flags = FLAG_BITS},
	         "on",
	         EM_SYNTAX,
	         0,
	         {0}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct device_register row = cases[i].row;
		uint16_t got[REGISTER_WORDS] = {0};
		struct decimal value;

		row.steering = &steering;
		assert_int_equal(register_parse(&row, cases[i].text, &value), cases[i].parse);
		if (cases[i].parse)
			continue;
		assert_int_equal(register_encode(&row, value, got), cases[i].encode);
		if (!cases[i].encode)
			assert_memory_equal(got, cases[i].words, 2u * row.count);
	}
}

/* What a refused write most likely means, by device and exception. */
static void causes(void **state)
{
	static const struct {
		const struct device *device;
		const char *row;
		int exception;
		const char *part;
	} cases[] = {
		{&alfen_device, "modbus_slave_max_current", 1, "Active Load Balancing licence"},
		{&alfen_device, "modbus_slave_max_current", 2, "Active Load Balancing licence"},
		{&alfen_device, "modbus_slave_max_current", 3, "does not take this value"},
		{&alfen_device, "charge_using_1_or_3_phases", 3,
	         "'Allow 1- and 3-phased charging'"},
		{&alfen_device, "modbus_slave_max_current", 4, "internal failure"},
		{&alfen_device, "modbus_slave_max_current", 6, "busy"},
		{&alfen_device, "modbus_slave_max_current", 11, "no such socket"},
		{&alfen_device, "modbus_slave_max_current", 9, NULL},
		{&abb_device, "set_charging_current_limit", 1, "firmware may not know"},
		{&abb_device, "set_charging_current_limit", 2, "firmware may not know"},
		{&abb_device, "set_charging_current_limit", 3, "does not take this value"},
		{&abb_device, "set_charging_current_limit", 4, "internal failure, or no session"},
		{&abb_device, "set_charging_current_limit", 6, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct device *d = cases[i].device;
		const char *cause = d->cause(device_row(d, cases[i].row), cases[i].exception);

		if (cases[i].part)
			assert_non_null(strstr(cause, cases[i].part));
		else
			assert_null(cause);
	}
}

/* An example without values of the device is refused. */
static void wrong_examples(void **state)
{
	static const char *const lines[] = {
		"no_such_row=1",
		"v",
		"v=x",
		"v=#01",
		"t=too long",
		"v=99999",
		"a_name_that_is_longer_than_all_names_that_rows_of_any_device_could_have=1",
	};
	static const struct device_register rows[] = {
		{.name = "v", .count = 1, .type = REGISTER_U16},
		{.name = "t", .count = 2, .type = REGISTER_TEXT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		const char *example[] = {lines[i], NULL};
		struct device d = {
			.name = "d", .rows = rows, .count = 2, .unit = 1, .example = example};
		struct sim_device s = {.device = &d};

		assert_int_equal(sim_device_example(&s, 1), EM_SYNTAX);
		image_free(&s.image);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(meter_types),     cmocka_unit_test(meter_reads),
		cmocka_unit_test(guesses),         cmocka_unit_test(register_types),
		cmocka_unit_test(register_writes), cmocka_unit_test(causes),
		cmocka_unit_test(wrong_examples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
