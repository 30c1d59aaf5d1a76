/*
 * From the bytes on a line to records, for every meter that the simulator knows: any cutting and
 * both forms give the same. Damage is tested in test_push_damage.c.
 */
#include "tests/unit/push_bench.h"

/* Hexadecimal text in one of the ways in which people write it. */
static void write_hex(struct text *out, const struct text *bytes, int style)
{
	for (size_t i = 0; i < bytes->length; i++) {
		text_printf(out, style & 1 ? "%02x" : "%02X", (unsigned char)bytes->data[i]);
		if (style & 2)
			text_char(out, i % 16 == 15 ? '\n' : style & 4 ? ':' : ' ');
	}
	text_puts(out, "\r\n");
}

static void test_same(void **state)
{
	(void)state;
	for (size_t m = 0; m < meter_model_count; m++) {
		struct text bytes = {0}, truth = {0}, digits = {0};

		make(&bytes, &meter_models[m], 3);
		feed(bytes.data, bytes.length, 0);
		assert_int_equal(b.sound, 3);
		text_add(&truth, b.printed.data, b.printed.length);
		for (unsigned i = 0; i < 20; i++) {
			feed(bytes.data, bytes.length, i < 2 ? 1 : 1 + dice(300));
			assert_int_equal(b.sound, 3);
			assert_int_equal(b.printed.length, truth.length);
			assert_memory_equal(b.printed.data, truth.data, truth.length);
		}
		for (int style = 0; style < 8; style++) {
			digits.length = 0;
			write_hex(&digits, &bytes, style);
			feed(digits.data, digits.length, style & 1 ? 5 : 0);
			assert_int_equal(b.printed.length, truth.length);
			assert_memory_equal(b.printed.data, truth.data, truth.length);
		}
		text_free(&bytes);
		text_free(&truth);
		text_free(&digits);
	}
}

/* Behind a lost byte: what has a title, but no length, is no APDU, whether the rest is there or not. */
static void test_no_length(void **state)
{
	char bytes[200];

	(void)state;
	memset(bytes, 0x30, sizeof bytes);
	memcpy(bytes, "\xFA\xDB\x08SAG45678\xCC", 12);
	for (unsigned piece = 0; piece < 4; piece++) {
		feed(bytes, sizeof bytes, piece);
		assert_int_equal(b.counts[REFUSED_LENGTH], 0);
		assert_int_equal(b.counts[REFUSED_MALFORMED], 1);
	}
}

/* Three plain APDUs, each behind its own LLC header, in one HDLC frame. */
static void test_several_apdus(void **state)
{
	static const uint8_t one[] = {
		0xE6, 0xE7, 0x00, 0x0F, 0x00, 0x08, 0xFD, 0x7B, 0x0C, 0x07, 0xE8,
		0x0B, 0x03, 0x07, 0x13, 0x00, 0x0F, 0xFF, 0x80, 0x00, 0x00, 0x02,
		0x02, 0x06, 0x00, 0x41, 0x0C, 0x28, 0x06, 0x00, 0x00, 0x00, 0x07,
	};
	static const struct hdlc_address address = {{0xCE, 0xFF, 0x03}, 3};
	uint8_t information[3 * sizeof one], frame[200];
	size_t n;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		memcpy(information + i * sizeof one, one, sizeof one);
	n = hdlc_build(frame, &address, false, information, sizeof information);
	feed((const char *)frame, n, 0);
	assert_int_equal(b.sound, 3);
	assert_non_null(strstr(text_string(&b.printed), "\"values\":[4262952,7]"));
}

/* An absurd scaler is not applied: the raw value is put into `unknown`. */
static void test_scaler(void **state)
{
	struct text bytes = {0};
	char *scale;

	(void)state;
	make(&bytes, meter_model_find("aidon"), 1);
	scale = memchr(bytes.data, 0x1B, bytes.length); /* W */
	scale[-2] = (char)-128;
	feed(bytes.data, bytes.length, 0);
	assert_int_equal(b.counts[REFUSED_CHECKSUM], 1);
	bytes.data += 11; /* without the frame */
	feed(bytes.data, bytes.length - 14, 0);
	bytes.data -= 11;
	assert_int_equal(b.sound, 1);
	assert_null(strstr(text_string(&b.printed), "power_import"));
	assert_non_null(strstr(b.printed.data,
	                       "\"1-0:1.7.0\":{\"value\":432,\"scaler\":-128,\"unit\":\"W\"}"));
	text_free(&bytes);
}

static void test_counters(void **state)
{
	static const uint32_t numbers[] = {5, 6, 6, 5, 7, 0, 1};
	struct text bytes = {0};
	struct meter_values v = {.time = stamp_at(1717410896000, 120), .serial = "1"};

	(void)state;
	for (size_t i = 0; i < 7; i++) {
		v.time.second = (uint8_t)i;
		meter_push(&bytes, meter_model_find("evn"), &v, &b.ring.keys[0], title, numbers[i],
		           NULL);
	}
	feed(bytes.data, bytes.length, 0);
	assert_int_equal(b.sound, 5); /* 5 6 7, and 0 1 of a meter that began anew */
	assert_int_equal(b.counts[REFUSED_REPLAY], 2);
	b.seals.accept_replay = true;
	feed(bytes.data, bytes.length, 0);
	b.seals.accept_replay = false;
	assert_int_equal(b.sound, 7);
	text_free(&bytes);
}

static void test_counter_file(void **state)
{
	static const char file[] =
		"4B464D6750000009 9096 1632728835\n49534B6974787E7E 4294967295 0\n";
	struct counters c = {0};
	struct text out = {0};

	(void)state;
	assert_int_equal(counters_read(&c, file, strlen(file)), 0);
	assert_int_equal(c.count, 2);
	assert_false(counters_rising(&c, (const uint8_t *)"KFMgP\0\0\t", 9096, 0));
	assert_true(counters_rising(&c, (const uint8_t *)"KFMgP\0\0\t", 9097, 0));
	counters_write(&c, &out);
	assert_int_equal(out.length, strlen(file));
	for (size_t n = 0; n < strlen(file); n++) {
		struct counters other = {0};

		counters_read(&other, file, n);
		assert_true(other.count <= 2);
		counters_free(&other);
	}
	assert_true(counters_read(&c, "KEY 1 2\n", 8) != 0);
	counters_free(&c);
	text_free(&out);
}

/* The length field of the Sagemcom T210-D overflows: 01 is 257. */
static void test_overflow(void **state)
{
	uint8_t payload[252] = {0}, frame[MBUS_MAX + MBUS_OVERHEAD];
	struct mbus_frame parsed;
	size_t n = mbus_build(frame, 0x00, payload, sizeof payload);

	(void)state;
	assert_int_equal(n, 263);
	assert_int_equal(frame[1], 1);
	assert_int_equal(mbus_parse(&parsed, frame, n), 0);
	assert_int_equal(parsed.payload_size, 252);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),         cmocka_unit_test(test_several_apdus),
		cmocka_unit_test(test_scaler),       cmocka_unit_test(test_counters),
		cmocka_unit_test(test_counter_file), cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_no_length),
	};

	return cmocka_run_group_tests_name("push", tests, set_up, tear_down);
}
