/*
 * Images of SunSpec devices, registers behind the marker or a file of any bytes: parsed, walked over and
 * printed. The first two bytes choose options.
 */
#include <string.h>

#include "fuzz.h"
#include "protocol/sunspec/walk.h"

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

static struct sunspec_image image;

static void walk(const struct sunspec_plan *plan, const struct sunspec_options *options)
{
	struct sunspec_walk *w = sunspec_walk_new(plan);
	struct sunspec_found found;
	struct sunspec_want want;
	struct record r = {0};
	enum sunspec_step step;

	sunspec_walk_begin(w);
	for (int models = 0; models < 200;) {
		step = sunspec_walk_next(w, &want, &found);
		if (step == SUNSPEC_END)
			break;
		if (step == SUNSPEC_MODEL) {
			sunspec_decode(&r, &found, 1, sunspec_walk_image(w)->words + found.address,
			               options);
			fuzz_record(&r);
			models++;
		} else if (sunspec_image_has(&image, want.address, want.count)) {
			sunspec_walk_answer(w, image.words + want.address);
		} else {
			sunspec_walk_refused(w, 2);
		}
	}
	record_free(&r);
	sunspec_walk_free(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const points[] = {"A", "W", "module"};
	static const uint16_t ids[] = {1, 103, 160};
	static struct text file;
	struct input in = {data, size};
	unsigned choice = fuzz_byte(&in), line;
	const struct sunspec_plan plan = {.set = &sunspec_builtin,
	                                  .base = -1,
	                                  .fast = choice & 1,
	                                  .headers_only = choice & 2,
	                                  .models = ids,
	                                  .model_count = choice & 4 ? 3 : 0,
	                                  .points = points,
	                                  .point_count = choice & 8 ? 3 : 0};
	const struct sunspec_options options = {.raw = choice & 16, .flat = choice & 32};

	fuzz_byte(&in);
	if (size < 4)
		return 0;
	file.length = 0;
	if (choice & 64)
		text_add(&file, (const char *)in.data, in.size);
	else
		put_image(&file, in);
	memset(&image, 0, sizeof image);
	if (!sunspec_image_parse(&image, text_string(&file), file.length, &line))
		walk(&plan, &options);
	return 0;
}
