/* The register table and its text. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "balance/register_table.h"
#include "base/error.h"

static struct balancer balancer;
static struct register_table table;
static int kept, refuse;

static int keep(void *context, const struct balance_settings *s, int unit)
{
	(void)context;
	(void)s;
	(void)unit;
	kept++;
	return refuse;
}

static int setup(void **state)
{
	struct balance_settings s = balance_defaults();
	struct fuse fuse;

	(void)state;
	fuse_init(&fuse, FUSE_ANY, 25000);
	balancer_start(&balancer, ALGORITHM_THRESHOLD, &s, &fuse, false);
	register_table_start(&table, &balancer, TABLE_UNIT);
	table.keep = keep;
	kept = refuse = 0;
	return 0;
}

static int get(unsigned address)
{
	uint16_t word;
	int exception = register_table_read(&table, address, 1, &word);

	return exception ? -exception : word;
}

static int put(unsigned address, uint16_t word)
{
	return -register_table_write(&table, address, 1, &word);
}

static void reads(void **state)
{
	const uint16_t defaults[] = {16000, 3,     24000, 1,    12500, 22000, 5,
	                             1000,  19000, 1,     1000, 0,     30};
	uint16_t words[20];

	(void)state;
	assert_int_equal(register_table_read(&table, 1010, 13, words), 0);
	assert_memory_equal(words, defaults, sizeof defaults);
	balancer.limit = 7500;
	balancer.state = STATE_UPPER;
	assert_int_equal(register_table_read(&table, 1000, 4, words), 0);
	assert_int_equal(words[0], 16000);
	assert_int_equal(words[1], 7500);
	assert_int_equal(words[2], STATE_UPPER);
	assert_int_equal(words[3], STATE_UPPER);
	assert_int_equal(register_table_read(&table, 1002, 9, words), 2);
	assert_int_equal(get(999), -2);
	assert_int_equal(get(1004), -2);
	assert_int_equal(get(1023), -2);
	assert_int_equal(get(1091), -2);
	assert_int_equal(register_table_read(&table, 65535, 2, words), 2);
}

static void writes(void **state)
{
	const uint16_t pair[] = {6500, 5}, half[] = {7000, 255};

	(void)state;
	assert_int_equal(put(1000, 8000), 0);
	assert_int_equal(balancer.settings.override_limit, 8000); /* at once */
	assert_int_equal(put(1001, 5000), -2);
	assert_int_equal(put(1007, 1), -2);
	assert_int_equal(put(1011, 0), -3);
	assert_int_equal(put(1011, 4), -3);
	assert_int_equal(put(1013, 255), -3);
	assert_int_equal(put(1090, 255), -3);
	assert_int_equal(put(1091, 7), -3);
	assert_int_equal(put(1092, 0), -3);
	assert_int_equal(register_table_write(&table, 1021, 2, pair), 0);
	assert_int_equal(get(1021), 6500);
	assert_int_equal(balancer.settings.fallback_limit, 0); /* not before it is saved */
	assert_int_equal(register_table_write(&table, 1021, 2, half), 3);
	assert_int_equal(get(1021), 7000); /* what stood before the bad one stays */
	assert_int_equal(put(1091, 1), 0);
	assert_int_equal(balancer.settings.fallback_limit, 7000);
	assert_int_equal(balancer.settings.override_limit, 8000);
	assert_int_equal(kept, 1);
	assert_int_equal(put(1090, 12), 0);
	assert_int_equal(table.unit, TABLE_UNIT);
	refuse = EM_SYSTEM;
	assert_int_equal(put(1091, 1), -4);
	assert_int_equal(table.unit, TABLE_UNIT); /* what cannot be kept does not act */
	refuse = 0;
	assert_int_equal(put(1092, 1), 0);
	assert_int_equal(get(1021), 0);
	assert_int_equal(balancer.settings.fallback_limit, 0);
}

static void texts(void **state)
{
	struct balance_settings s = balance_defaults(), back = balance_defaults();
	struct text text = {0};
	int unit = 0, line;

	(void)state;
	s.alarm_step = 12345;
	s.quiet_wait = 77;
	s.override_limit = 3000;
	settings_text(&text, &s, 33);
	assert_int_equal(settings_read(&back, &unit, text.data, text.length, &line), 0);
	assert_int_equal(unit, 33);
	s.override_limit = -1; /* never kept */
	assert_memory_equal(&s, &back, sizeof s);
	for (size_t cut = 0; cut < text.length; cut++) /* half a file is no file */
		assert_int_not_equal(settings_read(&back, &unit, text.data, cut, &line), 0);
	assert_int_equal(settings_read(&back, &unit, "phases=9\nend\n", 13, &line), EM_RANGE);
	assert_int_equal(line, 1);
	text_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(reads, setup),
		cmocka_unit_test_setup(writes, setup),
		cmocka_unit_test(texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
