#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/crc.h"
#include "frame/p1.h"
#include "output/output.h"
#include "protocol/dsmr/dsmr.h"
#include "protocol/dsmr/obis.h"
#include "protocol/telegram/telegram.h"

struct catch
{
	size_t telegrams, ok, bad, none, sealed;
	struct text bytes, json;
	struct dsmr *decoder;
};

static void on_telegram(void *context, const struct p1_telegram *t)
{
	static struct format_state state;
	struct catch *c = context;
	struct record record = {0};

	c->telegrams++;
	c->ok += t->crc == P1_CRC_OK;
	c->bad += t->crc == P1_CRC_BAD;
	c->none += t->crc == P1_CRC_NONE;
	text_add(&c->bytes, (const char *)t->data, t->whole);
	if (!c->decoder)
		return;
	assert_int_equal(dsmr_decode(c->decoder, t, &record), 0);
	format_json(&c->json, &state, &record);
	record_free(&record);
}

static bool on_sealed(void *context, const uint8_t *apdu, size_t size, uint64_t offset)
{
	struct catch *c = context;

	(void)offset;
	c->sealed++;
	return size > 20 && apdu[20] == 'k';
}

static void feed(struct catch *c, const char *data, size_t size, size_t piece)
{
	struct p1_handler handler = {on_telegram, on_sealed, c};
	struct p1_framer f;

	p1_init(&f, &handler);
	for (size_t at = 0; at < size; at += piece)
		assert_int_equal(p1_feed(&f, (const uint8_t *)data + at,
		                         size - at < piece ? size - at : piece),
		                 0);
	p1_end(&f);
	assert_int_equal(f.counts.bytes, size);
	p1_free(&f);
}

static struct catch frame(const char *text, size_t piece)
{
	struct catch c = {0};

	feed(&c, text, strlen(text), piece);
	return c;
}

static void release(struct catch *c)
{
	text_free(&c->bytes);
	text_free(&c->json);
	dsmr_free(c->decoder);
	*c = (struct catch){0};
}

#define LINE "1-0:1.8.0(000001.000*kWh)\r\n"

/* A bit turns `1-0:...` into `!-0:...`; digits of the CRC get lost on a busy line. */
static void without_its_crc(void **state)
{
	static const char *const damaged[] = {
		"/A\r\n1-3:0.2.8(50)\r\n!-0:1.7.0(1*W)\r\n" LINE "!1234\r\n",
		"/A\r\n0-0:96.1.4(50217)\r\n" LINE "!123\r\n",
		"/A\r\n" LINE "!123\r\n",
		"/A\r\n" LINE "!12G4\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
		for (size_t piece = 1; piece < 60; piece += 7) {
			struct catch c = frame(damaged[i], piece);

			assert_int_equal(c.telegrams, 1);
			assert_int_equal(c.bad, 1);
			release(&c);
		}
	}
}

/* A telegram without end mark ends with a data line; any other last line was a damaged end mark. */
static void damaged_ends(void **state)
{
	static const struct {
		const char *text;
		size_t telegrams;
	} cases[] = {
		{"/A\r\n" LINE "#95DB\r\n/B\r\n" LINE "!\r\n", 1},
		{"/A\r\n1-0:1.8.0(000001.000*kWh)\r*!95DB\r\n/B\r\n" LINE, 1},
		{"/A\r\n1-0:1.8.0(000001.0\r\n/B\r\n" LINE, 1},
		{"/A\r\n" LINE "(00001.000)\r\n\r\n/B\r\n" LINE, 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		for (size_t piece = 1; piece < 60; piece += 7) {
			struct catch c = frame(cases[i].text, piece);

			assert_int_equal(c.telegrams, cases[i].telegrams);
			release(&c);
		}
	}
}

/* DSMR 2 and 3 print no CRC; a telegram that names a later version, or a damaged one, needs it. */
static void versions_that_print_a_crc(void **state)
{
	static const struct {
		const char *text;
		bool names, demands;
	} cases[] = {
		{"/A\r\n" LINE, false, false},
		{"/A\r\n1-3:0.2.8(20)\r\n" LINE, true, false},
		{"/A\r\n1-3:0.2.8(39)\r\n" LINE, true, false},
		{"/A\r\n1-3:0.2.8(40)\r\n" LINE, true, true},
		{"/A\r\n1-3:0.2.8(50)\r\n" LINE, true, true},
		{"/A\r\n1-3:0.2.8.255(042)\r\n" LINE, true, true},
		{"/A\r\n1-3:0.2.8*255(30)\r\n" LINE, true, false},
		{"/A\r\n1-3:0.2.8(100000000000000000000)\r\n" LINE, true, true},
		{"/A\r\n1-3:0.2.8(3x)\r\n" LINE, true, true},
		{"/A\r\n1-3:0.2.8(x)\r\n" LINE, true, true},
		{"/A\r\n1-3:0.2.8(", true, true},
		{"/A\r\n1-3:0.2.8(3", true, true},
		{"/A\r\n0-0:96.1.4(50217)\r\n" LINE, true, true},
		{"/A\r\n 1-3:0.2.8(50)\r\n" LINE, false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const uint8_t *data = (const uint8_t *)cases[i].text;

		assert_int_equal(p1_names_version(data, strlen(cases[i].text)), cases[i].names);
		assert_int_equal(p1_demands_crc(data, strlen(cases[i].text)), cases[i].demands);
	}
}

static void a_cut_completes_nothing(void **state)
{
	static const char *const starts[] = {"/A\r\n" LINE, "/A\r\n" LINE "!", "/A\r\n" LINE "!1",
	                                     "x"};
	static const char whole[] = "/B\r\n" LINE "!\r\n";
	struct catch c = {0};
	struct p1_framer f;

	(void)state;
	p1_init(&f, &(struct p1_handler){.telegram = on_telegram, .context = &c});
	for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
		assert_int_equal(p1_feed(&f, (const uint8_t *)starts[i], strlen(starts[i])), 0);
		p1_cut(&f);
		assert_int_equal(c.telegrams, i);
		assert_int_equal(p1_feed(&f, (const uint8_t *)whole, strlen(whole)), 0);
		assert_int_equal(c.telegrams, i + 1);
	}
	assert_int_equal(f.counts.truncated, 3);
	p1_free(&f);
	release(&c);
}

static void silence_completes_nothing(void **state)
{
	static const char *const parts[] = {("/A\r\n" LINE), "!", "95", "DB"};
	struct catch c = {0};
	struct p1_framer f;

	(void)state;
	p1_init(&f, &(struct p1_handler){.telegram = on_telegram, .context = &c});
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		assert_int_equal(c.telegrams, 0);
		assert_int_equal(p1_feed(&f, (const uint8_t *)parts[i], strlen(parts[i])), 0);
		p1_idle(&f);
	}
	assert_int_equal(c.telegrams, 1);
	assert_int_equal(f.counts.truncated, 0);
	p1_free(&f);
	release(&c);
}

static void beginnings_and_ends(void **state)
{
	static const struct {
		const char *text;
		size_t telegrams;
		const char *first;
	} cases[] = {
		{"/A\r\n" LINE "!\r\n", 1, "/A\r\n" LINE "!"},
		{"1-0:2(3)\r\n/A\r\n" LINE "!\r\n", 1, "/A\r\n" LINE "!"},
		{"x/A\r\n" LINE "!\r\n", 0, NULL}, /* not at the start of a line */
		{"/A\r\n1-0:1.7.0(1*W)!\r\n", 1, "/A\r\n1-0:1.7.0(1*W)!"},
		{"/A\r\n0-0:96.13.0(a/b!c)\r\n!\r\n", 1, NULL},  /* both inside a text */
		{"/A\r\n" LINE "/B\r\n" LINE, 2, "/A\r\n" LINE}, /* no end mark at all */
		{"/A\r\n1-3:0.2.8(50)\r\n" LINE "/B\r\n" LINE "!", 1, "/B\r\n" LINE "!"},
		{"/A\r\nnothing\r\n!\r\n", 0, NULL},
		{"\r\n\0", 0, NULL},
		{"/A\r\n" LINE "! 5DB\r\n/B\r\n" LINE "!", 1,
	         NULL}, /* a digit of the CRC is damaged */
		{"/A\r\n" LINE "!/B\r\n" LINE "!", 2, NULL},
		{"/A\r\n1-3:0.2.8(50)\r\n" LINE "!/B\r\n" LINE "!", 2, NULL},
		{"/A\r\n1-3:0.2.8(50)\r\n" LINE "!", 1, NULL}, /* without its CRC */
		{"/A\r\n1-3:0.2.8(50)\r\n" LINE "!\n", 1, NULL},
		{"/A\r\n!-0:1.7.0(1*W)\r\n" LINE "!\r\n", 1, "/A\r\n!-0:1.7.0(1*W)\r\n" LINE "!"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		for (size_t piece = 1; piece < 60; piece += 7) {
			struct catch c = frame(cases[i].text, piece);

			assert_int_equal(c.telegrams, cases[i].telegrams);
			assert_int_equal(c.none, cases[i].telegrams);
			if (cases[i].first)
				assert_memory_equal(c.bytes.data, cases[i].first,
				                    strlen(cases[i].first));
			release(&c);
		}
	}
}

static void checksums(void **state)
{
	char text[200], lower[200];
	const char *body = "/A\r\n" LINE "!";
	struct catch c;

	(void)state;
	snprintf(text, sizeof text, "%s%04X\r\n", body,
	         crc16_arc((const uint8_t *)body, strlen(body)));
	c = frame(text, 3);
	assert_int_equal(c.ok, 1);
	release(&c);
	snprintf(lower, sizeof lower, "%s%04xrest\r\n", body,
	         crc16_arc((const uint8_t *)body, strlen(body)));
	c = frame(lower, 1);
	assert_int_equal(c.ok, 1);
	release(&c);
	text[10] ^= 1;
	c = frame(text, 1);
	assert_int_equal(c.bad, 1);
	release(&c);
	c = frame("/A\n1-0:1.7.0(1*W)\n!0000\n", 1);
	assert_int_equal(c.bad, 1);
	release(&c);
}

static void parity_bits_are_cleaned(void **state)
{
	const char *text = "\r\n/KMP5 KA6U001585575011\r\n\r\n" LINE "0-0:96.14.0(0002)\r\n!\r\n";
	char bytes[400], clean[] = "/A\r\n" LINE "!\r\n";
	size_t n = strlen(text);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		unsigned b = (unsigned char)text[i], sum = b ^ b >> 4;

		bytes[i] = (char)(b | (0x6996u >> (sum & 15) & 1) << 7);
	}
	memcpy(bytes + n, clean, sizeof clean - 1);
	for (size_t piece = 1; piece < 50; piece += 3) {
		struct catch c = {0};

		feed(&c, bytes, n + sizeof clean - 1, piece);
		assert_int_equal(c.telegrams, 2);
		assert_memory_equal(c.bytes.data, text + 2, n - 4);
		release(&c);
	}
}

static void encrypted_ones_stand_between_plain_ones(void **state)
{
	char bytes[200], plain[] = "\r\n/A\r\n" LINE "!\r\n";
	struct catch c = {0};
	size_t n = 0;

	(void)state;
	memcpy(bytes, "\xDB\x08TITLE123\x14\x30\0\0\0\1", 16);
	memset(bytes + 16, 'k', 15);
	n = 31;
	memcpy(bytes + n, plain, sizeof plain - 1);
	n += sizeof plain - 1;
	for (size_t piece = 1; piece < 40; piece += 5) {
		feed(&c, bytes, n, piece);
		assert_int_equal(c.sealed, 1);
		assert_int_equal(c.telegrams, 1);
		release(&c);
	}
	bytes[20] = 'n'; /* refused: searched for telegrams */
	feed(&c, bytes, n, 9);
	assert_int_equal(c.telegrams, 1);
	release(&c);
	feed(&c, bytes, 25, 1); /* never completed */
	assert_int_equal(c.sealed, 0);
	release(&c);
}

static void too_long_is_given_up(void **state)
{
	static char bytes[3 * P1_LIMIT];
	struct catch c = {0};

	(void)state;
	memset(bytes, 'a', sizeof bytes);
	memcpy(bytes, "/A\r\n" LINE, 4 + strlen(LINE));
	memcpy(bytes + sizeof bytes - 40, "\r\n/B\r\n" LINE "!", 7 + strlen(LINE));
	feed(&c, bytes, sizeof bytes, 1000);
	assert_int_equal(c.telegrams, 1);
	assert_memory_equal(c.bytes.data, "/B\r\n", 4);
	release(&c);
}

static char *decode(struct catch *c, const char *text)
{
	if (!c->decoder)
		c->decoder = dsmr_new(0);
	c->json.length = 0;
	feed(c, text, strlen(text), 64);
	return (char *)(uintptr_t)text_string(&c->json);
}

static void lines_become_values(void **state)
{
	static const char *const cases[][2] = {
		{"1-0:1.8.0(00001234.567kWh)\r\n", "\"energy_import\":1234567"},
		{"1-0:14.7.0(0.05012*kHz)\r\n", "\"frequency\":50.12"},
		{"1-0:33.7.0(-0.910)\r\n", "\"power_factor_l1\":-0.910"},
		{"1-0:21.7.0.255(00.123*kW)\r\n", "\"power_import_l1\":123"},
		{"1-1:1.7.0(01.622*kW)\r\n1-0:1.7.0(2*W)\r\n",
	         "\"power_import\":2,\"unknown\":{\"1-1:1.7.0\":\"(01.622*kW)\"}"},
		{"1-0:1.7.0(1*V)\r\n",
	         "\"power_import\":null,\"unknown\":{\"1-0:1.7.0\":\"(1*V)\"}"},
		{"1-0:1.7.0(x*kW)\r\n", "\"power_import\":null,\"errors\":[\"1-0:1.7.0(x*kW)\"]"},
		{"0-0:17.0.0(999.9*kW)\r\n", "\"power_limit\":null"},
		{"1-0:1.6.0(06.235*kW)(230622200000)\r\n",
	         "\"peak_demand_import\":6235,\"peak_demand_import_time\":\"2023-06-22T20:00:00\""},
		{"0-0:1.0.0(07E8061C050A2B2B00FF8880)\r\n",
	         "\"meter_time\":\"2024-06-28T10:43:43+02:00\""},
		{"0-0:1.0.0(219999000000W)\r\n1-0:1.7.0(1*W)\r\n",
	         "\"meter_time\":null,\"header\":\"A\",\"crc\":\"none\",\"power_import\":1,"
	         "\"errors\":[\"0-0:1.0.0(219999000000W)\"]"},
		{"1-0:99.97.0(1)(0-0:96.7.19)(000101000001W)(2147483647*s)\r\n",
	         "\"power_failure_log\":[{\"time\":\"2000-01-01T00:00:01+01:00\",\"duration\":2147483647}]"},
		{"1-0:99.97.0()\r\n", "\"power_failure_log\":[]"},
		{"0-0:96.13.0(48656C6C6F)\r\n", "\"text_message\":\"Hello\""},
		{"0-0:96.13.0(4865\r\n6C6C6F)\r\n1-0:1.7.0(1*W)\r\n", "\"text_message\":\"Hello\""},
		{"1-0:200.1.0(1)\r\n1-0:200.1.0(2)\r\n",
	         "\"unknown\":{\"1-0:200.1.0\":[\"(1)\",\"(2)\"]}"},
		{"0-1:24.1.0(3)\r\n0-1:24.3.0(120517020000)(08)(60)(1)(0-1:24.2.1)(m3)\r\n(00124.477)\r\n",
	         "\"value\":124.477,\"unit\":\"m3\"}],\"gas\":124.477,\"gas_time\":\"2012-05-17T02:00:00\""},
		{"0-1:24.1.0(003)\r\n0-1:24.2.1(700101010000W)(00000000)\r\n"
	         "0-2:24.1.0(003)\r\n0-2:24.2.1(230101010000W)(00001.500*m3)\r\n",
	         "\"gas\":1.500"},
		{"0-1:24.1.0(004)\r\n0-1:24.2.1(230101010000W)(00001.500*GJ)\r\n",
	         "\"heat\":1500000000"},
	};
	struct catch c = {0};

	(void)state;
	for (int again = 0; again < 3; again++) { /* the second time from what is remembered */
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			char text[600];
			const char *json;

			snprintf(text, sizeof text, "/A\r\n\r\n%s!\r\n", cases[i][0]);
			json = decode(&c, text);
			if (!strstr(json, cases[i][1]))
				fail_msg("%s is missing in %s", cases[i][1], json);
		}
	}
	release(&c);
}

/* A decoder that remembers many lines gives the same records as a new one. */
static void memory_changes_nothing(void **state)
{
	struct telegram_values values = {.time = 1700000000000,
	                                 .gas_time = 1699999800000,
	                                 .peak_time = 1699000000000,
	                                 .serial = "E0043007052870318"};
	struct catch warm = {0};

	(void)state;
	for (size_t round = 0; round < 30; round++) {
		const struct telegram_model *m = &telegram_models[round % telegram_model_count];
		struct catch cold = {0};
		struct text text = {0};

		for (size_t i = 0; i < TELEGRAM_VALUES; i++)
			values.milli[i] = 1234000 + 7919000 * (int64_t)(round * i % 37);
		values.time += 1000;
		telegram_build(&text, m, &values);
		assert_string_equal(decode(&warm, text_string(&text)),
		                    decode(&cold, text_string(&text)));
		release(&cold);
		text_free(&text);
	}
	release(&warm);
}

/* A value alone on its line belongs to the line before, but not across a `!`. */
static void nothing_goes_on_behind_the_end(void **state)
{
	static const char data[] = "/A\r\n\r\n1-0:1.7.0(1*W)\r\n!\r\n(2*W)\r\n";
	struct p1_telegram t = {
		.data = (const uint8_t *)data, .size = sizeof data - 1, .whole = sizeof data - 1};
	struct catch c = {.decoder = dsmr_new(0)};

	(void)state;
	for (int again = 0; again < 3; again++) {
		c.json.length = 0;
		on_telegram(&c, &t);
		assert_non_null(
			strstr(text_string(&c.json), "\"power_import\":1,\"errors\":[\"(2*W)\"]"));
	}
	release(&c);
}

/* The country that a line implies is remembered with the line: this meter is not Swedish. */
static void a_remembered_channel_still_tells_the_country(void **state)
{
	static const char text[] =
		"/A\r\n\r\n0-0:1.0.0(261121042252)\r\n0-1:96.1.0(3238313031)\r\n"
		"1-0:1.8.0(000001.000*kWh)\r\n1-0:3.8.0(000001.000*kvarh)\r\n!\r\n";
	struct catch c = {0};

	(void)state;
	for (int again = 0; again < 3; again++)
		assert_non_null(strstr(decode(&c, text), "\"meter_time\":\"2026-11-21T04:22:52\""));
	release(&c);
}

static void codes(void **state)
{
	uint64_t code;

	(void)state;
	assert_true(obis_parse(&code, (const uint8_t *)"1-0:99.97.0", 11));
	assert_true(code == OBIS(1, 0, 99, 97, 0));
	assert_false(obis_parse(&code, (const uint8_t *)"1-0:99.97", 9));
	assert_false(obis_parse(&code, (const uint8_t *)"1-0:99.256.0", 12));
	assert_false(obis_parse(&code, (const uint8_t *)"1-0:99..0", 9));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_its_crc),
		cmocka_unit_test(damaged_ends),
		cmocka_unit_test(versions_that_print_a_crc),
		cmocka_unit_test(a_cut_completes_nothing),
		cmocka_unit_test(silence_completes_nothing),
		cmocka_unit_test(beginnings_and_ends),
		cmocka_unit_test(checksums),
		cmocka_unit_test(parity_bits_are_cleaned),
		cmocka_unit_test(encrypted_ones_stand_between_plain_ones),
		cmocka_unit_test(too_long_is_given_up),
		cmocka_unit_test(lines_become_values),
		cmocka_unit_test(memory_changes_nothing),
		cmocka_unit_test(nothing_goes_on_behind_the_end),
		cmocka_unit_test(a_remembered_channel_still_tells_the_country),
		cmocka_unit_test(codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
