/*
 * Telegrams of the fuzzer's choice, each with the CRC that is right, some of them encrypted,
 * through a reader with its keys. The first two bytes choose options and how the stream is cut;
 * telegrams begin with a byte that says what they are and end with a byte 1.
 */
#include <string.h>

#include "fuzz.h"
#include "protocol/glo.h"
#include "stream/p1_reader.h"

enum { ENCRYPTED = 1, NO_CRC = 2, NO_TAG = 4 };

static const char key_text[] = "000102030405060708090A0B0C0D0E0F\n";

static struct glo_keyring ring;

static void encrypt(struct text *out, const struct text *plain, bool tagged)
{
	static uint32_t counter;

	if (text_room(out, plain->length + GLO_HEAD + GLO_TAG_SIZE))
		out->length += glo_seal((uint8_t *)out->data + out->length, &ring.keys[0],
		                        tagged ? GLO_ENCRYPTED | GLO_AUTHENTICATED : GLO_ENCRYPTED,
		                        (const uint8_t *)"EMTfuzz\1", ++counter,
		                        (const uint8_t *)plain->data, plain->length);
}

static void put_telegram(struct text *out, unsigned kind, struct input lines)
{
	static struct text plain;

	plain.length = 0;
	fuzz_seal_telegram(&plain, lines);
	if (kind & NO_CRC)
		plain.length -= 6;
	if (kind & ENCRYPTED)
		encrypt(out, &plain, !(kind & NO_TAG));
	else
		text_add(out, plain.data, plain.length);
}

static void on_record(void *context, struct record *r, const struct p1_telegram *telegram)
{
	(void)context;
	fuzz_require(telegram->size > 0, "a record has a telegram");
	fuzz_record(r);
}

static void on_refused(void *context, enum refusal refusal, const char *text)
{
	(void)context;
	fuzz_require(refusal > REFUSED_NOT && refusal < REFUSALS && text, "a refusal has a class");
}

static void read_all(struct input in, const struct p1_settings *settings, size_t piece)
{
	const struct p1_events events = {.record = on_record, .refused = on_refused};
	struct p1_decoder *decoder = p1_decoder_new(settings);
	struct p1_reader *reader = p1_reader_new(decoder, &events);

	while (in.size) {
		struct input part = fuzz_take(&in, piece);

		p1_reader_feed(reader, INSTANT_NONE, part.data, part.size);
		if (piece % 3 == 0)
			p1_reader_idle(reader);
	}
	if (piece % 5)
		p1_reader_end(reader);
	else
		p1_reader_cut(reader);
	p1_reader_free(reader);
	p1_decoder_free(decoder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct text line;
	struct input in = {data, size};
	unsigned choice = fuzz_byte(&in), piece = fuzz_byte(&in) * 8 + 1, at;
	struct seals seals = {.keys = &ring, .accept_replay = choice & 1};
	const struct p1_settings settings = {.seals = choice & 2 ? NULL : &seals,
	                                     .gas_channel = choice & 4 ? 2 : 0,
	                                     .no_crc = choice & 8,
	                                     .undecoded = choice & 16};

	if (size < 3)
		return 0;
	if (!ring.count)
		glo_keyring_parse(&ring, key_text, sizeof key_text - 1, &at);
	line.length = 0;
	while (in.size) {
		unsigned kind = fuzz_byte(&in);
		const uint8_t *end = in.size ? memchr(in.data, 1, in.size) : NULL;

		put_telegram(&line, kind, fuzz_take(&in, end ? (size_t)(end - in.data) : in.size));
		fuzz_byte(&in);
	}
	read_all((struct input){(const uint8_t *)line.data, line.length}, &settings, piece);
	seals_free(&seals);
	return 0;
}
