/*
 * A Modbus bus from bytes to records: any cutting gives the same, requests find their answers, meters
 * are recognised within their limit, and only what is asked for is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/crc.h"
#include "output/output.h"
#include "stream/bus.h"

struct heard {
	struct bus_settings settings;
	struct bus *bus;
	struct text json;
	size_t records, limited;
	struct {
		unsigned unit;
		const struct meter *meter;
	} recognised[4];
	size_t recognitions;
};

static void on_record(void *context, struct record *r)
{
	static struct format_state state;
	struct heard *h = context;

	r->time = INSTANT_NONE;
	format_json(&h->json, &state, r);
	h->records++;
}

static void on_recognised(void *context, unsigned unit, const struct meter *meter)
{
	struct heard *h = context;

	if (h->recognitions < 4) {
		h->recognised[h->recognitions].unit = unit;
		h->recognised[h->recognitions].meter = meter;
	}
	h->recognitions++;
}

static void on_limited(void *context, const char *text)
{
	struct heard *h = context;

	assert_string_equal(text, "meters of more than 64 units are not recognised");
	h->limited++;
}

static void start(struct heard *h, bool captured)
{
	static const struct bus_events events = {
		.record = on_record, .recognised = on_recognised, .limited = on_limited};
	struct bus_events own = events;

	own.context = h;
	h->bus = bus_new(&h->settings, &own, captured);
	assert_non_null(h->bus);
}

static struct heard anything(void)
{
	return (struct heard){.settings = {.unit = -1, .function = -1}};
}

static struct heard with_maps(void)
{
	struct heard h = anything();

	h.settings.maps = meters;
	h.settings.map_count = meter_count;
	return h;
}

static void stop(struct heard *h)
{
	bus_free(h->bus);
	text_free(&h->json);
}

static void feed(struct heard *h, const struct text *bytes, size_t piece)
{
	for (size_t at = 0; at < bytes->length; at += piece)
		assert_int_equal(bus_feed(h->bus, INSTANT_NONE, 0,
		                          (const uint8_t *)bytes->data + at,
		                          bytes->length - at < piece ? bytes->length - at : piece),
		                 0);
	assert_int_equal(bus_end(h->bus), 0);
}

static void put(struct text *out, const void *frame, size_t size)
{
	uint16_t crc = crc16_modbus(frame, size);

	text_add(out, frame, size);
	text_char(out, (char)(crc & 0xFF));
	text_char(out, (char)(crc >> 8));
}

/* A read of two registers, and its answer unless it is silent. */
static void put_read(struct text *out, uint8_t unit, uint16_t address, const char *words)
{
	const uint8_t request[] = {unit, 3, (uint8_t)(address >> 8), (uint8_t)address, 0, 2};
	uint8_t answer[7] = {unit, 3, 4};

	put(out, request, sizeof request);
	if (!words)
		return;
	memcpy(answer + 3, words, 4);
	put(out, answer, sizeof answer);
}

/* The two reads by which a charger knows an Inepro N1-CT: 1.261 A and 0.29 kW. */
static void put_poll(struct text *out, uint8_t unit)
{
	put_read(out, unit, 0x500A, "\x3F\xA1\x68\x73");
	put_read(out, unit, 0x5012, "\x3E\x94\x7A\xE1");
	put_read(out, unit, 0x6000, "\x42\x28\x00\x00");
	put_read(out, unit, 0x6018, "\x00\x00\x00\x00");
}

static void any_cutting_gives_the_same(void **state)
{
	static const uint8_t exception[] = {1, 0x83, 2}, alone[] = {9, 3, 4, 1, 2, 3, 4};
	struct heard whole = with_maps();
	struct text bytes = {0};

	(void)state;
	for (int i = 0; i < 5; i++)
		put_poll(&bytes, 1);
	text_puts(&bytes, "noise");
	put_read(&bytes, 1, 0x7000, NULL);
	put(&bytes, exception, sizeof exception);
	put(&bytes, alone, sizeof alone);
	put_read(&bytes, 2, 0x500A, NULL);
	start(&whole, false);
	feed(&whole, &bytes, bytes.length);
	assert_int_equal(whole.records, 23);
	assert_int_equal(bus_counts(whole.bus)->bytes, bytes.length);
	assert_int_equal(bus_counts(whole.bus)->good, bytes.length - 5);
	assert_int_equal(bus_counts(whole.bus)->skipped, 5);
	assert_int_equal(bus_counts(whole.bus)->frames, 44);
	assert_int_equal(bus_counts(whole.bus)->requests, 22);
	assert_int_equal(bus_counts(whole.bus)->responses, 21);
	assert_int_equal(bus_counts(whole.bus)->exceptions, 1);
	assert_int_equal(bus_counts(whole.bus)->unpaired, 1);
	assert_int_equal(bus_counts(whole.bus)->no_response, 1);
	assert_int_equal(whole.recognitions, 1);
	assert_string_equal(whole.recognised[0].meter->name, "inepro_n1_ct");
	assert_non_null(
		strstr(text_string(&whole.json), "\"meter\":\"inepro_n1_ct\",\"current\":1.261}"));
	for (size_t piece = 1; piece < 40; piece += piece < 10 ? 1 : 7) {
		struct heard parts = with_maps();

		start(&parts, false);
		feed(&parts, &bytes, piece);
		assert_string_equal(text_string(&parts.json), text_string(&whole.json));
		assert_memory_equal(bus_counts(parts.bus), bus_counts(whole.bus),
		                    sizeof(struct bus_counts));
		stop(&parts);
	}
	text_free(&bytes);
	stop(&whole);
}

static void a_meter_that_is_named_is_not_guessed(void **state)
{
	struct heard h = with_maps(), none = anything();
	struct text bytes = {0};

	(void)state;
	put_read(&bytes, 1, 0x500A, "\x3F\xA1\x68\x73");
	h.settings.meter = meter_named("inepro_n1_ct");
	start(&h, false);
	feed(&h, &bytes, 100);
	assert_int_equal(h.recognitions, 0);
	assert_non_null(strstr(text_string(&h.json), "\"current\":1.261}"));
	start(&none, false);
	feed(&none, &bytes, 100);
	assert_null(strstr(text_string(&none.json), "\"meter\""));
	text_free(&bytes);
	stop(&h);
	stop(&none);
}

/* Units beyond the limit are printed as registers, with one message. */
static void the_limit_of_guesses_is_told(void **state)
{
	struct heard h = with_maps();
	struct text bytes = {0};

	(void)state;
	for (unsigned unit = 1; unit <= BUS_GUESSES + 2; unit++)
		for (int i = 0; i < 5; i++)
			put_poll(&bytes, (uint8_t)unit);
	start(&h, false);
	feed(&h, &bytes, 1000);
	assert_int_equal(h.records, 20 * (BUS_GUESSES + 2));
	assert_int_equal(h.recognitions, BUS_GUESSES);
	assert_int_equal(h.limited, 1);
	text_free(&bytes);
	stop(&h);
}

static void only_what_is_wanted_is_told(void **state)
{
	static const uint8_t write[] = {2, 6, 0, 1, 0, 7};
	struct text bytes = {0};

	(void)state;
	put_read(&bytes, 1, 0x500A, "\x3F\xA1\x68\x73");
	put_read(&bytes, 2, 0x500A, "\x3F\xA1\x68\x73");
	put(&bytes, write, sizeof write);
	put(&bytes, write, sizeof write);
	for (int frames = 0; frames < 2; frames++) {
		const size_t factor = frames ? 2 : 1;
		const struct {
			int unit, function;
			size_t records;
		} cases[] = {{-1, -1, 3}, {1, -1, 1}, {2, -1, 2},
		             {-1, 6, 1},  {1, 6, 0},  {3, -1, 0}};

		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			struct heard h = anything();

			h.settings.unit = cases[i].unit;
			h.settings.function = cases[i].function;
			h.settings.frames = frames;
			start(&h, false);
			feed(&h, &bytes, 100);
			assert_int_equal(h.records, cases[i].records * factor);
			assert_int_equal(bus_counts(h.bus)->frames, 6);
			stop(&h);
		}
	}
	text_free(&bytes);
}

/* Modbus TCP between two others, both directions; RTU over such a connection is recognised. */
static void captured_connections(void **state)
{
	static const uint8_t request[] = {0, 1, 0, 0, 0, 6, 1, 3, 0x50, 0x0A, 0, 2},
			     answer[] = {0, 1, 0, 0, 0, 7, 1, 3, 4, 0x3F, 0xA1, 0x68, 0x73};
	struct heard h = anything(), rtu = anything();
	struct text bytes = {0};

	(void)state;
	start(&h, true);
	assert_int_equal(bus_feed(h.bus, 1000, 0, request, sizeof request), 0);
	assert_int_equal(bus_feed(h.bus, 1020, 1, answer, sizeof answer), 0);
	assert_int_equal(bus_end(h.bus), 0);
	assert_int_equal(h.records, 1);
	assert_non_null(strstr(text_string(&h.json), "\"registers\":[16289,26739]"));
	assert_non_null(strstr(text_string(&h.json), "\"rtt_ms\":20"));
	stop(&h);
	put_read(&bytes, 1, 0x500A, "\x3F\xA1\x68\x73");
	start(&rtu, true);
	feed(&rtu, &bytes, 8);
	assert_int_equal(rtu.records, 1);
	text_free(&bytes);
	stop(&rtu);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_cutting_gives_the_same),
		cmocka_unit_test(a_meter_that_is_named_is_not_guessed),
		cmocka_unit_test(the_limit_of_guesses_is_told),
		cmocka_unit_test(only_what_is_wanted_is_told),
		cmocka_unit_test(captured_connections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
