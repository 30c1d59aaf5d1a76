/*
 * Register images: a byte of options, then the registers behind the marker. Walked twice, the
 * second time with a register changed, each model decoded and printed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/output.h"
#include "protocol/sunspec/walk.h"

enum { MARKER_1 = 0x5375, MARKER_2 = 0x6E53, STEPS = 300000 };
enum { FAST = 1, FLAT = 2, RAW = 4, ZERO = 8, SHORT = 16, HEADERS = 32, TOP = 64 };

static struct sunspec_image image;

static void check(int condition)
{
	if (!condition)
		abort();
}

static void put(unsigned address, unsigned word)
{
	sunspec_image_put(&image, address, &(uint16_t){(uint16_t)word}, 1);
}

static void walk(struct sunspec_walk *w, unsigned most, const struct sunspec_options *options)
{
	struct format_state state = {.style = {.units = true}};
	struct sunspec_found found;
	struct sunspec_want want;
	struct record r = {0};
	struct text out = {0};
	enum sunspec_step step;
	unsigned steps = 0;

	sunspec_walk_begin(w);
	while ((step = sunspec_walk_next(w, &want, &found)) != SUNSPEC_END) {
		check(++steps < STEPS);
		if (step == SUNSPEC_MODEL) {
			if (steps > 2000)
				continue;
			sunspec_decode(&r, &found, 1, sunspec_walk_image(w)->words + found.address,
			               options);
			out.length = 0;
			format_json(&out, &state, &r);
			continue;
		}
		check(want.count >= 1 && want.count <= SUNSPEC_READ_LIMIT);
		check(want.address + want.count <= IMAGE_REGISTERS);
		if (want.count > most)
			sunspec_walk_refused(w, 3);
		else if (sunspec_image_has(&image, want.address, want.count))
			sunspec_walk_answer(w, image.words + want.address);
		else
			sunspec_walk_refused(w, 2);
	}
	record_free(&r);
	text_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sunspec_plan plan = {.set = &sunspec_builtin, .base = -1};
	struct sunspec_options options = {0};
	struct sunspec_walk *w;
	unsigned flags, base, at;

	if (size < 4 || size > 2500)
		return 0;
	flags = data[0];
	base = flags & TOP ? 65300 : flags & ZERO ? 0 : 40000;
	plan.base = flags & TOP ? 65300 : -1;
	plan.fast = flags & FAST;
	plan.headers_only = flags & HEADERS;
	options.flat = flags & FLAT;
	options.raw = flags & RAW;
	memset(&image, 0, sizeof image);
	put(base, MARKER_1);
	put(base + 1, MARKER_2);
	at = base + 2;
	for (size_t i = 4; i + 1 < size && at < IMAGE_REGISTERS; i += 2)
		put(at++, (unsigned)data[i] << 8 | data[i + 1]);
	w = sunspec_walk_new(&plan);
	check(w != NULL);
	walk(w, flags & SHORT ? 17 : SUNSPEC_READ_LIMIT, &options);
	if (at > base + 2)
		put(base + 2 + ((unsigned)data[1] << 8 | data[2]) % (at - base - 2), data[3]);
	walk(w, SUNSPEC_READ_LIMIT, &options);
	sunspec_walk_free(w);
	return 0;
}
