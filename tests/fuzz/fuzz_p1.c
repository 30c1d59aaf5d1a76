/*
 * Raw bytes as a P1 line would bring them. The first byte says how they are cut; whatever the
 * cutting, the same telegrams must come out. Each is decoded by a decoder that has seen many
 * telegrams and by one that has seen none: both must say the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/output.h"
#include "protocol/dsmr/dsmr.h"

struct fuzz {
	struct dsmr *warm;
	struct text seen;
	bool decode;
};

static void print(struct dsmr *decoder, const struct p1_telegram *t, struct text *out)
{
	static struct format_state state = {.style.units = true};
	struct record record = {0};

	if (dsmr_decode(decoder, t, &record) == 0)
		format_json(out, &state, &record);
	record_free(&record);
}

static void compare(struct fuzz *f, const struct p1_telegram *t)
{
	struct dsmr *cold = dsmr_new(0);
	struct text fresh = {0}, known = {0};

	print(cold, t, &fresh);
	for (int i = 0; i < 2; i++) {
		known.length = 0;
		print(f->warm, t, &known);
		if (known.length != fresh.length || memcmp(known.data, fresh.data, fresh.length)) {
			fprintf(stderr, "%s%s", text_string(&fresh), text_string(&known));
			abort();
		}
	}
	text_free(&fresh);
	text_free(&known);
	dsmr_free(cold);
}

static void on_telegram(void *context, const struct p1_telegram *t)
{
	struct fuzz *f = context;

	text_printf(&f->seen, "%llu %zu %zu %d\n", (unsigned long long)t->offset, t->size, t->whole,
	            (int)t->crc);
	if (f->decode)
		compare(f, t);
}

static bool on_sealed(void *context, const uint8_t *apdu, size_t size, uint64_t offset)
{
	struct fuzz *f = context;

	text_printf(&f->seen, "sealed %llu %zu\n", (unsigned long long)offset, size);
	return size && (apdu[size - 1] & 1);
}

static void feed(struct fuzz *f, const uint8_t *data, size_t size, size_t piece, bool sealed)
{
	struct p1_handler handler = {on_telegram, sealed ? on_sealed : NULL, f};
	struct p1_framer framer;

	p1_init(&framer, &handler);
	for (size_t at = 0; at < size; at += piece)
		p1_feed(&framer, data + at, size - at < piece ? size - at : piece);
	p1_end(&framer);
	p1_free(&framer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz f;
	struct text whole;

	if (size < 1)
		return 0;
	if (!f.warm)
		f.warm = dsmr_new(0);
	f.seen = (struct text){0};
	f.decode = true;
	feed(&f, data + 1, size - 1, size, false);
	whole = f.seen;
	f.seen = (struct text){0};
	f.decode = false;
	feed(&f, data + 1, size - 1, data[0] % 16 + 1u, false);
	if (whole.length != f.seen.length ||
	    (whole.length && memcmp(whole.data, f.seen.data, whole.length)))
		abort();
	text_free(&whole);
	text_free(&f.seen);
	f.seen = (struct text){0};
	feed(&f, data + 1, size - 1, data[0] % 16 + 1u, true);
	text_free(&f.seen);
	return 0;
}
