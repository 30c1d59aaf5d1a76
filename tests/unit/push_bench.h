/*
 * A decoder of pushes with the keys of its meters, and what came out of it: records as JSON, and how
 * often each verdict.
 */
#ifndef TESTS_UNIT_PUSH_BENCH_H
#define TESTS_UNIT_PUSH_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "frame/hdlc.h"
#include "frame/mbus.h"
#include "output/output.h"
#include "protocol/cosem/build.h"
#include "stream/push_reader.h"

static const uint8_t key[GLO_KEY] = "a secret of 16 B", lock[GLO_KEY] = "and another one.";
static const uint8_t title[GLO_TITLE] = {'K', 'F', 'M', 0x67, 0x50, 0x7E, 0x68, 0x2A};

struct bench {
	struct seals seals;
	struct push_decoder *decoder;
	struct glo_keyring ring;
	struct format_state state;
	struct text printed;
	size_t sound;
	uint64_t counts[REFUSALS];
};

static struct bench b;

/*
 * Prints a record. A P1 telegram has a CRC of its own, so that a changed control byte may leave it
 * sound, but not authenticated: what is printed of it ends before its envelope.
 */
static void take(void *context, struct record *r, const struct seal *seal)
{
	(void)context;
	(void)seal;
	if (!strcmp(r->type, "p1"))
		r->count = (size_t)(record_find(r, "system_title") - r->values);
	format_json(&b.printed, &b.state, r);
	b.counts[REFUSED_NOT]++;
	b.sound++;
}

static void refuse(void *context, enum refusal refusal, const char *text, const struct seal *seal)
{
	(void)context;
	(void)seal;
	assert_non_null(text);
	b.counts[refusal]++;
}

static const struct push_events events = {take, refuse, NULL};

static void fresh(void)
{
	b.sound = 0;
	b.printed.length = 0;
	memset(b.counts, 0, sizeof b.counts);
	counters_free(&b.seals.counters);
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(glo_keyring_add(&b.ring, NULL, key, lock), 0);
	b.seals.keys = &b.ring;
	b.decoder = push_decoder_new(&b.seals);
	assert_non_null(b.decoder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	glo_keyring_free(&b.ring);
	text_free(&b.printed);
	push_decoder_free(b.decoder);
	seals_free(&b.seals);
	return 0;
}

static uint64_t seed = 7;

static unsigned dice(unsigned limit)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 40) % limit;
}

/* So many pushes of a meter. */
static inline void make(struct text *out, const struct meter_model *model, unsigned count)
{
	struct meter_values v = {.time = stamp_at(1717410896000, 120),
	                         .serial = "181220000042",
	                         .energy_import = 7654321,
	                         .energy_export = 89,
	                         .power_import = 432,
	                         .voltage = {233100, 234200, 230000},
	                         .current = {1230, 450, 0},
	                         .power_factor = 987};

	for (unsigned i = 0; i < count; i++) {
		v.energy_import += 10;
		meter_push(out, model, &v, &b.ring.keys[0], title, i + 1, NULL);
	}
	assert_false(out->failed);
}

/* Feeds in pieces of 1..limit bytes, 0: all at once. */
static inline void feed(const char *data, size_t size, unsigned limit)
{
	struct push_reader *reader = push_reader_new(b.decoder, &events);
	const struct push_reader_counts *counts;

	assert_non_null(reader);
	fresh();
	for (size_t at = 0; at < size;) {
		size_t n = limit ? 1 + dice(limit) : size;

		n = n < size - at ? n : size - at;
		assert_int_equal(push_reader_feed(reader, INSTANT_NONE, data + at, n), 0);
		at += n;
	}
	assert_int_equal(push_reader_end(reader, INSTANT_NONE), 0);
	counts = push_reader_counts(reader);
	assert_int_equal(counts->bytes, size);
	assert_int_equal(counts->pushes, b.sound);
	for (int i = REFUSED_NOT + 1; i < REFUSALS; i++)
		assert_int_equal(counts->refused[i], b.counts[i]);
	push_reader_free(reader);
}

#endif
