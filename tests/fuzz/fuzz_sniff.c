/*
 * The whole path of `emtool sniff`: a file of any bytes (plain, capture, recording) or a hex:
 * source in, any format out. The first two bytes choose options.
 */
#include <string.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const choices[][2] = {
		{"--stats", NULL},  {"--frames", NULL}, {"--meter", "eastron_sdm630"},
		{"--strict", NULL}, {"--unit", "1"},    {NULL, NULL}};
	static struct text literal;
	struct input in = {data, size};
	unsigned first = fuzz_byte(&in), format = fuzz_byte(&in);
	const char *const *choice = choices[first % 6];
	const char *words[] = {NULL, choice[0], choice[1], NULL};

	if (size < 2)
		return 0;
	literal.length = 0;
	text_puts(&literal, "hex:");
	text_add(&literal, (const char *)in.data, in.size);
	words[0] = first & 128 ? text_string(&literal) : fuzz_file(0, in.data, in.size);
	fuzz_print("sniff", words, format);
	return 0;
}
