/* P1 telegrams from values: digits, wrapping counters, clocks, histories, CRC; framed and decoded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above first */
#include <cmocka.h>

#include "frame/p1.h"
#include "protocol/telegram/telegram.h"

static const char *print(struct text *out, const char *form, const struct telegram_values *values)
{
	struct telegram_model model = {.text = form};

	out->length = 0;
	telegram_build(out, &model, values);
	return text_string(out);
}

static void numbers(void **state)
{
	struct telegram_values v = {.serial = "A1"};
	struct text out = {0};

	(void)state;
	v.milli[TELEGRAM_power_import] = 1193499;
	v.milli[TELEGRAM_energy_import] = INT64_C(1234567890123456);
	v.milli[TELEGRAM_power_factor] = -910;
	v.milli[TELEGRAM_voltage_l1] = 230050;
	v.milli[TELEGRAM_tariff] = 2000;
	assert_string_equal(print(&out, "{power_import:2.3k}", &v), "01.193!\r\n");
	assert_string_equal(print(&out, "{power_import:4.2k}", &v), "0001.19!\r\n");
	assert_string_equal(print(&out, "{power_import:9.0}", &v), "000001193!\r\n");
	assert_string_equal(print(&out, "{energy_import:6.3k}", &v), "567890.123!\r\n");
	assert_string_equal(print(&out, "{power_factor:1.3}\n", &v), "-0.910\r\n!\r\n");
	assert_string_equal(print(&out, "{voltage_l1:3.1}*V", &v), "230.0*V!\r\n");
	assert_string_equal(print(&out, "{tariff:4.0}", &v), "0002!\r\n");
	assert_string_equal(print(&out, "({serial})({plain})", &v), "(4131)(A1)!\r\n");
	text_free(&out);
}

/* 2024-03-31 and 2024-10-27, 01:00 UTC: clocks change. */
static void clocks(void **state)
{
	static const struct {
		instant time;
		const char *text;
	} cases[] = {
		{1711846799000, "240331015959W!\r\n"}, {1711846800000, "240331030000S!\r\n"},
		{1729990799000, "241027025959S!\r\n"}, {1729990800000, "241027020000W!\r\n"},
		{1704063600000, "240101000000W!\r\n"},
	};
	struct telegram_model sweden = {.text = "{clock}", .no_summer = true};
	struct telegram_values v = {0};
	struct text out = {0};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		v.time = cases[i].time;
		assert_string_equal(print(&out, "{clock}", &v), cases[i].text);
	}
	v.time = 1711846800000;
	out.length = 0;
	telegram_build(&out, &sweden, &v);
	assert_string_equal(text_string(&out), "240331020000W!\r\n");
	text_free(&out);
}

static void keep(void *context, const struct p1_telegram *t)
{
	struct p1_telegram *last = context;

	*last = *t;
}

/* The framer finds every model's telegram, with the CRC that it prints. */
static void models(void **state)
{
	struct telegram_values v = {.serial = "E0043007052870318",
	                            .time = 1717416000000,
	                            .gas_time = 1717416000000,
	                            .peak_time = 1717416000000};

	(void)state;
	assert_null(telegram_model_find("dsmr9"));
	for (size_t i = 0; i < telegram_model_count; i++) {
		const struct telegram_model *model = telegram_model_find(telegram_models[i].name);
		struct p1_telegram found = {0};
		struct p1_handler handler = {keep, NULL, &found};
		struct p1_framer framer;
		struct text out = {0};

		assert_ptr_equal(model, &telegram_models[i]);
		telegram_build(&out, model, &v);
		assert_false(out.failed);
		assert_null(memchr(out.data, '{', out.length)); /* every place is filled */
		p1_init(&framer, &handler);
		assert_int_equal(p1_feed(&framer, (const uint8_t *)out.data, out.length), 0);
		p1_end(&framer);
		assert_int_equal(framer.counts.telegrams, 1);
		assert_int_equal(found.whole, out.length - 2);
		assert_int_equal(found.crc, model->has_crc ? P1_CRC_OK : P1_CRC_NONE);
		p1_free(&framer);
		text_free(&out);
	}
}

/* How often each meter sends, whether with a CRC, and how often its gas meter reports. */
static void rhythms(void **state)
{
	static const struct {
		const char *name;
		int interval, gas_period;
		bool has_crc, no_summer, day_first;
	} rows[] = {
		{"dsmr22", 10, 3600, false, false, false}, {"dsmr3", 10, 3600, false, false, false},
		{"dsmr4", 10, 3600, true, false, false},   {"dsmr5", 1, 300, true, false, false},
		{"esmr", 1, 300, true, false, false},      {"emucs", 1, 300, true, false, true},
		{"lu", 10, 0, true, false, false},         {"se", 10, 0, true, true, false},
		{"at", 1, 0, true, false, false},          {"ch", 5, 0, true, false, false},
		{"hu", 10, 0, true, false, false},         {"lt", 10, 0, true, false, false},
	};

	(void)state;
	assert_int_equal(telegram_model_count, sizeof rows / sizeof rows[0]);
	for (size_t i = 0; i < telegram_model_count; i++) {
		const struct telegram_model *m = &telegram_models[i];

		assert_string_equal(m->name, rows[i].name);
		assert_true(m->interval == rows[i].interval);
		assert_int_equal(m->gas_period, rows[i].gas_period);
		assert_int_equal(m->has_crc, rows[i].has_crc);
		assert_int_equal(m->no_summer, rows[i].no_summer);
		assert_int_equal(m->day_first, rows[i].day_first);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(numbers), cmocka_unit_test(clocks),
	                                   cmocka_unit_test(models), cmocka_unit_test(rhythms)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
