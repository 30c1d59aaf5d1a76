#include "cmd/balance/house.h"

#include <string.h>

#include "base/error.h"
#include "cmd/session/say.h"
#include "control/grid_meter.h"

enum { HEAD = 8192 };

/* The first lines decide the format of the whole source. */
enum kind { KIND_UNKNOWN, KIND_CSV, KIND_P1 };

struct house {
	struct session *session;
	struct house_feed feed;
	struct house_csv csv;
	struct grid_meter *meter;
	uint64_t telegrams, refused;
	instant origin; /* the first clock of the meter */
	enum kind kind;
	char head[HEAD]; /* bytes received before the format was known */
	size_t size;
	bool open; /* a stream is open; further ones are refused */
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
	if (reading->clock != INSTANT_NONE) {
		if (h->origin == INSTANT_NONE)
			h->origin = reading->clock - t * 1000;
		t = (reading->clock - h->origin) / 1000;
	}
	if (house_feed_add(&h->feed, t, reading->currents, CURRENT_NONE))
		h->refused++;
}

/* A line that begins with `/` or looks like `1-0:1.8.1(...)` is P1; one with a comma is CSV. */
static enum kind recognise(const char *data, size_t size)
{
	while (size) {
		const char *stop = memchr(data, '\n', size);
		size_t length = stop ? (size_t)(stop - data) : size;

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

	(void)peer;
	if (h->open)
		return NULL;
	h->open = true;
	return h;
}

static void take(struct house *h, const uint8_t *data, size_t size)
{
	if (h->kind == KIND_P1) {
		if (grid_meter_feed(h->meter, data, size))
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

static void settle(struct house *h)
{
	h->kind = recognise(h->head, h->size);
	if (h->kind == KIND_UNKNOWN)
		h->kind = KIND_CSV;
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
	if (grid_meter_end(h->meter))
		session_no_memory(h->session);
	if (!h->status)
		house_csv_end(&h->csv);
	h->open = false;
}

static void report(struct house *h)
{
	uint64_t refused = h->csv.refused + h->refused + grid_meter_refused(h->meter);
	uint64_t all = h->csv.rows + h->telegrams + grid_meter_refused(h->meter);

	h->session->rejected += refused;
	if (refused)
		say_warning("%llu of %llu %s are unusable", (unsigned long long)refused,
		            (unsigned long long)all, h->kind == KIND_P1 ? "telegrams" : "rows");
}

int balance_house(struct session *s, const char *url, house_run *emit, void *context)
{
	struct house h = {
		.session = s, .feed = {.emit = emit, .context = context}, .origin = INSTANT_NONE};
	struct streaming streaming = {.url = url,
	                              .serial = "baud=115200&mode=8N1",
	                              .open = on_open,
	                              .data = on_data,
	                              .close = on_close,
	                              .context = &h};

	h.meter = grid_meter_new(NULL, &(struct grid_events){on_telegram, NULL, &h});
	if (!h.meter)
		return say_failure(url, EM_NO_MEMORY);
	house_csv_start(&h.csv, &h.feed);
	session_run(s, &streaming);
	if (s->status != EXIT_LOCAL)
		report(&h);
	grid_meter_free(h.meter);
	return h.status;
}
