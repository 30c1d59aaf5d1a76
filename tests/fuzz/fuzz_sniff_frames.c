/*
 * Frames of the fuzzer's choice with a CRC that is right, or a header that fits, on a bus or in a
 * capture of it: what stands behind the checks of a bus. The first three bytes choose
 * options and line; each frame is a byte of length and direction, and its bytes.
 */
#include "fuzz.h"
#include "io/source.h"
#include "stream/bus.h"

enum { BUS, CAPTURED_BUS, CAPTURED_RTU, CAPTURED_TCP, CAPTURED_TCP6, LINES };

static void put16(struct text *out, unsigned n)
{
	text_char(out, (char)(n >> 8));
	text_char(out, (char)n);
}

static void put32(struct text *out, unsigned n)
{
	put16(out, n >> 16);
	put16(out, n & 0xFFFF);
}

/* The head of a capture, its numbers big-endian; then that of a packet of n bytes. */
static void capture_head(struct text *out, unsigned link)
{
	put32(out, 0xA1B2C3D4);
	put16(out, 2);
	put16(out, 4);
	text_fill(out, '\0', 8);
	put32(out, 65535);
	put32(out, link);
}

static void packet_head(struct text *out, unsigned seconds, size_t n)
{
	put32(out, seconds);
	put32(out, 0);
	put32(out, (unsigned)n);
	put32(out, (unsigned)n);
}

/* A segment from the client or the server, who know each other's sequence numbers. */
static void segment(struct text *out, bool v6, bool server, unsigned sequence,
                    const struct text *payload)
{
	size_t size = payload->length + 20, whole = size + (v6 ? 40 : 20);

	packet_head(out, sequence / 8, whole);
	if (v6) {
		put32(out, 0x60000000);
		put16(out, (unsigned)size);
		put16(out, 0x0640);
		text_fill(out, server ? '\2' : '\1', 16);
		text_fill(out, server ? '\1' : '\2', 16);
	} else {
		put16(out, 0x4500);
		put16(out, (unsigned)whole);
		put32(out, 0);
		put32(out, 0x40060000);
		put32(out, server ? 0x0A000002 : 0x0A000001);
		put32(out, server ? 0x0A000001 : 0x0A000002);
	}
	put16(out, server ? 502 : 40000);
	put16(out, server ? 40000 : 502);
	put32(out, sequence);
	put32(out, 0);
	put32(out, 0x50180000);
	put32(out, 0);
	text_add(out, payload->data, payload->length);
}

/* Modbus TCP: the answer's transaction is that of the newest request. */
static void seal(struct text *out, bool tcp, unsigned transaction, struct input frame)
{
	if (!tcp) {
		fuzz_seal_rtu(out, frame);
		return;
	}
	put16(out, transaction);
	put16(out, 0);
	put16(out, (unsigned)frame.size);
	text_add(out, (const char *)frame.data, frame.size);
}

static void put_frames(struct text *out, unsigned line, struct input in)
{
	struct text payload = {0};
	unsigned sequence[2] = {0}, transaction = 0;

	if (line != BUS)
		capture_head(out, line == CAPTURED_BUS ? 147 : line == CAPTURED_TCP6 ? 229 : 228);
	while (in.size) {
		unsigned head = fuzz_byte(&in);
		struct input frame = fuzz_take(&in, 2 + head % 128);
		bool server = head & 128;

		payload.length = 0;
		transaction += !server;
		seal(&payload, line >= CAPTURED_TCP, transaction, frame);
		if (line >= CAPTURED_RTU) {
			segment(out, line == CAPTURED_TCP6, server, sequence[server], &payload);
			sequence[server] += (unsigned)payload.length;
			continue;
		}
		if (line == CAPTURED_BUS)
			packet_head(out, head, payload.length);
		text_add(out, payload.data, payload.length);
	}
	text_free(&payload);
}

static struct bus_settings settings = {.unit = -1, .function = -1};

static void on_record(void *context, struct record *r)
{
	(void)context;
	fuzz_record(r);
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

static const struct bus_events bus_events = {
	.record = on_record, .recognised = on_recognised, .limited = on_limited};

static void *on_open(void *context, const struct peer *peer)
{
	(void)context;
	return bus_new(&settings, &bus_events, peer->kind == STREAM_FLOW);
}

static void on_data(void *stream, const struct chunk *chunk)
{
	bus_feed(stream, chunk->time, chunk->direction, chunk->data, chunk->size);
}

static void on_close(void *stream, instant time)
{
	(void)time;
	bus_end(stream);
	bus_free(stream);
}

static void play(const char *path)
{
	static const struct source_events events = {
		.open = on_open, .data = on_data, .close = on_close};
	const struct source_config config = {.url = path, .events = &events};
	struct loop *loop = loop_new();
	char message[200];
	bool usage;
	struct source *source = source_open(loop, &config, message, sizeof message, &usage);

	fuzz_require(source != NULL, "a file opens");
	loop_run(loop);
	source_close(source);
	loop_free(loop);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct text file;
	struct input in = {data, size};
	unsigned choice = fuzz_byte(&in), line;

	settings.frames = choice & 1;
	settings.maps = choice & 2 ? meters : NULL;
	settings.map_count = choice & 2 ? meter_count : 0;
	settings.meter = choice & 4 ? meter_named("eastron_sdm630") : NULL;
	settings.unit = choice & 8 ? 1 : -1;
	fuzz_byte(&in);
	line = fuzz_byte(&in) % LINES;
	if (size < 4 || size > 3000)
		return 0;
	file.length = 0;
	put_frames(&file, line, in);
	play(fuzz_file(0, file.data, file.length));
	return 0;
}
