/* `emtool sniff`: what a charger asks its meter, and what the meter answers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cmd/sniff/meter_file.h"
#include "cmd/sniff/modbus_text.h"
#include "cmd/session/reading.h"
#include "cmd/session/say.h"
#include "cmd/session/short_source.h"
#include "frame/mbap.h"
#include "frame/rtu.h"
#include "protocol/modbus.h"

enum { UNITS = 256, HINT_SECONDS = 10, GUESSES_LIMIT = 64 /* units of a peer that get a meter */ };

struct sniff_options {
	struct reading reading;
	struct short_source source;
	const char *meter, *meter_map;
	long unit, function;
	bool frames, meters;
};

struct sniff {
	struct session session;
	const struct sniff_options *options;
	const struct meter *maps[METER_CANDIDATES]; /* the user's first, then those built in */
	size_t map_count;
	const struct meter *fixed; /* --meter NAME */
	bool guessing;
	struct meter_file *file;
	struct record record;
	uv_timer_t hint;
	uint64_t bytes, good; /* of all streams: seen, and standing in frames */
	struct {
		uint64_t frames, crc_errors, bytes, skipped, requests, responses, exceptions,
			no_response, unpaired;
	} total;
};

/* One peer's bus, or one captured connection. */
struct bus {
	struct sniff *sniff;
	char *source;
	bool is_flow, is_mbap;
	uint64_t bytes;
	struct rtu rtu;
	struct mbap *mbap;
	struct modbus_pairing pairing;
	struct meter_guess *guess[UNITS];
	unsigned guesses;
};

static bool wanted(const struct sniff *sniff, unsigned unit, unsigned function)
{
	return (sniff->options->unit < 0 || sniff->options->unit == (long)unit) &&
	       (sniff->options->function < 0 || sniff->options->function == (long)function);
}

/* The meter behind a unit: the one named, or the one recognised so far. */
static const struct meter *meter_of(struct bus *bus, const struct modbus_transaction *t,
                                    const uint8_t *words, size_t count)
{
	struct sniff *sniff = bus->sniff;
	struct meter_guess **guess = &bus->guess[t->unit];
	const struct meter *before, *found;

	if (!sniff->guessing)
		return sniff->fixed;
	if (!*guess && bus->guesses < GUESSES_LIMIT) {
		*guess = calloc(1, sizeof **guess);
		sniff->record.failed |= !*guess;
		bus->guesses++;
	}
	if (!*guess)
		return NULL;
	before = (*guess)->found;
	found = meter_guess_read(*guess, sniff->maps, sniff->map_count, t->function, t->address,
	                         words, count);
	if (found && !before)
		say_note("%s%sunit %u answers like %s (%s)", bus->source ? bus->source : "",
		         bus->source ? ": " : "", t->unit, found->name, found->title);
	return found;
}

static void add_values(struct bus *bus, const struct modbus_transaction *t)
{
	struct record *r = &bus->sniff->record;
	size_t count;
	const uint8_t *words = modbus_registers(t, &count);
	const struct meter *meter;

	if (t->status != MODBUS_OK || !words || !t->has_address || t->function > 4)
		return;
	meter = meter_of(bus, t, words, count);
	if (!meter)
		return;
	record_word(r, "meter", meter->name);
	meter_decode(r, meter, t->function, t->address, words, count);
}

static void on_transaction(void *context, const struct modbus_transaction *t)
{
	struct bus *bus = context;
	struct sniff *sniff = bus->sniff;

	if (sniff->options->frames || !wanted(sniff, t->unit, t->function))
		return;
	modbus_record(&sniff->record, t);
	sniff->record.source = bus->source;
	add_values(bus, t);
	session_emit(&sniff->session, &sniff->record);
}

static void on_frame(void *context, const struct modbus_frame *frame)
{
	struct bus *bus = context;
	struct sniff *sniff = bus->sniff;

	modbus_pairing_frame(&bus->pairing, frame);
	sniff->good += frame->length;
	if (!sniff->options->frames || !wanted(sniff, frame->unit, frame->function))
		return;
	modbus_frame_record(&sniff->record, frame);
	sniff->record.source = bus->source;
	session_emit(&sniff->session, &sniff->record);
}

static void *open_bus(void *context, const struct peer *peer)
{
	struct bus *bus = calloc(1, sizeof *bus);

	if (!bus)
		return NULL;
	bus->sniff = context;
	bus->source = peer->name ? strdup(peer->name) : NULL;
	if (peer->name && !bus->source) {
		free(bus);
		return NULL;
	}
	bus->is_flow = peer->kind == STREAM_FLOW;
	rtu_init(&bus->rtu, on_frame, bus);
	modbus_pairing_init(&bus->pairing, RTU_OUTSTANDING, on_transaction, bus);
	return bus;
}

/* A captured connection speaks Modbus TCP, or RTU that a converter forwards: its first bytes tell. */
static void choose_framing(struct bus *bus, const struct chunk *chunk)
{
	bus->is_mbap = !rtu_recognise(chunk->data, chunk->size) &&
	               mbap_recognise(chunk->data, chunk->size);
	if (!bus->is_mbap)
		return;
	bus->mbap = malloc(sizeof *bus->mbap);
	if (!bus->mbap) {
		session_no_memory(&bus->sniff->session);
		return;
	}
	mbap_init(bus->mbap, on_frame, bus);
	bus->pairing.limit = MODBUS_PENDING;
}

static void on_data(void *stream, const struct chunk *chunk)
{
	struct bus *bus = stream;
	struct sniff *sniff = bus->sniff;

	if (bus->is_flow && bus->bytes == 0)
		choose_framing(bus, chunk);
	bus->bytes += chunk->size;
	sniff->bytes += chunk->size;
	if (bus->mbap)
		mbap_feed(bus->mbap, chunk->direction, chunk->data, chunk->size, chunk->time);
	else if (!bus->is_mbap)
		rtu_feed(&bus->rtu, chunk->data, chunk->size, chunk->time);
	if (sniff->session.source)
		source_judge(sniff->session.source, sniff->good, sniff->bytes - sniff->good);
}

static void on_idle(void *stream, instant time)
{
	struct bus *bus = stream;

	(void)time;
	if (!bus->is_mbap)
		rtu_idle(&bus->rtu);
}

static void add_totals(struct bus *bus)
{
	struct sniff *sniff = bus->sniff;
	const struct modbus_pairing *p = &bus->pairing;

	sniff->total.frames += bus->mbap ? bus->mbap->frames : bus->rtu.frames;
	sniff->total.crc_errors += bus->mbap ? bus->mbap->errors : bus->rtu.crc_errors;
	sniff->total.skipped += bus->mbap ? bus->mbap->skipped : bus->rtu.skipped;
	sniff->total.bytes += bus->bytes;
	sniff->total.requests += p->requests;
	sniff->total.responses += p->responses;
	sniff->total.exceptions += p->exceptions;
	sniff->total.no_response += p->no_response;
	sniff->total.unpaired += p->unpaired;
}

static void close_bus(void *stream, instant time)
{
	struct bus *bus = stream;

	(void)time;
	if (!bus->is_mbap)
		rtu_end(&bus->rtu);
	modbus_pairing_end(&bus->pairing);
	add_totals(bus);
	for (size_t i = 0; i < UNITS; i++)
		free(bus->guess[i]);
	free(bus->mbap);
	free(bus->source);
	free(bus);
}

/* Nothing valid for a while: what it usually is. */
static void on_hint(uv_timer_t *timer)
{
	struct sniff *sniff = timer->data;

	if (sniff->good)
		return;
	if (sniff->bytes)
		say_warning(
			"%llu bytes in %d s and no valid frame: A and B swapped? wrong baud rate or "
			"parity (9600 8N1, 9600 8E1)? serial ports take ?mode=auto",
			(unsigned long long)sniff->bytes, HINT_SECONDS);
	else
		say_warning(
			"nothing received in %d s: is the converter connected, and sending to here?",
			HINT_SECONDS);
}

static void emit_stats(struct sniff *sniff)
{
	struct record *r = &sniff->record;

	record_begin(r, "stats");
	record_int(r, "frames", (int64_t)sniff->total.frames);
	record_int(r, "crc_errors", (int64_t)sniff->total.crc_errors);
	record_int(r, "bytes", (int64_t)sniff->total.bytes);
	record_int(r, "bytes_skipped", (int64_t)sniff->total.skipped);
	record_int(r, "requests", (int64_t)sniff->total.requests);
	record_int(r, "responses", (int64_t)sniff->total.responses);
	record_int(r, "exceptions", (int64_t)sniff->total.exceptions);
	record_int(r, "no_response", (int64_t)sniff->total.no_response);
	record_int(r, "unpaired", (int64_t)sniff->total.unpaired);
	session_emit(&sniff->session, r);
}

static int choose_maps(struct sniff *sniff)
{
	const struct sniff_options *o = sniff->options;
	int status = 0;

	if (o->meter_map) {
		sniff->file = meter_file_open(o->meter_map, &status);
		if (!sniff->file)
			return status;
		sniff->map_count = meter_file_maps(sniff->file, sniff->maps, METER_CANDIDATES);
	}
	for (size_t i = 0; i < meter_count && sniff->map_count < METER_CANDIDATES; i++)
		sniff->maps[sniff->map_count++] = meters[i];
	sniff->guessing = !strcmp(o->meter, "auto");
	if (sniff->guessing || !strcmp(o->meter, "none"))
		return 0;
	for (size_t i = 0; i < sniff->map_count; i++) {
		if (!strcmp(sniff->maps[i]->name, o->meter)) {
			sniff->fixed = sniff->maps[i];
			return 0;
		}
	}
	return say_usage("--meter: no meter '%s', see 'emtool sniff --meters'", o->meter);
}

static int list_meters(const struct sniff *sniff)
{
	for (size_t i = 0; i < sniff->map_count; i++)
		printf("%-32s%3zu values  %s\n", sniff->maps[i]->name, sniff->maps[i]->count,
		       sniff->maps[i]->title);
	return EXIT_OK;
}

static void report_nothing(const struct sniff *sniff)
{
	if (sniff->session.records == 0 && sniff->total.frames == 0 && sniff->total.bytes)
		say_error("no valid frame in %llu bytes", (unsigned long long)sniff->total.bytes);
}

static int run(void *options, int count, char **arguments)
{
	struct sniff *sniff = calloc(1, sizeof *sniff);
	struct streaming streaming = {.serial = "baud=9600&mode=8N1",
	                              .open = open_bus,
	                              .data = on_data,
	                              .idle_event = on_idle,
	                              .close = close_bus,
	                              .context = sniff};
	char url[512];
	int status;

	if (!sniff)
		return say_failure("sniff", EM_NO_MEMORY);
	sniff->options = options;
	status = choose_maps(sniff);
	if (status || sniff->options->meters) {
		status = status ? status : list_meters(sniff);
		goto out;
	}
	streaming.url = short_source_url(&sniff->options->source, count, arguments, url,
	                                 sizeof url);
	if (!streaming.url) {
		status = EXIT_USAGE;
		goto out;
	}
	session_confine(&sniff->options->reading, NULL, (const char *const[]){streaming.url, NULL});
	if (session_begin(&sniff->session, &sniff->options->reading, format_modbus) == 0) {
		uv_timer_init(loop_uv(sniff->session.loop), &sniff->hint);
		sniff->hint.data = sniff;
		uv_timer_start(&sniff->hint, on_hint, HINT_SECONDS * 1000, 0);
		uv_unref((uv_handle_t *)&sniff->hint);
		session_run(&sniff->session, &streaming);
		sniff->session.rejected = sniff->total.crc_errors;
		if (sniff->options->reading.stats)
			emit_stats(sniff);
		report_nothing(sniff);
	}
	status = session_end(&sniff->session);
out:
	record_free(&sniff->record);
	meter_file_close(sniff->file);
	free(sniff);
	return status;
}

#define FIELD(name) offsetof(struct sniff_options, name)

static const struct option_row sniff_rows[] = {
	SHORT_SOURCE_ROWS(struct sniff_options, source),
	{"meter", 'm', OPTION_TEXT, FIELD(meter), "NAME|auto|none", "map that names the registers"},
	{"meter-map", 0, OPTION_TEXT, FIELD(meter_map), "FILE.csv", "adds maps of your own"},
	{"meters", 0, OPTION_FLAG, FIELD(meters), NULL, "list the known maps"},
	{"unit", 'u', OPTION_INT, FIELD(unit), "N", "only this unit", .max = 255},
	{"function", 0, OPTION_INT, FIELD(function), "N", "only this function code", .max = 127},
	{"frames", 0, OPTION_FLAG, FIELD(frames), NULL, "a record per frame, not per transaction"},
	{0}};

/* clang-format off */
static const struct option_row *const sniff_tables[] = {sniff_rows, stream_options, printing_options,
                                                        NULL};
/* clang-format on */

static const struct sniff_options defaults = {
	.reading = READING_DEFAULTS, .meter = "auto", .unit = -1, .function = -1};

const struct command sniff_command = {
	.name = "sniff",
	.summary = "decode the Modbus RTU traffic that others exchange",
	.arguments = "[SOURCE]",
	.arguments_max = 1,
	.options = sniff_tables,
	.size = sizeof(struct sniff_options),
	.defaults = &defaults,
	.run = run,
	.example = "emtool sniff --tcp 0.0.0.0:99 --json",
};
