/* `emtool sniff`: decodes the requests of a charger and the answers of its meter. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cmd/sniff/meter_file.h"
#include "cmd/sniff/modbus_text.h"
#include "cmd/session/offers.h"
#include "cmd/session/reading.h"
#include "cmd/session/say.h"
#include "cmd/session/short_source.h"
#include "stream/bus.h"

enum { HINT_SECONDS = 10 };

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
	const struct meter *maps[METER_CANDIDATES]; /* the user's first, then the built-in ones */
	size_t map_count;
	struct meter_file *file;
	struct bus_settings settings;
	struct record record;
	uv_timer_t hint;
	struct bus_counts total; /* of all buses */
};

/* One peer's bus, or one captured connection. */
struct sniffed {
	struct sniff *sniff;
	char *source;
	struct bus *bus;
	struct bus_counts counted; /* already added to the totals */
};

static void on_record(void *context, struct record *r)
{
	struct sniffed *s = context;

	r->source = s->source;
	session_emit(&s->sniff->session, r);
}

static void on_recognised(void *context, unsigned unit, const struct meter *meter)
{
	const struct sniffed *s = context;

	say_note("%s%sunit %u answers like %s (%s)", s->source ? s->source : "",
	         s->source ? ": " : "", unit, meter->name, meter->title);
}

static void on_limited(void *context, const char *text)
{
	const struct sniffed *s = context;

	say_warning("%s%s%s: name the meter with --meter", s->source ? s->source : "",
	            s->source ? ": " : "", text);
}

static void *open_bus(void *context, const struct peer *peer)
{
	struct sniffed *s = calloc(1, sizeof *s);
	const struct bus_events events = {on_record, on_recognised, on_limited, s};

	if (!s)
		return NULL;
	s->sniff = context;
	s->source = peer->name ? strdup(peer->name) : NULL;
	s->bus = bus_new(&s->sniff->settings, &events, peer->kind == STREAM_FLOW);
	if (s->bus && (s->source || !peer->name))
		return s;
	bus_free(s->bus);
	free(s->source);
	free(s);
	return NULL;
}

/* Adds the bus's new counts to the totals. */
static void count(struct sniffed *s)
{
	const struct bus_counts *n = bus_counts(s->bus), *old = &s->counted;
	struct bus_counts *total = &s->sniff->total;

	total->bytes += n->bytes - old->bytes;
	total->skipped += n->skipped - old->skipped;
	total->good += n->good - old->good;
	total->frames += n->frames - old->frames;
	total->crc_errors += n->crc_errors - old->crc_errors;
	total->requests += n->requests - old->requests;
	total->responses += n->responses - old->responses;
	total->exceptions += n->exceptions - old->exceptions;
	total->no_response += n->no_response - old->no_response;
	total->unpaired += n->unpaired - old->unpaired;
	s->counted = *n;
}

static void on_data(void *stream, const struct chunk *chunk)
{
	struct sniffed *s = stream;
	struct sniff *sniff = s->sniff;

	if (bus_feed(s->bus, chunk->time, chunk->direction, chunk->data, chunk->size))
		session_no_memory(&sniff->session);
	count(s);
	if (sniff->session.source)
		source_judge(sniff->session.source, sniff->total.good,
		             sniff->total.bytes - sniff->total.good);
}

static void on_idle(void *stream, instant time)
{
	struct sniffed *s = stream;

	(void)time;
	if (bus_idle(s->bus))
		session_no_memory(&s->sniff->session);
	count(s);
}

static void close_bus(void *stream, instant time)
{
	struct sniffed *s = stream;

	(void)time;
	if (bus_end(s->bus))
		session_no_memory(&s->sniff->session);
	count(s);
	bus_free(s->bus);
	free(s->source);
	free(s);
}

/* Prints the usual causes when nothing valid came for a while. */
static void on_hint(uv_timer_t *timer)
{
	struct sniff *sniff = timer->data;

	if (sniff->total.good)
		return;
	if (sniff->total.bytes)
		say_warning(
			"%llu bytes in %d s and no valid frame: A and B swapped? wrong baud rate or "
			"parity (9600 8N1, 9600 8E1)? serial ports take ?mode=auto",
			(unsigned long long)sniff->total.bytes, HINT_SECONDS);
	else
		say_warning(
			"nothing received in %d s: is the converter connected, and does it send to "
			"this address?",
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

static int load_maps(struct sniff *sniff)
{
	const struct sniff_options *o = sniff->options;
	size_t i = 0;
	int status = 0;

	if (o->meter_map) {
		sniff->file = meter_file_open(o->meter_map, &status);
		if (!sniff->file)
			return status;
		sniff->map_count = meter_file_maps(sniff->file, sniff->maps, METER_CANDIDATES);
	}
	for (; i < meter_count && sniff->map_count < METER_CANDIDATES; i++)
		sniff->maps[sniff->map_count++] = meters[i];
	if (i < meter_count)
		say_warning("%s: more than %d maps in all: some built-in maps are not used",
		            o->meter_map, METER_CANDIDATES);
	return 0;
}

/* Applies --meter, --unit, --function and --frames to the settings of the buses. */
static int prepare(struct sniff *sniff)
{
	const struct sniff_options *o = sniff->options;
	struct bus_settings *settings = &sniff->settings;
	int status = load_maps(sniff);

	*settings = (struct bus_settings){.maps = sniff->maps,
	                                  .unit = (int)o->unit,
	                                  .function = (int)o->function,
	                                  .frames = o->frames,
	                                  .record = &sniff->record};
	if (status || !strcmp(o->meter, "none"))
		return status;
	if (!strcmp(o->meter, "auto")) {
		settings->map_count = sniff->map_count;
		return 0;
	}
	for (size_t i = 0; i < sniff->map_count; i++)
		if (!strcmp(sniff->maps[i]->name, o->meter))
			settings->meter = sniff->maps[i];
	return settings->meter
	               ? 0
	               : say_usage("--meter: no meter '%s', see 'emtool sniff --meters'", o->meter);
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
		say_error("no valid frame in %llu bytes; other line settings (mode=auto), or not "
		          "Modbus RTU?",
		          (unsigned long long)sniff->total.bytes);
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
	status = prepare(sniff);
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
	meter_file_free(sniff->file);
	free(sniff);
	return status;
}

#define FIELD(name) offsetof(struct sniff_options, name)

static const struct option_row sniff_rows[] = {
	SHORT_SOURCE_ROWS(struct sniff_options, source),
	{"meter", 'm', OPTION_TEXT, FIELD(meter), "NAME|auto|none",
         "meter map for the names of the registers", .words = "auto|none", .offer = offer_meters},
	{"meter-map", 0, OPTION_TEXT, FIELD(meter_map), "FILE.csv", "add your own meter maps"},
	{"meters", 0, OPTION_FLAG, FIELD(meters), NULL, "list the known meter maps"},
	{"unit", 'u', OPTION_INT, FIELD(unit), "N", "only this unit", .max = 255},
	{"function", 0, OPTION_INT, FIELD(function), "N", "only this function code", .max = 127},
	{"frames", 0, OPTION_FLAG, FIELD(frames), NULL,
         "print a record per frame, not per transaction"},
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
	.offer = offer_sources,
};
