/*
 * Pushes from a line to every output: plain texts of the fuzzer's choice, sealed and framed as a
 * meter with the right key would send them, or the bytes as they are. The first byte chooses the
 * rules, the second how the stream is cut; each push is a byte of line and sealing, two of length,
 * and its plain text.
 */
#include "fuzz.h"
#include "protocol/cosem/build.h"
#include "stream/push_reader.h"

enum { LINES = BUILD_BARE + 1, RAW = 128, TELEGRAM = 64 };

static const char key_text[] =
	"0001020304050607 000102030405060708090A0B0C0D0E0F\n"
	"454D5466757A7A01 000102030405060708090A0B0C0D0E0F D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF\n";

static struct text plain;

static void body(struct text *out, const struct meter_values *v, uint32_t invoke)
{
	(void)v;
	(void)invoke;
	text_add(out, plain.data, plain.length);
}

static void put_push(struct text *out, unsigned how, struct input part)
{
	static const uint8_t controls[] = {0, 0x20, 0x30, 0x21};
	static struct glo_keyring ring;
	static uint32_t counter;
	unsigned line;
	struct meter_model model = {.body = body,
	                            .line = (enum build_line)(how % LINES),
	                            .control = controls[how / LINES % 4]};

	if (how & RAW) {
		text_add(out, (const char *)part.data, part.size);
		return;
	}
	if (!ring.count)
		glo_keyring_parse(&ring, key_text, sizeof key_text - 1, &line);
	plain.length = 0;
	if (how & TELEGRAM)
		fuzz_seal_telegram(&plain, part);
	else
		text_add(&plain, (const char *)part.data, part.size);
	model.segment = model.line == BUILD_MBUS ? 230 : 100;
	if (plain.length > 1000)
		model.line = BUILD_BARE;
	meter_push(out, &model, NULL, &ring.keys[1], (const uint8_t *)"EMTfuzz\1", ++counter, NULL);
}

static void on_record(void *context, struct record *r, const struct seal *seal)
{
	static struct format_state plain_text;
	struct text evn = {0};

	(void)context;
	(void)seal;
	fuzz_record(r);
	format_evn(&evn, &plain_text, r);
	fuzz_check_text((struct input){(const uint8_t *)evn.data, evn.length});
	text_free(&evn);
}

static void on_refused(void *context, enum refusal refusal, const char *text,
                       const struct seal *seal)
{
	(void)context;
	(void)seal;
	fuzz_require(refusal > REFUSED_NOT && refusal < REFUSALS && text, "a refusal has a class");
}

static void read_line(struct seals *seals, struct input in, size_t piece)
{
	const struct push_events events = {on_record, on_refused, NULL};
	struct push_decoder *decoder = push_decoder_new(seals);
	struct push_reader *reader = push_reader_new(decoder, &events);

	while (in.size) {
		struct input part = fuzz_take(&in, piece);

		push_reader_feed(reader, INSTANT_NONE, part.data, part.size);
	}
	push_reader_end(reader, INSTANT_NONE);
	push_reader_free(reader);
	push_decoder_free(decoder);
	seals_free(seals);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct glo_keyring ring;
	static struct text line;
	struct input in = {data, size};
	unsigned rules = fuzz_byte(&in), piece = fuzz_byte(&in) * 8 + 1, at;
	struct seals seals = {
		.keys = &ring, .require_authentication = rules & 1, .accept_replay = rules & 2};

	if (size < 4)
		return 0;
	if (!ring.count)
		glo_keyring_parse(&ring, key_text, sizeof key_text - 1, &at);
	line.length = 0;
	while (in.size) {
		unsigned how = fuzz_byte(&in);

		put_push(&line, how, fuzz_take(&in, fuzz_word(&in)));
	}
	read_line(&seals, (struct input){(const uint8_t *)line.data, line.length}, piece);
	return 0;
}
