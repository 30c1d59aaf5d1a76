/*
 * From the bytes on a line to records, for every meter that the simulator knows: any cutting and
 * both forms give the same, and damage of any kind never gives a value that the meter did not
 * send.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "frame/hdlc.h"
#include "frame/mbus.h"
#include "out/output.h"
#include "protocol/cosem/build.h"
#include "protocol/cosem/dlms.h"

static const uint8_t key[GLO_KEY] = "a secret of 16 B", lock[GLO_KEY] = "and another one.";
static const uint8_t title[GLO_TITLE] = {'K', 'F', 'M', 0x67, 0x50, 0x7E, 0x68, 0x2A};

struct bench {
	struct dlms dlms;
	struct record record;
	struct glo_keyring ring;
	struct format_state state;
	struct text printed;
	size_t sound;
	uint64_t counts[PUSH_VERDICTS];
};

static struct bench b;

static bool take(void *context, const struct push_apdu *apdu)
{
	struct dlms_note note;
	enum push_verdict verdict;

	(void)context;
	record_begin(&b.record, "dlms");
	verdict = dlms_decode(&b.dlms, apdu, &b.record, &note);
	b.counts[verdict]++;
	if (verdict != PUSH_OK)
		return false;
	if (note.telegram) /* its own CRC ends it; what follows is ignored */
		text_add(&b.printed, (const char *)note.telegram,
		         (size_t)((const uint8_t *)memchr(note.telegram, '!', note.telegram_size) -
		                  note.telegram) + 5);
	else
		format_json(&b.printed, &b.state, &b.record);
	b.sound++;
	return true;
}

static void fault(void *context, enum push_verdict verdict, const char *what)
{
	(void)context;
	assert_non_null(what);
	b.counts[verdict]++;
}

static const struct push_sink sink = {take, fault, notification_measure, NULL};

static void fresh(void)
{
	b.sound = 0;
	b.printed.length = 0;
	memset(b.counts, 0, sizeof b.counts);
	counters_free(&b.dlms.counters);
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(glo_keyring_add(&b.ring, NULL, key, lock), 0);
	b.dlms.keys = &b.ring;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	glo_keyring_free(&b.ring);
	record_free(&b.record);
	text_free(&b.printed);
	dlms_free(&b.dlms);
	return 0;
}

static uint64_t seed = 7;

static unsigned dice(unsigned limit)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 40) % limit;
}

/* Three pushes of a meter. */
static void make(struct text *out, const struct meter_model *model, unsigned count)
{
	struct meter_values v = {.time = stamp_at(1717410896000, 120), .serial = "181220000042",
	                         .energy_import = 7654321, .energy_export = 89, .power_import = 432,
	                         .voltage = {233100, 234200, 230000}, .current = {1230, 450, 0},
	                         .power_factor = 987};

	for (unsigned i = 0; i < count; i++) {
		v.energy_import += 10;
		meter_push(out, model, &v, &b.ring.keys[0], title, i + 1, NULL);
	}
	assert_false(out->failed);
}

/* Feeds in pieces of 1..limit bytes, 0: all at once. */
static void feed(const char *data, size_t size, unsigned limit)
{
	struct push_framer framer = {0};

	fresh();
	for (size_t at = 0; at < size;) {
		size_t n = limit ? 1 + dice(limit) : size;

		n = n < size - at ? n : size - at;
		assert_int_equal(push_feed(&framer, &sink, data + at, n), 0);
		at += n;
	}
	assert_int_equal(push_end(&framer, &sink), 0);
	assert_false(push_pending(&framer));
	push_free(&framer);
}

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

/* What was printed must be one of the true records, nothing else. */
static void assert_honest(const struct text *truth, size_t record, size_t most)
{
	assert_true(b.sound <= most);
	for (size_t at = 0; at < b.printed.length; at += record) {
		bool known = false;

		for (size_t t = 0; t + record <= truth->length; t += record)
			known |= !memcmp(b.printed.data + at, truth->data + t, record);
		assert_true(known);
	}
}

/* Every bit of a push turned over in turn: it is refused, or it was outside the push. */
static void test_bits(void **state)
{
	(void)state;
	for (size_t m = 0; m < meter_model_count; m++) {
		struct text bytes = {0}, truth = {0};

		make(&bytes, &meter_models[m], 2);
		feed(bytes.data, bytes.length, 0);
		text_add(&truth, b.printed.data, b.printed.length);
		for (size_t i = 0; i < bytes.length * 8; i++) {
			bytes.data[i / 8] ^= (char)(1 << i % 8);
			feed(bytes.data, bytes.length, 0);
			bytes.data[i / 8] ^= (char)(1 << i % 8);
			assert_honest(&truth, truth.length / 2, 2);
		}
		text_free(&bytes);
		text_free(&truth);
	}
}

/* Every byte lost in turn, every byte doubled in turn, and every place to break off. */
static void test_bytes(void **state)
{
	(void)state;
	for (size_t m = 0; m < meter_model_count; m++) {
		struct text bytes = {0}, truth = {0}, damaged = {0};

		make(&bytes, &meter_models[m], 2);
		feed(bytes.data, bytes.length, 0);
		text_add(&truth, b.printed.data, b.printed.length);
		for (size_t i = 0; i < bytes.length; i++) {
			damaged.length = 0;
			text_add(&damaged, bytes.data, i);
			text_add(&damaged, bytes.data + i + 1, bytes.length - i - 1);
			feed(damaged.data, damaged.length, 0);
			assert_honest(&truth, truth.length / 2, 2);
			damaged.length = 0;
			text_add(&damaged, bytes.data, i + 1);
			text_add(&damaged, bytes.data + i, bytes.length - i);
			feed(damaged.data, damaged.length, 0);
			assert_honest(&truth, truth.length / 2, 2);
			feed(bytes.data, i, 0);
			assert_honest(&truth, truth.length / 2, 1);
		}
		text_free(&bytes);
		text_free(&truth);
		text_free(&damaged);
	}
}

/* Random bytes before, between and behind framed pushes hide none of them. */
static void test_noise(void **state)
{
	(void)state;
	for (size_t m = 0; m < meter_model_count; m++) {
		const struct meter_model *model = &meter_models[m];

		for (int round = 0; round < 40 && model->line != BUILD_BARE; round++) {
			struct text noisy = {0}, push = {0};

			make(&push, model, 1);
			for (unsigned i = dice(200); i > 0; i--)
				text_char(&noisy, (char)dice(256));
			text_add(&noisy, push.data, push.length);
			for (unsigned i = dice(200); i > 0; i--)
				text_char(&noisy, (char)dice(256));
			feed(noisy.data, noisy.length, round % 2 ? 40 : 0);
			assert_int_equal(b.sound, 1);
			text_free(&noisy);
			text_free(&push);
		}
	}
}

/* A push per line: a digit that is lost costs one push, not all that follow; odd lines go on. */
static void test_lost_digit(void **state)
{
	struct text bytes = {0}, digits = {0};

	(void)state;
	make(&bytes, meter_model_find("wien"), 4);
	for (size_t i = 0; i < bytes.length; i++)
		text_printf(&digits, "%02X%s", (uint8_t)bytes.data[i],
		            (i + 1) % (bytes.length / 4) ? "" : "\n");
	memmove(digits.data + digits.length / 4 + 50, digits.data + digits.length / 4 + 51,
	        digits.length - digits.length / 4 - 51);
	feed(digits.data, digits.length - 1, 0);
	assert_int_equal(b.sound, 3);
	digits.length = 0;
	for (size_t i = 0, n = 0; i < bytes.length; i++) {
		static const char hex[] = "0123456789ABCDEF";

		text_char(&digits, hex[(uint8_t)bytes.data[i] >> 4]);
		text_puts(&digits, ++n % 79 ? "" : "\r\n");
		text_char(&digits, hex[(uint8_t)bytes.data[i] & 15]);
		text_puts(&digits, ++n % 79 ? "" : "\r\n");
	}
	feed(digits.data, digits.length, 0);
	assert_int_equal(b.sound, 4);
	text_free(&digits);
	text_free(&bytes);
}

static void test_lost_segment(void **state)
{
	struct text bytes = {0};
	size_t ends[16], n;
	struct meter_values v = {.time = stamp_at(1717410896000, 120), .serial = "1"};

	(void)state;
	n = meter_push(&bytes, meter_model_find("evn"), &v, &b.ring.keys[0], title, 1, ends);
	assert_int_equal(n, 2);
	feed(bytes.data, ends[0], 0);
	assert_int_equal(b.counts[PUSH_TRUNCATED], 1);
	feed(bytes.data + ends[0], bytes.length - ends[0], 0);
	assert_int_equal(b.counts[PUSH_TRUNCATED], 1);
	assert_int_equal(b.sound, 0);
	bytes.length = 0;
	n = meter_push(&bytes, meter_model_find("landis"), &v, &b.ring.keys[0], title, 1, ends);
	assert_int_equal(n, 2);
	feed(bytes.data, ends[0], 0);
	assert_int_equal(b.counts[PUSH_TRUNCATED], 1);
	feed(bytes.data + ends[0], bytes.length - ends[0], 0);
	assert_int_equal(b.counts[PUSH_TRUNCATED], 1);
	text_free(&bytes);
}

/*
 * Pushes that are not ciphered, each in two segments, a burst of noise over the end of one and the
 * beginning of the next: the halves that are left make no push, though they fit together.
 */
static void test_halves_of_two(void **state)
{
	static const uint8_t body[] = {
		0x0F, 0x00, 0x00, 0x00, 0x01, 0x00, 0x02, 0x04, 0x09, 0x06, 0x01, 0x00, 0x01, 0x07, 0x00,
		0xFF, 0x12, 0x00, 0x07, 0x09, 0x06, 0x01, 0x00, 0x02, 0x07, 0x00, 0xFF, 0x12, 0x00, 0x08,
	};
	enum { HALF = 19 };
	uint8_t frames[200];
	size_t n = 0, second = 0;

	(void)state;
	for (int push = 0; push < 2; push++) {
		n += mbus_build(frames + n, 0x00, body, HALF);
		if (!push)
			second = n;
		n += mbus_build(frames + n, MBUS_LAST | 1, body + HALF, sizeof body - HALF);
	}
	feed((const char *)frames, n, 0);
	assert_int_equal(b.sound, 2);
	for (size_t at = 0; at <= 12; at += 12) { /* the start bytes, then those of the payload */
		frames[second + at] ^= 1;
		frames[n / 2 + at] ^= 1;
		feed((const char *)frames, n, 0);
		assert_int_equal(b.sound, 0);
		assert_int_equal(b.counts[PUSH_CHECKSUM], at ? 2 : 0);
		assert_int_equal(b.counts[PUSH_TRUNCATED], 2);
		frames[second + at] ^= 1;
		frames[n / 2 + at] ^= 1;
	}
}

/* A damaged frame gives up nothing of what stands inside it, whole APDUs included. */
static void test_nothing_from_inside(void **state)
{
	struct text bytes = {0};

	(void)state;
	make(&bytes, meter_model_find("wien"), 1);
	bytes.data[bytes.length - 2] ^= 1; /* FCS */
	feed(bytes.data, bytes.length, 0);
	assert_int_equal(b.sound, 0);
	assert_int_equal(b.counts[PUSH_CHECKSUM], 1);
	bytes.data[0] = 0; /* no flag any more */
	feed(bytes.data, bytes.length, 0);
	assert_int_equal(b.sound, 0);
	text_free(&bytes);
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

/* The second segment of another push: its meter number is no text, so nothing is printed. */
static void test_foreign_segment(void **state)
{
	struct text one = {0}, other = {0};
	size_t ends[16];
	struct meter_values v = {.time = stamp_at(1717410896000, 120), .serial = "181220000042"};
	const struct meter_model *model = meter_model_find("evn-sagemcom");

	(void)state;
	meter_push(&one, model, &v, &b.ring.keys[0], title, 1, ends);
	meter_push(&other, model, &v, &b.ring.keys[0], title, 2, NULL);
	memcpy(one.data + ends[0], other.data + ends[0], other.length - ends[0]);
	feed(one.data, one.length, 0);
	assert_int_equal(b.sound, 0);
	assert_int_equal(b.counts[PUSH_MALFORMED], 1);
	text_free(&one);
	text_free(&other);
}

/* A scaler that no meter means is not applied: the raw value stands in `unknown`. */
static void test_scaler(void **state)
{
	struct text bytes = {0};
	char *scale;

	(void)state;
	make(&bytes, meter_model_find("aidon"), 1);
	scale = memchr(bytes.data, 0x1B, bytes.length); /* W */
	scale[-2] = (char)-128;
	feed(bytes.data, bytes.length, 0);
	assert_int_equal(b.counts[PUSH_CHECKSUM], 1);
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
		meter_push(&bytes, meter_model_find("evn"), &v, &b.ring.keys[0], title, numbers[i], NULL);
	}
	feed(bytes.data, bytes.length, 0);
	assert_int_equal(b.sound, 5); /* 5 6 7, and 0 1 of a meter that began anew */
	assert_int_equal(b.counts[PUSH_REPLAY], 2);
	b.dlms.accept_replay = true;
	feed(bytes.data, bytes.length, 0);
	b.dlms.accept_replay = false;
	assert_int_equal(b.sound, 7);
	text_free(&bytes);
}

/* Bare pushes one behind the other: one that is refused does not take the next with it. */
static void test_refused_bare(void **state)
{
	static const uint32_t numbers[] = {5, 6, 6, 7};
	struct meter_model model = *meter_model_find("wien");
	struct text bytes = {0};
	struct meter_values v = {.time = stamp_at(1717410896000, 120), .serial = "1"};

	(void)state;
	model.line = BUILD_BARE;
	for (size_t i = 0; i < 4; i++)
		meter_push(&bytes, &model, &v, &b.ring.keys[0], title, numbers[i], NULL);
	for (unsigned piece = 0; piece < 5; piece++) {
		feed(bytes.data, bytes.length, piece);
		assert_int_equal(b.sound, 3);
		assert_int_equal(b.counts[PUSH_REPLAY], 1);
	}
	text_free(&bytes);
}

static void test_counter_file(void **state)
{
	static const char file[] = "4B464D6750000009 9096 1632728835\n49534B6974787E7E 4294967295 0\n";
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
		cmocka_unit_test(test_same),        cmocka_unit_test(test_bits),
		cmocka_unit_test(test_bytes),       cmocka_unit_test(test_noise),
		cmocka_unit_test(test_halves_of_two), cmocka_unit_test(test_lost_digit),
		cmocka_unit_test(test_lost_segment), cmocka_unit_test(test_nothing_from_inside),
		cmocka_unit_test(test_several_apdus), cmocka_unit_test(test_counters),
		cmocka_unit_test(test_counter_file),
		cmocka_unit_test(test_overflow),    cmocka_unit_test(test_foreign_segment),
		cmocka_unit_test(test_scaler),      cmocka_unit_test(test_refused_bare),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
