/*
 * The whole of `emtool sunspec read` and `scan` on images: registers behind the marker, or a
 * file of any bytes. The first two bytes choose options.
 */
#include "fuzz.h"

enum { BASE = 40000, ROW = 16 };

/* The registers as rows `address,hex`, behind the marker. */
static void put_image(struct text *out, struct input in)
{
	text_printf(out, "%d,53756e53\n", BASE);
	for (unsigned at = BASE + 2; in.size; at += ROW) {
		struct input row = fuzz_take(&in, 2 * ROW);

		text_printf(out, "%u,", at);
		for (size_t i = 0; i < row.size; i++)
			text_printf(out, "%02x", row.data[i]);
		text_puts(out, row.size % 2 ? "00\n" : "\n");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const choices[][4] = {{"read", "--stats"},
	                                         {"read", "--flat"},
	                                         {"read", "--raw", "--fast"},
	                                         {"scan"},
	                                         {"read", "--all"},
	                                         {"read", "--points", "A,W,module"},
	                                         {"read", "--model", "1,103,160"},
	                                         {"read", "--unit", "7", "--strict"}};
	static struct text file;
	struct input in = {data, size};
	unsigned choice = fuzz_byte(&in), format = fuzz_byte(&in);
	const char *words[8] = {NULL};
	size_t count = 0;

	if (size < 4)
		return 0;
	file.length = 0;
	if (choice & 64)
		text_add(&file, (const char *)in.data, in.size);
	else
		put_image(&file, in);
	while (count < 4 && choices[choice % 8][count]) {
		words[count] = choices[choice % 8][count];
		count++;
	}
	words[count++] = "--image";
	words[count++] = fuzz_file(0, file.data, file.length);
	fuzz_print("sunspec", words, format);
	return 0;
}
