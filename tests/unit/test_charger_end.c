/*
 * How a controller begins and leaves: the safe current of a charger, what it would write in a dry run,
 * its ordered end, and how a charger gets its own settings back.
 */
#include "charger_street.h"

#include <unistd.h>

#include "balance/register_table.h"
#include "base/news.h"
#include "control/state.h"

static char said[8192], path[] = "/tmp/emtool-charger-end-XXXXXX";

static void listen_to(enum news_level level, const char *text)
{
	size_t length = strlen(said);

	if (level == NEWS_WARNING)
		snprintf(said + length, sizeof said - length, "%s\n", text);
}

static int setup(void **state)
{
	(void)state;
	*said = '\0';
	news_listen(listen_to);
	unlink(path);
	return 0;
}

static void put(struct street *s, const char *name, int amount, int exponent)
{
	sim_device_show(&s->device, device_row(s->device.device, name), 1,
	                decimal_i64(amount, exponent));
}

/* An Alfen with that safe current (A) behind a fuse of 16 A. */
static struct street *safe(int amperes, struct charger_options options)
{
	struct street *s;

	options.timeout = 60;
	options.fuse = 16000;
	s = street_open(&alfen_device, options);
	put(s, "active_load_balancing_safe_current", amperes, 0);
	steer(s, 10000);
	return s;
}

static void a_safe_current_above_the_fuse(void **state)
{
	struct street *s = safe(20, (struct charger_options){.unarmed = true});

	(void)state;
	assert_int_equal(s->charger.link, CHARGER_REFUSED);
	assert_true(s->charger.unsafe);
	for (size_t i = 0; i < s->count; i++)
		assert_int_equal(s->calls[i].function, 3);
	charger_leave(&s->charger);
	assert_int_equal(find(s, 0, 16, 1210), s->count);
	street_close(s);
	s = safe(20, (struct charger_options){.dry = true});
	assert_int_equal(s->charger.link, CHARGER_REFUSED);
	street_close(s);
	s = safe(16, (struct charger_options){0});
	assert_int_equal(s->charger.link, CHARGER_READY);
	assert_non_null(strstr(said, "armed: its safe current is 16 A"));
	street_close(s);
	s = safe(20, (struct charger_options){.safe_checked = true});
	assert_int_equal(s->charger.link, CHARGER_READY);
	assert_true(find(s, 0, 16, 1210) < s->count);
	street_close(s);
}

/* What became unsafe later is said, and the set-point goes on to protect the fuse. */
static void a_safe_current_that_rises_later(void **state)
{
	struct street *s = safe(6, (struct charger_options){0});

	(void)state;
	put(s, "active_load_balancing_safe_current", 20, 0);
	s->charger.armed = 0;
	steer(s, 12000);
	assert_int_equal(s->charger.link, CHARGER_READY);
	assert_true(number(s, "modbus_slave_max_current") == 12);
	assert_non_null(strstr(said, "safe current"));
	assert_non_null(strstr(said, "20 A"));
	street_close(s);
}

static void a_dry_run_tells(void **state)
{
	struct street *s = street_open(&abb_device,
	                               (struct charger_options){.timeout = 60, .dry = true});

	(void)state;
	s->charger.fallback = 6000;
	s->charger.measure = true;
	steer(s, 10070);
	steer(s, 10070);
	assert_non_null(strstr(said, "would arm: time-out 60 s, fallback 6 A"));
	assert_non_null(strstr(said, "would write the set-point 10.07 A\n"));
	steer(s, 8000);
	assert_non_null(strstr(said, "would write the set-point 8 A\n"));
	assert_int_equal(charger_observed(&s->charger).applied, 16000);
	charger_leave(&s->charger);
	for (size_t i = 0; i < s->count; i++)
		assert_int_equal(s->calls[i].function, 3);
	street_close(s);
}

static void the_end_leaves_the_fallback(void **state)
{
	static const struct device *const kinds[] = {&abb_device, &alfen_device, &keba_device};

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct street *s = street_open(kinds[i], (struct charger_options){.timeout = 60});

		s->charger.fallback = 7000;
		steer(s, 10000);
		assert_int_equal(sim_device_offer(&s->device), 10000);
		charger_leave(&s->charger);
		assert_int_equal(sim_device_offer(&s->device), 7000);
		assert_non_null(strstr(said, "left at 7 A"));
		street_close(s);
	}
}

/* What is known is said: it ignores the end, it is away, or nothing is sent to it. */
static void the_end_of_one_that_does_not_obey(void **state)
{
	static const struct device *const kinds[] = {&abb_device, &alfen_device, &keba_device};

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct street *s = street_open(kinds[i], (struct charger_options){.timeout = 60});

		s->charger.fallback = 7000;
		steer(s, 10000);
		s->deaf = true;
		charger_leave(&s->charger);
		assert_non_null(
			strstr(said, "told to stay at 7 A: its limit is still 10 A; it falls"));
		street_close(s);
		s = street_open(kinds[i], (struct charger_options){.timeout = 60, .reply = 100});
		s->charger.fallback = 7000;
		steer(s, 10000);
		s->mute = true;
		steer(s, 9000);
		charger_leave(&s->charger);
		assert_non_null(
			strstr(said, "could not be left at 7 A: it is away; it falls back"));
		street_close(s);
		s = street_open(kinds[i], (struct charger_options){.timeout = 60});
		s->charger.fallback = 7000;
		steer(s, 10000);
		charger_silence(&s->charger, 60000);
		charger_leave(&s->charger);
		assert_non_null(strstr(said, "it did not do what it was told; it falls back"));
		assert_int_equal(sim_device_offer(&s->device), 10000);
		street_close(s);
		*said = '\0';
	}
}

/* A charger that has closed the connection is armed again before it is left. */
static void the_end_on_a_new_connection(void **state)
{
	struct street *s = street_open(&abb_device, (struct charger_options){.timeout = 60});
	size_t n;

	(void)state;
	s->charger.fallback = 7000;
	steer(s, 10000);
	n = s->count;
	put(s, "fallback_limit", 255, 0); /* it has started anew */
	s->charger.armed = 0;
	charger_leave(&s->charger);
	assert_true(number(s, "fallback_limit") == 7);
	assert_true(find(s, n, 6, 0x4109) < find(s, n, 16, 0x4100));
	assert_true(number(s, "charging_current_limit_modbus") == 7);
	street_close(s);
}

/* A fallback of 0 pauses, and one above the charger's maximum is cut to it. */
static void the_fallback_of_the_end_fits_the_charger(void **state)
{
	struct street *s = street_open(&keba_device, (struct charger_options){.timeout = 60});

	(void)state;
	steer(s, 10000);
	charger_leave(&s->charger);
	assert_int_equal(sim_device_offer(&s->device), 0);
	street_close(s);
	s = street_open(&abb_device, (struct charger_options){.timeout = 60});
	put(s, "user_settable_max_current", 12, 0);
	s->charger.fallback = 20000;
	steer(s, 10000);
	charger_leave(&s->charger);
	assert_true(number(s, "charging_current_limit_modbus") == 12);
	street_close(s);
}

/* The end takes a second, even when an exchange hangs and nothing answers. */
static void the_end_does_not_hang(void **state)
{
	struct street *s = street_open(&abb_device,
	                               (struct charger_options){.timeout = 60, .reply = 20000});
	uint64_t begin;

	(void)state;
	steer(s, 10000);
	s->mute = true;
	s->charger.set_point = 9000;
	charger_poll(&s->charger);
	assert_true(s->charger.busy);
	begin = now_ms();
	charger_leave(&s->charger);
	assert_false(s->charger.busy);
	assert_in_range(now_ms() - begin, 900, 1400);
	assert_non_null(strstr(said, "could not be left"));
	street_close(s);
}

static void nothing_is_left_where_nothing_was(void **state)
{
	struct charger none = {0};
	struct street *s = street_open(&abb_device, (struct charger_options){.timeout = 60});

	(void)state;
	charger_leave(&s->charger); /* never an exchange */
	assert_int_equal(s->count, 0);
	street_close(s);
	assert_int_equal(charger_open(&none, &(struct charger_options){.url = "none"}, NULL), 0);
	charger_leave(&none);
}

/* Armed with 60 s and 6 A, and disarmed by another program later. */
static size_t disarm(struct street *s, struct charger_disarmed *rows)
{
	size_t count = 99;

	s->charger.options.state = path;
	assert_int_equal(charger_disarm(&s->charger, rows, &count), 0);
	return count;
}

static void what_it_was_before(void **state)
{
	struct street *s = street_open(&abb_device,
	                               (struct charger_options){.timeout = 60, .state = path});
	struct charger_disarmed rows[CHARGER_DISARMED];

	(void)state;
	put(s, "communication_timeout", 77, 0);
	put(s, "fallback_limit", 9, 0);
	s->charger.fallback = 6000;
	steer(s, 10000);
	s->charger.kept = false; /* a second start remembers the first */
	s->charger.armed = 0;
	steer(s, 10000);
	assert_true(number(s, "fallback_limit") == 6);
	assert_int_equal(disarm(s, rows), 2);
	assert_true(number(s, "communication_timeout") == 77);
	assert_true(number(s, "fallback_limit") == 9);
	assert_false(rows[0].factory || rows[1].factory);
	assert_int_equal(disarm(s, rows), 2); /* forgotten now: the factory's */
	assert_true(rows[0].factory && rows[1].factory);
	assert_true(number(s, "communication_timeout") == 60);
	assert_true(number(s, "fallback_limit") == 255);
	street_close(s);
}

static void what_others_were(void **state)
{
	struct street *s = street_open(&keba_device, (struct charger_options){.timeout = 60});
	struct charger_disarmed rows[CHARGER_DISARMED];
	size_t count;

	(void)state;
	s->charger.fallback = 6000;
	steer(s, 10000);
	s->charger.options.dry = true;
	assert_int_equal(disarm(s, rows), 2);
	assert_true(number(s, "communication_timeout") == 60);
	s->charger.options.dry = false;
	assert_int_equal(disarm(s, rows), 2);
	assert_true(number(s, "communication_timeout") == 0);
	assert_true(number(s, "fallback_limit") == 0);
	assert_int_not_equal(access(path, F_OK), 0); /* nothing to keep or forget */
	street_close(s);
	s = street_open(&alfen_device, (struct charger_options){.timeout = 60});
	assert_int_equal(disarm(s, rows), 0);
	street_close(s);
	s = street_open(&abb_device, (struct charger_options){.timeout = 60});
	s->refuse = 3;
	s->refused = 0x4109;
	s->charger.options.state = NULL;
	assert_int_equal(charger_disarm(&s->charger, rows, &count), EM_EXCEPTION);
	assert_non_null(strstr(s->charger.message, "set_fallback_limit=255: exception 3"));
	street_close(s);
}

/* A file that somebody has changed does not put a charger out of its range. */
static void what_it_cannot_have_been(void **state)
{
	static const struct charger_before wrong[] = {{true, true, {60, 0, false}, {33, 0, false}},
	                                              {true, true, {60, 0, false}, {6, 0, true}},
	                                              {true, true, {9, 0, false}, {6, 0, false}},
	                                              {true, true, {1, 9, false}, {6, 0, false}}};
	struct street *s = street_open(&abb_device,
	                               (struct charger_options){.timeout = 60, .state = path});
	struct charger_disarmed rows[CHARGER_DISARMED];
	size_t count;

	(void)state;
	s->charger.fallback = 6000;
	steer(s, 10000);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_int_equal(
			state_save_before(path, modbus_client_name(s->charger.client), &wrong[i]),
			0);
		assert_int_equal(charger_disarm(&s->charger, rows, &count), EM_RANGE);
		assert_non_null(strstr(s->charger.message, "is outside"));
		assert_true(number(s, "fallback_limit") == 6);
		assert_true(number(s, "communication_timeout") == 60);
	}
	street_close(s);
}

/* Settings and chargers share a file; each keeps the other's part. */
static void one_file_for_settings_and_chargers(void **state)
{
	struct charger_before a = {true, true, decimal_u64(60, 0), decimal_u64(255, 0)},
			      b = {false, true, {0}, decimal_u64(65, -1)}, got;
	struct balance_settings settings = balance_defaults(), other = balance_defaults();
	struct balance_rules rules = {0};
	struct settings_place place;
	int unit = 10;

	(void)state;
	assert_int_equal(state_load_before(path, "a:502", &got), 0);
	assert_false(got.has_timeout || got.has_fallback);
	assert_int_equal(state_save_before(path, "a:502", &a), 0);
	assert_int_equal(state_load(path, &other, &unit, &rules, &place),
	                 0); /* no settings, no error */
	settings.max_current = 10000;
	assert_int_equal(state_save(path, &settings, 12), 0);
	assert_int_equal(state_save_before(path, "a:5020", &b), 0);
	assert_int_equal(state_save(path, &settings, 12), 0);
	assert_int_equal(state_load(path, &other, &unit, &rules, &place), 0);
	assert_int_equal(other.max_current, 10000);
	assert_int_equal(unit, 12);
	assert_int_equal(state_load_before(path, "a:502", &got), 0);
	assert_true(got.has_timeout && got.has_fallback);
	assert_int_equal(got.timeout.digits, 60);
	assert_int_equal(got.fallback.digits, 255);
	assert_int_equal(state_load_before(path, "a:5020", &got), 0);
	assert_false(got.has_timeout);
	assert_true(got.has_fallback && !decimal_compare(got.fallback, decimal_u64(65, -1)));
	assert_int_equal(state_save_before(path, "a:502", &b), 0);
	assert_int_equal(state_load_before(path, "a:502", &got), 0);
	assert_false(got.has_timeout);
	assert_int_equal(state_save_before(path, "a:5020", NULL), 0);
	assert_int_equal(state_load_before(path, "a:5020", &got), 0);
	assert_false(got.has_fallback);
	assert_int_equal(state_load(path, &other, &unit, &rules, &place), 0);
	assert_int_equal(other.max_current, 10000);
	assert_int_equal(state_save_before("/nowhere/at/all", "a:502", &a), EM_SYSTEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_safe_current_above_the_fuse, setup),
		cmocka_unit_test_setup(a_safe_current_that_rises_later, setup),
		cmocka_unit_test_setup(a_dry_run_tells, setup),
		cmocka_unit_test_setup(the_end_leaves_the_fallback, setup),
		cmocka_unit_test_setup(the_end_of_one_that_does_not_obey, setup),
		cmocka_unit_test_setup(what_it_cannot_have_been, setup),
		cmocka_unit_test_setup(the_end_on_a_new_connection, setup),
		cmocka_unit_test_setup(the_fallback_of_the_end_fits_the_charger, setup),
		cmocka_unit_test_setup(the_end_does_not_hang, setup),
		cmocka_unit_test_setup(nothing_is_left_where_nothing_was, setup),
		cmocka_unit_test_setup(what_it_was_before, setup),
		cmocka_unit_test_setup(what_others_were, setup),
		cmocka_unit_test_setup(one_file_for_settings_and_chargers, setup),
	};
	int failed, fd = mkstemp(path);

	close(fd);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return failed;
}
