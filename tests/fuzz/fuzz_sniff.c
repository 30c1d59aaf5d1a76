/*
 * The whole path of `emtool sniff`: a file of any bytes (plain, capture, recording) in, any format
 * out. The first two bytes choose options.
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const choices[][2] = {{"--stats", NULL}, {"--frames", NULL},
		{"--meter", "eastron_sdm630"}, {"--strict", NULL}, {"--unit", "1"}, {NULL, NULL}};
	struct input in = {data, size};
	const char *const *choice = choices[fuzz_byte(&in) % 6];
	unsigned format = fuzz_byte(&in);
	const char *const words[] = {fuzz_file(0, in.data, in.size), choice[0], choice[1], NULL};

	if (size >= 2)
		fuzz_print("sniff", words, format);
	return 0;
}
