/* The answers of the query service, word by word, against a separate table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/telegram/telegram.h"
#include "service/answers.h"

#define NOW INT64_C(1717416010000) /* 2024-06-03T12:00:10Z */

static struct answers *answers;

static void on_telegram(void *context, const struct p1_telegram *t)
{
	(void)context;
	assert_int_equal(answers_keep(answers, t, NOW - 3000), 0);
}

static void feed(const char *data, size_t size)
{
	const struct p1_handler handler = {.telegram = on_telegram};
	struct p1_framer framer;

	p1_init(&framer, &handler);
	assert_int_equal(p1_feed(&framer, (const uint8_t *)data, size), 0);
	p1_end(&framer);
	assert_int_equal(framer.counts.telegrams, 1);
	p1_free(&framer);
}

/* A telegram whose values are all different. */
static struct text telegram(const char *model)
{
	static const struct {
		enum telegram_value value;
		int64_t milli;
	} set[] = {
		{TELEGRAM_energy_import_t1, 1001002000}, {TELEGRAM_energy_import_t2, 2002003000},
		{TELEGRAM_energy_export_t1, 30004000},   {TELEGRAM_energy_export_t2, 40005000},
		{TELEGRAM_power_import, 1236000},        {TELEGRAM_power_export, 654000},
		{TELEGRAM_voltage_l1, 231100},           {TELEGRAM_voltage_l2, 232200},
		{TELEGRAM_voltage_l3, 233300},           {TELEGRAM_power_import_l1, 1001000},
		{TELEGRAM_power_import_l2, 202000},      {TELEGRAM_power_import_l3, 33000},
		{TELEGRAM_power_export_l1, 4000},        {TELEGRAM_power_export_l2, 50000},
		{TELEGRAM_power_export_l3, 600000},      {TELEGRAM_gas, 1234567},
	};
	struct telegram_values values = {.time = 1717416007000, /* 2024-06-03T12:00:07Z */
	                                 .gas_time = 1717416000000,
	                                 .serial = "E0043007052870318"};
	struct text out = {0};

	for (size_t i = 0; i < sizeof set / sizeof set[0]; i++)
		values.milli[set[i].value] = set[i].milli;
	telegram_build(&out, telegram_model_find(model), &values);
	assert_false(out.failed);
	return out;
}

static const char *ask(const char *word)
{
	static char reply[8192];
	struct text out = {0};

	answers_give(answers, word, NOW, &out);
	assert_false(out.failed);
	assert_true(out.length < sizeof reply);
	snprintf(reply, sizeof reply, "%s", text_string(&out));
	text_free(&out);
	return reply;
}

static const struct {
	const char *word, *full, *bare; /* of a DSMR 5 telegram; of a DSMR 2.2 one without phases */
} rows[] = {
	{"pcuruse", "1236", "1230"},
	{"10s", "1236", "1230"},
	{"pcurprod", "654", "650"},
	{"pcurnet", "582", "580"},
	{"volt", "231.1", "nan"},
	{"VL1", "231.1", "nan"},
	{"VL2", "232.2", "nan"},
	{"VL3", "233.3", "nan"},
	{"PL1+", "1001", "nan"},
	{"PL2+", "202", "nan"},
	{"PL3+", "33", "nan"},
	{"PL1-", "4", "nan"},
	{"PL2-", "50", "nan"},
	{"PL3-", "600", "nan"},
	{"gas", "1234.567", "1234.567"},
	{"gastime", "2024-06-03T14:00:00+02:00", "2024-06-03T14:00:00"},
	{"net", "2932.996", "2932.996"},
	{"cur", "3003.005", "3003.005"},
	{"curused", "3003.005", "3003.005"},
	{"curproduced", "70.009", "70.009"},
	{"usagetariff1", "1001.002", "1001.002"},
	{"usagetariff2", "2002.003", "2002.003"},
	{"timestamp", "2024-06-03T14:00:07+02:00", "nan"},
	{"consumption", "nan", "nan"},
	{"40084", "nan", "nan"},
	{"40999", "nan", "nan"},
	{"nonsense", "not implemented, run 'help' for an overview",
         "not implemented, run 'help' for an overview"},
	{"", "not implemented, run 'help' for an overview",
         "not implemented, run 'help' for an overview"},
	{"4008", "not implemented, run 'help' for an overview",
         "not implemented, run 'help' for an overview"},
	{"400840", "not implemented, run 'help' for an overview",
         "not implemented, run 'help' for an overview"},
	{"VL4", "not implemented, run 'help' for an overview",
         "not implemented, run 'help' for an overview"},
	{"test", "emtool p1 answers", "emtool p1 answers"},
};

enum { ROWS = sizeof rows / sizeof rows[0] };

static void expect(const char *word, const char *reply)
{
	if (strcmp(ask(word), reply))
		fail_msg("%s: %s, expected %s", word, ask(word), reply);
}

static void every_word_has_its_answer(void **state)
{
	struct text t = telegram("dsmr5");

	(void)state;
	feed(t.data, t.length);
	for (size_t i = 0; i < ROWS; i++)
		expect(rows[i].word, rows[i].full);
	text_free(&t);
}

static void what_a_meter_does_not_send_is_nan(void **state)
{
	struct text t = telegram("dsmr22");

	(void)state;
	feed(t.data, t.length);
	for (size_t i = 0; i < ROWS; i++)
		expect(rows[i].word, rows[i].bare);
	text_free(&t);
}

static void without_a_telegram_all_values_are_nan(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].full[0] != 'n' && rows[i].full[0] != 'e')
			expect(rows[i].word, "nan");
	expect("all", "nan");
	expect("json", "{\"energy\":{\"unit\":\"Wh\",\"p1consumedtariff1\":null,"
	               "\"p1consumedtariff2\":null,\"p1producedtariff1\":null,"
	               "\"p1producedtariff2\":null,\"sunspecproduced\":null},"
	               "\"power\":{\"unit\":\"W\",\"p1consuming\":null,\"p1producing\":null,"
	               "\"sunspecproducing\":null,\"netconsuming\":null},"
	               "\"p1timestamp\":null,\"modbustimestamp\":null}");
}

static void sums_stand_in_for_what_is_missing(void **state)
{
	static const char summed[] = "/ABC5 meter\r\n\r\n1-0:1.8.0(000123.321*kWh)\r\n"
				     "1-0:2.8.0(000000.321*kWh)\r\n1-0:1.7.0(00.980*kW)\r\n"
				     "1-0:41.7.0(00.400*kW)\r\n!\r\n";

	static const char even[] = "/ABC5 meter\r\n\r\n1-0:1.7.0(00.500*kW)\r\n"
				   "1-0:2.7.0(00.500*kW)\r\n!\r\n";

	(void)state;
	feed(even, sizeof even - 1);
	expect("pcurnet", "0"); /* not -0 */
	feed(summed, sizeof summed - 1);
	expect("cur", "123.321");
	expect("curproduced", "0.321");
	expect("net", "123.000");
	expect("pcuruse", "400"); /* of the one phase that is sent */
	expect("pcurprod", "nan");
}

static void all_is_the_telegram_with_its_line_end(void **state)
{
	struct text t = telegram("dsmr5");

	(void)state;
	feed(t.data, t.length);
	expect("all", text_string(&t));
	feed(t.data, t.length - 2); /* its CRC is the last that comes */
	expect("all", text_string(&t));
	text_free(&t);
}

/* Each line of help names a word that has an answer, and each word has a line. */
static void help_lists_all_words(void **state)
{
	char help[8192], line[64];
	size_t words = 0, lines = 0;

	(void)state;
	snprintf(help, sizeof help, "%s", ask("help"));
	for (const char *p = help; (p = strchr(p, '\n')); p++)
		lines++;
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].full[0] == 'n' && strcmp(rows[i].word, "consumption"))
			continue;
		snprintf(line, sizeof line, "%s%-14s", words ? "\n" : "", rows[i].word);
		if (!strstr(help, rows[i].word))
			fail_msg("%s has no line", rows[i].word);
		words++;
	}
	assert_int_equal(lines, words + 3); /* help, all and json */
	assert_non_null(strstr(help, "\n40072..40107  "));
}

static struct inverter_reading sun;

static void set_sun(void)
{
	sun = (struct inverter_reading){.time = NOW - 2000};
	for (size_t i = 0; i < INVERTER_POINTS; i++) {
		sun.value[i] = decimal_i64((int64_t)(i + 1) * 1000 + 500, 0);
		sun.valid[i] = i != 7;
	}
}

/* The numbers that SolarEdge documents, from 1. */
static const unsigned numbers[INVERTER_POINTS] = {40072, 40073, 40074, 40075, 40077, 40078, 40079,
                                                  40080, 40081, 40082, 40084, 40086, 40088, 40090,
                                                  40092, 40094, 40097, 40099, 40101, 40104};

static void registers_of_the_inverter_have_numbers(void **state)
{
	char word[8], reply[16];

	(void)state;
	set_sun();
	for (size_t i = 0; i < INVERTER_POINTS; i++) {
		snprintf(word, sizeof word, "%u", numbers[i]);
		snprintf(reply, sizeof reply, "%zu500", i + 1);
		expect(word, i == 7 ? "nan" : reply); /* not implemented by this inverter */
	}
	for (unsigned n = 40060; n < 40120; n++) {
		bool known = false;

		for (size_t i = 0; i < INVERTER_POINTS; i++)
			known |= numbers[i] == n;
		snprintf(word, sizeof word, "%u", n);
		if (!known)
			expect(word, "nan");
	}
}

static void the_inverter_counts_as_production(void **state)
{
	struct text t = telegram("dsmr5");

	(void)state;
	set_sun();
	feed(t.data, t.length);
	expect("consumption", "12082"); /* 1236 - 654 + 11500 */
	expect("json", "{\"energy\":{\"unit\":\"Wh\",\"p1consumedtariff1\":1001002,"
	               "\"p1consumedtariff2\":2002003,\"p1producedtariff1\":30004,"
	               "\"p1producedtariff2\":40005,\"sunspecproduced\":16500},"
	               "\"power\":{\"unit\":\"W\",\"p1consuming\":1236,\"p1producing\":654,"
	               "\"sunspecproducing\":11500,\"netconsuming\":12082},"
	               "\"p1timestamp\":1717416007.000,\"modbustimestamp\":1717416008.000}");
	text_free(&t);
}

static void an_old_reading_is_no_answer(void **state)
{
	struct decimal value;

	(void)state;
	set_sun();
	assert_true(inverter_value(&sun, 40084, sun.time + 10000, &value));
	assert_int_equal(value.digits, 11500);
	assert_false(inverter_value(&sun, 40084, sun.time + 10001, &value));
	sun.time = NOW - 10001;
	expect("40084", "nan");
	expect("consumption", "nan");
	sun.time = INSTANT_NONE;
	expect("40084", "nan");
}

static int begin(void **state)
{
	(void)state;
	answers = answers_new(0, NULL);
	return !answers;
}

static int begin_with_sun(void **state)
{
	(void)state;
	answers = answers_new(0, &sun);
	return !answers;
}

static int end(void **state)
{
	(void)state;
	answers_free(answers);
	return 0;
}

#define WITH(name, setup) cmocka_unit_test_setup_teardown(name, setup, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(every_word_has_its_answer, begin),
		WITH(what_a_meter_does_not_send_is_nan, begin),
		WITH(without_a_telegram_all_values_are_nan, begin),
		WITH(sums_stand_in_for_what_is_missing, begin),
		WITH(all_is_the_telegram_with_its_line_end, begin),
		WITH(help_lists_all_words, begin),
		WITH(registers_of_the_inverter_have_numbers, begin_with_sun),
		WITH(the_inverter_counts_as_production, begin_with_sun),
		WITH(an_old_reading_is_no_answer, begin_with_sun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
