/*
 * Raw bytes as a P1 line would bring them. The first byte says how they are cut; whatever the cutting,
 * the same records and refusals must come out. Each telegram is decoded once more by a decoder that
 * has seen many telegrams: it must say the same as one that has seen none.
 */
#include <string.h>

#include "fuzz.h"
#include "protocol/dsmr/dsmr.h"
#include "stream/p1_reader.h"

static struct dsmr *warm;
static struct glo_keyring ring;

static void print(struct text *out, const struct record *r)
{
	static struct format_state state = {.style.units = true};

	format_json(out, &state, r);
}

static void compare(const struct p1_telegram *t)
{
	struct dsmr *cold = dsmr_new(0);
	struct text fresh = {0}, known = {0};
	struct record record = {0};

	fuzz_require(dsmr_decode(cold, t, &record) == 0, "decoded");
	print(&fresh, &record);
	for (int i = 0; i < 2; i++) {
		known.length = 0;
		fuzz_require(dsmr_decode(warm, t, &record) == 0, "decoded");
		print(&known, &record);
		fuzz_require(known.length == fresh.length &&
		                     !memcmp(known.data, fresh.data, fresh.length),
		             "a warm decoder says what a cold one says");
	}
	text_free(&fresh);
	text_free(&known);
	record_free(&record);
	dsmr_free(cold);
}

static void on_record(void *context, struct record *r, const struct p1_telegram *t)
{
	print(context, r);
	text_printf(context, "%zu %zu\n", t->size, t->whole);
	compare(t);
}

static void on_refused(void *context, enum refusal refusal, const char *text)
{
	text_printf(context, "%s: %s\n", refusal_name(refusal), text);
}

static void feed(struct input in, size_t piece, bool no_crc, struct text *seen)
{
	struct seals seals = {.keys = &ring};
	const struct p1_settings settings = {.seals = &seals, .no_crc = no_crc};
	const struct p1_events events = {on_record, on_refused, seen};
	struct p1_decoder *decoder = p1_decoder_new(&settings);
	struct p1_reader *reader = p1_reader_new(decoder, &events);

	while (in.size) {
		struct input part = fuzz_take(&in, piece);

		p1_reader_feed(reader, INSTANT_NONE, part.data, part.size);
	}
	p1_reader_end(reader);
	fuzz_require(p1_reader_counts(reader)->good <= p1_reader_counts(reader)->bytes,
	             "telegrams stand in the bytes");
	p1_reader_free(reader);
	p1_decoder_free(decoder);
	seals_free(&seals);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text whole = {0}, parts = {0};
	struct input in = {data, size};
	unsigned first = fuzz_byte(&in);

	if (!warm) {
		warm = dsmr_new(0);
		glo_keyring_add(&ring, NULL, (const uint8_t *)"0123456789abcdef", NULL);
	}
	feed(in, in.size ? in.size : 1, first & 16, &whole);
	feed(in, first % 16 + 1, first & 16, &parts);
	fuzz_require(whole.length == parts.length &&
	                     (!whole.length || !memcmp(whole.data, parts.data, whole.length)),
	             "any cutting gives the same");
	text_free(&whole);
	text_free(&parts);
	return 0;
}
