/*
 * Raw bytes as a line would bring them: framed, deciphered, decoded, printed. The first byte says how
 * they are cut; whatever the cutting, the same records and refusals must come out.
 */
#include "fuzz.h"
#include "stream/push_reader.h"

static void on_record(void *context, struct record *r, const struct seal *seal)
{
	static struct format_state json = {.style.units = true}, plain;
	struct text *seen = context;

	(void)seal;
	format_json(seen, &json, r);
	format_text(seen, &plain, r);
	format_evn(seen, &plain, r);
}

static void on_refused(void *context, enum refusal refusal, const char *text,
                       const struct seal *seal)
{
	(void)seal;
	text_printf(context, "%s: %s\n", refusal_name(refusal), text);
}

static void feed(struct push_decoder *decoder, struct input in, size_t piece, struct text *seen)
{
	const struct push_events events = {on_record, on_refused, seen};
	struct push_reader *reader = push_reader_new(decoder, &events);

	while (in.size) {
		struct input part = fuzz_take(&in, piece);

		push_reader_feed(reader, INSTANT_NONE, part.data, part.size);
	}
	push_reader_end(reader, INSTANT_NONE);
	push_reader_free(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct seals seals;
	static struct glo_keyring ring;
	static struct push_decoder *decoder;
	struct text whole = {0}, parts = {0};
	struct input in = {data, size};
	size_t piece = 1u + fuzz_byte(&in) % 64;

	if (!decoder) {
		glo_keyring_add(&ring, NULL, (const uint8_t *)"0123456789abcdef", NULL);
		seals.keys = &ring;
		decoder = push_decoder_new(&seals);
	}
	feed(decoder, in, in.size ? in.size : 1, &whole);
	counters_free(&seals.counters);
	feed(decoder, in, piece, &parts);
	counters_free(&seals.counters);
	fuzz_require(whole.length == parts.length &&
	                     (!whole.length || !memcmp(whole.data, parts.data, whole.length)),
	             "any cutting gives the same");
	text_free(&whole);
	text_free(&parts);
	return 0;
}
