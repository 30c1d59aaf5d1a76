/*
 * What the library says when memory is out: each allocation fails in turn, and the result is
 * EM_NO_MEMORY, or the same as ever where it can do without. `make faults` tries the same with the
 * whole program.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/ring.h"
#include "base/url.h"
#include "device/image.h"
#include "device/meter_file.h"
#include "output/alarm.h"
#include "output/database_batch.h"
#include "output/discovery.h"
#include "output/live.h"
#include "output/output.h"
#include "output/prometheus.h"
#include "printed.h"
#include "protocol/glo.h"
#include "protocol/sunspec/builder.h"
#include "protocol/telegram/telegram.h"
#include "stream/bus.h"
#include "stream/p1_reader.h"
#include "stream/push_reader.h"

#ifndef __has_feature
#define __has_feature(x) 0
#endif

static long left = -1; /* allocations until one fails; negative: none does */
static bool has_failed;

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !__has_feature(address_sanitizer)

enum { FAILS = 1 };

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static bool is_out(void)
{
	if (left < 0 || left--)
		return false;
	has_failed = true;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return is_out() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return is_out() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return is_out() ? NULL : __libc_realloc(old, size);
}

#else
enum { FAILS = 0 }; /* the sanitizer has an allocator of its own */
#endif

static const uint8_t key[GLO_KEY] = "a secret of 16 B", title[GLO_TITLE] = "EMTgP\0\0\t";
static struct record r; /* the same for all, made before */
static uint8_t apdu[600];
static size_t apdu_size;

static int counters(void)
{
	struct text lines = {0};
	struct counters c = {0};
	int error;

	for (unsigned i = 0; i < 40; i++)
		text_printf(&lines, "45454545%08X 1 1\n", i);
	error = lines.failed ? EM_NO_MEMORY : counters_read(&c, lines.data, lines.length);
	assert_int_equal(c.count < 40, error != 0);
	counters_free(&c);
	text_free(&lines);
	return error;
}

static int keyring(void)
{
	static const char line[] = "000102030405060708090A0B0C0D0E0F\n";
	struct glo_keyring ring = {0};
	unsigned number;
	int error = 0;

	for (int i = 0; i < 6 && !error; i++)
		error = glo_keyring_parse(&ring, line, sizeof line - 1, &number);
	glo_keyring_free(&ring);
	return error;
}

static int address(void)
{
	struct url u;
	int error = url_parse(&u, "mqtt://me@host:1/topic?a=b");

	if (!error)
		url_free(&u);
	return error;
}

static int rings(void)
{
	struct ring ring = {0};
	int error = ring_begin(&ring, 10);

	ring_free(&ring);
	return error;
}

static int images(void)
{
	struct image m = {0};
	unsigned line;
	int error = image_parse(&m, "1,0,0001\n1,5,000200030004\n", 26, &line);

	for (unsigned i = 0; i < 500 && !error; i++)
		error = image_put(&m, 2, i, 1);
	image_free(&m);
	return error;
}

static int maps(void)
{
	static const char rows[] = "meter,address,count,fc,dtype,word_order,scale,unit,name\n"
				   "a,0,2,3,f32,big,1,A,current_l1\nb,2,2,3,f32,big,1,V,odd\n";
	struct meter_file *file = NULL;
	const char *wrong;
	unsigned line;
	int error = meter_file_parse(&file, rows, sizeof rows - 1, &line, &wrong);

	meter_file_free(file);
	return error;
}

static int models(void)
{
	struct builder *b = builder_new();
	struct sunspec_set set;
	const char *why;
	int error;

	if (!b)
		return EM_NO_MEMORY;
	builder_model(b, 64990, "m");
	for (int i = 0; i < 200; i++)
		builder_point(b, &(struct builder_point){.name = "P", .type = SUNSPEC_UINT16});
	error = builder_finish(b, &set, &why);
	builder_free(b);
	return error;
}

static int alarms(void)
{
	struct alarm *a;
	int error = alarm_new(&a, "power>5");

	if (error)
		return error;
	error = alarm_begins(a, &r);
	if (error >= 0)
		assert_int_equal(error, 1);
	alarm_free(a);
	return error < 0 ? error : 0;
}

static int metrics(void)
{
	struct metrics *m = metrics_new();
	struct text out = {0};
	int error = m ? metrics_take(m, &r, 0) : EM_NO_MEMORY;

	if (!error)
		error = metrics_take(m, &r, 0);
	if (!error)
		metrics_print(m, &out);
	error = out.failed ? EM_NO_MEMORY : error;
	if (!error)
		assert_non_null(strstr(text_string(&out), " 1234\n"));
	text_free(&out);
	metrics_free(m);
	return error;
}

static int live(void)
{
	static const struct live_look look = {.title = "t", .width = 70};
	struct live_table t = {0};
	struct text out = {0};
	int error = live_take(&t, &r, 0);

	if (!error)
		error = live_take(&t, &r, 1000);
	if (!error)
		live_draw(&out, &t, &look, 1000);
	error = out.failed ? EM_NO_MEMORY : error;
	if (!error)
		assert_non_null(strstr(text_string(&out), "1234"));
	text_free(&out);
	live_free(&t);
	return error;
}

static void publish(void *context, const char *topic, const char *payload, size_t size)
{
	static char good[2048];

	assert_string_equal(topic, "homeassistant/device/emtool_modbus_10_0_0_1_1/config");
	if (!*good)
		snprintf(good, sizeof good, "%.*s", (int)size, payload);
	assert_int_equal(size, strlen(good));
	assert_memory_equal(payload, good, size);
	++*(int *)context;
}

static int sensors(void)
{
	int published = 0, error;
	struct discovery *d = discovery_new("homeassistant", NULL, false, publish, &published);

	error = d ? discovery_record(d, &r, "topic") : EM_NO_MEMORY;
	if (!error)
		assert_int_equal(published, 1);
	discovery_free(d);
	return error;
}

static int rows(void)
{
	struct row_maker m = {0};
	struct text *entry = row_make(&m, &r, 1000);
	int error = !entry || entry->failed ? EM_NO_MEMORY : 0;

	row_maker_free(&m);
	return error;
}

static int formats(void)
{
	static format_function *const all[] = {format_text, format_json, format_csv, format_influx};
	bool failed = false;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct format_state state = {0};
		struct text out = {0};

		all[i](&out, &state, &r);
		failed |= out.failed || state.columns.failed;
		text_free(&out);
		text_free(&state.columns);
	}
	return failed ? EM_NO_MEMORY : 0;
}

static int records; /* that a stream gave */

static void on_telegram(void *context, struct record *record, const struct p1_telegram *t)
{
	(void)context, (void)t;
	records += !record->failed;
}

static void on_telegram_refused(void *context, enum refusal refusal, const char *text)
{
	(void)context;
	fail_msg("%d: %s", refusal, text);
}

static int telegrams(void)
{
	static const struct p1_events events = {on_telegram, on_telegram_refused, NULL};
	static const char plain[] =
		"/A\r\n1-0:1.7.0(1*kW)\r\n0-1:24.1.0(3)\r\n1-0:99.9.9(x)\r\n!\r\n";
	struct p1_decoder *d = p1_decoder_new(&(struct p1_settings){0});
	struct p1_reader *reader = d ? p1_reader_new(d, &events) : NULL;
	int error = reader ? 0 : EM_NO_MEMORY;

	records = 0;
	for (int i = 0; i < 2 && !error; i++)
		error = p1_reader_feed(reader, 0, (const uint8_t *)plain, sizeof plain - 1);
	if (!error)
		error = p1_reader_end(reader);
	if (!error)
		assert_int_equal(records, 2);
	p1_reader_free(reader);
	p1_decoder_free(d);
	return error;
}

static void on_push(void *context, struct record *record, const struct seal *seal)
{
	(void)context, (void)seal;
	records += !record->failed;
}

static void on_push_refused(void *context, enum refusal refusal, const char *text,
                            const struct seal *seal)
{
	(void)context, (void)seal;
	fail_msg("%d: %s", refusal, text);
}

/* A push in the clear, and one that is sealed. */
static int pushes(void)
{
	static const struct push_events events = {on_push, on_push_refused, NULL};
	static const uint8_t plain[] = "\x0F\0\0\0\1\0\2\2\x09\6\1\0\1\7\0\xFF\x12\0\5";
	struct glo_keyring ring = {0};
	struct seals seals = {.keys = &ring};
	int error = glo_keyring_add(&ring, NULL, key, NULL);
	struct push_decoder *d = error ? NULL : push_decoder_new(&seals);
	struct push_reader *reader = d ? push_reader_new(d, &events) : NULL;

	records = 0;
	error = reader ? push_reader_feed(reader, 0, plain, sizeof plain - 1) : EM_NO_MEMORY;
	if (!error)
		error = push_reader_feed(reader, 0, apdu, apdu_size);
	if (!error)
		error = push_reader_end(reader, 0);
	if (!error)
		assert_int_equal(records, 2);
	push_reader_free(reader);
	push_decoder_free(d);
	seals_free(&seals);
	glo_keyring_free(&ring);
	return error;
}

static void on_bus(void *context, struct record *record)
{
	(void)context;
	records += !record->failed;
}

static int buses(void)
{
	static const struct bus_events events = {.record = on_bus};
	static const uint8_t traffic[] = "\1\3\x50\x0A\0\2\xF5\x09\1\3\4\x3F\xA1\x68\x73\xC9\xE0";
	struct bus *bus = bus_new(&(struct bus_settings){0}, &events, false);
	int error = bus ? bus_feed(bus, 0, 0, traffic, sizeof traffic - 1) : EM_NO_MEMORY;
	bool before = has_failed;

	records = 0;
	if (!error) {
		error = bus_end(bus);
		assert_true(!error || !before); /* the feed would have told it */
	}
	bus_free(bus);
	return error;
}

static const struct {
	const char *name;
	int (*run)(void);
	bool spares; /* it can do without some of the memory */
} cases[] = {
	{"counters", counters, false}, {"keyring", keyring, true},     {"address", address, false},
	{"rings", rings, false},       {"images", images, false},      {"maps", maps, false},
	{"models", models, false},     {"alarms", alarms, false},      {"metrics", metrics, false},
	{"live", live, true},          {"sensors", sensors, false},    {"rows", rows, false},
	{"formats", formats, false},   {"telegrams", telegrams, true}, {"pushes", pushes, true},
	{"buses", buses, true},
};

static void each_allocation_fails_in_turn(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		long number = 0, refused = 0;
		int error;

		assert_int_equal(cases[i].run(), 0);
		for (; FAILS; number++) {
			has_failed = false;
			left = number;
			error = cases[i].run();
			left = -1;
			if (!has_failed)
				break;
			if (error != EM_NO_MEMORY && !(cases[i].spares && !error))
				fail_msg("%s, allocation %ld: %d", cases[i].name, number, error);
			refused += error != 0;
		}
		assert_true(!FAILS || refused > number / 2);
	}
}

static int set_up(void **state)
{
	static const uint8_t plain[] = "\x0F\0\0\0\1\0\2\2\x09\6\1\0\1\7\0\xFF\x12\0\5";
	struct glo_keyring ring = {0};

	(void)state;
	record_begin(&r, "modbus");
	r.time = 1700000000000;
	r.source = "10.0.0.1:5";
	record_int(&r, "unit", 1);
	record_decimal(&r, "power", "W", decimal_i64(1234, 0));
	record_word(&r, "note", "a, \"b\" and something more that needs room");
	record_list(&r, "list");
	record_int(&r, NULL, 1);
	record_int(&r, NULL, 2);
	record_end(&r);
	if (r.failed || glo_keyring_add(&ring, NULL, key, NULL))
		return -1;
	apdu_size = glo_seal(apdu, &ring.keys[0], 0x30, title, 1, plain, sizeof plain - 1);
	glo_keyring_free(&ring);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	record_free(&r);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_allocation_fails_in_turn),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
