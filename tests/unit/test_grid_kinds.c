/*
 * The kinds of meters at the main fuse: how they are named, streams that are recognised, and Modbus
 * devices that are asked, good and bad ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "balance/settings.h"
#include "base/error.h"
#include "base/news.h"
#include "control/grid_meter.h"
#include "device/meter_plan.h"
#include "io/loop.h"
#include "modbus/server.h"
#include "protocol/cosem/build.h"

static struct {
	struct grid_reading last;
	int readings, refusals;
	char refused[200];
} heard;

static char news_told[1000];

static void on_reading(void *context, const struct grid_reading *reading)
{
	(void)context;
	heard.last = *reading;
	heard.readings++;
}

static void on_refused(void *context, enum refusal refusal, const char *text)
{
	(void)context;
	(void)refusal;
	snprintf(heard.refused, sizeof heard.refused, "%s", text);
	heard.refusals++;
}

static void on_news(enum news_level level, const char *text)
{
	assert_int_equal(level, NEWS_WARNING);
	snprintf(news_told + strlen(news_told), sizeof news_told - strlen(news_told), "%s\n", text);
}

static struct seals *keys; /* of meters that encrypt */

static struct grid_meter *open_meter(const struct grid_source *source)
{
	static const int32_t phases = 3;
	const struct grid_settings settings = {
		.source = source, .seals = keys, .rules = {.power_factor = 950, .phases = &phases}};
	struct grid_meter *m = grid_meter_new(&settings,
	                                      &(struct grid_events){on_reading, on_refused, NULL});

	assert_non_null(m);
	memset(&heard, 0, sizeof heard);
	return m;
}

/* ---- names ---- */

static void is(const char *text, const char *url, bool polled, int unit, bool inverted)
{
	struct grid_source s;
	char problem[200] = "";

	assert_int_equal(grid_source_parse(&s, text, problem, sizeof problem), 0);
	assert_string_equal(problem, "");
	assert_string_equal(s.url, url);
	assert_int_equal(grid_source_polled(&s), polled);
	assert_int_equal(s.unit, unit);
	assert_int_equal(s.inverted, inverted);
}

static void is_wrong(const char *text, const char *why)
{
	struct grid_source s;
	char problem[200] = "";

	assert_int_not_equal(grid_source_parse(&s, text, problem, sizeof problem), 0);
	if (!strstr(problem, why))
		fail_msg("%s: %s", text, problem);
}

static void sources(void **state)
{
	(void)state;
	is("/dev/ttyUSB0", "/dev/ttyUSB0", false, 1, false);
	is("tcp://10.0.0.5:2001", "tcp://10.0.0.5:2001", false, 1, false);
	is("mqtt://broker/house/meter", "mqtt://broker/house/meter", false, 1, false);
	is("p1:/dev/ttyUSB0", "/dev/ttyUSB0", false, 1, false);
	is("dlms:serial:///dev/ttyUSB0?baud=2400", "serial:///dev/ttyUSB0?baud=2400", false, 1,
	   false);
	is("json:mqtt://broker/topic?version=5", "mqtt://broker/topic?version=5", false, 1, false);
	is("pcap:file", "pcap:file", false, 1, false);
	is("./sml:file", "./sml:file", false, 1, false);
	is("-", "-", false, 1, false);
	is("sunspec:192.168.2.7", "192.168.2.7", true, 1, false);
	is("sunspec://192.168.2.7:1502?unit=240", "192.168.2.7:1502", true, 240, false);
	is("sunspec:[::1]:502?unit=0&invert", "[::1]:502", true, 0, true);
	is("sunspec+rtu+tcp://10.0.0.5:9?invert=1", "rtu+tcp://10.0.0.5:9", true, 1, true);
	is("meter:rtu+tcp://10.0.0.5:502?unit=2&meter=eastron_sdm630&invert=0",
	   "rtu+tcp://10.0.0.5:502", true, 2, false);
	is("meter:/dev/ttyUSB0?baud=19200&unit=7&mode=8E1&meter=eastron_sdm630",
	   "/dev/ttyUSB0?baud=19200&mode=8E1", true, 7, false);
}

static void wrong_sources(void **state)
{
	char longest[2000];

	(void)state;
	is_wrong("meter:10.0.0.5", "needs meter=NAME");
	is_wrong("meter:10.0.0.5?meter=sdm", "no meter 'sdm'");
	is_wrong("meter:10.0.0.5?meter=p1_load_balancer", "tells no currents and no powers");
	is_wrong("sunspec:10.0.0.5?unit=256", "'256' is no unit");
	is_wrong("sunspec:10.0.0.5?unit=", "'' is no unit");
	is_wrong("sml:/dev/ttyUSB0", "known are p1, dlms, json, meter, sunspec");
	is_wrong("sunspec:", "names no source");
	is_wrong("", "names no source");
	memset(longest, 'a', sizeof longest);
	longest[sizeof longest - 1] = '\0';
	is_wrong(longest, "too long");
}

/* ---- streams ---- */

static void feed_pieces(struct grid_meter *m, const void *data, size_t size, size_t step)
{
	for (size_t i = 0; i < size; i += step)
		assert_int_equal(grid_meter_feed(m, (const uint8_t *)data + i,
		                                 size - i < step ? size - i : step, false),
		                 0);
}

/* The same bytes to a meter of that kind and to one that is to be recognised. */
static void both(const char *kind, const void *data, size_t size, int readings)
{
	const char *const kinds[] = {kind, NULL};

	for (size_t i = 0; i < 2; i++) {
		for (size_t step = 1; step < size; step = 3 * step + 4) {
			struct grid_source source;
			struct grid_meter *m;

			grid_source_of(&source, kinds[i], "-");
			m = open_meter(&source);
			feed_pieces(m, data, size, step);
			assert_int_equal(grid_meter_end(m), 0);
			assert_int_equal(heard.readings, readings);
			assert_int_equal(heard.refusals, 0);
			assert_int_equal(grid_meter_refused(m), 0);
			grid_meter_free(m);
		}
	}
}

static void p1_stream(void **state)
{
	static const char text[] = "/EMT3\\TEST\r\n\r\n1-0:31.7.0(016*A)\r\n!\r\n"
				   "/EMT3\\TEST\r\n\r\n1-0:31.7.0(017*A)\r\n!\r\n";

	(void)state;
	both("p1", text, sizeof text - 1, 2);
	assert_int_equal(heard.last.currents[0], 17000);
}

static void json_stream(void **state)
{
	static const char text[] = "{\"current_l1\":16,\"current_l2\":2,\"current_l3\":1}\n"
				   "{\"current_l1\":17.25,\"current_l2\":2,\"current_l3\":1}\n";

	(void)state;
	both("json", text, sizeof text - 1, 2);
	assert_int_equal(heard.last.currents[0], 17250);
}

static void make_push(struct text *out, const char *model, const struct glo_key *key)
{
	static const uint8_t title[GLO_TITLE] = {'K', 'F', 'M', 0x67, 0x50, 0x7E, 0x68, 0x2A};
	const struct meter_values v = {.time = stamp_at(1717410896000, 120),
	                               .serial = "181220000042",
	                               .energy_import = 7654321,
	                               .power_import = 432,
	                               .voltage = {233100, 234200, 230000},
	                               .current = {1200, 500, 0},
	                               .power_factor = 987};

	meter_push(out, meter_model_find(model), &v, key, title, 1, NULL);
}

static void dlms_stream(void **state)
{
	static const char *const models[] = {"iskra", "kaifa"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct text bytes = {0};

		make_push(&bytes, models[i], NULL);
		both("dlms", bytes.data, bytes.length, 1);
		assert_int_equal(heard.last.currents[0], 1200);
		assert_int_equal(heard.last.currents[1], 500);
		text_free(&bytes);
	}
}

/* Two decoders that look at the same push do not make a replay of it. */
static void encrypted_stream(void **state)
{
	static const uint8_t secret[GLO_KEY] = "a secret of 16 B",
			     lock[GLO_KEY] = "and another one.";
	static const char *const models[] = {"evn", "p1"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct glo_keyring ring = {0};
		struct seals seals = {.keys = &ring};
		struct text bytes = {0};
		struct grid_source source;
		struct grid_meter *m;

		assert_int_equal(glo_keyring_add(&ring, NULL, secret, lock), 0);
		make_push(&bytes, models[i], &ring.keys[0]);
		grid_source_of(&source, NULL, "-");
		keys = &seals;
		m = open_meter(&source);
		feed_pieces(m, bytes.data, bytes.length, 50);
		assert_int_equal(grid_meter_end(m), 0);
		assert_int_equal(heard.readings, 1);
		assert_int_equal(heard.refusals, 0);
		assert_in_range(heard.last.currents[0], 1000, 1200);
		feed_pieces(m, bytes.data, bytes.length, 50);
		assert_int_equal(heard.readings, 1);
		assert_int_equal(heard.refusals, 1);
		keys = NULL;
		grid_meter_free(m);
		seals_free(&seals);
		glo_keyring_free(&ring);
		text_free(&bytes);
	}
}

/* An unknown stream: damage is told, that it is another kind is not; the first sound one decides. */
static void recognition(void **state)
{
	static const char wrong[] = "/EMT5\\TEST\r\n\r\n1-0:31.7.0(010*A)\r\n!0000\r\n",
			  good[] = "{\"current_l1\":16}\n",
			  other[] = "/EMT3\\TEST\r\n\r\n1-0:31.7.0(017*A)\r\n!\r\n";
	struct grid_source source;
	struct grid_meter *m;

	(void)state;
	grid_source_of(&source, NULL, "-");
	m = open_meter(&source);
	assert_int_equal(grid_meter_cut(m), 0);
	feed_pieces(m, "noise\n{}\n", 9, 4);
	assert_int_equal(heard.refusals, 0);
	feed_pieces(m, wrong, sizeof wrong - 1, 9);
	assert_int_equal(heard.refusals, 0);
	feed_pieces(m, wrong, sizeof wrong - 1, 9);
	assert_int_equal(heard.refusals, 1);
	assert_int_equal(grid_meter_refused(m), 1);
	assert_int_equal(grid_meter_idle(m), 0);
	feed_pieces(m, good, sizeof good - 1, 5);
	assert_int_equal(heard.readings, 1);
	feed_pieces(m, other, sizeof other - 1, 5);
	assert_int_equal(heard.readings, 1);
	grid_meter_free(m);
}

/* Meters in Norway send their total each 2.5 s, and their currents each 10 s. */
static void lists_in_turn(void **state)
{
	static const char total[] = "{\"power\":500}\n", currents[] = "{\"current_l1\":16}\n";
	struct grid_source source;
	struct grid_meter *m;

	(void)state;
	grid_source_of(&source, "json", "-");
	m = open_meter(&source);
	feed_pieces(m, total, sizeof total - 1, 99);
	assert_int_equal(heard.readings, 1); /* it may be all that this meter ever tells */
	feed_pieces(m, currents, sizeof currents - 1, 99);
	feed_pieces(m, total, sizeof total - 1, 99);
	assert_int_equal(heard.readings, 2);
	feed_pieces(m, currents, sizeof currents - 1, 99);
	assert_int_equal(heard.readings, 3);
	grid_meter_free(m);
}

/* A message that is cut off is not joined with the next one. */
static void json_messages(void **state)
{
	static const char cut[] = "{\"current_l1\":16", whole[] = "{\"current_l1\":17}";
	struct grid_source source;
	struct grid_meter *m;

	(void)state;
	grid_source_of(&source, "json", "-");
	m = open_meter(&source);
	assert_int_equal(grid_meter_feed(m, (const uint8_t *)cut, sizeof cut - 1, true), 0);
	assert_int_equal(grid_meter_feed(m, (const uint8_t *)whole, sizeof whole - 1, true), 0);
	assert_int_equal(heard.readings, 1);
	assert_int_equal(heard.refusals, 1);
	assert_int_equal(heard.last.currents[0], 17000);
	grid_meter_free(m);
}

/* ---- Modbus devices ---- */

/* Registers of a device, and what is wrong with it. */
static struct {
	uint16_t words[65536];
	int silent_from;       /* requests after which it is silent */
	unsigned longest;      /* registers of a read, 0: any number */
	unsigned missing, end; /* registers that do not exist */
	int exception;         /* to all requests */
	int requests, unit;
} device;

static int answer(void *data, const struct modbus_call *call)
{
	(void)data;
	device.requests++;
	if (call->unit != device.unit)
		return MODBUS_SILENT;
	if (device.silent_from && device.requests > device.silent_from)
		return MODBUS_SILENT;
	if (device.exception)
		return device.exception;
	if (device.longest && call->count > device.longest)
		return 2;
	if (call->address < device.end && call->address + call->count > device.missing)
		return 2;
	memcpy(call->words, device.words + call->address, call->count * sizeof *call->words);
	return 0;
}

static void put_float(unsigned address, float f)
{
	uint32_t bits;

	memcpy(&bits, &f, sizeof bits);
	device.words[address] = (uint16_t)(bits >> 16);
	device.words[address + 1] = (uint16_t)bits;
}

static struct loop *loop;
static struct modbus_server *server;
static struct grid_meter *asked;

static int setup(void **state)
{
	(void)state;
	memset(&device, 0, sizeof device);
	*news_told = '\0';
	device.unit = 3;
	news_listen(on_news);
	loop = loop_new();
	return loop && !modbus_server_open(&server, loop_uv(loop), "127.0.0.1:0",
	                                   &(struct modbus_server_options){.handler = answer})
	               ? 0
	               : -1;
}

static int teardown(void **state)
{
	(void)state;
	grid_meter_free(asked);
	asked = NULL;
	modbus_server_close(server);
	loop_free(loop);
	news_listen(NULL);
	return 0;
}

/* Asks the device as `kind:ADDRESS?options`. */
static void ask(const char *kind, const char *options)
{
	struct grid_source source;
	char text[200], problem[200];

	snprintf(text, sizeof text, "%s:%s?%s", kind, modbus_server_name(server), options);
	assert_int_equal(grid_source_parse(&source, text, problem, sizeof problem), 0);
	asked = open_meter(&source);
	assert_int_equal(grid_meter_poll(asked, loop_uv(loop), problem, sizeof problem), 0);
}

/* Runs the loop until there are so many readings or failures; at most 8 s. */
static void until(int readings, unsigned failures)
{
	for (int ms = 0; ms < 8000; ms++) {
		if (heard.readings >= readings && grid_meter_refused(asked) >= failures)
			return;
		uv_run(loop_uv(loop), UV_RUN_NOWAIT);
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	}
	fail_msg("%d readings, %s", heard.readings, news_told);
}

static void currents_are(int32_t l1, int32_t l2, int32_t l3)
{
	assert_int_equal(heard.last.currents[0], l1);
	assert_int_equal(heard.last.currents[1], l2);
	assert_int_equal(heard.last.currents[2], l3);
}

static void put_sdm630(void)
{
	for (unsigned i = 0; i < 3; i++) {
		put_float(2 * i, 230);
		put_float(6 + 2 * i, 10.5f + (float)i);
		put_float(12 + 2 * i, i == 1 ? -2600 : 2500);
	}
	put_float(0x34, 2400);
	put_float(0x48, 1234.56f);
}

static void a_modbus_meter(void **state)
{
	int requests;

	(void)state;
	put_sdm630();
	ask("meter", "unit=3&meter=eastron_sdm630");
	until(1, 0);
	currents_are(10500, -11500, 12500);
	assert_true(heard.last.clock == INSTANT_NONE);
	assert_int_equal(heard.last.estimated, 0);
	assert_int_equal(heard.last.still.power, 2400000);
	assert_int_equal(heard.last.still.unit, 10000); /* 1234.56 kWh */
	requests = device.requests;
	assert_in_range(requests, 1, 4); /* values are read together */
	put_float(6, 11);
	until(2, 0);
	currents_are(11000, -11500, 12500);
	assert_int_equal(device.requests, 2 * requests);
	assert_string_equal(news_told, "");
}

/* No faster than each second, whatever the machine does. */
static void once_a_second(void **state)
{
	uint64_t begin;

	(void)state;
	put_sdm630();
	ask("meter", "unit=3&meter=eastron_sdm630");
	until(1, 0);
	begin = uv_hrtime();
	until(4, 0);
	assert_true(uv_hrtime() - begin > UINT64_C(2900000000));
}

static void a_meter_that_refuses_long_reads(void **state)
{
	(void)state;
	put_sdm630();
	device.longest = 2;
	device.missing = 0x4A; /* no export register */
	device.end = 0x4C;
	ask("meter", "unit=3&meter=eastron_sdm630");
	until(2, 0);
	currents_are(10500, -11500, 12500);
	assert_string_equal(news_told, "");
}

/* Its currents are refused: powers have to do, and only whole readings count. */
static void a_meter_without_currents(void **state)
{
	(void)state;
	put_sdm630();
	device.missing = 6;
	device.end = 12;
	ask("meter", "unit=3&meter=eastron_sdm630");
	until(1, 0);
	assert_int_equal(heard.last.estimated, GRID_POWER_FACTOR);
	currents_are(11442, -11899, 11442);
}

static void a_meter_that_falls_silent(void **state)
{
	(void)state;
	put_sdm630();
	device.silent_from = 1; /* in the middle of its first reading */
	ask("meter", "unit=3&meter=eastron_sdm630");
	until(0, 2);
	assert_int_equal(heard.readings, 0);
	assert_non_null(strstr(news_told, "meter 127.0.0.1:"));
	assert_null(strchr(strchr(news_told, '\n') + 1, '\n')); /* once */
	device.silent_from = 0;
	until(1, 2);
	assert_non_null(strstr(news_told, "answers again"));
	currents_are(10500, -11500, 12500);
}

static void a_meter_that_refuses_all(void **state)
{
	(void)state;
	device.exception = 2;
	ask("meter", "unit=3&meter=eastron_sdm630");
	until(0, 1);
	assert_non_null(strstr(news_told, "refuses all registers"));
	device.exception = 6;
	until(0, 2);
	assert_int_equal(heard.readings, 0);
}

static void an_inverted_meter(void **state)
{
	(void)state;
	put_sdm630();
	ask("meter", "unit=3&meter=eastron_sdm630&invert=1");
	until(1, 0);
	currents_are(-10500, 11500, -12500);
}

/* Words of a chain: marker, common model, a meter with scale factors, the end. */
static void put_sunspec(uint16_t model)
{
	static const int16_t meter[] = {/* A */ 157,   105,  -22,  30,   -1,
	                                /* V */ 2300,  2301, 2310, 2295, 0,  0, 0, 0, -1,
	                                /* Hz */ 5000, -2,
	                                /* W */ 2500,  2400, -500, 600,  0,
	                                /* VA */ 2600, 2450, 520,  650,  0,
	                                /* var */ 100, 10,   20,   30,   0,
	                                /* PF */ 95,   95,   95,   95,   -2};
	uint16_t *words = device.words + 40000;

	words[0] = 0x5375;
	words[1] = 0x6E53;
	words[2] = 1;
	words[3] = 66;
	words[70] = model;
	words[71] = 105;
	for (size_t i = 0; i < sizeof meter / sizeof *meter; i++)
		words[72 + i] = (uint16_t)meter[i];
	words[72 + 36 + 8 + 1] = 1234; /* TotWhImp */
	words[177] = 0xFFFF;
}

static void a_sunspec_meter(void **state)
{
	(void)state;
	put_sunspec(203);
	ask("sunspec", "unit=3");
	until(1, 0);
	currents_are(10500, -2200, 3000);
	assert_int_equal(heard.last.still.power, 2500000);
	device.words[40073] = 110;
	until(2, 0);
	currents_are(11000, -2200, 3000);
	device.words[40076] = 0x8000; /* the scale factor of the currents is gone */
	until(3, 0);
	assert_int_equal(heard.last.currents[0], 10648); /* VA / U */
	assert_int_equal(heard.last.estimated, 0);
}

static void no_sunspec_meter(void **state)
{
	(void)state;
	put_sunspec(103);
	ask("sunspec", "unit=3");
	until(0, 1);
	assert_non_null(strstr(news_told, "no SunSpec meter (models 201"));
}

static void a_target_that_is_none(void **state)
{
	struct grid_source source;
	char problem[200];

	(void)state;
	assert_int_equal(grid_source_parse(&source, "sunspec:udp://x", problem, sizeof problem), 0);
	asked = open_meter(&source);
	assert_int_equal(grid_meter_poll(asked, loop_uv(loop), problem, sizeof problem), EM_SYNTAX);
	assert_non_null(strstr(problem, "'udp://x' is Modbus ASCII or Modbus over UDP"));
	assert_int_equal(grid_meter_refused(asked), 0);
}

/* It ends at once, also in the middle of a request. */
static void an_end_beside_a_request(void **state)
{
	(void)state;
	device.silent_from = 1;
	put_sdm630();
	ask("meter", "unit=3&meter=eastron_sdm630");
	for (int i = 0; i < 50; i++) {
		uv_run(loop_uv(loop), UV_RUN_NOWAIT);
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	}
}

/* ---- plans ---- */

/* Each wanted value of each map is in one block; blocks are short and leave no unknown register. */
static void plans(void **state)
{
	bool wanted[1000];
	struct meter_block blocks[METER_BLOCKS];

	(void)state;
	for (size_t m = 0; m < meter_count; m++) {
		const struct meter *meter = meters[m];
		size_t count, wants = 0;

		for (size_t i = 0; i < meter->count; i++)
			wants += wanted[i] = grid_reading_use(meter->rows[i].name) == GRID_NEEDED;
		if (wants > METER_BLOCKS)
			continue;
		count = meter_plan(meter, wanted, false, blocks);
		assert_true(count <= wants);
		for (size_t i = 0; i < meter->count; i++) {
			const struct meter_row *row = &meter->rows[i];
			int covered = 0;

			for (size_t b = 0; b < count; b++)
				covered += blocks[b].function == row->function &&
				           blocks[b].address <= row->address &&
				           row->address + row->count <=
				                   blocks[b].address + blocks[b].count;
			assert_true(covered <= 1 && covered >= wanted[i]);
		}
		for (size_t b = 0; b < count; b++)
			assert_in_range(blocks[b].count, 1, METER_BLOCK_MOST);
		assert_int_equal(meter_plan(meter, wanted, true, blocks), wants);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test(name)
#define ASK(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(sources),
		TEST(wrong_sources),
		TEST(p1_stream),
		TEST(json_stream),
		TEST(dlms_stream),
		TEST(encrypted_stream),
		TEST(recognition),
		TEST(json_messages),
		TEST(lists_in_turn),
		TEST(plans),
		ASK(a_modbus_meter),
		ASK(once_a_second),
		ASK(a_meter_that_refuses_long_reads),
		ASK(a_meter_without_currents),
		ASK(a_meter_that_falls_silent),
		ASK(a_meter_that_refuses_all),
		ASK(an_inverted_meter),
		ASK(a_sunspec_meter),
		ASK(no_sunspec_meter),
		ASK(a_target_that_is_none),
		ASK(an_end_beside_a_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
