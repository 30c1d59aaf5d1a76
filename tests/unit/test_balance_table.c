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
static const struct balance_rules free_rules = {0xFF, 0};
static int kept, refuse, overridden;
static struct balance_settings saved;

static int keep(void *context, const struct balance_settings *s, int unit)
{
	(void)context;
	(void)unit;
	saved = *s;
	kept++;
	return refuse;
}

static void tell(void *context)
{
	(void)context;
	overridden++;
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
	table.overridden = tell;
	kept = refuse = overridden = 0;
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

/* Behind a fuse of 25 A: no current above it, and no contradiction is saved. */
static void the_fuse_binds_registers(void **state)
{
	static const unsigned bound[] = {1010, 1012, 1015, 1018, 1021};
	const uint16_t steps[] = {30000, 25001, 30};

	(void)state;
	for (size_t i = 0; i < sizeof bound / sizeof *bound; i++) {
		int before = get(bound[i]);

		assert_int_equal(put(bound[i], 25001), -3);
		assert_int_equal(get(bound[i]), before);
		assert_int_equal(put(bound[i], 25000), 0);
		assert_int_equal(put(bound[i], (uint16_t)before), 0);
	}
	assert_int_equal(put(1014, 30000), 0); /* a step is a difference */
	assert_int_equal(register_table_write(&table, 1020, 3, steps), 3);
	assert_int_equal(get(1020), 30000); /* what stood before the bad one stays */
	assert_int_equal(get(1021), 0);
	assert_int_equal(put(1018, 22000), 0); /* equal to the upper limit */
	assert_int_equal(put(1091, 1), 0);
	assert_int_equal(put(1018, 22001), 0);
	assert_int_equal(put(1091, 1), -3);
	assert_int_equal(balancer.settings.lower_limit, 22000);
	assert_int_equal(put(1018, 22000), 0);
	assert_int_equal(put(1015, 24001), 0);
	assert_int_equal(put(1091, 1), -3);
	assert_int_equal(kept, 1);
	balancer.algorithm = ALGORITHM_HEADROOM; /* which uses none of them */
	assert_int_equal(put(1091, 1), 0);
}

static void defaults_follow_the_fuse(void **state)
{
	struct fuse fuse;

	(void)state;
	fuse_init(&fuse, FUSE_ANY, 10000);
	balancer.fuse = fuse;
	assert_int_equal(put(1092, 1), 0);
	assert_int_equal(get(1010), 10000);
	assert_int_equal(get(1012), 9000);
	assert_int_equal(get(1015), 7000);
	assert_int_equal(get(1018), 4000);
}

static void an_override_is_told_once_and_saved(void **state)
{
	(void)state;
	assert_int_equal(put(1000, 8000), 0);
	assert_int_equal(overridden, 1);
	assert_int_equal(put(1000, 8000), 0);
	assert_int_equal(overridden, 1);
	assert_int_equal(put(1000, 30000), 0); /* it is capped, as by the firmware */
	assert_int_equal(overridden, 2);
	assert_int_equal(get(1000), 16000);
	assert_int_equal(kept, 0);
	assert_int_equal(put(1000, 9000), 0);
	assert_int_equal(put(1091, 1), 0);
	assert_int_equal(saved.override_limit, 9000);
	assert_int_equal(put(1092, 1), 0);
	assert_int_equal(saved.override_limit, 9000);
}

static int read_behind(int32_t fuse, unsigned users, const char *text, struct balance_settings *s,
                       struct settings_place *place)
{
	const struct balance_rules rules = {(uint8_t)users, fuse};
	int unit = TABLE_UNIT;

	*s = balance_defaults_behind(fuse);
	return settings_read(s, &unit, text, strlen(text), &rules, place);
}

static void the_fuse_binds_a_file(void **state)
{
	static const char high[] = "phases=3\nalarm_limit=24\nend\n";
	enum { THRESHOLD = 1 << ALGORITHM_THRESHOLD, HEADROOM = 1 << ALGORITHM_HEADROOM };
	struct balance_settings s;
	struct settings_place place;

	(void)state;
	assert_int_equal(read_behind(16000, THRESHOLD, high, &s, &place), EM_RANGE);
	assert_int_equal(place.line, 2);
	assert_string_equal(place.high->name, "alarm_limit");
	assert_int_equal(read_behind(24000, THRESHOLD, high, &s, &place), 0);
	assert_null(place.high);
	assert_int_equal(read_behind(16000, HEADROOM, high, &s, &place), 0); /* not used */
	assert_int_equal(read_behind(16000, HEADROOM, "fallback_limit=16.001\nend\n", &s, &place),
	                 EM_RANGE);
	assert_string_equal(place.high->name, "fallback_limit");
	assert_int_equal(read_behind(16000, HEADROOM, "max_charger_current=32\nend\n", &s, &place),
	                 0);
	assert_int_equal(s.max_current, 16000);
	assert_string_equal(place.clipped->name, "max_charger_current");
	assert_int_equal(read_behind(16000, HEADROOM, "max_charger_current=16\nend\n", &s, &place),
	                 0);
	assert_null(place.clipped);
	assert_int_equal(read_behind(16000, HEADROOM, "phases=9\nend\n", &s, &place), EM_RANGE);
	assert_null(place.high);
}

static void texts(void **state)
{
	struct balance_settings s = balance_defaults(), back = balance_defaults();
	struct text text = {0};
	struct settings_place place;
	int unit = 0;

	(void)state;
	s.alarm_step = 12345;
	s.quiet_wait = 77;
	s.override_limit = 3000;
	settings_text(&text, &s, 33);
	assert_int_equal(settings_read(&back, &unit, text.data, text.length, &free_rules, &place),
	                 0);
	assert_int_equal(unit, 33);
	assert_memory_equal(&s, &back, sizeof s);
	for (size_t cut = 0; cut < text.length; cut++) /* half a file is no file */
		assert_int_not_equal(
			settings_read(&back, &unit, text.data, cut, &free_rules, &place), 0);
	assert_int_equal(settings_read(&back, &unit, "phases=9\nend\n", 13, &free_rules, &place),
	                 EM_RANGE);
	assert_int_equal(place.line, 1);
	text_free(&text);
}

/* A client cannot make the balancer forget a phase that the meter tells. */
static void phases_that_the_meter_tells_count(void **state)
{
	(void)state;
	table.phases = 2;
	assert_int_equal(put(1011, 1), 0);
	assert_int_equal(put(1091, 1), -3);
	assert_int_equal(balancer.settings.phases, 3);
	assert_int_equal(put(1011, 2), 0);
	assert_int_equal(put(1091, 1), 0);
	assert_int_equal(balancer.settings.phases, 2);
	table.phases = 0; /* no telegram yet */
	assert_int_equal(put(1011, 1), 0);
	assert_int_equal(put(1091, 1), 0);
	table.phases = 3; /* what was chosen at the start stays */
	assert_int_equal(put(1021, 5000), 0);
	assert_int_equal(put(1091, 1), 0);
	assert_int_equal(balancer.settings.phases, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(reads, setup),
		cmocka_unit_test_setup(writes, setup),
		cmocka_unit_test_setup(phases_that_the_meter_tells_count, setup),
		cmocka_unit_test_setup(the_fuse_binds_registers, setup),
		cmocka_unit_test_setup(defaults_follow_the_fuse, setup),
		cmocka_unit_test_setup(an_override_is_told_once_and_saved, setup),
		cmocka_unit_test(the_fuse_binds_a_file),
		cmocka_unit_test(texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
