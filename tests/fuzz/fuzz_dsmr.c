/*
 * The lines of one telegram, without the framer: one decoder that remembers every telegram before
 * and one that is new must make the same record of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/output.h"
#include "protocol/dsmr/dsmr.h"

static void print(struct dsmr *decoder, const struct p1_telegram *t, struct text *out)
{
	static struct format_state json = {.style.units = true}, plain;
	struct record record = {0};

	if (dsmr_decode(decoder, t, &record) == 0) {
		format_json(out, &json, &record);
		format_text(out, &plain, &record);
	}
	record_free(&record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dsmr *warm;
	struct dsmr *cold = dsmr_new(0);
	struct text fresh = {0}, known = {0};
	uint8_t *copy = malloc(size + 1); /* so that the sanitizer sees the end */
	struct p1_telegram t = {.data = copy, .size = size + 1, .whole = size + 1};

	if (!warm)
		warm = dsmr_new(0);
	copy[0] = '/';
	if (size)
		memcpy(copy + 1, data, size);
	print(cold, &t, &fresh);
	print(warm, &t, &known);
	if (known.length != fresh.length ||
	    (known.length && memcmp(known.data, fresh.data, known.length))) {
		fprintf(stderr, "%s%s", text_string(&fresh), text_string(&known));
		abort();
	}
	text_free(&fresh);
	text_free(&known);
	dsmr_free(cold);
	free(copy);
	return 0;
}
