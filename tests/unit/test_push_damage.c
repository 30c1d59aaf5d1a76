/*
 * Damage of any kind to what meters send: it never gives a value that the meter did not send, and
 * costs no more than it must.
 */
#include "tests/unit/push_bench.h"

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
	assert_int_equal(b.counts[REFUSED_TRUNCATED], 1);
	feed(bytes.data + ends[0], bytes.length - ends[0], 0);
	assert_int_equal(b.counts[REFUSED_TRUNCATED], 1);
	assert_int_equal(b.sound, 0);
	bytes.length = 0;
	n = meter_push(&bytes, meter_model_find("landis"), &v, &b.ring.keys[0], title, 1, ends);
	assert_int_equal(n, 2);
	feed(bytes.data, ends[0], 0);
	assert_int_equal(b.counts[REFUSED_TRUNCATED], 1);
	feed(bytes.data + ends[0], bytes.length - ends[0], 0);
	assert_int_equal(b.counts[REFUSED_TRUNCATED], 1);
	text_free(&bytes);
}

/*
 * Pushes that are not ciphered, each in two segments, a burst of noise over the end of one and the
 * beginning of the next: the halves that are left make no push, though they fit together.
 */
static void test_halves_of_two(void **state)
{
	static const uint8_t body[] = {
		0x0F, 0x00, 0x00, 0x00, 0x01, 0x00, 0x02, 0x04, 0x09, 0x06,
		0x01, 0x00, 0x01, 0x07, 0x00, 0xFF, 0x12, 0x00, 0x07, 0x09,
		0x06, 0x01, 0x00, 0x02, 0x07, 0x00, 0xFF, 0x12, 0x00, 0x08,
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
		assert_int_equal(b.counts[REFUSED_CHECKSUM], at ? 2 : 0);
		assert_int_equal(b.counts[REFUSED_TRUNCATED], 2);
		frames[second + at] ^= 1;
		frames[n / 2 + at] ^= 1;
	}
}

/* Nothing inside a damaged frame is used, not even a whole APDU. */
static void test_nothing_from_inside(void **state)
{
	struct text bytes = {0};

	(void)state;
	make(&bytes, meter_model_find("wien"), 1);
	bytes.data[bytes.length - 2] ^= 1; /* FCS */
	feed(bytes.data, bytes.length, 0);
	assert_int_equal(b.sound, 0);
	assert_int_equal(b.counts[REFUSED_CHECKSUM], 1);
	bytes.data[0] = 0; /* no flag any more */
	feed(bytes.data, bytes.length, 0);
	assert_int_equal(b.sound, 0);
	text_free(&bytes);
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
	assert_int_equal(b.counts[REFUSED_MALFORMED], 1);
	text_free(&one);
	text_free(&other);
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
		assert_int_equal(b.counts[REFUSED_REPLAY], 1);
	}
	text_free(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_lost_digit),
		cmocka_unit_test(test_lost_segment),
		cmocka_unit_test(test_halves_of_two),
		cmocka_unit_test(test_nothing_from_inside),
		cmocka_unit_test(test_foreign_segment),
		cmocka_unit_test(test_refused_bare),
	};

	return cmocka_run_group_tests_name("push_damage", tests, set_up, tear_down);
}
