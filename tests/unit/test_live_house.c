/* A simulated house in real time: household, meter, inverter, charger and car, and the tap on a charger. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/news.h"
#include "device/charger.h"
#include "device/registers.h"
#include "frame/adu.h"
#include "modbus/server.h"
#include "sim/charger_probe.h"
#include "sim/live_house.h"
#include "sim/metered_house.h"
#include "sim/sunspec_device.h"

enum { HOUR = 3600, BEGIN = 7 /* ms, of the clock */ };

static struct live_house house, other;

static void begin(struct live_house *h, const char *words, int32_t start, const char *car)
{
	struct live_house_settings s = {.start = start};

	memset(h, 0, sizeof *h);
	assert_int_equal(household_parse(&s.household, words), 0);
	s.household.days = 3660;
	h->charger = (struct sim_device){.device = device_by_name("abb", 3), .validity = 60};
	assert_int_equal(sim_device_example(&h->charger, 1), 0);
	h->car.settings = car_defaults();
	for (const char *p = car; *p; p += *p == ',') {
		size_t length = strcspn(p, ",");

		assert_int_equal(car_parse(&h->car.settings, p, length), 0);
		p += length;
	}
	live_house_start(h, &s, BEGIN);
}

static void end(struct live_house *h)
{
	image_free(&h->charger.image);
}

/* What a household of those words draws in that second of its first day. */
static void drawn_at(const char *words, int64_t second, int32_t currents[3])
{
	struct household_settings s;
	struct household h;
	int64_t until = 0;

	assert_int_equal(household_parse(&s, words), 0);
	s.days = 3660;
	household_start(&h, &s);
	while (until <= second)
		until += household_next(&h, currents);
}

static void the_meter_sees_household_and_car(void **state)
{
	static const char words[] = "seed=7,pv=5";
	int32_t grid[3], alone[3];

	(void)state;
	begin(&house, words, 18 * HOUR, "dead=0,restart=3,up=16");
	for (int second = 0; second < 2 * HOUR; second += 7) {
		int32_t car = second < 5 ? 0 : 16000; /* what the charger of the example offers */

		live_house_grid(&house, BEGIN + second * 1000, grid);
		drawn_at(words, 18 * HOUR + second, alone);
		for (int i = 0; i < 3; i++)
			assert_int_equal(grid[i], alone[i] + car);
	}
	end(&house);
}

static void looks_change_nothing(void **state)
{
	int32_t often[3], seldom[3];

	(void)state;
	begin(&house, "seed=3,heatpump=3", 17 * HOUR, "battery=20,charge=50");
	begin(&other, "seed=3,heatpump=3", 17 * HOUR, "battery=20,charge=50");
	for (int second = 1; second <= 2 * HOUR; second++) {
		live_house_grid(&house, BEGIN + second * 1000, often);
		if (second % 600)
			continue;
		live_house_grid(&other, BEGIN + second * 1000, seldom);
		assert_memory_equal(often, seldom, sizeof often);
	}
	assert_int_equal(house.car.car.energy, other.car.car.energy);
	assert_true(house.car.car.energy > 0);
	end(&house);
	end(&other);
}

static void the_inverter_feeds_what_the_household_has(void **state)
{
	double sum = 0;
	uint32_t fed;
	int32_t at_noon[3], without[3];

	(void)state;
	begin(&house, "seed=7,pv=6", 12 * HOUR, "");
	for (int second = 0; second < HOUR; second++) {
		int32_t sun = live_house_sun(&house, BEGIN + second * 1000, &fed);

		assert_in_range(fed, sum / 3600 > 1 ? sum / 3600 - 1 : 0, sum / 3600 + 1);
		sum += sun;
		drawn_at("seed=7,pv=6", 12 * HOUR + second, at_noon);
		drawn_at("seed=7", 12 * HOUR + second, without);
		if (second % 60 == 0)
			assert_in_range(without[0] - at_noon[0], sun / 3 * 1000 / 230 - 20,
			                sun / 3 * 1000 / 230 + 20);
	}
	assert_true(fed > 500);
	assert_int_equal(household_sun_phases(&house.household), 3);
	end(&house);
	begin(&house, "seed=7,pv=4.9", 2 * HOUR, "");
	assert_int_equal(live_house_sun(&house, BEGIN, &fed), 0);
	assert_int_equal(household_sun_phases(&house.household), 1);
	end(&house);
}

static uint16_t read_word(struct sunspec_device *d, unsigned address)
{
	uint16_t word = 0;
	const struct modbus_call call = {.unit = 1,
	                                 .function = ADU_READ_HOLDING,
	                                 .address = address,
	                                 .count = 1,
	                                 .words = &word};

	assert_int_equal(sunspec_device_answer(d, &call), 0);
	return word;
}

static void registers_of_the_inverter(void **state)
{
	const struct sunspec_device_settings settings = {.unit = 1};
	struct sunspec_device *d;
	unsigned line;
	uint16_t before;

	(void)state;
	assert_int_equal(sunspec_device_new(&d, &settings, NULL, 0, &line), 0);
	before = read_word(d, 40095);
	sunspec_device_feed(d, 2300, 3, 5);
	assert_int_equal(read_word(d, 40072), 1000); /* 0.01 A */
	assert_int_equal(read_word(d, 40073), 333);
	assert_int_equal(read_word(d, 40075), 333);
	assert_int_equal(read_word(d, 40084), 2300);
	assert_int_equal(read_word(d, 40095), before + 5);
	assert_int_equal(read_word(d, 40108), 4);
	sunspec_device_feed(d, 460, 1, 6);
	assert_int_equal(read_word(d, 40073), 200);
	assert_int_equal(read_word(d, 40074), 0);
	sunspec_device_feed(d, 0, 1, 6);
	assert_int_equal(read_word(d, 40108), 2);
	sunspec_device_free(d);
}

/* Loads beside the house: currents, powers and energies follow, over the sign too. */
static void loads_of_a_meter(void **state)
{
	struct metered_house h;
	struct telegram_values v = {0};
	int64_t import;

	(void)state;
	metered_house_start(&h, telegram_model_find("dsmr5"), 1);
	h.bare = true;
	h.loads[0] = 10000;
	h.loads[1] = -4000;
	metered_house_live(&h, &v, 1717416007000, 1);
	metered_house_load(&h, &v);
	assert_int_equal(v.milli[TELEGRAM_current_l1], 10000);
	assert_int_equal(v.milli[TELEGRAM_current_l2], 4000);
	assert_int_equal(v.milli[TELEGRAM_current_l3], 0);
	assert_int_equal(v.milli[TELEGRAM_power_import_l1], 2300000);
	assert_int_equal(v.milli[TELEGRAM_power_export_l1], 0);
	assert_int_equal(v.milli[TELEGRAM_power_import_l2], 0);
	assert_int_equal(v.milli[TELEGRAM_power_export_l2], 920000);
	assert_int_equal(v.milli[TELEGRAM_power_import], 1380000);
	assert_int_equal(v.milli[TELEGRAM_power_export], 0);
	import = v.milli[TELEGRAM_energy_import];
	metered_house_live(&h, &v, 1717416007000 + HOUR * 1000, HOUR);
	assert_in_range(v.milli[TELEGRAM_energy_import] - import, 1379000, 1381000);
	/* over constant values of the house */
	v.milli[TELEGRAM_current_l1] = 3000;
	v.milli[TELEGRAM_power_import_l1] = 0;
	v.milli[TELEGRAM_power_export_l1] = 690000;
	v.milli[TELEGRAM_power_import] = 0;
	v.milli[TELEGRAM_power_export] = 690000;
	h.loads[1] = 0;
	metered_house_load(&h, &v);
	assert_int_equal(v.milli[TELEGRAM_current_l1], 7000);
	assert_int_equal(v.milli[TELEGRAM_power_import_l1], 1610000);
	assert_int_equal(v.milli[TELEGRAM_power_export_l1], 0);
	assert_int_equal(v.milli[TELEGRAM_power_import], 1610000);
	assert_int_equal(v.milli[TELEGRAM_power_export], 0);
}

static const char *shown(struct sim_device *s)
{
	static char text[DECIMAL_TEXT];
	const struct device_register *row = device_role(s->device, ROLE_STATE, ACCESS_R);
	struct record r = {0};
	const struct value *v;
	struct decimal d;

	record_begin(&r, "");
	v = register_value(&r, s->device, row, &s->image, 1);
	if (v->kind == VALUE_TEXT)
		snprintf(text, sizeof text, "%.*s", (int)v->as.text.length, v->as.text.data);
	else if (value_decimal(v, &d))
		decimal_format(text, d);
	record_free(&r);
	return text;
}

/* Each charger tells by its state whether a car is there, by the hours of the car. */
static void states_of_chargers(void **state)
{
	static const struct {
		const char *name, *empty, *ready, *charging;
	} chargers[] = {
		{"abb", "0", "2", "4"}, {"keba", "1", "2", "3"}, {"alfen", "A", "B2", "C2"}};
	const instant midnight = INT64_C(1717372800000); /* UTC */

	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	for (size_t i = 0; i < sizeof chargers / sizeof *chargers; i++) {
		struct sim_device s = {
			.device = device_by_name(chargers[i].name, strlen(chargers[i].name)),
			.validity = 60};
		struct sim_car c = {.settings = car_defaults()};
		instant six = midnight + INT64_C(18) * HOUR * 1000;

		assert_int_equal(sim_device_example(&s, 1), 0);
		assert_int_equal(car_parse(&c.settings, "home=18-7", 9), 0);
		sim_car_live(&c, &s, six - 120000);
		sim_car_live(&c, &s, six - 60000);
		assert_int_equal(c.car.current, 0); /* it is not there yet */
		assert_string_equal(shown(&s), chargers[i].empty);
		sim_car_live(&c, &s, six + 1000);
		assert_string_equal(shown(&s), chargers[i].ready);
		sim_car_live(&c, &s, six + 60000);
		assert_string_equal(shown(&s), chargers[i].charging);
		assert_true(c.car.current > 0);
		sim_car_live(&c, &s, six + INT64_C(3500) * 1000);
		assert_string_equal(shown(&s), chargers[i].charging);
		image_free(&s.image);
	}
}

static struct text told;

static void on_news(enum news_level level, const char *text)
{
	(void)level;
	text_printf(&told, "%s\n", strchr(text, ' ') + 1);
}

static int answer(void *data, const struct modbus_call *call)
{
	return sim_device_request(data, (unsigned)call->unit, call->function, call->address,
	                          call->count, call->words, 1000);
}

static void run_for(struct loop *loop, uint64_t ms)
{
	uint64_t begin = uv_hrtime() / 1000000;

	while (uv_hrtime() / 1000000 - begin < ms) {
		uv_run(loop_uv(loop), UV_RUN_NOWAIT);
		uv_sleep(5);
	}
}

/* Currents of each kind of charger; a lost one draws nothing and is said once. */
static void a_tap_on_a_charger(void **state)
{
	static const char *const names[] = {"abb", "keba", "alfen"};
	static struct charger_probe probe;
	char problem[512], url[100];

	(void)state;
	news_listen(on_news);
	for (size_t i = 0; i < 3; i++) {
		struct sim_device s = {.device = device_by_name(names[i], strlen(names[i]))};
		const struct modbus_server_options options = {.handler = answer, .data = &s};
		struct loop *loop = loop_new();
		struct modbus_server *server;
		int32_t first;

		told.length = 0;
		assert_int_equal(sim_device_example(&s, 1), 0);
		assert_int_equal(
			modbus_server_open(&server, loop_uv(loop), "127.0.0.1:0", &options), 0);
		snprintf(url, sizeof url, "%s://%s", names[i], modbus_server_name(server));
		assert_int_equal(charger_probe_open(&probe, url, loop, problem, sizeof problem), 0);
		assert_int_equal(probe.currents[0], 0);
		run_for(loop, 600);
		first = charger_current(s.device, device_role(s.device, ROLE_CURRENT_L1, ACCESS_R),
		                        &s.image, 1);
		assert_true(first > 0);
		assert_int_equal(probe.currents[0], first);
		assert_true(probe.currents[1] > 0 && probe.currents[2] > 0);
		modbus_server_close(server);
		if (i == 0) {
			run_for(loop, 2300);
			assert_int_equal(probe.currents[0], 0);
			assert_string_equal(text_string(&told),
			                    "the charger tells no currents "
			                    "(unreachable): it counts as 0 A\n");
		}
		charger_probe_close(&probe);
		loop_free(loop);
		image_free(&s.image);
	}
	news_listen(NULL);
	text_free(&told);
}

static void what_is_no_charger(void **state)
{
	static const char *const urls[] = {"",       "127.0.0.1", "tesla://127.0.0.1",
	                                   "abb://", "none",      "abb"};
	static struct charger_probe probe;
	struct loop *loop = loop_new();
	char problem[512];

	(void)state;
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		if (charger_probe_open(&probe, urls[i], loop, problem, sizeof problem) != EM_SYNTAX)
			fail_msg("'%s'", urls[i]);
		charger_probe_close(&probe);
	}
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_meter_sees_household_and_car),
		cmocka_unit_test(looks_change_nothing),
		cmocka_unit_test(the_inverter_feeds_what_the_household_has),
		cmocka_unit_test(registers_of_the_inverter),
		cmocka_unit_test(loads_of_a_meter),
		cmocka_unit_test(states_of_chargers),
		cmocka_unit_test(a_tap_on_a_charger),
		cmocka_unit_test(what_is_no_charger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
