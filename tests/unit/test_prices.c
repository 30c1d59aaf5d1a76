/* Lists of prices in each shape that people have, days of 23 and 25 hours, and what is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "balance/prices.h"
#include "base/error.h"
#include "base/text.h"

static struct zone berlin(void)
{
	static const char rule[] = "CET-1CEST,M3.5.0,M10.5.0/3";
	struct zone z;

	assert_int_equal(zone_parse(&z, rule, strlen(rule)), 0);
	return z;
}

static int read_text(struct prices *p, const char *text, char why[PRICES_WHY])
{
	struct zone z = berlin();

	return prices_read(p, text, strlen(text), &z, why);
}

/* `30T23:00+60=0.08534 ` for each slot: its start in UTC, minutes and price. */
static void told(struct text *out, const struct prices *p)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct price_slot *s = &p->slots[i];
		struct stamp start = stamp_at(s->start, 0);

		text_printf(out, "%02dT%02d:%02d+%d=%.15g ", start.day, start.hour, start.minute,
		            (int)((s->end - s->start) / 60000), (double)s->price / 1e9);
	}
}

static void reads(const char *text, const char *expected)
{
	char why[PRICES_WHY] = "";
	struct prices p;
	struct text out = {0};
	int error = read_text(&p, text, why);

	assert_string_equal(why, "");
	assert_int_equal(error, 0);
	told(&out, &p);
	assert_string_equal(text_string(&out), expected);
	text_free(&out);
	prices_free(&p);
}

static void refuses(const char *text, const char *expected)
{
	char why[PRICES_WHY];
	struct prices p;

	assert_int_equal(read_text(&p, text, why), EM_SYNTAX);
	assert_string_equal(why, expected);
	assert_null(p.slots);
}

static void csv_in_many_shapes(void **state)
{
	static const char expected[] = "30T23:00+60=0.08534 01T00:00+60=-0.001 ";
	static const char *const texts[] = {
		"start,price\n2026-12-01T00:00+01:00,0.08534\n2026-12-01T01:00+01:00,-0.001\n",
		"\xEF\xBB\xBFstart,end,price_eur_mwh\r\n"
		"2026-11-30T23:00:00Z,2026-12-01T00:00:00Z,85.34\r\n"
		"2026-12-01T00:00:00Z,2026-12-01T01:00:00Z,-1\r\n",
		"# my list\ntime;Price [ct/kWh]\n01.12.2026 00:00;8,534\n01.12.2026 01:00;-0,1\n",
		"datetime\tEUR/MWh\n2026-12-01 00:00:00\t85.34\n2026-12-01 01:00:00\t-1.0\n",
		"\"MTU (CET/CEST)\",\"Day-ahead Price [EUR/MWh]\",\"Currency\"\n"
		"\"01.12.2026 00:00 - 01.12.2026 01:00\",\"85.34\",\"EUR\"\n"
		"\"01.12.2026 01:00 - 01.12.2026 02:00\",\"-1.00\",\"EUR\"\n",
		"MTU (UTC),Area,Sequence,Day-ahead Price (EUR/MWh),Intraday Price (EUR/MWh)\n"
		"30/11/2026 23:00:00 - 01/12/2026 00:00:00,BZN|DE-LU,,85.34,7\n"
		"01/12/2026 00:00:00 - 01/12/2026 01:00:00,BZN|DE-LU,,-1,\n",
		"Datum von;Datum bis;Deutschland/Luxemburg [\xE2\x82\xAC/MWh] Berechnete Auflösung;"
		"Belgien [\xE2\x82\xAC/MWh]\n"
		"01.12.2026 00:00;01.12.2026 01:00;85,34;1\n"
		"01.12.2026 01:00;01.12.2026 02:00;-1,00;1\n",
		"Datum;Anfang;Ende;Preis\n1.12.2026;00:00;01:00;0,08534\n1.12.2026;01:00;02:00;-0,001\n",
		"unix_seconds,value\n1796079600,0.08534\n1796083200,-0.001\n",
		"timestamp,value\n1796079600000,0.08534\n1796083200000,-0.001\n",
		"MTU,price\n2026-12-01 00:00 - 01:00,0.08534\n2026-12-01 01:00 - 02:00,-0.001\n",
		"HourUTC,HourDK,PriceArea,SpotPriceEUR,unit\n2026-11-30T23:00:00,2026-12-01T00:00:00,"
		"DK1,85.34,EUR/MWh\n2026-12-01T00:00:00,2026-12-01T01:00:00,DK1,-1,EUR/MWh\n",
		"a preamble\n\nfrom,to,price\n2026-11-30T23:00Z/2026-12-01T00:00Z,,0.08534\n"
		"2026-12-01T00:00Z,2026-12-01T01:00Z,-0.001\n",
		"start,price\n2026-12-01T01:00+01:00,-0.001\n2026-12-01T00:00+01:00,0.08534\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		reads(texts[i], expected);
}

static void json_in_many_shapes(void **state)
{
	static const char expected[] = "30T23:00+60=0.08534 01T00:00+60=-0.001 ";
	static const char *const texts[] = {
		/* aWATTar */
		"{\"object\":\"list\",\"data\":[{\"start_timestamp\":1796079600000,\"end_timestamp\":"
		"1796083200000,\"marketprice\":85.34,\"unit\":\"Eur/MWh\"},{\"start_timestamp\":"
		"1796083200000,\"end_timestamp\":1796086800000,\"marketprice\":-1,\"unit\":"
		"\"Eur/MWh\"}],\"url\":\"/de/v1/marketdata\"}",
		/* Tibber */
		"{\"data\":{\"viewer\":{\"homes\":[{\"currentSubscription\":{\"priceInfo\":{\"today\":"
		"[{\"total\":0.08534,\"energy\":0.07,\"tax\":0.01,\"startsAt\":"
		"\"2026-12-01T00:00:00.000+01:00\",\"level\":\"NORMAL\"}],\"tomorrow\":[{\"total\":"
		"-0.001,\"energy\":0,\"startsAt\":\"2026-12-01T01:00:00.000+01:00\"}]}}}]}}}",
		"[{\"startsAt\":\"2026-12-01T00:00:00+01:00\",\"total\":0.08534},"
		"{\"startsAt\":\"2026-12-01T01:00:00+01:00\",\"total\":-1e-3}]",
		/* evcc */
		"{\"rates\":[{\"start\":\"2026-12-01T00:00:00+01:00\",\"end\":"
		"\"2026-12-01T01:00:00+01:00\",\"value\":0.08534},{\"start\":"
		"\"2026-12-01T01:00:00+01:00\",\"end\":\"2026-12-01T02:00:00+01:00\",\"value\":"
		"-0.001}]}",
		/* EPEX by smartENERGY and energy-charts */
		"{\"tariff\":\"EPEXSPOTAT\",\"unit\":\"ct/kWh\",\"interval\":15,\"data\":[{\"date\":"
		"\"2026-12-01T00:00:00+01:00\",\"value\":8.534},{\"date\":"
		"\"2026-12-01T01:00:00+01:00\",\"value\":-0.1}]}",
		"{\"license_info\":\"CC BY 4.0\",\"unix_seconds\":[1796079600,1796083200],\"price\":"
		"[85.34,-1.0],\"unit\":\"EUR / MWh\"}",
		"[{\"hour\":\"2026-12-01 00:00\",\"price\":\"0,08534\"},"
		"{\"hour\":\"2026-12-01 01:00\",\"price\":\"-0,001\"}]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		reads(texts[i], expected);
}

#define PERIOD(start, end, resolution, points)                                                   \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Publication_MarketDocument xmlns=\"x\">\n" \
	"<period.timeInterval><start>2026-11-30T23:00Z</start><end>2026-12-01T23:00Z</end>"      \
	"</period.timeInterval>\n<TimeSeries><currency_Unit.name>EUR</currency_Unit.name>"       \
	"<price_Measure_Unit.name>MWH</price_Measure_Unit.name>\n<Period><timeInterval>\n"       \
	"<start>" start "</start>\n<end>" end "</end></timeInterval>\n"                          \
	"<resolution>" resolution "</resolution>\n" points "</Period></TimeSeries>"              \
	"</Publication_MarketDocument>\n"
#define POINT(position, price)                                               \
	"<Point>\n <position>" position "</position>\n <price.amount>" price \
	"</price.amount>\n</Point>\n"

static void entso_e_repeats_missing_positions(void **state)
{
	(void)state;
	reads(PERIOD("2026-11-30T23:00Z", "2026-12-01T02:00Z", "PT60M",
	             POINT("1", "85.34") POINT("3", "-1")),
	      "30T23:00+60=0.08534 01T00:00+60=0.08534 01T01:00+60=-0.001 ");
	reads(PERIOD("2026-11-30T23:00Z", "2026-12-01T00:00Z", "PT15M",
	             POINT("1", "80") POINT("2", "90.5")),
	      "30T23:00+15=0.08 30T23:15+15=0.0905 30T23:30+15=0.0905 30T23:45+15=0.0905 ");
	/* an interval that ends before it begins has the points that it names */
	reads(PERIOD("2026-11-30T23:00Z", "1026-12-01T00:00Z", "PT60M",
	             POINT("1", "80") POINT("2", "90")),
	      "30T23:00+60=0.08 ");
	/* without a start, here one that the clocks leave out */
	refuses(PERIOD("2026-03-29T02:30", "2026-12-01T00:00Z", "PT60M", ""),
	        "no prices in it: a Publication_MarketDocument with points is expected");
	refuses(PERIOD("2026-11-30T23:00Z", "2026-12-01T00:00Z", "PT7M", POINT("1", "80")),
	        "line 8: 'PT7M' is no resolution: PT15M, PT30M or PT60M is expected");
	refuses(PERIOD("2026-11-30T23:00Z", "2026-12-01T00:00Z", "PT60M", ""),
	        "no prices in it: a Publication_MarketDocument with points is expected");
	refuses(PERIOD("2026-11-30T23:00Z", "2026-12-01T01:00Z", "PT60M",
	               POINT("2", "80") POINT("1", "80")),
	        "line 14: '1' is no position: a number above the one before, in a period with "
	        "interval and resolution, is expected");
	refuses(PERIOD("2026-11-30T23:00Z", "2026-12-01T01:00Z", "PT60M", POINT("1", "8x")),
	        "line 11: '8x' is no price: a number as 85.34 or 85,34 is expected");
}

static void currency_and_unit(void **state)
{
	static const struct {
		const char *text, *currency;
		bool no_unit;
	} cases[] = {
		{"start,price\n2026-12-01,1\n", "", true},
		{"start,EUR/MWh\n2026-12-01,1\n", "EUR", false},
		{"start,price (\xE2\x82\xAC/kWh)\n2026-12-01,1\n", "EUR", false},
		{"start,price_sek_per_kwh\n2026-12-01,1\n", "SEK", false},
		{"start,SpotPriceDKK\n2026-12-01,1\n", "DKK", true},
		{"start,price,currency\n2026-12-01,1,NOK\n", "NOK", true},
	};
	char why[PRICES_WHY];
	struct prices p;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(read_text(&p, cases[i].text, why), 0);
		assert_string_equal(p.currency, cases[i].currency);
		assert_int_equal(p.no_unit, cases[i].no_unit);
		prices_free(&p);
	}
}

/* On 29 March 2:00 to 3:00 is left out, on 25 October it comes twice. */
static void days_of_23_and_25_hours(void **state)
{
	(void)state;
	reads("start,price\n29.03.2026 00:00,1\n29.03.2026 01:00,2\n29.03.2026 02:00,-\n"
	      "29.03.2026 03:00,3\n",
	      "28T23:00+60=1 29T00:00+60=2 29T01:00+60=3 ");
	reads("MTU,price\n29.03.2026 01:00 - 29.03.2026 02:00,1\n"
	      "29.03.2026 03:00 - 29.03.2026 04:00,2\n",
	      "29T00:00+60=1 29T01:00+60=2 ");
	reads("MTU,price\n29.03.2026 01:00 - 29.03.2026 03:00,1\n"
	      "29.03.2026 03:00 - 29.03.2026 04:00,2\n",
	      "29T00:00+60=1 29T01:00+60=2 ");
	reads("start,price\n25.10.2026 01:00,1\n25.10.2026 02:00,2\n25.10.2026 02:00,3\n"
	      "25.10.2026 03:00,4\n",
	      "24T23:00+60=1 25T00:00+60=2 25T01:00+60=3 25T02:00+60=4 ");
	reads("MTU,price\n25.10.2026 01:00 - 25.10.2026 02:00,1\n"
	      "25.10.2026 02:00 - 25.10.2026 03:00,2\n25.10.2026 02:00 - 25.10.2026 03:00,3\n"
	      "25.10.2026 03:00 - 25.10.2026 04:00,4\n",
	      "24T23:00+60=1 25T00:00+60=2 25T01:00+60=3 25T02:00+60=4 ");
	reads("start,price\n25.10.2026 02:30,1\n25.10.2026 02:45,2\n25.10.2026 02:00,3\n"
	      "25.10.2026 02:15,4\n25.10.2026 02:30,5\n",
	      "25T00:30+15=1 25T00:45+15=2 25T01:00+15=3 25T01:15+15=4 25T01:30+15=5 ");
	reads("MTU (CET/CEST),price\n25/10/2026 02:00:00 (CEST) - 25/10/2026 02:00:00 (CET),1\n"
	      "25/10/2026 02:00:00 (CET) - 25/10/2026 03:00:00 (CET),2\n",
	      "25T00:00+60=1 25T01:00+60=2 ");
	reads("start,price\n2026-10-25T02:00+02:00,1\n2026-10-25T02:00+01:00,2\n",
	      "25T00:00+60=1 25T01:00+60=2 ");
}

static void a_column_tells_its_zone(void **state)
{
	char why[PRICES_WHY];
	struct zone helsinki;
	struct prices p;
	static const char text[] = "MTU (CET/CEST),price\n2026-07-01 00:00,1\n",
			  rule[] = "EET-2EEST,M3.5.0/3,M10.5.0/4";

	(void)state;
	assert_int_equal(zone_parse(&helsinki, rule, strlen(rule)), 0);
	assert_int_equal(prices_read(&p, text, strlen(text), &helsinki, why), 0);
	assert_int_equal(stamp_at(p.slots[0].start, 0).hour, 22);
	prices_free(&p);
	assert_int_equal(prices_read(&p, text + 16, strlen(text) - 16, &helsinki, why), EM_SYNTAX);
	assert_int_equal(prices_read(&p, "start,price\n2026-07-01,1", 24, &helsinki, why), 0);
	assert_int_equal(stamp_at(p.slots[0].start, 0).hour, 21);
	prices_free(&p);
}

static void times_and_no_times(void **state)
{
	static const char *const wrong[] = {
		"2026-12-01T25:00",       "2026-12-01T24:30",      "2026-13-01T00:00",
		"2026-12-01T00:60",       "2026-12-01T00:00+9",    "2026-12-01T00:00+01:60",
		"2026-12-01T00:00+15:00", "32.12.2026 00:00",      "1.13.2026 00:00",
		"123.1.2026 00:00",       "1.1.26 00:00",          "2026.12.01 00:00",
		"2026-12-01T00:00 x",     "2026-12-01T00:00Z - x", "12345678",
		"2026-12-01 - 25:00",     "99999999999999"};

	(void)state;
	reads("start,price\n2026/12/01 00:00Z,1\n2026-12-01 01:00:00.000Z,2\n",
	      "01T00:00+60=1 01T01:00+60=2 ");
	reads("MTU,price\n31.12.2026 23:00 - 24:00,1\n31.12.2026 24:00 - 01:00,2\n",
	      "31T22:00+60=1 31T23:00+60=2 ");
	reads("MTU,price\n31.12.2026 23:45 - 00:00,1\n", "31T22:45+15=1 ");
	reads("start,end,price\n2026-12-01T00:00Z,1796086800,1\n", "01T00:00+60=1 ");
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct text text = {0};
		char why[PRICES_WHY];
		struct prices p;

		text_printf(&text, "start,price\n%s,1\n", wrong[i]);
		assert_int_equal(read_text(&p, text_string(&text), why), EM_SYNTAX);
		assert_non_null(strstr(why, "is no time"));
		text_free(&text);
	}
}

static void ends_that_are_not_told(void **state)
{
	(void)state;
	/* hours, then quarters, with a hole */
	reads("start,price\n2026-12-01T00:00Z,1\n2026-12-01T01:00Z,2\n2026-12-01T02:00Z,3\n"
	      "2026-12-01T02:15Z,4\n2026-12-01T02:30Z,5\n2026-12-01T04:00Z,6\n",
	      "01T00:00+60=1 01T01:00+60=2 01T02:00+15=3 01T02:15+15=4 01T02:30+15=5 "
	      "01T04:00+15=6 ");
	reads("start,price\n2026-12-01T00:00Z,1\n", "01T00:00+60=1 ");
	reads("day,price\n2026-12-01,1\n2026-12-02,2\n2026-12-04,2\n",
	      "30T23:00+1440=1 01T23:00+1440=2 03T23:00+1440=2 ");
}

static void holes_and_overlaps_are_counted(void **state)
{
	static const char text[] = "start,end,price\n"
				   "2026-12-01T00:00Z,2026-12-01T01:00Z,1\n"
				   "2026-12-01T00:00Z,2026-12-01T01:00Z,1\n"  /* the same again */
				   "2026-12-01T00:30Z,2026-12-01T01:30Z,2\n"  /* overlaps */
				   "2026-12-01T01:00Z,2026-12-01T02:00Z,\n"   /* unknown */
				   "2026-12-01T02:00Z,2026-12-01T03:00Z,3\n"  /* behind a hole */
				   "2026-12-01T02:00Z,2026-12-01T03:00Z,4\n"; /* contradicts it */
	char why[PRICES_WHY];
	const struct price_slot *next;
	struct prices p;

	(void)state;
	assert_int_equal(read_text(&p, text, why), 0);
	assert_int_equal(p.count, 2);
	assert_int_equal(p.overlapping, 2);
	assert_int_equal(p.unknown, 1);
	assert_int_equal(p.holes, 1);
	assert_int_equal(p.slots[1].price, 3 * PRICE_ONE);
	assert_null(prices_at(&p, p.slots[0].start - 1, &next));
	assert_ptr_equal(next, &p.slots[0]);
	assert_ptr_equal(prices_at(&p, p.slots[0].start, &next), &p.slots[0]);
	assert_ptr_equal(next, &p.slots[1]);
	assert_null(prices_at(&p, p.slots[0].end, NULL));
	assert_ptr_equal(prices_at(&p, p.slots[1].end - 1, &next), &p.slots[1]);
	assert_null(next);
	assert_null(prices_at(&p, p.slots[1].end, NULL));
	prices_free(&p);
}

static void long_lists_are_cut_and_counted(void **state)
{
	struct text text = {0};
	char why[PRICES_WHY];
	struct prices p;

	(void)state;
	text_puts(&text, "unix_seconds,price\n");
	for (int i = 0; i < PRICES_MOST + 3; i++)
		text_printf(&text, "%d,0.25\n", 1767225600 + i * 900);
	assert_int_equal(read_text(&p, text_string(&text), why), 0);
	assert_int_equal(p.count, PRICES_MOST);
	assert_int_equal(p.left_out, 3);
	prices_free(&p);
	text_free(&text);
}

static void what_is_wrong_is_told(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"", "it is empty"},
		{" \n", "it is empty"},
		{"start,price\n", "no price in it"},
		{"start,price\n2026-12-01,-\n", "no price in it"},
		{"a,b\n1,2\n",
	         "line 1: a header with a column of times (start, time, MTU) and one of "
	         "prices (price, EUR/MWh) is expected"},
		{"start,price\n2026-12-01T00:00,1\nyesterday,2\n",
	         "line 3: 'yesterday' is no time: 2026-12-01T00:00+01:00 or 01.12.2026 00:00 is "
	         "expected"},
		{"start,price\n2026-02-30T00:00,1\n",
	         "line 2: '2026-02-30T00:00' is no time: 2026-12-01T00:00+01:00 or 01.12.2026 00:00 "
	         "is expected"},
		{"start,price\n2026-12-01T00:00,1.2.x\n",
	         "line 2: '1.2.x' is no price: a number as 85.34 or 85,34 is expected"},
		{"start,price\n2026-12-01T00:00,1200\n",
	         "line 2: '1200' is above 1000 per kWh: name the unit, as EUR/MWh"},
		{"start,price\n2026-12-01T00:00Z,1\n2026-12-01T00:01Z,1\n",
	         "2026-12-01T00:00:00.000Z: a slot shorter than 5 minutes"},
		{"start,end,price\n2026-12-01T01:00Z,2026-12-01T00:00Z,1\n",
	         "2026-12-01T01:00:00.000Z: a slot shorter than 5 minutes"},
		{"{\"data\":[{\"startsAt\":\"2026-12-01T00:00Z\",\"total\":1},{\"startsAt\":\"x\","
	         "\"total\":1}]}",
	         "data[1]: 'x' is no time: 2026-12-01T00:00+01:00 or 01.12.2026 00:00 is expected"},
		{"{\"a\":[]}", "no prices in it: objects with a start and a price are expected, as "
	                       "{\"startsAt\": ..., \"total\": ...}"},
		{"{\n\"a\":\n", "line 3: '}' expected near end of file"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (strstr(cases[i].why, "near end of file")) {
			char why[PRICES_WHY];
			struct prices p;

			assert_int_equal(read_text(&p, cases[i].text, why), EM_SYNTAX);
			assert_non_null(strstr(why, "line "));
			continue;
		}
		refuses(cases[i].text, cases[i].why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csv_in_many_shapes),
		cmocka_unit_test(json_in_many_shapes),
		cmocka_unit_test(entso_e_repeats_missing_positions),
		cmocka_unit_test(currency_and_unit),
		cmocka_unit_test(days_of_23_and_25_hours),
		cmocka_unit_test(a_column_tells_its_zone),
		cmocka_unit_test(times_and_no_times),
		cmocka_unit_test(ends_that_are_not_told),
		cmocka_unit_test(holes_and_overlaps_are_counted),
		cmocka_unit_test(long_lists_are_cut_and_counted),
		cmocka_unit_test(what_is_wrong_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
