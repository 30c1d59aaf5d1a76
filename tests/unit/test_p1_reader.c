/*
 * P1 lines from bytes to records: any cutting gives the same, and one rule decides about CRCs, tags
 * and frame counters.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/crc.h"
#include "output/output.h"
#include "protocol/telegram/telegram.h"
#include "stream/p1_reader.h"

#define LINE "1-0:1.8.0(000001.000*kWh)\r\n"
#define CLOCK "0-0:1.0.0(2107011346%02uS)\r\n"

static const uint8_t key[GLO_KEY] = "a secret of 16 B", lock[GLO_KEY] = "and another one.";
static const uint8_t title[GLO_TITLE] = {'E', 'M', 'T', 0x67, 0x50, 0, 0, 9};

struct seen {
	struct glo_keyring ring;
	struct seals seals;
	struct p1_settings settings;
	struct p1_decoder *decoder;
	struct p1_reader *reader;
	struct text json, refusals, bytes;
};

static void on_record(void *context, struct record *r, const struct p1_telegram *t)
{
	static struct format_state state;
	struct seen *s = context;

	format_json(&s->json, &state, r);
	text_add(&s->bytes, (const char *)t->data, t->whole);
}

static void on_refused(void *context, enum refusal refusal, const char *text)
{
	struct seen *s = context;

	assert_non_null(text);
	text_printf(&s->refusals, "%s: %s\n", refusal_name(refusal), text);
}

static void start(struct seen *s)
{
	s->decoder = p1_decoder_new(&s->settings);
	s->reader = p1_reader_new(s->decoder, &(struct p1_events){on_record, on_refused, s});
	assert_non_null(s->reader);
}

static void start_with_keys(struct seen *s, const uint8_t *authentication)
{
	assert_int_equal(glo_keyring_add(&s->ring, NULL, key, authentication), 0);
	s->seals.keys = &s->ring;
	s->settings.seals = &s->seals;
	start(s);
}

static void stop(struct seen *s)
{
	p1_reader_free(s->reader);
	p1_decoder_free(s->decoder);
	seals_free(&s->seals);
	glo_keyring_free(&s->ring);
	text_free(&s->json);
	text_free(&s->refusals);
	text_free(&s->bytes);
	*s = (struct seen){0};
}

static void feed(struct seen *s, const char *data, size_t size, size_t piece)
{
	for (size_t at = 0; at < size; at += piece)
		assert_int_equal(p1_reader_feed(s->reader, 1000, (const uint8_t *)data + at,
		                                size - at < piece ? size - at : piece),
		                 0);
}

static void feed_text(struct seen *s, const char *text)
{
	feed(s, text, strlen(text), 7);
	assert_int_equal(p1_reader_end(s->reader), 0);
}

static uint64_t telegrams(struct seen *s)
{
	return p1_reader_counts(s->reader)->telegrams;
}

static uint64_t refused(struct seen *s, enum refusal refusal)
{
	return p1_reader_counts(s->reader)->refused[refusal];
}

/* Appends `/A` with these lines, `!`, and its CRC if wanted. */
static void put(struct text *out, const char *lines, bool crc)
{
	size_t begin = out->length;

	text_printf(out, "/A\r\n%s!", lines);
	if (crc)
		text_printf(out, "%04X",
		            crc16_arc((const uint8_t *)out->data + begin, out->length - begin));
	text_puts(out, "\r\n");
}

/* Appends a telegram with these lines as an encrypted APDU. */
static void put_sealed_lines(struct text *out, const struct seen *s, uint8_t control,
                             uint32_t counter, const char *lines, bool crc)
{
	uint8_t apdu[600];
	struct text plain = {0};
	size_t n;

	put(&plain, lines, crc);
	n = glo_seal(apdu, &s->ring.keys[0], control, title, counter, (const uint8_t *)plain.data,
	             plain.length);
	text_add(out, (const char *)apdu, n);
	text_free(&plain);
}

/* The same with a clock, whose second is given. */
static void put_sealed(struct text *out, const struct seen *s, uint8_t control, uint32_t counter,
                       unsigned second, bool crc)
{
	char lines[200];

	snprintf(lines, sizeof lines, CLOCK LINE, second);
	put_sealed_lines(out, s, control, counter, lines, crc);
}

/* Telegrams of every model, encrypted ones between them. */
static void make_stream(struct text *out, const struct seen *s)
{
	struct telegram_values values = {.time = 1700000000000,
	                                 .gas_time = 1699999800000,
	                                 .peak_time = 1699000000000,
	                                 .serial = "E0043007052870318"};

	for (size_t i = 0; i < telegram_model_count; i++) {
		telegram_build(out, &telegram_models[i], &values);
		put_sealed(out, s, 0x30, (uint32_t)i + 1, (unsigned)i, true);
	}
	put_sealed(out, s, 0x30, 1, 1, true);
	put(out, "1-3:0.2.8(50)\r\n" LINE, false);
	text_puts(out, "noise /A\r\n");
}

static void any_cutting_gives_the_same(void **state)
{
	struct seen whole = {0}, parts = {0};
	struct text stream = {0};

	(void)state;
	start_with_keys(&whole, lock);
	make_stream(&stream, &whole);
	feed(&whole, stream.data, stream.length, stream.length);
	assert_int_equal(p1_reader_end(whole.reader), 0);
	assert_int_equal(telegrams(&whole), 2 * telegram_model_count);
	assert_int_equal(p1_reader_refused(whole.reader), 2);
	assert_int_equal(p1_reader_counts(whole.reader)->bytes, stream.length);
	for (size_t piece = 1; piece < 200; piece += piece < 10 ? 1 : 37) {
		start_with_keys(&parts, lock);
		feed(&parts, stream.data, stream.length, piece);
		assert_int_equal(p1_reader_end(parts.reader), 0);
		assert_string_equal(text_string(&parts.json), text_string(&whole.json));
		assert_string_equal(text_string(&parts.refusals), text_string(&whole.refusals));
		assert_int_equal(parts.bytes.length, whole.bytes.length);
		assert_int_equal(p1_reader_counts(parts.reader)->good,
		                 p1_reader_counts(whole.reader)->good);
		stop(&parts);
	}
	text_free(&stream);
	stop(&whole);
}

static void who_names_version_4_prints_a_crc(void **state)
{
	static const struct {
		const char *lines;
		bool taken;
	} cases[] = {
		{LINE, true},
		{"1-3:0.2.8(30)\r\n" LINE, true},
		{"1-3:0.2.8(40)\r\n" LINE, false},
		{"1-3:0.2.8(50)\r\n" LINE, false},
		{"0-0:96.1.4(50217)\r\n" LINE, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct text bare = {0}, signed_one = {0};
		struct seen s = {0};

		put(&bare, cases[i].lines, false);
		put(&signed_one, cases[i].lines, true);
		start(&s);
		feed_text(&s, text_string(&bare));
		assert_int_equal(telegrams(&s), cases[i].taken);
		assert_int_equal(refused(&s, REFUSED_CHECKSUM), !cases[i].taken);
		if (!cases[i].taken)
			assert_string_equal(text_string(&s.refusals),
			                    "checksum: no CRC at byte 0, though this meter sends "
			                    "one\n");
		feed_text(&s, text_string(&signed_one));
		assert_int_equal(telegrams(&s), cases[i].taken + 1);
		stop(&s);
		s.settings.no_crc = true;
		start(&s);
		feed_text(&s, text_string(&bare));
		assert_int_equal(telegrams(&s), 1);
		assert_non_null(strstr(text_string(&s.json), "\"crc\":\"none\""));
		stop(&s);
		text_free(&bare);
		text_free(&signed_one);
	}
}

/* A meter that does not name its version, but sends CRCs: one that is not there was lost. */
static void who_printed_a_crc_prints_it_again(void **state)
{
	static const char text[] = "/A\r\n" LINE "!95DB\r\n/A\r\n" LINE "/A\r\n" LINE
				   "!\r\n/B\r\n" LINE "!\r\n/A\r\n" LINE "!95DB\r\n";
	struct p1_reader *other;
	struct seen s = {0};

	(void)state;
	start(&s);
	feed_text(&s, text);
	assert_int_equal(telegrams(&s), 3);
	assert_int_equal(refused(&s, REFUSED_CHECKSUM), 2);
	/* another connection to the same meter: the decoder remembers */
	other = p1_reader_new(s.decoder, &(struct p1_events){on_record, on_refused, &s});
	assert_int_equal(p1_reader_feed(other, 0, (const uint8_t *)"/A\r\n" LINE "!\r\n",
	                                strlen("/A\r\n" LINE "!\r\n")),
	                 0);
	assert_int_equal(p1_reader_counts(other)->telegrams, 0);
	assert_int_equal(p1_reader_counts(other)->refused[REFUSED_CHECKSUM], 1);
	p1_reader_free(other);
	stop(&s);
}

static void a_wrong_crc_is_refused(void **state)
{
	struct seen s = {0};

	(void)state;
	start(&s);
	feed_text(&s, "/A\r\n" LINE "!0000\r\n/A\r\n" LINE "!95\r\n");
	assert_int_equal(telegrams(&s), 0);
	assert_int_equal(refused(&s, REFUSED_CHECKSUM), 2);
	assert_non_null(
		strstr(text_string(&s.refusals), "checksum: CRC 0000 at byte 0, computed 95DB\n"));
	stop(&s);
	s.settings.no_crc = true;
	start(&s);
	feed_text(&s, "/A\r\n" LINE "!0000\r\n");
	assert_non_null(strstr(text_string(&s.json), "\"crc\":\"bad\""));
	stop(&s);
}

static void what_is_cut_is_counted(void **state)
{
	struct seen s = {0};

	(void)state;
	start(&s);
	feed_text(&s, "/A\r\n1-3:0.2.8(50)\r\n" LINE "/A\r\n" LINE "!95DB\r\n");
	assert_int_equal(telegrams(&s), 1);
	assert_int_equal(refused(&s, REFUSED_TRUNCATED), 1);
	feed(&s, "/A\r\n" LINE, 4 + strlen(LINE), 3);
	assert_int_equal(p1_reader_cut(s.reader), 0);
	assert_int_equal(refused(&s, REFUSED_TRUNCATED), 2);
	assert_string_equal(text_string(&s.refusals),
	                    "truncated: telegram at byte 0: cut off by the next one\n"
	                    "truncated: telegram at byte 84: the connection was lost inside it\n");
	stop(&s);
}

static void a_counter_must_rise(void **state)
{
	static const uint32_t counters[] = {5, 6, 6, 5, 7, 0, 1};
	struct text stream = {0};
	struct seen s = {0};

	(void)state;
	start_with_keys(&s, lock);
	for (unsigned i = 0; i < 7; i++)
		put_sealed(&stream, &s, 0x30, counters[i], i, true);
	feed(&s, stream.data, stream.length, 50);
	assert_int_equal(telegrams(&s), 5); /* 5 6 7, and 0 1 of a meter that began anew */
	assert_int_equal(refused(&s, REFUSED_REPLAY), 2);
	assert_non_null(strstr(text_string(&s.refusals), "replay: meter 454D546750000009, counter "
	                                                 "6: the frame counter did not rise\n"));
	assert_non_null(strstr(text_string(&s.json),
	                       "\"system_title\":\"454D546750000009\",\"frame_counter\":7,"
	                       "\"authenticated\":true}"));
	s.seals.accept_replay = true;
	feed(&s, stream.data, stream.length, 50);
	assert_int_equal(telegrams(&s), 12);
	text_free(&stream);
	stop(&s);
}

/* A counter that falls to 0 is a restart only while the meter's clock moves on. */
static void the_same_second_is_no_restart(void **state)
{
	struct text stream = {0};
	struct seen s = {0};

	(void)state;
	start_with_keys(&s, lock);
	put_sealed(&stream, &s, 0x30, 5, 10, true);
	put_sealed(&stream, &s, 0x30, 0, 10, true);
	feed(&s, stream.data, stream.length, 50);
	assert_int_equal(telegrams(&s), 1);
	assert_int_equal(refused(&s, REFUSED_REPLAY), 1);
	text_free(&stream);
	stop(&s);
}

static void a_tag_or_a_crc_must_hold(void **state)
{
	static const struct {
		uint8_t control;
		bool crc, own_lock;
		enum refusal refusal;
	} cases[] = {
		{0x30, true, true, REFUSED_NOT},           {0x30, false, true, REFUSED_NOT},
		{0x30, true, false, REFUSED_NOT},          {0x20, true, true, REFUSED_NOT},
		{0x30, false, false, REFUSED_AUTH_FAILED}, {0x20, false, true, REFUSED_AUTH_FAILED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct text stream = {0};
		struct seen s = {0}, meter = {0};

		start_with_keys(&meter, lock);
		start_with_keys(&s, cases[i].own_lock ? lock : NULL);
		put_sealed(&stream, &meter, cases[i].control, 1, 1, cases[i].crc);
		feed(&s, stream.data, stream.length, 50);
		assert_int_equal(telegrams(&s), !cases[i].refusal);
		if (cases[i].refusal)
			assert_int_equal(refused(&s, cases[i].refusal), 1);
		else
			assert_int_equal(p1_reader_refused(s.reader), 0);
		text_free(&stream);
		stop(&meter);
		stop(&s);
	}
}

static void keys_must_fit(void **state)
{
	struct text stream = {0};
	struct seen meter = {0}, none = {0}, wrong = {0}, unlocked = {0};

	(void)state;
	start_with_keys(&meter, lock);
	put_sealed(&stream, &meter, 0x30, 1, 1, true);
	start(&none);
	feed(&none, stream.data, stream.length, 5);
	assert_int_equal(refused(&none, REFUSED_WRONG_KEY), 1);
	assert_int_equal(glo_keyring_add(&wrong.ring, NULL, lock, NULL), 0);
	wrong.seals.keys = &wrong.ring;
	wrong.settings.seals = &wrong.seals;
	start(&wrong);
	feed(&wrong, stream.data, stream.length, 5);
	assert_int_equal(refused(&wrong, REFUSED_WRONG_KEY), 1);
	start_with_keys(&unlocked, key);
	feed(&unlocked, stream.data, stream.length, 5);
	assert_int_equal(refused(&unlocked, REFUSED_AUTH_FAILED), 1);
	assert_int_equal(telegrams(&none) + telegrams(&wrong) + telegrams(&unlocked), 0);
	text_free(&stream);
	stop(&meter);
	stop(&none);
	stop(&wrong);
	stop(&unlocked);
}

/* For relays: the bytes count, values are not asked for. */
static void undecoded_records_are_empty(void **state)
{
	struct seen s = {.settings.undecoded = true};

	(void)state;
	start(&s);
	feed_text(&s, "/A\r\n" LINE "!95DB\r\n");
	assert_string_equal(text_string(&s.bytes), "/A\r\n" LINE "!95DB");
	assert_null(strstr(text_string(&s.json), "energy_import"));
	stop(&s);
}

/* Without a clock, or with a damaged one, nothing says that a counter may begin anew. */
static void a_clock_may_be_missing(void **state)
{
	static const char *const without[] = {LINE, "0-0:1.0.0(21070113460)\r\n" LINE,
	                                      "0-0:1.0.0()\r\n" LINE};

	(void)state;
	for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
		struct seen s = {0};
		struct text stream = {0};

		start_with_keys(&s, lock);
		put_sealed_lines(&stream, &s, 0x30, 7, without[i], true);
		put_sealed_lines(&stream, &s, 0x30, 8, without[i], true);
		put_sealed_lines(&stream, &s, 0x30, 0, without[i], true);
		put_sealed(&stream, &s, 0x30, 0, 5, true); /* the last clock is not known */
		feed(&s, stream.data, stream.length, 50);
		assert_int_equal(p1_reader_end(s.reader), 0);
		assert_int_equal(telegrams(&s), 2);
		assert_int_equal(refused(&s, REFUSED_REPLAY), 2);
		text_free(&stream);
		stop(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_cutting_gives_the_same),
		cmocka_unit_test(who_names_version_4_prints_a_crc),
		cmocka_unit_test(who_printed_a_crc_prints_it_again),
		cmocka_unit_test(a_wrong_crc_is_refused),
		cmocka_unit_test(what_is_cut_is_counted),
		cmocka_unit_test(a_counter_must_rise),
		cmocka_unit_test(the_same_second_is_no_restart),
		cmocka_unit_test(a_tag_or_a_crc_must_hold),
		cmocka_unit_test(keys_must_fit),
		cmocka_unit_test(a_clock_may_be_missing),
		cmocka_unit_test(undecoded_records_are_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
