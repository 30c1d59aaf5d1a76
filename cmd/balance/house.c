#include "cmd/balance/house.h"

#include <string.h>

#include "cmd/balance/grid.h"
#include "cmd/session/say.h"

enum { HEAD = 8192 };

/* The first lines decide the format of the whole source. */
enum kind { KIND_UNKNOWN, KIND_CSV, KIND_P1, KIND_JSON, KIND_DLMS };

/* What a meter sends, by its name in control/grid_source.h. */
static const char *const meter_kinds[] = {
	[KIND_P1] = "p1", [KIND_JSON] = "json", [KIND_DLMS] = "dlms"};

struct house {
	struct session *session;
	const char *url;
	const struct balance_options *options;
	struct house_feed feed;
	struct house_csv csv;
	struct grid_meter *meter;
	uint64_t telegrams, refused;
	unsigned estimated; /* what was said about currents */
	int32_t phases;     /* of the house */
	instant origin;     /* the first clock of the meter */
	enum kind kind;
	char head[HEAD]; /* bytes received before the format was known */
	size_t size;
	bool messages; /* each chunk is a message */
	bool open;     /* a stream is open; further ones are refused */
	int status;
};

/*
 * The meter's clock gives the second of a telegram; a telegram without a clock takes the next one.
 */
static void on_telegram(void *context, const struct grid_reading *reading)
{
	struct house *h = context;
	int64_t t = h->feed.next;

	h->telegrams++;
	balance_say_estimates(h->url, reading->estimated, h->options->power_factor, &h->estimated);
	if (reading->clock != INSTANT_NONE) {
		if (h->origin == INSTANT_NONE)
			h->origin = reading->clock - t * 1000;
		h->feed.epoch = h->origin / 1000;
		h->feed.clocked = true;
		t = (reading->clock - h->origin) / 1000;
	}
	if (house_feed_add(&h->feed, t, reading->currents, CURRENT_NONE))
		h->refused++;
}

/* M-Bus begins with 68 L L 68, HDLC with 7E and a frame of type 3. */
static bool is_push(const char *data, size_t size)
{
	return size > 3 && ((data[0] == 0x68 && data[3] == 0x68) ||
	                    (data[0] == 0x7E && ((unsigned char)data[1] & 0xF0) == 0xA0));
}

/* Whether it is hexadecimal text, of more than a number. */
static bool is_hex(const char *data, size_t length)
{
	bool hex = length >= 32;

	for (size_t i = 0; i < length; i++)
		hex = hex && strchr("0123456789abcdefABCDEF \r", data[i]) && data[i];
	return hex;
}

/*
 * A line that begins with `/` or looks like `1-0:1.8.1(...)` is P1, `{` begins JSON, and hexadecimal
 * text is a push; one with a comma is CSV.
 */
static enum kind recognise(const char *data, size_t size)
{
	while (size) {
		const char *stop = memchr(data, '\n', size);
		size_t length = stop ? (size_t)(stop - data) : size;

		if (*data == '{')
			return KIND_JSON;
		if (is_push(data, size) || is_hex(data, length))
			return KIND_DLMS;
		if (*data == '/' || *data == '!' ||
		    (length > 4 && memchr(data, '(', length) && memchr(data, ':', length)))
			return KIND_P1;
		if (*data != '#' && (memchr(data, ',', length) || memchr(data, ';', length)))
			return KIND_CSV;
		size -= length + (stop != NULL);
		data += length + (stop != NULL);
	}
	return KIND_UNKNOWN;
}

static void *on_open(void *context, const struct peer *peer)
{
	struct house *h = context;

	if (h->open)
		return NULL;
	h->messages = peer->kind == STREAM_DATAGRAM;
	h->open = true;
	return h;
}

static void take(struct house *h, const uint8_t *data, size_t size)
{
	if (h->meter) {
		if (grid_meter_feed(h->meter, data, size, h->messages))
			session_no_memory(h->session);
		return;
	}
	if (house_csv_data(&h->csv, (const char *)data, size)) {
		say_error("the header names no current "
		          "(t,current_l1,current_l2,current_l3[,override])");
		h->status = EXIT_INVALID;
		loop_stop(h->session->loop);
	}
}

static bool open_meter(struct house *h)
{
	struct grid_source source;
	struct grid_settings settings = {.source = &source,
	                                 .rules = balance_grid_rules(h->options, &h->phases)};

	grid_source_of(&source, meter_kinds[h->kind], h->url);
	h->meter = grid_meter_new(&settings, &(struct grid_events){on_telegram, NULL, h});
	return h->meter != NULL;
}

static void settle(struct house *h)
{
	h->kind = recognise(h->head, h->size);
	if (h->kind == KIND_UNKNOWN)
		h->kind = KIND_CSV;
	if (h->kind != KIND_CSV && !open_meter(h)) {
		session_no_memory(h->session);
		h->status = EXIT_LOCAL;
		return;
	}
	take(h, (const uint8_t *)h->head, h->size);
}

static void on_data(void *stream, const struct chunk *chunk)
{
	struct house *h = stream;
	const uint8_t *data = chunk->data;
	size_t size = chunk->size;

	if (h->status || h->session->stopping)
		return;
	if (h->kind == KIND_UNKNOWN) {
		size_t part = size < HEAD - h->size ? size : HEAD - h->size;

		memcpy(h->head + h->size, data, part);
		h->size += part;
		data += part;
		size -= part;
		if (h->size < HEAD && (!memchr(h->head, '\n', h->size) ||
		                       recognise(h->head, h->size) == KIND_UNKNOWN))
			return;
		settle(h);
	}
	if (size && !h->status)
		take(h, data, size);
}

static void on_close(void *stream, instant time)
{
	struct house *h = stream;

	(void)time;
	if (h->kind == KIND_UNKNOWN && h->size)
		settle(h);
	if (h->meter && grid_meter_end(h->meter))
		session_no_memory(h->session);
	if (!h->status)
		house_csv_end(&h->csv);
	h->open = false;
}

static void report(struct house *h)
{
	uint64_t rejected = h->meter ? grid_meter_refused(h->meter) : 0;
	uint64_t refused = h->csv.refused + h->refused + rejected;
	uint64_t all = h->csv.rows + h->telegrams + rejected;

	h->session->rejected += refused;
	if (refused)
		say_warning("%llu of %llu %s are unusable", (unsigned long long)refused,
		            (unsigned long long)all, h->meter ? "telegrams" : "rows");
}

int balance_house(struct session *s, const char *url, const struct balance_options *options,
                  house_run *emit, void *context)
{
	struct house h = {.session = s,
	                  .url = url,
	                  .options = options,
	                  .phases = options->phases ? (int32_t)options->phases : 3,
	                  .feed = {.emit = emit, .context = context},
	                  .origin = INSTANT_NONE};
	struct streaming streaming = {.url = url,
	                              .serial = "baud=115200&mode=8N1",
	                              .open = on_open,
	                              .data = on_data,
	                              .close = on_close,
	                              .context = &h};

	house_csv_start(&h.csv, &h.feed);
	session_run(s, &streaming);
	if (s->status != EXIT_LOCAL)
		report(&h);
	grid_meter_free(h.meter);
	return h.status;
}
