/*
 * Telegrams of the fuzzer's choice, each with the CRC that is right, some of them encrypted,
 * through the whole of `emtool p1`. The first two bytes choose options; telegrams begin with a
 * byte that says what they are and end with a byte 1.
 */
#include <string.h>

#include "fuzz.h"
#include "protocol/glo.h"

enum { ENCRYPTED = 1, NO_CRC = 2, NO_TAG = 4 };

static const char key_text[] = "000102030405060708090A0B0C0D0E0F\n";

static void encrypt(struct text *out, const struct text *plain, bool tagged)
{
	static struct glo_keyring ring;
	static uint32_t counter;
	unsigned line;

	if (!ring.count)
		glo_keyring_parse(&ring, key_text, sizeof key_text - 1, &line);
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const choices[][2] = {{"--stats", NULL},    {"--gas-channel", "2"},
	                                         {"--interval", "10"}, {"--strict", NULL},
	                                         {"--no-crc", NULL},   {"--raw", NULL}};
	static struct text file;
	struct input in = {data, size};
	unsigned choice = fuzz_byte(&in) % 6, format = fuzz_byte(&in);
	const char *words[] = {"--key-file",
	                       fuzz_file(1, key_text, sizeof key_text - 1),
	                       NULL,
	                       choices[choice][0],
	                       choices[choice][1],
	                       NULL};

	if (size < 3)
		return 0;
	file.length = 0;
	while (in.size) {
		unsigned kind = fuzz_byte(&in);
		const uint8_t *end = in.size ? memchr(in.data, 1, in.size) : NULL;

		put_telegram(&file, kind, fuzz_take(&in, end ? (size_t)(end - in.data) : in.size));
		fuzz_byte(&in);
	}
	words[2] = fuzz_file(0, file.data, file.length);
	if (choice == 5)
		fuzz_call("p1", words); /* telegrams as they came: nothing to check in them */
	else
		fuzz_print("p1", words, format);
	return 0;
}
