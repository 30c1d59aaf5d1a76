/*
 * The whole path of `emtool decrypt`: plain texts of the fuzzer's choice, sealed and framed as a
 * meter with the right key would send them, or the bytes as they are. The first two bytes choose
 * options; each push is a byte of line and sealing, two of length, and its plain text.
 */
#include "fuzz.h"
#include "protocol/cosem/build.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const choices[] = {"--stats", "--require-auth", "--accept-replay",
	                                      "--strict", "--compat=evn"};
	static struct text file;
	struct input in = {data, size};
	const char *choice = choices[fuzz_byte(&in) % 5];
	unsigned format = fuzz_byte(&in);
	const char *words[] = {"--key-file", fuzz_file(1, key_text, sizeof key_text - 1), choice,
	                       NULL, NULL};

	if (size < 4)
		return 0;
	file.length = 0;
	while (in.size) {
		unsigned how = fuzz_byte(&in);

		put_push(&file, how, fuzz_take(&in, fuzz_word(&in)));
	}
	words[3] = fuzz_file(0, file.data, file.length);
	if (choice == choices[4])
		fuzz_check_text(fuzz_call("decrypt", words));
	else
		fuzz_print("decrypt", words, format);
	return 0;
}
