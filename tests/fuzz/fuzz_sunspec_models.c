/* Model definitions as JSON, register images as CSV: the first byte chooses. */
#include <stdlib.h>

#include "output/output.h"
#include "protocol/sunspec/image.h"
#include "protocol/sunspec/json.h"
#include "protocol/sunspec/decode.h"

static void read_image(const char *text, size_t size)
{
	static struct sunspec_image image;
	unsigned line;

	sunspec_image_parse(&image, text, size, &line);
	sunspec_image_forget(&image, 0, IMAGE_REGISTERS);
}

/* Every model that was defined decodes some registers. */
static void decode_all(const struct sunspec_set *set)
{
	static uint16_t words[302];
	struct record r = {0};

	for (size_t i = 0; i < set->count && i < 16; i++) {
		struct sunspec_found found = {.set = set,
		                              .model = &set->models[i],
		                              .id = 1,
		                              .instance = 1,
		                              .length = 300,
		                              .readable = 300};

		for (unsigned k = 0; k < 302; k++)
			words[k] = (uint16_t)(k % 7);
		sunspec_decode(&r, &found, 1, words, &(struct sunspec_options){.flat = i & 1});
	}
	record_free(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sunspec_set set;
	struct builder *b;
	char why[JSON_WHY];
	const char *reason;

	if (size < 1)
		return 0;
	if (data[0] == '0') {
		read_image((const char *)data + 1, size - 1);
		return 0;
	}
	b = builder_new();
	if (b && !sunspec_json(b, (const char *)data, size, why) &&
	    !builder_finish(b, &set, &reason))
		decode_all(&set);
	builder_free(b);
	return 0;
}
