/*
 * A bus from bytes to records: a file of any bytes (plain, capture, recording), a hex: source, or the
 * bytes as they are, cut in two ways that must give the same. The first two bytes choose what the bus
 * is asked for; each record is printed in every format.
 */
#include <string.h>

#include "fuzz.h"
#include "io/source.h"
#include "stream/bus.h"

enum { UNCUT = 64, LITERAL = 128 };

static struct bus_settings settings = {.unit = -1, .function = -1};
static struct text *seen; /* what came of bytes that are cut, else NULL */

static void on_record(void *context, struct record *r)
{
	static struct format_state json = {.style.units = true};

	(void)context;
	fuzz_record(r);
	if (seen)
		format_json(seen, &json, r);
}

static void on_recognised(void *context, unsigned unit, const struct meter *meter)
{
	(void)context;
	fuzz_require(unit < 256 && meter != NULL, "a unit has a meter");
}

static void on_limited(void *context, const char *text)
{
	(void)context;
	fuzz_require(text != NULL, "a limit has a name");
}

static const struct bus_events events = {
	.record = on_record, .recognised = on_recognised, .limited = on_limited};

static void *on_open(void *context, const struct peer *peer)
{
	(void)context;
	return bus_new(&settings, &events, peer->kind == STREAM_FLOW);
}

static void on_data(void *stream, const struct chunk *chunk)
{
	bus_feed(stream, chunk->time, chunk->direction, chunk->data, chunk->size);
}

static void on_idle(void *stream, instant time)
{
	(void)time;
	bus_idle(stream);
}

static void on_close(void *stream, instant time)
{
	const struct bus_counts *n = bus_counts(stream);

	(void)time;
	bus_end(stream);
	n = bus_counts(stream);
	fuzz_require(n->good <= n->bytes, "frames stand in the bytes");
	bus_free(stream);
}

static void read_source(const char *url)
{
	static const struct source_events source = {
		.open = on_open, .data = on_data, .idle = on_idle, .close = on_close};
	const struct source_config config = {.url = url, .events = &source};
	struct loop *loop = loop_new();
	char message[256];
	bool usage;
	struct source *s = source_open(loop, &config, message, sizeof message, &usage);

	if (s) {
		loop_run(loop);
		source_close(s);
	}
	loop_free(loop);
}

static void feed(struct input in, size_t piece, struct text *out)
{
	struct bus *bus = bus_new(&settings, &events, false);

	seen = out;
	while (in.size) {
		struct input part = fuzz_take(&in, piece);

		bus_feed(bus, INSTANT_NONE, 0, part.data, part.size);
	}
	bus_end(bus);
	bus_free(bus);
	seen = NULL;
}

static void cut_in_two_ways(struct input in, size_t piece)
{
	struct text whole = {0}, parts = {0};

	feed(in, in.size ? in.size : 1, &whole);
	feed(in, piece, &parts);
	fuzz_require(whole.length == parts.length &&
	                     (!whole.length || !memcmp(whole.data, parts.data, whole.length)),
	             "any cutting gives the same");
	text_free(&whole);
	text_free(&parts);
}

static void choose(unsigned choice)
{
	settings.maps = choice % 6 == 3 ? NULL : meters;
	settings.map_count = choice % 6 == 3 ? 0 : meter_count;
	settings.meter = choice % 6 == 2 ? meter_named("eastron_sdm630") : NULL;
	settings.unit = choice % 6 == 4 ? 1 : -1;
	settings.frames = choice % 6 == 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct text literal;
	struct input in = {data, size};
	unsigned first = fuzz_byte(&in), piece = fuzz_byte(&in) % 32 + 1;

	if (size < 2)
		return 0;
	choose(first);
	literal.length = 0;
	text_puts(&literal, "hex:");
	text_add(&literal, (const char *)in.data, in.size);
	if (first & LITERAL)
		read_source(text_string(&literal));
	else if (first & UNCUT)
		cut_in_two_ways(in, piece);
	else
		read_source(fuzz_file(0, in.data, in.size));
	return 0;
}
