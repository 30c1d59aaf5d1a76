/* The register table as a server answers it, and the file that keeps its settings. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "control/state.h"
#include "control/table_server.h"

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

static int ask(int unit, int function, unsigned address, unsigned count, uint16_t *words)
{
	const struct modbus_call call = {unit, function, address, count, words, NULL};
	struct table_server server = {.table = &table}; /* no charger */

	return table_server_answer(&server, &call);
}

static void it_reads_and_writes(void **state)
{
	uint16_t words[13] = {0}, pair[] = {7000, 9};

	(void)state;
	assert_int_equal(ask(10, 3, 1010, 13, words), 0);
	assert_int_equal(words[0], 16000);
	assert_int_equal(words[12], 30);
	assert_int_equal(ask(10, 6, 1000, 1, &pair[0]), 0);
	assert_int_equal(balancer.settings.override_limit, 7000);
	assert_int_equal(ask(10, 16, 1021, 2, pair), 0);
	assert_int_equal(ask(10, 3, 1021, 2, words), 0);
	assert_memory_equal(words, pair, sizeof pair);
	assert_int_equal(ask(10, 3, 1004, 1, words), ADU_ILLEGAL_ADDRESS);
	assert_int_equal(ask(10, 16, 1004, 1, words), ADU_ILLEGAL_ADDRESS);
}

static void other_functions_and_units(void **state)
{
	uint16_t word = 0;

	(void)state;
	for (int function = 1; function < 128; function++)
		if (function != 3 && function != 6 && function != 16)
			assert_int_equal(ask(10, function, 1000, 1, &word), ADU_ILLEGAL_FUNCTION);
	for (int unit = 0; unit < 256; unit++)
		if (unit != 10)
			assert_int_equal(ask(unit, 3, 1000, 1, &word), MODBUS_SILENT);
	assert_int_equal(ask(10, 43, 0, 0, NULL), 0); /* the server refuses it in its own way */
	assert_int_equal(ask(11, 43, 0, 0, NULL), MODBUS_SILENT);
}

/* A new unit answers when it was saved, and the old one does not any more. */
static void the_unit_changes_with_the_save(void **state)
{
	uint16_t unit = 33, save = 1, word;

	(void)state;
	assert_int_equal(ask(10, 6, 1090, 1, &unit), 0);
	assert_int_equal(ask(33, 3, 1000, 1, &word), MODBUS_SILENT);
	assert_int_equal(ask(10, 6, 1091, 1, &save), 0);
	assert_int_equal(ask(33, 3, 1000, 1, &word), 0);
	assert_int_equal(ask(10, 3, 1000, 1, &word), MODBUS_SILENT);
}

static const struct balance_rules rules = {0xFF, 0};
static char path[] = "/tmp/emtool_state_XXXXXX";

static void write_file(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void settings_outlive_the_program(void **state)
{
	struct balance_settings s = balance_defaults(), back = s;
	int unit = TABLE_UNIT, fd = mkstemp(path);
	struct settings_place place;
	struct stat status;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	unlink(path);
	assert_int_equal(state_load(path, &back, &unit, &rules, &place),
	                 0); /* no file is no error */
	assert_memory_equal(&s, &back, sizeof s);
	assert_int_equal(unit, TABLE_UNIT);
	s.max_current = 10000;
	s.quiet_wait = 77;
	s.override_limit = 6500;
	assert_int_equal(state_save(path, &s, 33), 0);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(state_load(path, &back, &unit, &rules, &place), 0);
	assert_memory_equal(&s, &back, sizeof s);
	assert_int_equal(unit, 33);
	write_file("phases=2\nphases=7\nend\n");
	assert_int_equal(state_load(path, &back, &unit, &rules, &place), EM_RANGE);
	assert_int_equal(place.line, 2);
	write_file("phases=2\n");
	assert_int_equal(state_load(path, &back, &unit, &rules, &place), EM_TRUNCATED);
	unlink(path);
}

static void file_is(const char *wanted)
{
	char text[1024];
	FILE *f = fopen(path, "r");
	size_t size;

	assert_non_null(f);
	size = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	text[size] = '\0';
	assert_string_equal(text, wanted);
}

static int save_override(const char *file, int32_t current)
{
	struct orders orders = orders_none();

	orders.of[ORDER_OVERRIDE] = current;
	return state_save_orders(file, &orders);
}

/* An override is kept beside what else is in the file. */
static void an_override_is_kept_alone(void **state)
{
	static const char before[] = "before_charger=127.0.0.1:502\nbefore_fallback=16\n";
	struct balance_settings s = balance_defaults();
	struct settings_place place;
	char text[200];
	int unit = TABLE_UNIT;

	(void)state;
	unlink(path);
	assert_int_equal(save_override(path, 8000), 0);
	file_is("override_limit=8.000\nend\n");
	assert_int_equal(state_load(path, &s, &unit, &rules, &place), 0);
	assert_int_equal(s.override_limit, 8000);
	snprintf(text, sizeof text, "# mine\noverride_limit=7\nphases=2\nend\n%s", before);
	write_file(text);
	assert_int_equal(save_override(path, 0), 0);
	snprintf(text, sizeof text, "# mine\nphases=2\noverride_limit=0.000\nend\n%s", before);
	file_is(text);
	snprintf(text, sizeof text, "end\n%s", before);
	write_file(text);
	assert_int_equal(save_override(path, 16000), 0);
	snprintf(text, sizeof text, "override_limit=16.000\nend\n%s", before);
	file_is(text);
	assert_int_equal(save_override("/nowhere/state", 16000), EM_SYSTEM);
	unlink(path);
}

/* Mode, pause, and that there is no override, stand behind the settings. */
static void orders_are_kept_behind_the_settings(void **state)
{
	static const char before[] = "before_charger=127.0.0.1:502\nbefore_fallback=16\n";
	struct orders orders = {.of = {-1, 1, true}}, back = orders_none();
	struct balance_settings s = balance_defaults();
	struct settings_place place;
	char text[200];
	int unit = TABLE_UNIT;

	(void)state;
	unlink(path);
	assert_int_equal(state_load_orders(path, &back), 0);
	snprintf(text, sizeof text, "override_limit=7\nphases=2\nend\n%s", before);
	write_file(text);
	assert_int_equal(state_save_orders(path, &orders), 0);
	snprintf(text, sizeof text,
	         "phases=2\nend\norder_override=none\norder_mode=off\norder_pause=ON\n%s", before);
	file_is(text);
	assert_int_equal(state_load(path, &s, &unit, &rules, &place), 0);
	assert_int_equal(s.override_limit, -1);
	back.of[ORDER_OVERRIDE] = 9000;
	assert_int_equal(state_load_orders(path, &back), 0);
	assert_memory_equal(&back, &orders, sizeof back);
	orders = orders_none();
	orders.of[ORDER_OVERRIDE] = 8500;
	assert_int_equal(state_save_orders(path, &orders), 0);
	snprintf(text, sizeof text, "phases=2\noverride_limit=8.500\nend\n%s", before);
	file_is(text);
	back.of[ORDER_OVERRIDE] = 9000;
	assert_int_equal(state_load_orders(path, &back), 0);
	assert_int_equal(back.of[ORDER_OVERRIDE], 9000);
	assert_int_equal(back.of[ORDER_MODE], 1); /* not in the file */
	unlink(path);
}

static void an_order_in_the_file_that_is_not_understood(void **state)
{
	static const char *const lines[] = {"order_mode=swim\n", "order_pause=\n",
	                                    "order_pause\n",     "order_energy=7\n",
	                                    "order_=\n",         "order_mod=off\n"};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct orders back = orders_none();
		char text[100];

		snprintf(text, sizeof text, "end\n%sorder_pause=ON\n", lines[i]);
		write_file(text);
		assert_int_equal(state_load_orders(path, &back), EM_UNKNOWN);
		assert_int_equal(back.of[ORDER_MODE], 0);
		assert_int_equal(back.of[ORDER_PAUSE], true);
	}
	assert_int_equal(state_load_orders("/tmp", &(struct orders){{0}}), EM_SYSTEM);
	unlink(path);
}

static void a_file_that_cannot_be_used(void **state)
{
	struct balance_settings s = balance_defaults();
	struct settings_place place;
	int unit;

	(void)state;
	errno = 0;
	assert_int_equal(state_save("/nowhere/state", &s, 10), EM_SYSTEM);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(state_load("/tmp", &s, &unit, &rules, &place), EM_SYSTEM);
	assert_int_equal(errno, EISDIR);
	assert_int_equal(place.line, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(it_reads_and_writes, setup),
		cmocka_unit_test_setup(other_functions_and_units, setup),
		cmocka_unit_test_setup(the_unit_changes_with_the_save, setup),
		cmocka_unit_test(settings_outlive_the_program),
		cmocka_unit_test(an_override_is_kept_alone),
		cmocka_unit_test(orders_are_kept_behind_the_settings),
		cmocka_unit_test(an_order_in_the_file_that_is_not_understood),
		cmocka_unit_test(a_file_that_cannot_be_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
