/* Lines of P1 telegrams: what each means, and that a damaged or odd one is kept verbatim. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "printed.h"
#include "protocol/dsmr/parts.h"

#define CH1 "0-1:24.1.0(003)\r\n"
#define G1 "0-1:24.2.1(230101010000W)"
#define DEVICE "\"channels\":[{\"channel\":1,\"kind\":\"unknown\"}],\"unknown\":{"
#define T(time) "\"time\":\"" time "\""
#define NEWYEAR "2023-01-01T01:00:00+01:00"

struct line_case {
	const char *lines, *part;
};

static struct record record;

static const char *decode(struct dsmr *d, const char *header, const char *lines)
{
	static char text[4096];
	struct p1_telegram t = {.data = (const uint8_t *)text, .crc = P1_CRC_NONE};

	t.size = (size_t)snprintf(text, sizeof text, "/%s\r\n\r\n%s!\r\n", header, lines);
	t.whole = t.size;
	record_begin(&record, "p1");
	assert_int_equal(dsmr_decode(d, &t, &record), 0);
	return printed(&record);
}

/* The second and third time a meter's lines are read from what is remembered of them. */
static void check(struct dsmr *d, const struct line_case *cases, size_t n)
{
	for (int again = 0; again < 3; again++) {
		for (size_t i = 0; i < n; i++) {
			char header[32];

			snprintf(header, sizeof header, "A%zu", i);
			decode(d, header, cases[i].lines);
			if (!strstr(printed(&record), cases[i].part))
				fail_msg("time %d: %s is missing in %s", again + 1, cases[i].part,
				         printed(&record));
		}
	}
	dsmr_free(d);
}

static int end(void **state)
{
	(void)state;
	record_free(&record);
	return 0;
}

static void test_channels(void **state)
{
	static const struct line_case cases[] = {
		{"0-1:24.1.0(002)\r\n", "\"kind\":\"electricity\""},
		{"0-1:24.1.0(3)\r\n", "\"kind\":\"gas\""},
		{"0-1:24.1.0(004)\r\n", "\"kind\":\"heat\""},
		{"0-1:24.1.0(006)\r\n", "\"kind\":\"hot_water\""},
		{"0-1:24.1.0(007)\r\n", "\"kind\":\"water\""},
		{"0-1:24.1.0(010)\r\n", "\"kind\":\"cooling\""},
		{"0-1:24.1.0(011)\r\n", "\"kind\":\"cooling\""},
		{"0-1:24.1.0(012)\r\n", "\"kind\":\"heat\""},
		{"0-1:24.1.0(099)\r\n", "\"kind\":\"unknown\""},
		{"0-1:24.1.0(0003)\r\n", "\"kind\":\"unknown\""},
		{"0-1:24.1.0(x)\r\n", "\"kind\":\"unknown\""},
		{"0-1:24.1.0(:)\r\n", "\"kind\":\"unknown\""},
		{"0-1:24.1.0()\r\n", "\"kind\":\"unknown\""},
		{"0-9:24.1.0(003)\r\n", "\"channels\":[{\"channel\":9,\"kind\":\"gas\"}]"},
		{"0-10:24.1.0(003)\r\n", "\"unknown\":{\"0-10:24.1.0\":\"(003)\"}"},
		{"0-0:24.1.0(003)\r\n", "\"unknown\":{\"0-0:24.1.0\":\"(003)\"}"},
		{"1-1:24.1.0(003)\r\n", "\"unknown\":{\"1-1:24.1.0\":\"(003)\"}"},
		{"0-1:25.1.0(003)\r\n", "\"unknown\":{\"0-1:25.1.0\":\"(003)\"}"},
		{"0-1:24.9.0(003)\r\n", "\"unknown\":{\"0-1:24.9.0\":\"(003)\"}"},
		/* power failures and a switch are no devices on the meter's bus */
		{"0-1:96.7.21(3)\r\n", "\"crc\":\"none\",\"unknown\":{\"0-1:96.7.21\":\"(3)\"}"},
		{"0-1:96.7.0(3)\r\n", "\"crc\":\"none\",\"unknown\":{\"0-1:96.7.0\":\"(3)\"}"},
		{"0-1:96.7.255(3)\r\n", "\"crc\":\"none\",\"unknown\":{\"0-1:96.7\":\"(3)\"}"},
		{"0-1:96.3.10(1)\r\n", "\"crc\":\"none\",\"unknown\":{\"0-1:96.3.10\":\"(1)\"}"},
		/* any other line of a channel is a device */
		{"0-1:96.6.21(3)\r\n", DEVICE "\"0-1:96.6.21\":\"(3)\"}"},
		{"0-1:96.8.21(3)\r\n", DEVICE "\"0-1:96.8.21\":\"(3)\"}"},
		{"0-1:96.3.9(1)\r\n", DEVICE "\"0-1:96.3.9\":\"(1)\"}"},
		{"0-1:96.3.11(1)\r\n", DEVICE "\"0-1:96.3.11\":\"(1)\"}"},
		{"0-1:24.7.21(1)\r\n", DEVICE "\"0-1:24.7.21\":\"(1)\"}"},
		{"0-1:24.3.10(1)\r\n", DEVICE "\"0-1:24.3.10\":\"(1)\"}"},
		{"0-1:96.1.0(4142)\r\n", "\"id\":\"AB\""},
		{"0-1:96.1.1(4142)\r\n0-1:96.1.0(4344)\r\n",
	         "\"id\":\"AB\"}],\"unknown\":{\"0-1:96.1.0\":\"(4344)\"}"},
		{"0-1:96.1.0(XYZ)\r\n", "\"id\":\"XYZ\""},
		{"0-1:96.1.2(353431)\r\n", "\"ean\":\"541\""},
		{"0-1:96.1.2(353431)\r\n0-1:96.1.2(353432)\r\n",
	         "\"ean\":\"541\"}],\"unknown\":{\"0-1:96.1.2\":\"(353432)\"}"},
		{CH1 "0-1:24.4.0(1)\r\n", "\"kind\":\"gas\",\"valve\":1}"},
		{CH1 "0-1:24.4.0(-1)\r\n", "\"valve\":null}"},
		{CH1 "0-1:24.4.0(1.5)\r\n", "\"valve\":null}"},
		{CH1 "0-1:24.4.0()\r\n", "\"valve\":null}"},
		{CH1 "0-1:24.4.0(1)\r\n0-1:24.4.0(0)\r\n",
	         "\"valve\":1}],\"unknown\":{\"0-1:24.4.0\":\"(0)\"}"},
		{CH1 CH1, "\"kind\":\"gas\"}],\"unknown\":{\"0-1:24.1.0\":\"(003)\"}"},
		{CH1 G1 "(1.5*m3)\r\n" G1 "(2*m3)\r\n",
	         "\"value\":1.5,\"unit\":\"m3\"}],\"gas\":1.5,\"gas_time\":\"" NEWYEAR "\","
	         "\"unknown\":{\"0-1:24.2.1\":\"(230101010000W)(2*m3)\"}"},
		{"0-1:24.2.3(230101010000W)(1.5*m3)\r\n",
	         "\"kind\":\"gas\"," T(NEWYEAR) ",\"value\":1.5"},
		{"0-1:24.2.3(230101010000W)(1.5*kWh)\r\n",
	         "\"kind\":\"unknown\"," T(NEWYEAR) ",\"value\":1500,\"unit\":\"Wh\""},
		{G1 "(1.5*m3)\r\n", "\"kind\":\"unknown\"," T(NEWYEAR) ",\"value\":1.5"},
		{CH1 G1 "(0)\r\n", "\"value\":null,\"unit\":null}]}"},
		{CH1 G1 "(00001)\r\n",
	         "\"value\":null,\"unit\":null}],\"errors\":[\"" G1 "(00001)\"]"},
		{CH1 G1 "(x*m3)\r\n",
	         "\"value\":null,\"unit\":null}],\"errors\":[\"" G1 "(x*m3)\"]"},
		{CH1 "0-1:24.2.1(231301010000W)(1*m3)\r\n",
	         "\"time\":null,\"value\":null,\"unit\":null}],\"errors\":["},
		{CH1 "0-1:24.2.1(700101010000W)(1*m3)\r\n",
	         "\"time\":null,\"value\":null,\"unit\":null}]}"},
		{CH1 "0-1:24.2.1(632525252525W)(00000000)\r\n",
	         "\"time\":null,\"value\":null,\"unit\":null}]}"},
		{CH1 "0-1:24.2.1(1*m3)\r\n",
	         "\"time\":null,\"value\":null,\"unit\":null}],\"errors\":["},
		{CH1 "0-1:24.2.1()\r\n", "\"time\":null,\"value\":null,\"unit\":null}]}"},
		{CH1 "0-1:24.3.0(120517020000)(08)(60)(1)(0-1:24.2.1)(m3)(1.5)\r\n",
	         "\"gas\":1.5,"},
		{CH1 "0-1:24.3.0(120517020000)(08)(60)(1)(0-1:24.2.1)(kx)(1.5)\r\n",
	         "\"value\":null"},
		{CH1 "0-1:24.3.0(120517020000)(08)(60)(1)(0-1:24.2.1)(m3)\r\n", "\"value\":null"},
		{CH1 "0-1:24.3.0(120517020000)(08)(60)(1)(0-1:24.2.1)(m3)(1.5)(2.5)\r\n",
	         "\"gas\":1.5,"},
		{CH1 G1 "(1*m3)\r\n0-2:24.1.0(3)\r\n0-2:24.2.1(230102010000W)(2*m3)\r\n",
	         "\"gas\":2,"},
		{CH1
	         "0-1:24.2.1(230103010000W)(1*m3)\r\n0-2:24.1.0(3)\r\n0-2:24.2.1(230102010000W)(2*m3)\r\n",
	         "\"gas\":1,"},
		{"0-2:24.1.0(7)\r\n0-2:24.2.1(230102010000W)(2*m3)\r\n",
	         "\"water\":2,\"water_time\":"},
		{CH1 "0-1:24.2.1(230103010000W)(1*GJ)\r\n",
	         "\"value\":1000000000,\"unit\":\"J\"}]}"},
	};

	(void)state;
	check(dsmr_new(0), cases, sizeof cases / sizeof cases[0]);
}

/* --gas-channel: the channel that the user names is taken for gas with any identifier. */
static void test_gas_channel(void **state)
{
	static const struct line_case cases[] = {
		{CH1 G1 "(1*m3)\r\n0-2:24.1.0(7)\r\n0-2:24.2.1(230102010000W)(2*m3)\r\n",
	         "\"gas\":2,"},
		{CH1 G1 "(1*m3)\r\n", "\"unit\":\"m3\"}]}"},
		{"0-3:24.1.0(7)\r\n", "\"kind\":\"water\"}]}"},
	};

	(void)state;
	check(dsmr_new(2), cases, sizeof cases / sizeof cases[0]);
}

static void test_logs(void **state)
{
#define LOG "1-0:99.97.0"
#define PEAKS "0-0:98.1.0"
#define FAILURE "(000101000001W)"
	static const struct line_case cases[] = {
		{LOG "(2)(0-0:96.7.19)" FAILURE "(240*s)" FAILURE "(5)\r\n",
	         "[{\"time\":\"2000-01-01T00:00:01+01:00\",\"duration\":240},"
	         "{\"time\":\"2000-01-01T00:00:01+01:00\",\"duration\":5}]}"},
		{LOG "(1)(0-0:96.7.19)(700101010000W)(240*s)\r\n",
	         "[{\"time\":null,\"duration\":240}]}"},
		{LOG "(1)(0-0:96.7.19)" FAILURE "(x*s)\r\n",
	         "\"power_failure_log\":null,\"errors\":[\"" LOG},
		{LOG "(1)(0-0:96.7.19)" FAILURE "()\r\n",
	         "\"power_failure_log\":null,\"errors\":[\"" LOG},
		{LOG "(1)(0-0:96.7.19)" FAILURE "(:)\r\n",
	         "\"power_failure_log\":null,\"errors\":[\"" LOG},
		{LOG "(1)(0-0:96.7.19)" FAILURE "(5)" FAILURE "\r\n",
	         "[{\"time\":\"2000-01-01T00:00:01+01:00\",\"duration\":5}],\"errors\":[\"" LOG},
		{PEAKS "(2)(1-0:1.6.0)(1-0:1.6.0)(230201000000W)(230117224500W)(04.329*kW)"
	               "(230301000000W)(230202001500W)(04.529*kW)\r\n",
	         "\"peak_history\":[{\"month_end\":\"2023-02-01T00:00:00+01:00\",\"time\":\"2023-01-17T22:45:00+01:00\","
	         "\"value\":4329},{\"month_end\":\"2023-03-01T00:00:00+01:00\",\"time\":\"2023-02-02T00:15:00+01:00\","
	         "\"value\":4529}]}"},
		{PEAKS "(1)(1-0:1.6.0)(1-0:1.6.0)(632525252525W)(632525252525W)(00.000*kW)\r\n",
	         "[{\"month_end\":null,\"time\":null,\"value\":0}]}"},
		{PEAKS "(1)(1-0:1.6.0)(1-0:1.6.0)(230201000000W)(230117224500W)(x)\r\n",
	         "\"value\":null}]}"},
		{PEAKS
	         "(2)(1-0:1.6.0)(1-0:1.6.0)(230201000000W)(230117224500W)(04.329*kW)(230301000000W)\r\n",
	         "\"value\":4329}],\"errors\":[\"" PEAKS},
		{PEAKS "(0)\r\n", "\"unknown\":{\"" PEAKS "\":\"(0)\"}"},
		{PEAKS "(x)(1-0:1.6.0)(1-0:1.6.0)\r\n", "\"unknown\":{\"" PEAKS},
		{PEAKS "(230201000000W)(15)(1-0:1.6.0)\r\n", "\"unknown\":{\"" PEAKS},
		{PEAKS "(0)(1-0:1.6.0)(1-0:1.6.0)\r\n", "\"peak_history\":[]}"},
	};

	(void)state;
	check(dsmr_new(0), cases, sizeof cases / sizeof cases[0]);
}

static void test_values(void **state)
{
#define PEAK "1-0:1.6.0"
	static const struct line_case cases[] = {
		{"1-0:1.7.0(1.5*KW)\r\n", "\"power_import\":1500}"},
		{"1-0:1.7.0(1.5kw)\r\n", "\"power_import\":1500}"},
		{"1-0:1.8.0(1.5*MWh)\r\n", "\"energy_import\":1500000}"},
		{"1-0:1.8.0(1.5*GWH)\r\n", "\"energy_import\":1500000000}"},
		{"1-0:1.8.0(1.5*mWh)\r\n",
	         "\"energy_import\":null,\"errors\":[\"1-0:1.8.0(1.5*mWh)\"]"},
		{"1-0:1.8.0(1.5*kkWh)\r\n", "\"energy_import\":null,\"errors\":["},
		{"1-0:1.8.0(1.5*k)\r\n", "\"energy_import\":null,\"errors\":["},
		{"1-0:3.7.0(1*kVAr)\r\n", "\"reactive_power_import\":1000}"},
		{"1-0:1.7.0(1*)\r\n", "\"power_import\":null,\"unknown\":{\"1-0:1.7.0\":\"(1*)\"}"},
		{"1-0:1.7.0(.5*kW)\r\n", "\"power_import\":null,\"errors\":["},
		{"1-0:1.7.0(-.5*kW)\r\n", "\"power_import\":null,\"errors\":["},
		{"1-0:1.7.0(-0.5*kW)\r\n", "\"power_import\":-500}"},
		{"1-0:1.7.0(1..5*kW)\r\n", "\"power_import\":null,\"errors\":["},
		{"1-0:1.7.0(99999999999999999999*kW)\r\n", "\"power_import\":null,\"errors\":["},
		{"1-0:1.7.0()\r\n", "\"power_import\":null}"},
		{"1-0:1.7.0(1*kW)(2*kW)\r\n",
	         "\"power_import\":2000,\"unknown\":{\"1-0:1.7.0\":\"(1*kW)(2*kW)\"}"},
		{"1-0:13.7.0(0.9*W)\r\n", "\"power_factor\":null,\"unknown\":"},
		{"0-0:17.0.0(009.000*kVA)(010.000*kVA)\r\n", "\"power_limit\":9000,\"unknown\":"},
		{"0-0:17.0.0(999*kW)\r\n", "\"power_limit\":null}"},
		{"0-0:17.0.0(0999.00*kW)\r\n", "\"power_limit\":null}"},
		{"0-0:17.0.0(99.9*kW)\r\n", "\"power_limit\":99900}"},
		{"0-0:17.0.0(5*A)\r\n", "\"power_limit\":null,\"unknown\":"},
		{"0-0:96.7.21(00013)\r\n", "\"power_failures\":13}"},
		{"0-0:96.7.21(13)(14)\r\n",
	         "\"power_failures\":13,\"unknown\":{\"0-0:96.7.21\":\"(13)(14)\"}"},
		{"0-0:96.7.21()\r\n", "\"power_failures\":null}"},
		{"0-0:96.7.21(x)\r\n", "\"power_failures\":null,\"errors\":[\"0-0:96.7.21(x)\"]"},
		{"0-0:96.7.21(-1)\r\n", "\"power_failures\":null,\"errors\":["},
		{"0-0:96.7.21(1.5)\r\n", "\"power_failures\":null,\"errors\":["},
		{"0-0:96.7.21(1x)\r\n", "\"power_failures\":null,\"errors\":["},
		{"0-0:96.13.0(4142)(4344)\r\n",
	         "\"text_message\":\"AB\",\"unknown\":{\"0-0:96.13.0\":\"(4142)(4344)\"}"},
		{"0-0:96.13.0()\r\n", "\"text_message\":null}"},
		{"0-0:96.13.0(GR\374N)\r\n", "\"text_message\":\"GR\303\274N\"}"},
		{"0-0:96.13.0(414)\r\n", "\"text_message\":\"414\"}"},
		{"0-0:96.13.0(4119)\r\n",
	         "\"text_message\":\"4119\"}"}, /* not printable: as it stands */
		{"0-0:96.13.0(417F)\r\n", "\"text_message\":\"417F\"}"},
		{"0-0:96.13.0(4182)\r\n", "\"text_message\":\"4182\"}"},
		{"0-0:96.13.0(414G)\r\n", "\"text_message\":\"414G\"}"},
		{"1-3:0.2.8(50)(51)\r\n", "\"version\":\"50\""},
		{PEAK "(230622200000W)(06.235*kW)\r\n",
	         "\"peak_demand_import\":6235,\"peak_demand_import_time\":\"2023-06-22T20:00:00+01:00\"}"},
		{PEAK "(06.235*kW)\r\n", "\"peak_demand_import\":6235}"},
		{PEAK "(230622200000W)(x)\r\n", "\"peak_demand_import\":null,"},
		{PEAK "(230622200000W)(5*A)\r\n", "\"peak_demand_import\":null,"},
		{PEAK "(230622200000W)()\r\n", "\"peak_demand_import\":null,"},
		{PEAK "(239922200000W)(06.235*kW)\r\n",
	         "\"peak_demand_import_time\":null,\"errors\":["},
		{PEAK "(632525252525W)(00.000*kW)\r\n",
	         "\"peak_demand_import\":0,\"peak_demand_import_time\":null}"},
		{"1-1:1.7.0(1*kW)\r\n1-1:1.7.0(2*kW)\r\n", "\"power_import\":1000,"},
		{"1-0:1.7.0(1*kW)\r\n1-1:1.7.0(2*kW)\r\n",
	         "\"power_import\":1000,\"unknown\":{\"1-1:1.7.0\":\"(2*kW)\"}"},
		{"1-0:1.7.0(1*kW)\r\n1-0:1.7.0(2*kW)\r\n",
	         "\"power_import\":1000,\"unknown\":{\"1-0:1.7.0\":\"(2*kW)\"}"},
		{"0-0:1.0.0(210204163628S)\r\n", "\"meter_time\":\"2021-02-04T16:36:28+02:00\""},
		{"0-0:1.0.0(210204163628X)\r\n", "\"meter_time\":null"},
		{"0-0:1.0.0(21020416362)\r\n", "\"meter_time\":null"},
		{"0-0:1.0.0(2102041a3628W)\r\n", "\"meter_time\":null"},
		{"0-0:1.0.0(aa0204163628W)\r\n", "\"meter_time\":null"},
		{"0-0:1.0.0(07E8061C050A2B2B008000FF)\r\n",
	         "\"meter_time\":\"2024-06-28T10:43:43\""},
		{"0-0:1.0.0(07e8061c050a2b2b00ff8880)\r\n",
	         "\"meter_time\":\"2024-06-28T10:43:43+02:00\""},
		{"0-0:1.0.0(07E8061C05XA2B2B00FF8880)\r\n", "\"meter_time\":null"},
		{"0-0:1.0.0(07E8061C050X2B2B00FF8880)\r\n", "\"meter_time\":null"},
		{"nothing\r\n", "\"errors\":[\"nothing\"]"},
		{"1-0:1.7.0(1*kW\r\n", "\"errors\":[\"1-0:1.7.0(1*kW\"]"},
		{"1-0:1.7(1*kW)\r\n", "\"unknown\":{\"1-0:1.7\":\"(1*kW)\"}"},
		{"1-0:11111111111111111111111111111111111111111111111111111111111111111(1)\r\n",
	         "\"errors\":[\"1-0:1111"},
	};

	(void)state;
	check(dsmr_new(0), cases, sizeof cases / sizeof cases[0]);
}

/* Meters whose numbers change their width, sign or place between two telegrams. */
static void test_changes(void **state)
{
	static const struct line_case steps[] = {
		{"1-0:1.7.0(1.5*kW)\r\n" CH1 G1 "(1*m3)\r\n", "\"power_import\":1500,"},
		{"1-0:1.7.0(10.5*kW)\r\n" CH1 G1 "(10*m3)\r\n", "\"power_import\":10500,"},
		{"1-0:1.7.0(-1.5*kW)\r\n" CH1 G1 "(1*m3)\r\n", "\"power_import\":-1500,"},
		{"1-0:1.7.0(x.5*kW)\r\n" CH1 G1 "(1*m3)\r\n", "\"power_import\":null,"},
		{CH1 "1-0:1.7.0(1.5*kW)\r\n" G1 "(1*m3)\r\n", "\"power_import\":1500,"},
		{CH1 CH1 "1-0:1.7.0(2.5*kW)\r\n", "\"power_import\":2500,"},
		{"1-0:1.7.0(2.5*kW)\r\n1-0:1.7.0(3.5*kW)\r\n",
	         "\"power_import\":2500,\"unknown\":"},
		{"1-0:2.7.0(2.5*kW)\r\n1-0:1.7.0(3.5*kW)\r\n",
	         "\"power_export\":2500,\"power_import\":3500}"},
		{"1-0:1.7.0(2.5*kVA)\r\n", "\"power_import\":null,\"unknown\":"},
		{"1-0:1.7.0(2.5*kW)\r\n", "\"power_import\":2500}"},
		{"0-0:1.0.0(210204163628S)\r\n1-0:1.7.0(1*W)\r\n",
	         "\"meter_time\":\"2021-02-04T16:36:28+02:00\""},
		{"0-0:1.0.0(210204163629W)\r\n1-0:1.7.0(1*W)\r\n",
	         "\"meter_time\":\"2021-02-04T16:36:29+01:00\""},
		{"0-0:1.0.0(210204163629X)\r\n1-0:1.7.0(1*W)\r\n", "\"meter_time\":null"},
		{"0-0:1.0.0(2102041636a9W)\r\n1-0:1.7.0(1*W)\r\n", "\"meter_time\":null"},
		{"0-0:1.0.0(213204163629W)\r\n1-0:1.7.0(1*W)\r\n", "\"meter_time\":null"},
		{"0-0:1.0.0(a10204163629W)\r\n1-0:1.7.0(1*W)\r\n", "\"meter_time\":null"},
		{"0-0:1.0.0(210204163629W)\r\n1-0:1.7.0(1*W)\r\n",
	         "\"meter_time\":\"2021-02-04T16:36:29+01:00\""},
		{"0-0:1.0.7(210204163629W)\r\n1-0:1.7.0(1*W)\r\n",
	         "\"unknown\":{\"0-0:1.0.7\":\"(210204163629W)\"}"},
		{"1-3:0.2.8(50)\r\n0-0:96.1.1(4142)\r\n", "\"version\":\"50\",\"meter_id\":\"AB\""},
		{"1-3:0.2.8(42)\r\n0-0:96.1.1(4143)\r\n", "\"version\":\"42\",\"meter_id\":\"AC\""},
	};
	struct dsmr *d = dsmr_new(0);

	(void)state;
	for (int again = 0; again < 5; again++) {
		for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
			size_t k = again % 2 ? (i * 7) % (sizeof steps / sizeof steps[0]) : i;

			decode(d, "SAME", steps[k].lines);
			if (!strstr(printed(&record), steps[k].part))
				fail_msg("%s is missing in %s", steps[k].part, printed(&record));
		}
	}
	dsmr_free(d);
}

/* More meters than are remembered, headers longer than are kept, more lines than have room. */
static void test_limits(void **state)
{
	struct dsmr *d = dsmr_new(0);
	char header[300], lines[4000], part[64];
	size_t n = 0;

	(void)state;
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < 300; i++) {
			snprintf(header, sizeof header, "METER%u", i);
			snprintf(lines, sizeof lines, "1-0:1.7.0(%u*W)\r\n", i);
			snprintf(part, sizeof part, "\"power_import\":%u}", i);
			decode(d, header, lines);
			has(&record, part);
		}
	}
	memset(header, 'H', sizeof header - 1);
	header[sizeof header - 1] = '\0';
	for (int again = 0; again < 3; again++) {
		decode(d, header, "1-0:1.7.0(7*W)\r\n");
		has(&record, "\"power_import\":7}");
	}
	for (int i = 0; i < 200; i++)
		n += (size_t)snprintf(lines + n, sizeof lines - n, "1-0:1.7.0(%d)\r\n", i % 10);
	for (int again = 0; again < 3; again++) {
		decode(d, "MANY", lines);
		has(&record, "\"1-0:1.7.0\":[\"(0)\",\"(1)\",");
	}
	decode(d, "\r\rX\r", "1-0:1.7.0(7*W)\r\n");
	has(&record, "\"header\":\"X\"");
	dsmr_free(d);
	dsmr_free(NULL);
}

/* The rows outside of the electrical vocabulary; of equal names the lowest rank counts. */
static void test_rows(void **state)
{
	static const struct {
		unsigned a, b, c, d, e;
		const char *name;
		enum row_kind kind;
		unsigned rank;
	} cases[] = {
		{0, 0, 1, 0, 0, "meter_time", ROW_TIME, 0},
		{1, 3, 0, 2, 8, "version", ROW_VERSION, 0},
		{0, 0, 96, 1, 4, "version", ROW_VERSION, 1},
		{0, 0, 96, 1, 1, "meter_id", ROW_TEXT, 0},
		{0, 0, 96, 1, 0, "meter_id", ROW_TEXT, 1},
		{0, 0, 42, 0, 0, "meter_id", ROW_TEXT, 2},
		{0, 0, 96, 1, 2, "ean", ROW_TEXT, 0},
		{0, 0, 96, 14, 0, "tariff", ROW_COUNT, 0},
		{0, 0, 17, 0, 0, "power_limit", ROW_LIMIT, 0},
		{0, 0, 96, 3, 10, "breaker_state", ROW_COUNT, 0},
		{0, 0, 96, 7, 21, "power_failures", ROW_COUNT, 0},
		{0, 0, 96, 7, 9, "long_power_failures", ROW_COUNT, 0},
		{0, 0, 96, 13, 0, "text_message", ROW_TEXT, 0},
		{0, 0, 96, 13, 1, "text_code", ROW_TEXT, 0},
		{0, 0, 98, 1, 0, "peak_history", ROW_HISTORY, 0},
		{1, 0, 1, 6, 0, "peak_demand_import", ROW_PEAK, 0},
		{1, 0, 31, 4, 0, "current_limit", ROW_LIMIT, 0},
		{1, 0, 99, 97, 0, "power_failure_log", ROW_LOG, 0},
		{1, 0, 1, 7, 0, "power_import", ROW_NUMBER, 0},
		{1, 1, 1, 7, 0, "power_import", ROW_NUMBER, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct dsmr_row row = row_find(
			OBIS(cases[i].a, cases[i].b, cases[i].c, cases[i].d, cases[i].e));

		assert_non_null(row.quantity);
		assert_string_equal(row.quantity->name, cases[i].name);
		assert_int_equal(row.kind, cases[i].kind);
		assert_int_equal(row.rank, cases[i].rank);
	}
	assert_null(row_find(OBIS(0, 0, 99, 99, 0)).quantity);
}

/* Unknown codes that come twice are lists, however many there are and wherever they stand. */
static void test_unknown_codes(void **state)
{
	struct dsmr *d = dsmr_new(0);
	char lines[4000], part[64];
	size_t n = 0;

	(void)state;
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 100; i++)
			n += (size_t)snprintf(lines + n, sizeof lines - n, "1-0:99.%d.9(%d)\r\n", i,
			                      round);
	n += (size_t)snprintf(lines + n, sizeof lines - n, "1-0:99.7.9(2)\r\n1-0:98.7.9(3)\r\n");
	decode(d, "A", lines);
	for (int i = 0; i < 100; i++) {
		snprintf(part, sizeof part, "\"1-0:99.%d.9\":[\"(0)\",\"(1)\"%s]", i,
		         i == 7 ? ",\"(2)\"" : "");
		has(&record, part);
	}
	has(&record, "\"1-0:98.7.9\":\"(3)\"}");
	dsmr_free(d);
}

/* Sweden's clocks stay at +01:00: a meter is Swedish by the lines that it sends and does not send. */
static void test_swedish(void **state)
{
#define CLOCK "0-0:1.0.0(210204163628)\r\n"
#define SUMS "1-0:1.8.0(1*kWh)\r\n1-0:3.8.0(1*kvarh)\r\n"
#define WINTER "\"meter_time\":\"2021-02-04T16:36:28+01:00\","
#define LOCAL "\"meter_time\":\"2021-02-04T16:36:28\","
	static const struct line_case cases[] = {
		{CLOCK SUMS, WINTER},
		{CLOCK SUMS "1-0:2.8.0(1*kWh)\r\n1-0:4.8.0(1*kvarh)\r\n1-0:1.7.0(1*kW)\r\n",
	         WINTER},
		{CLOCK "1-0:1.8.0(1*kWh)\r\n", LOCAL},
		{CLOCK "1-0:3.8.0(1*kvarh)\r\n", LOCAL},
		{CLOCK SUMS "1-0:1.8.1(1*kWh)\r\n", LOCAL},
		{CLOCK SUMS "1-3:0.2.8(50)\r\n", LOCAL},
		{CLOCK SUMS "0-0:96.7.21(1)\r\n", LOCAL},
		{CLOCK "1-0:1.7.0(1*kW)\r\n", LOCAL},
	};

	(void)state;
	check(dsmr_new(0), cases, sizeof cases / sizeof cases[0]);
}

/*
 * How many bytes of the second line the memory of the first one takes without parsing; `next` begins
 * the line after it.
 */
static size_t taken_before(struct dsmr *d, const char *first, const char *second, char next)
{
	char line[64];
	size_t index = 1; /* line 0 is the empty one after the header */
	const uint8_t *data = (const uint8_t *)line;

	snprintf(line, sizeof line, "%s\r\n%c\r\n", second, next);
	decode(d, "A", first);
	record_begin(&record, "p1");
	memset(d->seen, 0, sizeof d->seen);
	return (size_t)(memo_numbers(d, memo_find(d, (struct span){(const uint8_t *)"A", 1}),
	                             &index, data, data + strlen(line)) -
	                data);
}

static size_t taken_from_memory(struct dsmr *d, const char *first, const char *second)
{
	return taken_before(d, first, second, '!');
}

/* A number of so many digits before and after its point. */
static const char *number_line(char line[64], const char *digits, unsigned whole, unsigned fraction)
{
	snprintf(line, 64, "1-0:1.7.0(%.*s%s%.*s*W)", (int)whole, digits, fraction ? "." : "",
	         (int)fraction, digits + whole);
	return line;
}

/* Numbers of up to 16 characters, with up to 7 digits after the point, are read by their form. */
static void test_forms_of_numbers(void **state)
{
	char first[64], learnt[80], second[64], expected[32];

	(void)state;
	for (unsigned whole = 1; whole <= 17; whole++) {
		for (unsigned fraction = 0; fraction <= 8 && whole + fraction <= 18; fraction++) {
			struct dsmr *d = dsmr_new(0);
			bool fits = whole + fraction + (fraction > 0) <= 16 && fraction < 8;
			const struct value *v;
			struct decimal wanted;
			size_t taken;

			snprintf(learnt, sizeof learnt, "%s\r\n",
			         number_line(first, "135792468013579246", whole, fraction));
			number_line(second, "987654321087654329", whole, fraction);
			taken = taken_from_memory(d, learnt, second);
			assert_int_equal(taken, fits ? strlen(second) + 2 : 0);
			v = record_find(&record, "power_import");
			assert_int_equal(v != NULL, fits);
			snprintf(expected, sizeof expected, "%.*s", (int)strcspn(second + 10, "*"),
			         second + 10);
			assert_int_equal(decimal_parse(&wanted, expected, strlen(expected)), 0);
			if (v) {
				assert_true(v->as.decimal.digits == wanted.digits);
				assert_int_equal(v->as.decimal.exponent, wanted.exponent);
				assert_string_equal(v->unit, "W");
			}
			dsmr_free(d);
		}
	}
}

/* Which lines have a form: those with a plain number in the unit of their quantity. */
static void test_lines_with_a_form(void **state)
{
	static const struct {
		const char *first, *second;
		bool taken;
	} cases[] = {
		{"1-0:1.7.0(01.5*kW)", "1-0:1.7.0(22.9*kW)", true},
		{"1-0:1.7.0(01.5kW)", "1-0:1.7.0(22.9kW)", true},
		{"1-0:1.7.0(01.5*kW)", "1-0:1.7.0(22.95*kW)", false},
		{"1-0:1.7.0(01.5*kW)", "1-0:1.7.0(2.95*kW)", false},
		{"1-0:1.7.0(01.5*kW)", "1-0:1.7.0(-2.9*kW)", false},
		{"1-0:1.7.0(-1.5*kW)", "1-0:1.7.0(-2.9*kW)", false},
		{"1-0:1.7.0(01.5*kW)", "1-0:1.7.0(02.9*kV)", false},
		{"1-0:1.7.0(01.5*kV)", "1-0:1.7.0(02.9*kV)", false},
		{"1-0:1.7.0(01.5)", "1-0:1.7.0(02.9)", false},
		{"1-0:13.7.0(0.910)", "1-0:13.7.0(1.000)", true},
		{"1-0:13.7.0(0.910*W)", "1-0:13.7.0(1.000*W)", false},
		{"0-0:96.7.21(00013)", "0-0:96.7.21(99999)", true},
		{"0-0:96.7.21(1.5)", "0-0:96.7.21(2.5)", false},
		{"0-0:96.7.21(5*s)", "0-0:96.7.21(6*s)", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct dsmr *d = dsmr_new(0);
		char learnt[64];
		size_t taken;

		snprintf(learnt, sizeof learnt, "%s\r\n", cases[i].first);
		taken = taken_from_memory(d, learnt, cases[i].second);
		if (taken != (cases[i].taken ? strlen(cases[i].second) + 2 : 0))
			fail_msg("%s after %s: %zu bytes taken", cases[i].second, cases[i].first,
			         taken);
		dsmr_free(d);
	}
}

/* A line is whole when the next one begins with a code or ends the telegram; others may continue it. */
static void test_what_follows_a_form(void **state)
{
	static const char line[] = "1-0:1.7.0(22.9*kW)";

	(void)state;
	for (int next = 1; next < 256; next++) {
		struct dsmr *d = dsmr_new(0);
		size_t taken = taken_before(d, "1-0:1.7.0(01.5*kW)\r\n", line, (char)next);

		assert_int_equal(taken, strchr("!0123456789", next) ? strlen(line) + 2 : 0);
		dsmr_free(d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_channels),
		cmocka_unit_test(test_gas_channel),
		cmocka_unit_test(test_logs),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_unknown_codes),
		cmocka_unit_test(test_swedish),
		cmocka_unit_test(test_forms_of_numbers),
		cmocka_unit_test(test_lines_with_a_form),
		cmocka_unit_test(test_what_follows_a_form),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
