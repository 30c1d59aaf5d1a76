#define _GNU_SOURCE /* memrchr */
/* P1 telegrams of every model with damage from a seed: what is found in the stream, and what it means. */
#include "pinned.h"

#include "frame/p1.h"
#include "protocol/dsmr/dsmr.h"
#include "protocol/telegram/telegram.h"
#include "printed.h"

static struct dsmr *decoder;
static struct record record;

static void on_telegram(void *context, const struct p1_telegram *t)
{
	(void)context;
	pinned_line("%llu %zu %zu %d %d %d %04X %04X", (unsigned long long)t->offset, t->size,
	            t->whole, (int)t->crc, t->ended, t->restored, t->printed, t->computed);
	pinned_line("%d %d %d", p1_names_version(t->data, t->size),
	            p1_demands_crc(t->data, t->size), p1_ends_with_line(t->data, t->size));
}

static void decode(void *context, const struct p1_telegram *t)
{
	(void)context;
	record_begin(&record, "p1");
	assert_int_equal(dsmr_decode(decoder, t, &record), 0);
	pinned_line("%s", printed(&record));
}

static bool on_sealed(void *context, const uint8_t *apdu, size_t size, uint64_t offset)
{
	(void)context;
	pinned_line("sealed %llu %zu %02X", (unsigned long long)offset, size, apdu[size - 1]);
	return apdu[size - 1] & 1;
}

static void on_lost(void *context, uint64_t offset, const char *why)
{
	(void)context;
	pinned_line("lost %llu %s", (unsigned long long)offset, why);
}

/* One telegram of some model with values that change. */
static void make_telegram(struct text *out, unsigned number)
{
	struct telegram_values v = {.time = 1717410896000 + (instant)number * 86400000 * 5,
	                            .serial = "E0012345678",
	                            .seed = number};

	for (unsigned i = 0; i < TELEGRAM_VALUES; i++)
		v.milli[i] = (int64_t)dice(100000000) * (i % 3 ? 1 : 37);
	v.gas_time = v.time - 300000;
	v.peak_time = v.time - 86400000;
	out->length = 0;
	telegram_build(out, &telegram_models[number % telegram_model_count], &v);
	assert_true(text_room(out, 64));
}

/* An encrypted telegram as far as the framer looks at it. */
static void make_sealed(struct text *out)
{
	static const uint8_t heads[][14] = {
		{0xDB, 8, 'S', 'A', 'G', 1, 2, 3, 4, 5, 40, 0x30, 0, 0},
		{0xDB, 8, 'S', 'A', 'G', 1, 2, 3, 4, 5, 0x82, 0, 200, 0x30},
		{0xDB, 8, 'S', 'A', 'G', 1, 2, 3, 4, 5, 0x81, 17, 0x20, 0},
		{0xDB, 8, 'S', 'A', 'G', 1, 2, 3, 4, 5, 16, 0x30, 0, 0},
		{0xDB, 8, 'S', 'A', 'G', 1, 2, 3, 4, 5, 0x85, 0, 200, 0x30},
		{0xDB, 8, 'S', 'A', 'G', 1, 2, 3, 4, 5, 40, 0x10, 0, 0},
		{0xDB, 7, 'S', 'A', 'G', 1, 2, 3, 4, 5, 40, 0x30, 0, 0},
	};

	out->length = 0;
	text_add(out, (const char *)heads[dice(7)], 14);
	for (unsigned n = 20 + dice(300); n; n--)
		text_char(out, (char)dice(256));
}

static void change_ending(struct text *t)
{
	char *end = memrchr(t->data, '!', t->length);

	switch (dice(14)) {
	case 0: /* CR is lost everywhere: the CRC is restored */
		for (size_t i = 0; i < t->length; i++)
			if (t->data[i] == '\r') {
				memmove(t->data + i, t->data + i + 1, t->length - i - 1);
				t->length--;
			}
		break;
	case 1: t->length = end ? (size_t)(end - t->data) : t->length; break;
	case 2: t->length = end ? (size_t)(end - t->data) + 1 + dice(5) : t->length; break;
	case 3:
	case 4:
	case 5: t->length = pinned_damage((uint8_t *)t->data, t->length, t->capacity); break;
	default: break;
	}
}

static void feed(struct p1_framer *f, const struct text *t, size_t most)
{
	for (size_t at = 0; at < t->length;) {
		size_t n = 1 + dice((unsigned)most);

		n = n < t->length - at ? n : t->length - at;
		assert_int_equal(p1_feed(f, (const uint8_t *)t->data + at, n), 0);
		at += n;
	}
}

static void end_somehow(struct p1_framer *f)
{
	switch (dice(40)) {
	case 0: p1_idle(f); break;
	case 1: p1_end(f); break;
	case 2: p1_cut(f); break;
	default: break;
	}
}

static void tell_counts(const struct p1_framer *f)
{
	pinned_line("%llu %llu %llu %llu", (unsigned long long)f->counts.bytes,
	            (unsigned long long)f->counts.skipped, (unsigned long long)f->counts.telegrams,
	            (unsigned long long)f->counts.truncated);
}

static void damaged_streams(void **state)
{
	const struct p1_handler handler = {on_telegram, on_sealed, NULL, on_lost};
	struct p1_framer f;
	struct text t = {0};

	(void)state;
	pinned_begin(11);
	p1_init(&f, &handler);
	for (unsigned i = 0; i < 3000; i++) {
		if (dice(8)) {
			make_telegram(&t, i);
			change_ending(&t);
		} else {
			make_sealed(&t);
		}
		if (dice(30) == 0)
			text_add(&t, "\0\0garbage/\r\n", 12);
		feed(&f, &t, dice(2) ? 2000 : 30);
		end_somehow(&f);
		if (i % 50 == 0)
			tell_counts(&f);
	}
	p1_end(&f);
	tell_counts(&f);
	p1_free(&f);
	text_free(&t);
	pinned_end(4429, 0x48DD0A60AF2B789A);
}

/* Bit 7 of every byte is its parity: the line was opened with 8N1 instead of 7E1. */
static void parity_comes_and_goes(void **state)
{
	const struct p1_handler handler = {on_telegram, NULL, NULL, on_lost};
	struct p1_framer f;
	struct text t = {0};

	(void)state;
	pinned_begin(12);
	p1_init(&f, &handler);
	for (unsigned i = 0; i < 400; i++) {
		make_telegram(&t, i);
		change_ending(&t);
		if (i / 20 % 2)
			for (size_t k = 0; k < t.length; k++)
				if (__builtin_parity((unsigned char)t.data[k]))
					t.data[k] ^= (char)0x80;
		feed(&f, &t, 200);
	}
	p1_end(&f);
	tell_counts(&f);
	p1_free(&f);
	text_free(&t);
	pinned_end(711, 0x15F881B720EA4E7A);
}

static void all_models_decoded(void **state)
{
	const struct p1_handler handler = {decode, NULL, NULL, NULL};
	struct p1_framer f;
	struct text t = {0};

	(void)state;
	pinned_begin(13);
	decoder = dsmr_new(0);
	p1_init(&f, &handler);
	for (unsigned i = 0; i < 2000; i++) {
		make_telegram(&t, i);
		pinned_add(t.data, t.length);
		if (i > 100 && dice(3) == 0)
			t.length = pinned_damage((uint8_t *)t.data, t.length, t.capacity);
		feed(&f, &t, 5000);
	}
	p1_end(&f);
	p1_free(&f);
	text_free(&t);
	dsmr_free(decoder);
	pinned_end(1899, 0xD7ECB27CBC77E6F2);
}

/* Lines put together from pieces of lines. */
static void odd_lines(void **state)
{
	static const char *const codes[] = {
		"1-0:1.8.0",   "1-0:1.7.0",      "0-1:24.2.1",    "0-1:24.1.0", "0-2:24.3.0",
		"0-1:96.1.0",  "1-0:99.97.0",    "1-3:0.2.8",     "0-0:98.1.0", "1-0:1.6.0",
		"0-0:96.13.0", "1-0:32.7.0.255", "1-0:1.8.0*255", "0-0:1.0.0",  "0-1:24.4.0",
		"0-0:17.0.0",  "1-1:31.7.0",     "0-n:24.2.1"};
	static const char *const groups[] = {"(000123.456*kWh)",
	                                     "(240603123456S)",
	                                     "(00.123*kW)",
	                                     "(003)",
	                                     "(4530303132)",
	                                     "(12.5*m3)",
	                                     "(240603120000S)(00012.345*m3)",
	                                     "(1)(0-0:96.7.19)(240101010203W)(0000000301*s)",
	                                     "(0)",
	                                     "()",
	                                     "(999.9*kW)",
	                                     "(-5*W)",
	                                     "(x)",
	                                     "(1.5*A)",
	                                     "(230.1*V)",
	                                     "(1.2.3)",
	                                     "(50217)",
	                                     "(12*GJ)"};
	struct text t = {0};
	const struct p1_handler handler = {decode, NULL, NULL, NULL};
	struct p1_framer f;

	(void)state;
	pinned_begin(14);
	decoder = dsmr_new(0);
	p1_init(&f, &handler);
	for (unsigned i = 0; i < 3000; i++) {
		t.length = 0;
		text_printf(&t, "/%s5\\x%u\r\n\r\n", i % 5 ? "ISK" : "FLU", i % 9);
		for (unsigned n = 1 + dice(8); n; n--) {
			text_puts(&t, codes[dice(18)]);
			text_puts(&t, groups[dice(18)]);
			if (dice(6) == 0)
				text_puts(&t, groups[dice(18)]);
			text_puts(&t, dice(20) ? "\r\n" : "\r\n\r\n");
		}
		text_puts(&t, "!\r\n");
		feed(&f, &t, 500);
	}
	p1_end(&f);
	p1_free(&f);
	text_free(&t);
	dsmr_free(decoder);
	pinned_end(2981, 0x720D8EFE041B9CB4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(damaged_streams),
		cmocka_unit_test(parity_comes_and_goes),
		cmocka_unit_test(all_models_decoded),
		cmocka_unit_test(odd_lines),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	record_free(&record);
	return failed;
}
