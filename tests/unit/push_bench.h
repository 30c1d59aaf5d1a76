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
#include "protocol/cosem/dlms.h"

static const uint8_t key[GLO_KEY] = "a secret of 16 B", lock[GLO_KEY] = "and another one.";
static const uint8_t title[GLO_TITLE] = {'K', 'F', 'M', 0x67, 0x50, 0x7E, 0x68, 0x2A};

struct bench {
	struct dlms dlms;
	struct record record;
	struct glo_keyring ring;
	struct format_state state;
	struct text printed;
	size_t sound;
	uint64_t counts[PUSH_VERDICTS];
};

static struct bench b;

static bool take(void *context, const struct push_apdu *apdu)
{
	struct dlms_note note;
	enum push_verdict verdict;

	(void)context;
	record_begin(&b.record, "dlms");
	verdict = dlms_decode(&b.dlms, apdu, &b.record, &note);
	b.counts[verdict]++;
	if (verdict != PUSH_OK)
		return false;
	if (note.telegram) /* its own CRC ends it; what follows is ignored */
		text_add(&b.printed, (const char *)note.telegram,
		         (size_t)((const uint8_t *)memchr(note.telegram, '!', note.telegram_size) -
		                  note.telegram) +
		                 5);
	else
		format_json(&b.printed, &b.state, &b.record);
	b.sound++;
	return true;
}

static void fault(void *context, enum push_verdict verdict, const char *what)
{
	(void)context;
	assert_non_null(what);
	b.counts[verdict]++;
}

static const struct push_sink sink = {take, fault, notification_measure, NULL};

static void fresh(void)
{
	b.sound = 0;
	b.printed.length = 0;
	memset(b.counts, 0, sizeof b.counts);
	counters_free(&b.dlms.counters);
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(glo_keyring_add(&b.ring, NULL, key, lock), 0);
	b.dlms.keys = &b.ring;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	glo_keyring_free(&b.ring);
	record_free(&b.record);
	text_free(&b.printed);
	dlms_free(&b.dlms);
	return 0;
}

static uint64_t seed = 7;

static unsigned dice(unsigned limit)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 40) % limit;
}

/* So many pushes of a meter. */
static void make(struct text *out, const struct meter_model *model, unsigned count)
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
static void feed(const char *data, size_t size, unsigned limit)
{
	struct push_framer framer = {0};

	fresh();
	for (size_t at = 0; at < size;) {
		size_t n = limit ? 1 + dice(limit) : size;

		n = n < size - at ? n : size - at;
		assert_int_equal(push_feed(&framer, &sink, data + at, n), 0);
		at += n;
	}
	assert_int_equal(push_end(&framer, &sink), 0);
	assert_false(push_pending(&framer));
	push_free(&framer);
}

#endif
