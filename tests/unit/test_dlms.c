/* Single pushes: every type of A-XDR as a value, what contradicts itself is refused with its reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "printed.h"
#include "base/error.h"
#include "protocol/cosem/dlms.h"
#include "stream/push_decoder.h"

#define HEAD "0F 00000001 00"
#define POWER "0906 0100010700FF" /* 1-0:1.7.0, power_import in W */
#define OTHER "0906 0100630100FF" /* 1-0:99.1.0, which the vocabulary lacks */
#define CLOCK "0906 0000010000FF"
#define NAME "0906 0000600100FF" /* 0-0:96.1.0, the meter's number */

static struct seals seals;
static struct push_decoder *decoder;
static struct text json;
static char reason[SEAL_TEXT];
static enum refusal verdict;

static void on_record(void *context, struct record *r, const struct seal *seal)
{
	static struct format_state state;

	(void)context;
	(void)seal;
	format_json(&json, &state, r);
	verdict = REFUSED_NOT;
}

static void on_refused(void *context, enum refusal refusal, const char *text,
                       const struct seal *seal)
{
	(void)context;
	snprintf(reason, sizeof reason, "%s", seal ? seal->reason : text);
	verdict = refusal;
}

static enum refusal decode_bytes(const uint8_t *bytes, size_t size)
{
	static const struct push_events events = {on_record, on_refused, NULL};
	const struct push_apdu apdu = {.data = bytes, .size = size};
	bool sound;

	json.length = 0;
	assert_int_equal(push_decoder_take(decoder, &apdu, INSTANT_NONE, &events, &sound), 0);
	assert_int_equal(sound, verdict == REFUSED_NOT);
	return verdict;
}

static enum refusal decode(const char *hex)
{
	static uint8_t bytes[8192];

	return decode_bytes(bytes, hex_bytes(bytes, sizeof bytes, hex));
}

static void printed_has(const char *part)
{
	if (!strstr(text_string(&json), part))
		fail_msg("%s is missing in %s", part, text_string(&json));
}

static int begin(void **state)
{
	(void)state;
	decoder = push_decoder_new(&seals);
	return decoder ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	text_free(&json);
	push_decoder_free(decoder);
	seals_free(&seals);
	return 0;
}

/* A body, and a part of its record. */
struct body {
	const char *body, *part;
};

static void each_has(const struct body *cases, size_t count)
{
	for (; count; count--, cases++) {
		char hex[256];

		snprintf(hex, sizeof hex, HEAD "%s", cases->body);
		assert_int_equal(decode(hex), REFUSED_NOT);
		printed_has(cases->part);
	}
}

static void test_values(void **state)
{
	static const struct body cases[] = {
		{"0202" POWER "05 FFFFFFF6", "\"power_import\":-10}"},
		{"0202" POWER "14 FFFFFFFFFFFFFFF6", "\"power_import\":-10}"},
		{"0202" POWER "15 00000000FFFFFFFF", "\"power_import\":4294967295}"},
		{"0202" POWER "0F F6", "\"power_import\":-10}"},
		{"0202" POWER "0D 42", "\"power_import\":42}"},
		{"0202" POWER "16 05", "\"power_import\":5}"},
		{"0202" POWER "00", "\"power_import\":null}"},
		{"0202" POWER "FF", "\"power_import\":null}"},
		{"0202" POWER "17 42F60000", "\"power_import\":123.0}"},
		{"0202" POWER "18 405EC00000000000", "\"power_import\":123.0}"},
		{"0203" POWER "17 42F60000 0202 0F01 161B", "\"power_import\":1230.0}"},
		{"0203" POWER "18 405EC00000000000 0202 0FFF 161B", "\"power_import\":12.3}"},
		{"0203" POWER "12 04D2 0202 0FFF 161B", "\"power_import\":123.4}"},
		{"0203" POWER "12 04D2 0202 0F00 161E",
	         "\"unknown\":{\"1-0:1.7.0\":1234}"}, /* Wh: not it */
		{"0203" POWER "12 04D2 0202 0F00 163A",
	         "\"1-0:1.7.0\":{\"value\":1234,\"scaler\":0,\"unit\":58}"},
		{"0203" POWER "12 04D2 0202 0F7F 161B",
	         "{\"value\":1234,\"scaler\":127,\"unit\":\"W\"}"},
		{"0203" POWER "12 04D2 0202 0F0C 161B",
	         "{\"value\":1234,\"scaler\":12,\"unit\":\"W\"}"},
		{"0203" POWER "06 00000001 0202 0FF4 161B",
	         "{\"value\":1,\"scaler\":-12,\"unit\":\"W\"}"},
		{"0203" POWER "06 00000000 0202 0FF4 161B", "\"power_import\":0.000000000000}"},
		{"0202" OTHER "03 01", "\"1-0:99.1.0\":true}"},
		{"0202" OTHER "03 00", "\"1-0:99.1.0\":false}"},
		{"0202" OTHER "04 0C A5F0", "\"1-0:99.1.0\":\"A5F0\"}"},
		{"0202" OTHER "0A 03 414243", "\"1-0:99.1.0\":\"ABC\"}"},
		{"0202" OTHER "0C 02 C3A4", "\"1-0:99.1.0\":\"\303\244\"}"},
		{"0202" OTHER "09 00", "\"1-0:99.1.0\":\"\"}"},
		{"0202" OTHER "09 8104 41422000", "\"1-0:99.1.0\":\"AB\"}"},
		{"0202" OTHER "09 820003 0102FF", "\"1-0:99.1.0\":\"0102FF\"}"},
		{"0202" OTHER "09 02 0000", "\"1-0:99.1.0\":\"0000\"}"},
		{"0202" OTHER "19 07E8 06 03 01 0C 22 38 00 FF88 80",
	         "\"2024-06-03T12:34:56+02:00\"}"},
		{"0202" OTHER "19 FFFF 06 03 01 0C 22 38 00 FF88 80", "\"1-0:99.1.0\":null}"},
		{"0202" OTHER "1A 07E8060301", "\"1-0:99.1.0\":\"07E8060301\"}"},
		{"0202" OTHER "1B 0C223800", "\"1-0:99.1.0\":\"0C223800\"}"},
		{"0202"
	         "0906 0100000901FF"
	         "0904 0C223800",
	         "\"1-0:0.9.1\":\"12:34:56\"}"},
		{"0202"
	         "0906 0100000902FF"
	         "0905 07E8060301",
	         "\"1-0:0.9.2\":\"2024-06-03\"}"},
		{"0202" OTHER "0906 0100010800FF", "\"1-0:99.1.0\":\"1-0:1.8.0\"}"},
		{"0202"
	         "0906 0000600E00FF"
	         "0902 0002",
	         "\"tariff\":2}"},
		{"0202" OTHER "0202 1101 0102 1102 1103", "\"1-0:99.1.0\":[1,[2,3]]}"},
		{"0203" OTHER "12 0007 0202 0F00 1623", "\"1-0:99.1.0\":7}"},
		{"0204" POWER "1101" POWER "1102",
	         "\"power_import\":1,\"unknown\":{\"1-0:1.7.0\":2}}"},
		{"0206" OTHER "1101" OTHER "1102" OTHER "1103",
	         "\"1-0:99.1.0\":1},\"values\":[2,3]}"},
		{"0203"
	         "1107"
	         "0A0141"
	         "090C 07E8060301 0C2238 00FF88 80",
	         "\"values\":[7,\"A\"]}"},
		{"0202" NAME "0A 03 414243", "\"meter_id\":\"ABC\""},
		{"0202" NAME "06 00BC614E", "\"meter_id\":\"12345678\""},
		{"0204" NAME "00"
	         "0906 00002A0000FF"
	         "0A0142",
	         "\"meter_id\":\"B\""},
		{"0202" CLOCK "19 07E8 06 03 01 0C 22 FF 00 8000 80",
	         "\"meter_time\":\"2024-06-03T12:34:00\""},
		{"0202" CLOCK "090C 07E8 06 03 01 0C 22 38 00 0000 80",
	         "\"meter_time\":\"2024-06-03T12:34:56+00:00\""},
		{"0202" CLOCK "1107", "\"meter_time\":null"},
	};

	(void)state;
	each_has(cases, sizeof cases / sizeof cases[0]);
}

/* Values in the order of a list of objects, one of which is the scaler of another. */
static void test_objects(void **state)
{
#define DEFINITION(class, code, attribute) "0204 12" class "0906" code "0F" attribute "120000"
	static const struct body cases[] = {
		{"0203 0102" DEFINITION("0003", "0100010700FF", "02")
	                 DEFINITION("0003", "0100020700FF", "02") "12 0005 12 0006",
	         "\"power_import\":5,\"power_export\":6}"},
		{"0203 0102" DEFINITION("0003", "0100010700FF", "02")
	                 DEFINITION("0003", "0100010700FF", "03") "12 0005 0202 0F02 161B",
	         "\"power_import\":500,"},
		{"0204 0103" DEFINITION("0003", "0100020700FF",
	                                "02") DEFINITION("0003", "0100010700FF", "03")
	                 DEFINITION("0003", "0100010700FF", "02") "12 0006 0202 0F02 161B 12 0005",
	         "\"power_export\":6,\"power_import\":500,"}, /* of its own code only */
		{"0202 0101" DEFINITION("0003", "010001070005", "02") "12 0005",
	         "{\"1-0:1.7.0.5\":5}"},
		{"0202 0102" DEFINITION("0028", "0000190900FF", "02")
	                 DEFINITION("0003", "0100010700FF", "02") "12 0005",
	         "\"power_import\":5}"}, /* the list itself has no value */
	};

	(void)state;
	each_has(cases, sizeof cases / sizeof cases[0]);
	assert_int_equal(
		decode(HEAD "0204 0101" DEFINITION("0003", "0100010700FF", "02") "1101 1102 1103"),
		REFUSED_MALFORMED);
	assert_string_equal(reason, "list and values do not agree");
	assert_int_equal(
		decode(HEAD "0203 0102" DEFINITION("0003", "0100010700FF", "02") "1101 1101 1102"),
		REFUSED_MALFORMED);
}

/* Which times of a push make sense: 2000 to 2099, or a year that is left open, or none at all. */
static void test_plausible_times(void **state)
{
	static const struct {
		const char *time; /* year to hour; the rest is the same */
		bool has_time, open, plausible;
	} cases[] = {
		{"07CF0C1F0501", true, false, false},  {"07D001010501", true, false, true},
		{"08330C1F0501", true, false, true},   {"083401010501", true, false, false},
		{"FFFF01010501", false, true, true},   {"FF0001010501", false, false, false},
		{"00FF01010501", true, false, false},  {"07FF01010501", true, false, true},
		{"07E8FF010501", false, false, false}, {"07E80101FF18", false, false, false},
		{"FFFFFFFFFFFF", false, true, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		static const char *const forms[] = {"0F 00000001 0C %s 0000 00 8000 00 02",
		                                    "0F 00000001 09 0C %s 0000 00 8000 00 02"};

		for (size_t form = 0; form < 2; form++) {
			uint8_t bytes[32];
			char hex[80];
			struct notification n;
			struct reader r;

			snprintf(hex, sizeof hex, forms[form], cases[i].time);
			r = reader_make(bytes, hex_bytes(bytes, sizeof bytes, hex));
			assert_int_equal(notification_read(&n, &r), 0);
			assert_int_equal(reader_left(&r), 1);
			if (n.has_time != cases[i].has_time || n.time_open != cases[i].open ||
			    notification_plausible(&n) != cases[i].plausible)
				fail_msg("%s: %d %d %d", cases[i].time, n.has_time, n.time_open,
				         notification_plausible(&n));
		}
	}
}

/* A meter's number has characters that can be printed, wherever it stands in the push. */
static void test_plausible_numbers(void **state)
{
	static const struct {
		const char *body;
		bool plausible;
	} cases[] = {
		{"0202" NAME "0904 41422E7E", true},
		{"0202" NAME "0904 41420000", true},
		{"0202" NAME "0904 4142431F", false},
		{"0202" NAME "0904 7F424344", false},
		{"0204" POWER "12 0005" NAME "0904 41428044", false},
		{"0202" OTHER "0904 41428044", true},
		{"0202" NAME "12 0005", true},
	};
	static struct dlms d;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t bytes[64];
		char hex[128];
		const char *why;

		snprintf(hex, sizeof hex, HEAD "%s", cases[i].body);
		assert_int_equal(dlms_parse(&d, bytes, hex_bytes(bytes, sizeof bytes, hex), &why),
		                 0);
		if (dlms_is_plausible(&d) != cases[i].plausible)
			fail_msg("%s", cases[i].body);
	}
}

static void test_refusals(void **state)
{
	static const struct {
		const char *push;
		enum refusal refusal;
		const char *reason;
	} cases[] = {
		{"", REFUSED_MALFORMED, "empty message"},
		{"C1 00", REFUSED_UNSUPPORTED, "another kind of APDU"},
		{"0F 000000", REFUSED_MALFORMED, "the head of the notification"},
		{"0F 00000001 05", REFUSED_MALFORMED, "the head of the notification"},
		{"0F 00000001 0C 07E8", REFUSED_MALFORMED, "the head of the notification"},
		{"0F 00000001 09 0B 07E8060301 0C2238 00FF88", REFUSED_MALFORMED,
	         "the head of the notification"},
		{"0F 00000001 09", REFUSED_MALFORMED, "the head of the notification"},
		{HEAD "0202 1101", REFUSED_MALFORMED, "the body ends inside a value"},
		{HEAD "0202 1101 09", REFUSED_MALFORMED, "the body ends inside a value"},
		{HEAD "01", REFUSED_MALFORMED, "the body ends inside a value"},
		{HEAD "0202 1101 09 80", REFUSED_MALFORMED, "the body ends inside a value"},
		{HEAD "0202 1101 09 85 0000000001 41", REFUSED_MALFORMED,
	         "the body ends inside a value"},
		{HEAD "0201 07 00", REFUSED_MALFORMED, "value of an unknown type"},
		{HEAD "0201 1C 00", REFUSED_MALFORMED, "value of an unknown type"},
		{HEAD "0201 13 12", REFUSED_UNSUPPORTED, "compact array"},
		{HEAD "01 820401", REFUSED_MALFORMED, "the body is nested too deep or too long"},
		{HEAD "0101 0101 0101 0101 0101 0101 0101 0101 0101 00", REFUSED_MALFORMED,
	         "the body is nested too deep or too long"},
		{HEAD "1105", REFUSED_MALFORMED, "the body is not a structure"},
		{HEAD "0201 1105 00", REFUSED_MALFORMED, "bytes after the body"},
		{"DB 08 4B464D6750000009 05 20 00000001 00", REFUSED_LENGTH,
	         "bytes after the ciphered part"},
		{"DB 08 4B464D6750000009 06 20 00000001", REFUSED_LENGTH,
	         "the ciphered length exceeds the frame"},
		{"DB 08 4B464D6750000009 04 20 00000001", REFUSED_LENGTH, "the ciphering header"},
		{"DB 08 4B464D6750000009 84 01000001 20", REFUSED_LENGTH, "the ciphering header"},
		{"DB 08 4B464D6750000009 80", REFUSED_LENGTH, "the ciphering header"},
		{"DB 00 06 20 00000001 55", REFUSED_UNSUPPORTED,
	         "the length of the system title is not 8"},
		{"DB 08 4B464D6750000009 06 20 00000001 55", REFUSED_WRONG_KEY,
	         "no key for this system title"},
		{"DB 08 4B464D6750000009 06 00 00000001 55", REFUSED_MALFORMED,
	         "the head of the notification"},
		{"DB 08 4B464D6750000009 12 10 00000001 55 000000000000000000000000",
	         REFUSED_WRONG_KEY,
	         "no key for this system title"}, /* plain, but its tag cannot be verified */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(decode(cases[i].push), cases[i].refusal);
		assert_string_equal(reason, cases[i].reason);
	}
	seals.require_authentication = true;
	assert_int_equal(decode(HEAD "0201 1105"), REFUSED_AUTH_FAILED);
	assert_int_equal(decode("DB 08 4B464D6750000009 0F 00 00000001" HEAD "0201 1105"),
	                 REFUSED_AUTH_FAILED);
	seals.require_authentication = false;
}

/* Not ciphered: any key opens it, but it must be a notification all the same. */
static void test_plain_with_key(void **state)
{
	static const uint8_t key[GLO_KEY] = "a secret of 16 B";
	struct glo_keyring ring = {0};

	(void)state;
	assert_int_equal(glo_keyring_add(&ring, NULL, key, NULL), 0);
	seals.keys = &ring;
	assert_int_equal(decode("DB 08 4B464D6750000009 06 00 00000001 55"), REFUSED_MALFORMED);
	assert_string_equal(reason, "not ciphered, and not a notification");
	assert_int_equal(decode("DB 08 4B464D6750000009 0F 00 00000001" HEAD "0201 1105"),
	                 REFUSED_NOT);
	printed_has("\"frame_counter\":1,");
	printed_has("\"authenticated\":false,\"power_import\":5}");
	assert_int_equal(decode("DB 08 4B464D6750000009 0F 00 00000001" HEAD "0201 1105"),
	                 REFUSED_REPLAY);
	seals.accept_replay = true;
	assert_int_equal(decode("DB 08 4B464D6750000009 0F 00 00000001" HEAD "0201 1105"),
	                 REFUSED_NOT);
	seals.accept_replay = false;
	seals.keys = NULL;
	glo_keyring_free(&ring);
}

/* A body of more values than are read is refused, one of as many is not. */
static void test_limits(void **state)
{
	static uint8_t bytes[3 * AXDR_ITEMS] = {0x0F, 0, 0, 0, 1, 0, 0x01, 0x82, 0x03, 0xFF};

	(void)state;
	assert_int_equal(decode_bytes(bytes, 10 + 1023), REFUSED_NOT);
	bytes[8] = 4;
	bytes[9] = 0;
	assert_int_equal(decode_bytes(bytes, 10 + 1024), REFUSED_MALFORMED);
	assert_string_equal(reason, "the body is nested too deep or too long");
}

/* The content of a frame without a length field: more bytes needed, its size, or nothing. */
static void test_measure(void **state)
{
	static const struct {
		const char *push;
		long size;
	} cases[] = {
		{HEAD "0202 1101 1102", 12},
		{HEAD "0202 1101 1102 FFFF", 12},
		{HEAD "0202 1101", 0},
		{HEAD, 0},
		{"0F 0000", 0},
		{HEAD "1101", -1},
		{HEAD "0201 07", -1},
		{"0E", -1},
		{"0F 00000001 07", -1},
	};
	uint8_t bytes[64];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(
			notification_measure(bytes, hex_bytes(bytes, sizeof bytes, cases[i].push)),
			cases[i].size);
	/* a date before 2000 is meant only when all the rest fits */
	assert_false(notification_gate(bytes, hex_bytes(bytes, sizeof bytes, HEAD "1105")));
	assert_false(notification_gate(bytes, hex_bytes(bytes, sizeof bytes, HEAD)));
	assert_true(
		notification_gate(bytes, hex_bytes(bytes, sizeof bytes,
	                                           "0F 00000001 0C"
	                                           "07BC 01 01 05 00 00 00 00 8000 00 0201 1105")));
	assert_false(notification_gate(
		bytes, hex_bytes(bytes, sizeof bytes,
	                         "0F 00000001 0C"
	                         "07BC 01 01 05 00 00 00 00 8000 00 0201 1105 00")));
}

static void test_units(void **state)
{
	static const struct {
		uint8_t code;
		const char *unit;
	} cases[] = {
		{27, "W"},    {28, "VA"}, {29, "var"}, {30, "Wh"}, {31, "VAh"},
		{32, "varh"}, {33, "A"},  {35, "V"},   {44, "Hz"}, {13, "m3"},
		{9, "degC"},  {72, "dB"}, {255, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(cosem_unit(cases[i].code), cases[i].unit);
	assert_null(cosem_unit(0));
	assert_null(cosem_unit(58));
	assert_null(cosem_unit(253));
}

/* The book forgets when it is two thirds full, and keeps giving the right texts. */
static void test_many_codes(void **state)
{
	char hex[128];

	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		char part[64];

		snprintf(hex, sizeof hex, HEAD "0202 0906 0100%02X%02X%02XFF 1107", 128 + i / 250,
		         i % 250, i % 7);
		snprintf(part, sizeof part, "{\"1-0:%u.%u.%u\":7}", 128 + i / 250, i % 250, i % 7);
		assert_int_equal(decode(hex), REFUSED_NOT);
		printed_has(part);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),          cmocka_unit_test(test_objects),
		cmocka_unit_test(test_refusals),        cmocka_unit_test(test_limits),
		cmocka_unit_test(test_measure),         cmocka_unit_test(test_units),
		cmocka_unit_test(test_many_codes),      cmocka_unit_test(test_plain_with_key),
		cmocka_unit_test(test_plausible_times), cmocka_unit_test(test_plausible_numbers),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
