/*
 * A charger that somebody else changes, that restarts, or that does not tell everything: what the
 * controller sees of it, writes again and says.
 */
#include "charger_street.h"

#include "base/news.h"

static char said[8192];
static size_t lines;

static void listen_to(enum news_level level, const char *text)
{
	size_t length = strlen(said);

	if (level == NEWS_WARNING) {
		snprintf(said + length, sizeof said - length, "%s\n", text);
		lines++;
	}
}

static int setup(void **state)
{
	(void)state;
	*said = '\0';
	lines = 0;
	news_listen(listen_to);
	return 0;
}

static void forget(void)
{
	*said = '\0';
	lines = 0;
}

/* Somebody writes past the controller. */
static void put(struct street *s, const char *name, int amount, int exponent)
{
	sim_device_show(&s->device, device_row(s->device.device, name), 1,
	                decimal_i64(amount, exponent));
}

static struct street *steered(const struct device *d, int32_t current)
{
	struct street *s = street_open(d, (struct charger_options){.timeout = 30});

	s->charger.measure = true;
	s->charger.fallback = 6000;
	put(s, device_role(d, ROLE_CURRENT_L1, ACCESS_R)->name, 0, 0);
	steer(s, current);
	forget();
	return s;
}

static void another_master_writes_the_limit(void **state)
{
	static const struct {
		const struct device *device;
		const char *set_point, *limit;
	} kinds[] = {{&abb_device, "charging_current_limit_modbus", "charging_current_limit"},
	             {&alfen_device, "modbus_slave_max_current", "actual_applied_max_current"},
	             {&keba_device, NULL, "charging_current_limit"}};

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct street *s = steered(kinds[i].device, 10000);

		assert_int_equal(charger_observed(&s->charger).applied, 10000);
		if (kinds[i].set_point)
			put(s, kinds[i].set_point, 20, 0);
		put(s, kinds[i].limit, 20, 0);
		play(s, 3000, 1);
		assert_int_equal(charger_observed(&s->charger).applied, 20000);
		play(s, 1200, 0);
		assert_true(number(s, kinds[i].limit) == 10);
		assert_int_equal(charger_observed(&s->charger).applied, 10000);
		assert_int_equal(charger_observed(&s->charger).set_point, 10000);
		assert_int_equal(lines, 1);
		assert_non_null(strstr(said, "20 A instead of 10 A"));
		street_close(s);
	}
}

static void another_master_writes_time_out_and_fallback(void **state)
{
	static const struct {
		const struct device *device;
		const char *name;
		int armed, other;
	} kinds[] = {{&abb_device, "communication_timeout", 30, 3600},
	             {&abb_device, "fallback_limit", 6, 255},
	             {&keba_device, "communication_timeout", 30, 0},
	             {&keba_device, "fallback_limit", 6, 32}};

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct street *s = steered(kinds[i].device, 10000);

		assert_true(number(s, kinds[i].name) == kinds[i].armed);
		put(s, kinds[i].name, kinds[i].other, 0);
		play(s, 3000, 1);
		assert_true(number(s, kinds[i].name) == kinds[i].armed);
		assert_int_equal(lines, 1);
		assert_non_null(strstr(said, kinds[i].name[0] == 'f' ? "fallback" : "time-out"));
		assert_int_equal(s->charger.link, CHARGER_READY);
		put(s, kinds[i].name, kinds[i].other, 0); /* the same quarrel */
		play(s, 3000, 1);
		assert_true(number(s, kinds[i].name) == kinds[i].armed);
		assert_int_equal(lines, 1);
		street_close(s);
	}
}

/* It starts anew and its connection stays: everything is as the factory made it. */
static void a_restart_behind_a_converter(void **state)
{
	struct street *s = steered(&abb_device, 9500);

	(void)state;
	put(s, "charging_current_limit_modbus", 32, 0);
	put(s, "charging_current_limit", 32, 0);
	put(s, "communication_timeout", 60, 0);
	put(s, "fallback_limit", 255, 0);
	play(s, 1200, 0);
	assert_true(number(s, "charging_current_limit") == 9.5);
	assert_true(number(s, "communication_timeout") == 30);
	assert_true(number(s, "fallback_limit") == 6);
	assert_int_equal(lines, 1);
	assert_non_null(strstr(said,
	                       "32 A instead of 9.5 A, time-out 60 s instead of 30 s, fallback "
	                       "255 A instead of 6 A"));
	street_close(s);
}

/* Set-points are taken and not applied: written again about once a second, however often it reads. */
static void a_charger_that_applies_nothing(void **state)
{
	struct street *s = steered(&abb_device, 10000);
	size_t n = s->count, writes = 0;

	(void)state;
	s->deaf = true;
	s->charger.set_point = 8000;
	play(s, 3100, 0);
	for (n = find(s, n, 16, 0x4100); n < s->count; n = find(s, n + 1, 16, 0x4100))
		writes++;
	assert_in_range(writes, 3, 4);
	assert_int_equal(charger_observed(&s->charger).applied, 10000);
	assert_int_equal(s->charger.link, CHARGER_READY);
	s->deaf = false;
	play(s, 1200, 0);
	assert_int_equal(charger_observed(&s->charger).applied, 8000);
	street_close(s);
}

static void the_maximum_of_the_charger_caps(void **state)
{
	struct street *s = steered(&abb_device, 10000);

	(void)state;
	put(s, "user_settable_max_current", 12, 0);
	s->charger.armed = 0; /* it is read once for each connection */
	steer(s, 16000);
	assert_int_equal(charger_observed(&s->charger).most, 12000);
	assert_int_equal(charger_observed(&s->charger).set_point, 12000);
	assert_true(number(s, "charging_current_limit_modbus") == 12);
	forget();
	play(s, 1000, 0);
	assert_int_equal(lines, 0);
	put(s, "user_settable_max_current", 0, 0); /* nothing to go by */
	s->charger.armed = 0;
	play(s, 3000, 1);
	assert_int_equal(charger_observed(&s->charger).most, CURRENT_NONE);
	assert_int_equal(charger_observed(&s->charger).set_point, 16000);
	street_close(s);
}

/* The rest works when the charger refuses to tell the currents. */
static void currents_that_are_refused(void **state)
{
	struct street *s = street_open(&abb_device, (struct charger_options){.timeout = 30});

	(void)state;
	s->device.refused[0] = 0x4010;
	s->device.refused[1] = 0x4012;
	s->device.refused[2] = 0x4014;
	s->device.refusals = 3;
	s->charger.measure = true;
	s->charger.fallback = 6000;
	steer(s, 10000);
	assert_int_equal(s->charger.link, CHARGER_READY);
	assert_int_equal(charger_observed(&s->charger).car_read, CHARGER_NEVER);
	assert_int_equal(charger_observed(&s->charger).applied, 10000);
	assert_int_equal(charger_observed(&s->charger).most, 32000);
	assert_non_null(strstr(said, "not known"));
	forget();
	put(s, "charging_current_limit_modbus", 32, 0);
	put(s, "charging_current_limit", 32, 0);
	put(s, "fallback_limit", 255, 0);
	play(s, 1200, 0);
	assert_true(number(s, "charging_current_limit") == 10);
	assert_true(number(s, "fallback_limit") == 6);
	assert_int_equal(lines, 1);
	street_close(s);
}

/* A charger that refuses every read is no charger to steer. */
static void reads_that_are_all_refused(void **state)
{
	struct street *s = steered(&abb_device, 10000);

	(void)state;
	for (unsigned i = 0; i < 0x27; i++)
		s->device.refused[i] = (uint16_t)(0x4000 + i);
	s->device.refusals = 0x27;
	play(s, 3000, 1);
	assert_int_equal(s->charger.link, CHARGER_AWAY);
	assert_int_equal(charger_observed(&s->charger).applied, CURRENT_NONE);
	s->device.refusals = 0;
	play(s, 3000, 2);
	assert_int_equal(s->charger.link, CHARGER_READY);
	assert_int_equal(charger_observed(&s->charger).applied, 10000);
	assert_non_null(strstr(said, "charger lost"));
	assert_non_null(strstr(said, "charger is back, armed: time-out 30 s, fallback 6 A"));
	street_close(s);
}

/* Questions without an answer keep it from falling back, so it gets lower limits all the same. */
static void a_charger_that_is_not_heard(void **state)
{
	static const struct device *const kinds[] = {&abb_device, &alfen_device, &keba_device};

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct street *s = street_open(
			kinds[i], (struct charger_options){.timeout = 30, .reply = 100});

		steer(s, 16000);
		assert_int_equal(sim_device_offer(&s->device), 16000);
		s->unheard = true;
		steer(s, 9000);
		assert_int_equal(s->charger.link, CHARGER_AWAY);
		assert_non_null(strstr(said, "no answer"));
		assert_int_equal(sim_device_offer(&s->device), 9000);
		steer(s, 0);
		assert_int_equal(sim_device_offer(&s->device), 0);
		steer(s, 12000);
		assert_int_equal(sim_device_offer(&s->device), 0);
		s->unheard = false;
		steer(s, 20000);
		assert_int_equal(s->charger.link, CHARGER_READY);
		assert_int_equal(sim_device_offer(&s->device), 20000);
		street_close(s);
	}
}

/* The first exchanges arm and read; what the charger does goes on. */
static void a_start_changes_nothing(void **state)
{
	static const struct device *const kinds[] = {&abb_device, &alfen_device, &keba_device};

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct street *s = street_open(kinds[i], (struct charger_options){.timeout = 30});
		int32_t before = sim_device_offer(&s->device);

		s->charger.fallback = 6000;
		steer(s, CURRENT_NONE);
		assert_int_equal(s->charger.link, CHARGER_READY);
		assert_int_equal(sim_device_offer(&s->device), before);
		assert_int_equal(charger_observed(&s->charger).applied, before);
		assert_int_equal(charger_observed(&s->charger).set_point, CURRENT_NONE);
		street_close(s);
	}
}

/* What no limit of this charger can be is not known, and said once. */
static void limits_that_cannot_be(void **state)
{
	static const struct {
		const struct device *device;
		const char *row, *words;
		int amount, exponent;
	} kinds[] = {
		{&alfen_device, "actual_applied_max_current", "=1e+09 A, which is outside", 1, 9},
		{&alfen_device, "actual_applied_max_current", "=-5 A, which is outside", -5, 0},
		{&abb_device, "charging_current_limit", "=4.29497e+06 A, which is outside", 4294967,
	         0},
		{&keba_device, "charging_current_limit", "=4.29497e+06 A, which is outside",
	         4294967, 0}};

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct street *s = steered(kinds[i].device, 10000);

		put(s, kinds[i].row, kinds[i].amount, kinds[i].exponent);
		play(s, 3000, 1);
		play(s, 3000, 1);
		assert_int_equal(charger_observed(&s->charger).applied, CURRENT_NONE);
		assert_int_equal(charger_observed(&s->charger).link, CHARGER_READY);
		assert_non_null(strstr(said, kinds[i].words));
		assert_int_equal(lines, 1);
		street_close(s);
		forget();
	}
}

/* Nothing at all is sent, not for others either; then all is read, armed and written again. */
static void a_silence(void **state)
{
	static const struct device *const kinds[] = {&abb_device, &alfen_device, &keba_device};

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct street *s = steered(kinds[i], 10000);
		size_t n;

		s->charger.set_point = 8000;
		charger_poll(&s->charger);
		assert_true(s->charger.busy); /* the running exchange may end */
		charger_silence(&s->charger, 1500);
		play(s, 300, 1);
		sim_device_show(&s->device, device_role(kinds[i], ROLE_SETPOINT, ACCESS_W), 1,
		                decimal_u64(7, 0)); /* it falls back meanwhile */
		n = s->count;
		play(s, 1000, 0);
		assert_int_equal(s->count, n);
		assert_int_equal(charger_observed(&s->charger).link, CHARGER_AWAY);
		assert_int_equal(charger_observed(&s->charger).applied, CURRENT_NONE);
		assert_int_not_equal(charger_observed(&s->charger).silent_since, CHARGER_NEVER);
		assert_int_equal(lines, 0);
		play(s, 1000, 1);
		assert_int_equal(charger_observed(&s->charger).link, CHARGER_READY);
		assert_int_equal(charger_observed(&s->charger).silent_since, CHARGER_NEVER);
		assert_int_equal(sim_device_offer(&s->device), 8000);
		assert_true(s->count > n + 1);
		assert_non_null(strstr(said, "charger is back, armed"));
		street_close(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(another_master_writes_the_limit, setup),
		cmocka_unit_test_setup(another_master_writes_time_out_and_fallback, setup),
		cmocka_unit_test_setup(a_restart_behind_a_converter, setup),
		cmocka_unit_test_setup(a_charger_that_applies_nothing, setup),
		cmocka_unit_test_setup(the_maximum_of_the_charger_caps, setup),
		cmocka_unit_test_setup(currents_that_are_refused, setup),
		cmocka_unit_test_setup(reads_that_are_all_refused, setup),
		cmocka_unit_test_setup(a_charger_that_is_not_heard, setup),
		cmocka_unit_test_setup(a_start_changes_nothing, setup),
		cmocka_unit_test_setup(limits_that_cannot_be, setup),
		cmocka_unit_test_setup(a_silence, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
