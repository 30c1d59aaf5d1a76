#include "cmd/balance_house.h"

#include <string.h>

#include "base/error.h"
#include "cmd/say.h"

/* What the first line looks like decides how all are read. */
enum kind { KIND_UNKNOWN, KIND_CSV };

struct house {
	struct session *session;
	struct house_feed feed;
	struct house_csv csv;
	enum kind kind;
	bool open; /* a stream is being read; others are refused */
	int status;
};

static void *on_open(void *context, const struct peer *peer)
{
	struct house *h = context;

	(void)peer;
	if (h->open)
		return NULL;
	h->open = true;
	return h;
}

static void on_data(void *stream, const struct chunk *chunk)
{
	struct house *h = stream;

	if (h->status || h->session->stopping)
		return;
	h->kind = KIND_CSV;
	if (house_csv_data(&h->csv, (const char *)chunk->data, chunk->size)) {
		say_error("the header names no current (t,current_l1,current_l2,current_l3[,override])");
		h->status = EXIT_INVALID;
		loop_stop(h->session->loop);
	}
}

static void on_close(void *stream, instant time)
{
	struct house *h = stream;

	(void)time;
	house_csv_end(&h->csv);
	h->open = false;
}

int balance_house(struct session *s, const char *url, house_run *emit, void *context)
{
	struct house h = {.session = s, .feed = {.emit = emit, .context = context}};
	struct streaming streaming = {.url = url, .serial = "baud=115200&mode=8N1", .open = on_open,
	                              .data = on_data, .close = on_close, .context = &h};

	house_csv_start(&h.csv, &h.feed);
	session_run(s, &streaming);
	s->rejected += h.csv.refused;
	if (h.csv.refused)
		say_warning("%llu of %llu rows are unusable", (unsigned long long)h.csv.refused,
		            (unsigned long long)h.csv.rows);
	return h.status;
}
