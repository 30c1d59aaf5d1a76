/* The settings row by row against their description, as text, as registers and as lines of a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "balance/register_table.h"
#include "base/error.h"

enum { T = 1 << ALGORITHM_THRESHOLD, H = 1 << ALGORITHM_HEADROOM, FUSE = 25000 };

/*
 * Name, register, least and most in units, unit, default in mA, s or 1, where it is kept, who uses
 * it, and what becomes of it above the fuse.
 */
static const struct {
	const char *name, *unit;
	unsigned reg;
	int scale;
	int32_t least, most, preset;
	size_t offset;
	unsigned users;
	enum fuse_bound bound;
} rows[] = {
#define AT(field) offsetof(struct balance_settings, field)
	{"override_limit", "A", 1000, 1000, 0, 65535, -1, AT(override_limit), T | H, BOUND_CLIPPED},
	{"max_charger_current", "A", 1010, 1000, 0, 65535, 16000, AT(max_current), T | H,
         BOUND_CLIPPED},
	{"phases", NULL, 1011, 1, 1, 3, 3, AT(phases), T | H, BOUND_NOT},
	{"alarm_limit", "A", 1012, 1000, 0, 65535, 24000, AT(alarm_limit), T, BOUND_REFUSED},
	{"alarm_wait", "s", 1013, 1, 0, 254, 1, AT(alarm_wait), T, BOUND_NOT},
	{"alarm_step", "A", 1014, 1000, 0, 65535, 12500, AT(alarm_step), T, BOUND_NOT},
	{"upper_limit", "A", 1015, 1000, 0, 65535, 22000, AT(upper_limit), T, BOUND_REFUSED},
	{"upper_wait", "s", 1016, 1, 0, 254, 5, AT(upper_wait), T, BOUND_NOT},
	{"upper_step", "A", 1017, 1000, 0, 65535, 1000, AT(upper_step), T, BOUND_NOT},
	{"lower_limit", "A", 1018, 1000, 0, 65535, 19000, AT(lower_limit), T, BOUND_REFUSED},
	{"lower_wait", "s", 1019, 1, 0, 254, 1, AT(lower_wait), T, BOUND_NOT},
	{"lower_step", "A", 1020, 1000, 0, 65535, 1000, AT(lower_step), T, BOUND_NOT},
	{"fallback_limit", "A", 1021, 1000, 0, 65535, 0, AT(fallback_limit), T | H, BOUND_REFUSED},
	{"fallback_wait", "s", 1022, 1, 0, 254, 30, AT(fallback_wait), T | H, BOUND_NOT},
	{"min_current", "A", 0, 1000, 0, 65535, 6000, AT(min_current), H, BOUND_REFUSED},
	{"margin", "A", 0, 1000, 0, 65535, 500, AT(margin), H, BOUND_REFUSED},
	{"quiet_wait", "s", 0, 1, 0, 3600, 120, AT(quiet_wait), H, BOUND_NOT},
	{"ride_wait", "s", 0, 1, 0, 3600, 90, AT(ride_wait), H, BOUND_NOT},
	{"restart_wait", "s", 0, 1, 0, 3600, 180, AT(restart_wait), H, BOUND_NOT},
	{"restart_room", "A", 0, 1000, 0, 65535, 1000, AT(restart_room), H, BOUND_NOT},
	{"solar", NULL, 0, 1, 0, 2, 0, AT(solar), T | H, BOUND_NOT},
	{"solar_run", "s", 0, 1, 0, 3600, 300, AT(solar_run), T | H, BOUND_NOT},
	{"solar_pause", "s", 0, 1, 0, 3600, 300, AT(solar_pause), T | H, BOUND_NOT},
	{"peak", "W", 0, 1, 0, 1000000, 0, AT(peak), T | H, BOUND_NOT},
	{"peak_minutes", "min", 0, 1, 15, 60, 15, AT(peak_minutes), T | H, BOUND_NOT},
	{"dim", "W", 0, 1, 0, 1000000, 0, AT(dim), T | H, BOUND_NOT},
	{"unbalance", "A", 0, 1000, 0, 65535, 0, AT(unbalance), T | H, BOUND_NOT},
	{"car_phases", NULL, 0, 1, 0, 3, 0, AT(car_phases), T | H, BOUND_NOT},
};

enum { ROWS = sizeof rows / sizeof *rows, OVERRIDE = 1000 };

static struct balancer balancer;
static struct register_table table;

static int setup(void **state)
{
	struct balance_settings s = balance_defaults();
	struct fuse fuse;

	(void)state;
	fuse_init(&fuse, FUSE_ANY, FUSE);
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
		assert_int_equal(row->users, rows[i].users);
		assert_int_equal(row->bound, rows[i].bound);
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
	balancer.algorithm = ALGORITHM_HEADROOM; /* for which the limits have no order */
	for (size_t i = 0; i < ROWS; i++) {
		struct balance_settings before = balancer.settings;
		int32_t most = rows[i].bound == BOUND_NOT ? rows[i].most : FUSE;

		if (!rows[i].reg || rows[i].reg == OVERRIDE)
			continue;
		assert_int_equal(get(rows[i].reg), rows[i].preset);
		if (most < 65535)
			assert_int_equal(put(rows[i].reg, most + 1), -ADU_ILLEGAL_VALUE);
		if (rows[i].least > 0)
			assert_int_equal(put(rows[i].reg, rows[i].least - 1), -ADU_ILLEGAL_VALUE);
		assert_int_equal(get(rows[i].reg), rows[i].preset);
		assert_int_equal(put(rows[i].reg, rows[i].least), 0);
		assert_int_equal(get(rows[i].reg), rows[i].least);
		assert_int_equal(put(rows[i].reg, most), 0);
		assert_int_equal(get(rows[i].reg), most);
		assert_memory_equal(&before, &balancer.settings, sizeof before);
		assert_int_equal(put(1091, 1), 0);
		*at(&before, i) = most;
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

static void the_override_acts_at_once(void **state)
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

/* Every setting is saved and read back, each with a different value. */
static void each_row_in_the_file(void **state)
{
	const struct balance_rules rules = {T | H, 0};
	struct settings_place place;
	struct balance_settings s = balance_defaults(), back = balance_defaults();
	struct text text = {0};
	int unit = 0;

	(void)state;
	settings_text(&text, &s, 254);
	assert_null(strstr(text_string(&text), "override")); /* it follows the maximum */
	text.length = 0;
	for (size_t i = 0; i < ROWS; i++)
		*at(&s, i) = rows[i].most - (rows[i].most > 3 ? (int32_t)i : 0);
	settings_text(&text, &s, 254);
	assert_int_equal(settings_read(&back, &unit, text.data, text.length, &rules, &place), 0);
	assert_memory_equal(&s, &back, sizeof s);
	assert_int_equal(unit, 254);
	text_free(&text);
}

static int read_line(const char *text, int *unit, int *line)
{
	const struct balance_rules rules = {T | H, 0};
	struct balance_settings s = balance_defaults();
	struct settings_place place = {.line = -1};
	int error = settings_read(&s, unit, text, strlen(text), &rules, &place);

	*line = place.line;
	return error;
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

static void defaults_behind_a_fuse(void **state)
{
	static const int32_t fuses[][5] = {
		/* fuse, alarm, upper, lower, maximum */
		{25000, 24000, 22000, 19000, 16000}, {16000, 15000, 13000, 10000, 16000},
		{20500, 19500, 17500, 14500, 16000}, {10000, 9000, 7000, 4000, 10000},
		{6000, 5000, 3000, 0, 6000},         {1000, 0, 0, 0, 1000},
		{66535, 65535, 63535, 60535, 16000}, {1000000, 65535, 63535, 60535, 16000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof fuses / sizeof *fuses; i++) {
		struct balance_settings s = balance_defaults_behind(fuses[i][0]);

		assert_int_equal(s.alarm_limit, fuses[i][1]);
		assert_int_equal(s.upper_limit, fuses[i][2]);
		assert_int_equal(s.lower_limit, fuses[i][3]);
		assert_int_equal(s.max_current, fuses[i][4]);
		assert_int_equal(s.alarm_step, 12500);
		assert_int_equal(s.min_current, 6000);
	}
	{
		struct balance_settings s = balance_defaults_behind(0), plain = balance_defaults();

		assert_memory_equal(&s, &plain, sizeof s);
	}
}

/* A setting at the fuse stays; above it, it is refused, clipped, or not bound. */
static void each_setting_beside_the_fuse(void **state)
{
	const struct balance_rules rules = {T | H, FUSE}, none = {T | H, 0};

	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		const struct balance_setting *row = &balance_setting_rows[i];
		struct balance_settings s = balance_defaults();
		bool clipped = true;

		*at(&s, i) = FUSE;
		assert_int_equal(balance_setting_bind(&s, row, &rules, &clipped), 0);
		assert_false(clipped);
		*at(&s, i) = FUSE + 1;
		assert_int_equal(balance_setting_bind(&s, row, &none, &clipped), 0);
		assert_false(clipped);
		assert_int_equal(*at(&s, i), FUSE + 1);
		assert_int_equal(balance_setting_bind(&s, row, &rules, &clipped),
		                 rows[i].bound == BOUND_REFUSED ? EM_RANGE : 0);
		assert_int_equal(clipped, rows[i].bound == BOUND_CLIPPED);
		assert_int_equal(*at(&s, i), FUSE + (rows[i].bound != BOUND_CLIPPED));
	}
}

static const char *contradiction(int32_t lower, int32_t upper, int32_t alarm, unsigned users,
                                 int32_t fuse)
{
	const struct balance_rules rules = {(uint8_t)users, fuse};
	struct balance_settings s = balance_defaults();
	const struct balance_setting *row, *other = NULL;

	s.lower_limit = lower;
	s.upper_limit = upper;
	s.alarm_limit = alarm;
	row = balance_contradiction(&s, &rules, &other);
	if (row)
		assert_string_equal(other->name, strcmp(row->name, "lower_limit") ? "alarm_limit"
		                                                                  : "upper_limit");
	return row ? row->name : "";
}

static void limits_in_order(void **state)
{
	(void)state;
	assert_string_equal(contradiction(1, 2, 3, T, FUSE), "");
	assert_string_equal(contradiction(3, 3, 3, T, FUSE), "");
	assert_string_equal(contradiction(4, 3, 5, T, FUSE), "lower_limit");
	assert_string_equal(contradiction(1, 4, 3, T, FUSE), "upper_limit");
	assert_string_equal(contradiction(1, 4, 3, T | H, FUSE), "upper_limit");
	assert_string_equal(contradiction(4, 3, 2, H, FUSE), ""); /* not used */
	assert_string_equal(contradiction(4, 3, 2, T, 0), "");    /* the firmware takes them */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row),
		cmocka_unit_test(each_bound_as_text),
		cmocka_unit_test_setup(each_bound_as_register, setup),
		cmocka_unit_test_setup(each_address, setup),
		cmocka_unit_test_setup(the_override_acts_at_once, setup),
		cmocka_unit_test_setup(defaults_of_registers_only, setup),
		cmocka_unit_test_setup(bounds_of_commands_and_of_the_unit, setup),
		cmocka_unit_test(each_row_in_the_file),
		cmocka_unit_test(what_is_wrong_in_a_file),
		cmocka_unit_test(what_is_wrong_in_a_setting),
		cmocka_unit_test(defaults_behind_a_fuse),
		cmocka_unit_test(each_setting_beside_the_fuse),
		cmocka_unit_test(limits_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
