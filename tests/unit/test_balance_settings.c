/* The settings row by row against their description, as text, as registers and as lines of a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "balance/register_table.h"
#include "base/error.h"

/* Name, register, least and most in units, unit, default in mA, s or 1, and where it is kept. */
static const struct {
	const char *name, *unit;
	unsigned reg;
	int scale;
	int32_t least, most, preset;
	size_t offset;
} rows[] = {
#define AT(field) offsetof(struct balance_settings, field)
	{"override_limit", "A", 1000, 1000, 0, 65535, -1, AT(override_limit)},
	{"max_charger_current", "A", 1010, 1000, 0, 65535, 16000, AT(max_current)},
	{"phases", NULL, 1011, 1, 1, 3, 3, AT(phases)},
	{"alarm_limit", "A", 1012, 1000, 0, 65535, 24000, AT(alarm_limit)},
	{"alarm_wait", "s", 1013, 1, 0, 254, 1, AT(alarm_wait)},
	{"alarm_step", "A", 1014, 1000, 0, 65535, 12500, AT(alarm_step)},
	{"upper_limit", "A", 1015, 1000, 0, 65535, 22000, AT(upper_limit)},
	{"upper_wait", "s", 1016, 1, 0, 254, 5, AT(upper_wait)},
	{"upper_step", "A", 1017, 1000, 0, 65535, 1000, AT(upper_step)},
	{"lower_limit", "A", 1018, 1000, 0, 65535, 19000, AT(lower_limit)},
	{"lower_wait", "s", 1019, 1, 0, 254, 1, AT(lower_wait)},
	{"lower_step", "A", 1020, 1000, 0, 65535, 1000, AT(lower_step)},
	{"fallback_limit", "A", 1021, 1000, 0, 65535, 0, AT(fallback_limit)},
	{"fallback_wait", "s", 1022, 1, 0, 254, 30, AT(fallback_wait)},
	{"min_current", "A", 0, 1000, 0, 65535, 6000, AT(min_current)},
	{"margin", "A", 0, 1000, 0, 65535, 500, AT(margin)},
	{"quiet_wait", "s", 0, 1, 0, 3600, 120, AT(quiet_wait)},
	{"ride_wait", "s", 0, 1, 0, 3600, 90, AT(ride_wait)},
	{"restart_wait", "s", 0, 1, 0, 3600, 180, AT(restart_wait)},
	{"restart_room", "A", 0, 1000, 0, 65535, 1000, AT(restart_room)},
};

enum { ROWS = sizeof rows / sizeof *rows, OVERRIDE = 1000 };

static struct balancer balancer;
static struct register_table table;

static int setup(void **state)
{
	struct balance_settings s = balance_defaults();
	struct fuse fuse;

	(void)state;
	fuse_init(&fuse, FUSE_ANY, 25000);
	balancer_start(&balancer, ALGORITHM_THRESHOLD, &s, &fuse, false);
	register_table_start(&table, &balancer, TABLE_UNIT);
	return 0;
}

static int32_t *at(struct balance_settings *s, size_t row)
{
	return (int32_t *)(void *)((char *)s + rows[row].offset);
}

static void each_row(void **state)
{
	struct balance_settings s = balance_defaults();

	(void)state;
	assert_int_equal(balance_setting_count, ROWS);
	/* every member but the phase order has a row */
	assert_int_equal(offsetof(struct balance_settings, phase_order), ROWS * sizeof(int32_t));
	for (size_t i = 0; i < ROWS; i++) {
		const struct balance_setting *row = &balance_setting_rows[i];

		assert_string_equal(row->name, rows[i].name);
		if (rows[i].unit)
			assert_string_equal(row->unit, rows[i].unit);
		else
			assert_null(row->unit);
		assert_int_equal(row->reg, rows[i].reg);
		assert_int_equal(row->scale, rows[i].scale);
		assert_int_equal(row->least, rows[i].least);
		assert_int_equal(row->most, rows[i].most);
		assert_ptr_equal(balance_setting_at(&s, row), at(&s, i));
		assert_int_equal(*at(&s, i), rows[i].preset);
		assert_true(strlen(row->meaning) > 10);
		assert_ptr_equal(balance_setting_named(row->name, strlen(row->name)), row);
		assert_ptr_equal(balance_setting_register(row->reg), rows[i].reg ? row : NULL);
	}
}

/* Sets a row to a number of its units; returns the result of balance_setting_parse(). */
static int parse(struct balance_settings *s, size_t row, int64_t units)
{
	const struct balance_setting *found;
	struct text text = {0};
	int error;

	text_printf(&text, "%s=", rows[row].name);
	text_decimal(&text, decimal_i64(units, rows[row].scale == 1000 ? -3 : 0));
	error = balance_setting_parse(s, text_string(&text), &found);
	text_free(&text);
	assert_ptr_equal(found, &balance_setting_rows[row]);
	return error;
}

/* Bounds as text: values outside are refused, and no other setting changes. */
static void each_bound_as_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		struct balance_settings s = balance_defaults(), wanted = s;

		*at(&wanted, i) = rows[i].most;
		assert_int_equal(parse(&s, i, rows[i].most), 0);
		assert_memory_equal(&s, &wanted, sizeof s);
		*at(&wanted, i) = rows[i].least;
		assert_int_equal(parse(&s, i, rows[i].least), 0);
		assert_int_equal(parse(&s, i, rows[i].least - 1), EM_RANGE);
		assert_int_equal(parse(&s, i, rows[i].most + 1), EM_RANGE);
		assert_memory_equal(&s, &wanted, sizeof s);
	}
}

static int get(unsigned address)
{
	uint16_t word;
	int exception = register_table_read(&table, address, 1, &word);

	return exception ? -exception : word;
}

static int put(unsigned address, int value)
{
	uint16_t word = (uint16_t)value;

	return -register_table_write(&table, address, 1, &word);
}

/* The bounds as registers: a value reads back at once and acts when it is saved. */
static void each_bound_as_register(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		struct balance_settings before = balancer.settings;

		if (!rows[i].reg || rows[i].reg == OVERRIDE)
			continue;
		assert_int_equal(get(rows[i].reg), rows[i].preset);
		if (rows[i].most < 65535)
			assert_int_equal(put(rows[i].reg, rows[i].most + 1), -ADU_ILLEGAL_VALUE);
		if (rows[i].least > 0)
			assert_int_equal(put(rows[i].reg, rows[i].least - 1), -ADU_ILLEGAL_VALUE);
		assert_int_equal(get(rows[i].reg), rows[i].preset);
		assert_int_equal(put(rows[i].reg, rows[i].least), 0);
		assert_int_equal(get(rows[i].reg), rows[i].least);
		assert_int_equal(put(rows[i].reg, rows[i].most), 0);
		assert_int_equal(get(rows[i].reg), rows[i].most);
		assert_memory_equal(&before, &balancer.settings, sizeof before);
		assert_int_equal(put(1091, 1), 0);
		*at(&before, i) = rows[i].most;
		assert_memory_equal(&before, &balancer.settings, sizeof before);
		assert_int_equal(put(1092, 1), 0);
		assert_int_equal(get(rows[i].reg), rows[i].preset);
		assert_int_equal(*at(&balancer.settings, i), rows[i].preset);
	}
}

/* What can be read and written, address by address. */
static void each_address(void **state)
{
	(void)state;
	balancer.limit = 7500;
	balancer.state = STATE_ALARM;
	for (unsigned address = 0; address <= 65535; address++) {
		bool setting = address >= 1010 && address <= 1022;
		bool shown = setting || (address >= 1000 && address <= 1003);
		bool command = address >= 1090 && address <= 1092;

		assert_int_equal(get(address) < 0, !shown);
		if (!shown)
			assert_int_equal(get(address), -ADU_ILLEGAL_ADDRESS);
		if (!setting && !command && address != OVERRIDE)
			assert_int_equal(put(address, 1), -ADU_ILLEGAL_ADDRESS);
	}
	assert_int_equal(get(1000), 16000);
	assert_int_equal(get(1001), 7500);
	assert_int_equal(get(1002), STATE_ALARM);
	assert_int_equal(get(1003), STATE_ALARM);
}

static void the_override_acts_at_once_and_is_never_saved(void **state)
{
	(void)state;
	assert_int_equal(put(1000, 0), 0);
	assert_int_equal(balancer.settings.override_limit, 0);
	assert_int_equal(get(1000), 0);
	assert_int_equal(put(1000, 65535), 0);
	assert_int_equal(get(1000), 16000); /* as it acts: at most the maximum */
	assert_int_equal(put(1000, 15999), 0);
	assert_int_equal(get(1000), 15999);
	assert_int_equal(put(1092, 1), 0); /* defaults leave it */
	assert_int_equal(get(1000), 15999);
}

/* Settings without a register stay when the defaults return. */
static void defaults_of_registers_only(void **state)
{
	(void)state;
	balancer.settings.quiet_wait = 7;
	balancer.settings.upper_wait = 7;
	table.pending_unit = table.unit = 33;
	assert_int_equal(put(1092, 1), 0);
	assert_int_equal(balancer.settings.quiet_wait, 7);
	assert_int_equal(balancer.settings.upper_wait, 5);
	assert_int_equal(table.unit, 10);
	assert_int_equal(table.applied, 1);
}

static void bounds_of_commands_and_of_the_unit(void **state)
{
	(void)state;
	assert_int_equal(put(1090, 0), -ADU_ILLEGAL_VALUE);
	assert_int_equal(put(1090, 255), -ADU_ILLEGAL_VALUE);
	assert_int_equal(put(1090, 1), 0);
	assert_int_equal(put(1090, 254), 0);
	for (unsigned command = 1091; command <= 1092; command++) {
		assert_int_equal(put(command, 0), -ADU_ILLEGAL_VALUE);
		assert_int_equal(put(command, 2), -ADU_ILLEGAL_VALUE);
	}
	assert_int_equal(table.unit, TABLE_UNIT);
	assert_int_equal(put(1091, 1), 0);
	assert_int_equal(table.unit, 254);
	assert_int_equal(ADU_ILLEGAL_FUNCTION, 1); /* as Modbus numbers them */
	assert_int_equal(ADU_ILLEGAL_ADDRESS, 2);
	assert_int_equal(ADU_ILLEGAL_VALUE, 3);
	assert_int_equal(ADU_DEVICE_FAILURE, 4);
}

/* Every setting except the override is saved and read back, each with a different value. */
static void each_row_in_the_file(void **state)
{
	struct balance_settings s = balance_defaults(), back = balance_defaults();
	struct text text = {0};
	int unit = 0, line = -1;

	(void)state;
	for (size_t i = 1; i < ROWS; i++)
		*at(&s, i) = rows[i].most - (rows[i].most > 3 ? (int32_t)i : 0);
	settings_text(&text, &s, 254);
	assert_null(strstr(text_string(&text), "override"));
	assert_int_equal(settings_read(&back, &unit, text.data, text.length, &line), 0);
	assert_memory_equal(&s, &back, sizeof s);
	assert_int_equal(unit, 254);
	text_free(&text);
}

static int read_line(const char *text, int *unit, int *line)
{
	struct balance_settings s = balance_defaults();

	return settings_read(&s, unit, text, strlen(text), line);
}

static void what_is_wrong_in_a_file(void **state)
{
	static const struct {
		const char *text;
		int error, line;
	} files[] = {
		{"end\n", 0, 1},
		{"# a comment\n\nphases=2\nend\nphases=7\n", 0, 4},
		{"phases=2\nserver_address=0\nend\n", EM_RANGE, 2},
		{"server_address=255\nend\n", EM_RANGE, 1},
		{"server_address=1000000000\nend\n", EM_RANGE, 1},
		{"server_address=1x\nend\n", EM_SYNTAX, 1},
		{"phases=2\nphase=2\nend\n", EM_UNKNOWN, 2},
		{"phases=2\nend", EM_UNKNOWN, 2},
		{"phases=2\n", EM_TRUNCATED, 2},
		{"", EM_TRUNCATED, 1},
	};
	char longest[160];
	int unit, line;

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		assert_int_equal(read_line(files[i].text, &unit, &line), files[i].error);
		assert_int_equal(line, files[i].line);
	}
	assert_int_equal(read_line("server_address=1\nend\n", &unit, &line), 0);
	assert_int_equal(unit, 1);
	memset(longest, ' ', sizeof longest);
	*longest = '#';
	strcpy(longest + 127, "\nend\n");
	assert_int_equal(read_line(longest, &unit, &line), 0);
	*longest = 'x';
	assert_int_equal(read_line(longest, &unit, &line), EM_UNKNOWN);
	longest[127] = ' ';
	strcpy(longest + 128, "\nend\n");
	assert_int_equal(read_line(longest, &unit, &line), EM_SYNTAX);
}

static void what_is_wrong_in_a_setting(void **state)
{
	struct balance_settings s = balance_defaults();
	const struct balance_setting *row;
	char text[DECIMAL_TEXT];

	(void)state;
	assert_int_equal(balance_setting_parse(&s, "alarm_step=12.345", &row), 0);
	assert_int_equal(s.alarm_step, 12345);
	assert_int_equal(balance_setting_parse(&s, "phases=1.5", &row), EM_RANGE);
	assert_int_equal(balance_setting_parse(&s, "upper_limit=22.0005", &row), EM_RANGE);
	assert_int_equal(balance_setting_parse(&s, "upper_limit=", &row), EM_SYNTAX);
	assert_int_equal(balance_setting_parse(&s, "upper_limit", &row), EM_SYNTAX);
	assert_int_equal(balance_setting_parse(&s, "uper_limit=3", &row), EM_UNKNOWN);
	assert_int_equal(balance_setting_parse(&s, "upper_limi=3", &row), EM_UNKNOWN);
	s.max_current = 13000;
	decimal_format(text, balance_setting_value(&s, balance_setting_register(1000)));
	assert_string_equal(text, "13.000"); /* the override follows the maximum until it is set */
	s.override_limit = 0;
	assert_int_equal(balance_override(&s), 0);
	s.override_limit = 13001;
	assert_int_equal(balance_override(&s), 13000);
	decimal_format(text, balance_setting_value(&s, balance_setting_named("phases", 6)));
	assert_string_equal(text, "3");
	assert_null(balance_setting_register(0));
	assert_null(balance_setting_register(1005));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row),
		cmocka_unit_test(each_bound_as_text),
		cmocka_unit_test_setup(each_bound_as_register, setup),
		cmocka_unit_test_setup(each_address, setup),
		cmocka_unit_test_setup(the_override_acts_at_once_and_is_never_saved, setup),
		cmocka_unit_test_setup(defaults_of_registers_only, setup),
		cmocka_unit_test_setup(bounds_of_commands_and_of_the_unit, setup),
		cmocka_unit_test(each_row_in_the_file),
		cmocka_unit_test(what_is_wrong_in_a_file),
		cmocka_unit_test(what_is_wrong_in_a_setting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
