/* The streams of `emtool p1`: telegrams, encrypted or not, to records, relay and query service. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cmd/p1/p1.h"
#include "cmd/session/say.h"

struct stream {
	struct p1 *p1;
	char *source;
	struct p1_framer framer;
	instant time;
	instant printed; /* --interval: when the last one was */
	/* of the encrypted telegram that is being read */
	const struct glo *seal;
	bool authenticated, accepted;
};

/* A meter cannot take over the terminal of somebody who looks at its telegrams. */
static void put_lines(struct text *out, const char *data, size_t length)
{
	while (length) {
		const char *end = memchr(data, '\n', length);
		size_t line = end ? (size_t)(end - data) + 1 : length, size = line;

		while (size && (data[size - 1] == '\n' || data[size - 1] == '\r'))
			size--;
		text_printable(out, data, size);
		text_puts(out, end ? "\r\n" : "");
		data += line;
		length -= line;
	}
}

void format_p1_raw(struct text *out, struct format_state *state, const struct record *r)
{
	if (!r->count || r->values[0].kind != VALUE_TEXT)
		return;
	if (state->style.terminal)
		put_lines(out, r->values[0].as.text.data, r->values[0].as.text.length);
	else
		text_add(out, r->values[0].as.text.data, r->values[0].as.text.length);
}

static bool lacks_line_end(const struct p1_telegram *t)
{
	return t->whole == 0 || t->data[t->whole - 1] != '\n';
}

static void fill_raw(struct record *r, const struct p1_telegram *t)
{
	size_t size = t->whole + 2;
	char *copy;

	record_begin(r, "p1");
	copy = record_store(r, size);
	if (!copy)
		return;
	memcpy(copy, t->data, t->whole);
	copy[t->whole] = '\r';
	copy[t->whole + 1] = '\n';
	record_text(r, "telegram", copy, lacks_line_end(t) ? size : t->whole);
}

static void add_seal(const struct stream *s, struct record *r)
{
	record_text(r, "system_title", record_hex(r, s->seal->title, GLO_TITLE), 2 * GLO_TITLE);
	record_int(r, "frame_counter", s->seal->counter);
	record_bool(r, "authenticated", s->authenticated);
}

/*
 * --interval: of each peer one telegram each so many seconds, by the receiver's clock or else the
 * meter's, which may be set back.
 */
static bool is_due(struct stream *s, const struct record *r)
{
	double interval = s->p1->options->reading.interval;
	const struct value *meter = r->time == INSTANT_NONE ? record_find(r, "meter_time") : NULL;
	instant now = meter && meter->kind == VALUE_TIME ? stamp_instant(&meter->as.time) : r->time;

	if (interval <= 0 || now == INSTANT_NONE)
		return true;
	if (s->printed != INSTANT_NONE && now >= s->printed &&
	    now - s->printed < (instant)(interval * 1000))
		return false;
	s->printed = now;
	return true;
}

static void emit(struct stream *s, const struct p1_telegram *t)
{
	struct p1 *p1 = s->p1;
	struct record *r = &p1->record;

	if (p1->relay)
		relay_send(p1->relay, t);
	if (p1->query)
		query_keep(p1->query, t, s->time);
	if (p1->session.stopping)
		return;
	if (p1->options->raw && p1->options->reading.interval <= 0) {
		fill_raw(r, t);
		session_emit(&p1->session, r);
		return;
	}
	if (dsmr_decode(p1->decoder, t, r)) {
		session_no_memory(&p1->session);
		return;
	}
	r->time = s->time;
	r->source = s->source;
	if (s->seal)
		add_seal(s, r);
	if (!is_due(s, r))
		return;
	if (p1->options->raw)
		fill_raw(r, t);
	session_emit(&p1->session, r);
}

/* One line for the first, the others are counted: a bad cable must not fill a log. */
static void bad_crc(struct stream *s, const struct p1_telegram *t)
{
	const char *from = s->source ? s->source : "telegram";
	unsigned long long offset = t->offset;

	if (s->p1->crc_errors++ == 0)
		say_warning(
			"%s: CRC %04X at byte %llu, computed %04X: telegram rejected (further ones are "
			"counted only)",
			from, t->printed, offset, t->computed);
	else
		say_note("%s: CRC %04X at byte %llu, computed %04X", from, t->printed, offset,
		         t->computed);
}

static void on_telegram(void *context, const struct p1_telegram *t)
{
	struct stream *s = context;

	if (t->crc == P1_CRC_BAD && !s->p1->options->no_crc) {
		bad_crc(s, t);
		return;
	}
	s->p1->good += t->whole;
	emit(s, t);
}

/* A verified tag vouches for the telegram, else its own CRC must. */
static void on_inner(void *context, const struct p1_telegram *t)
{
	struct stream *s = context;

	if (s->accepted || (!s->authenticated && t->crc != P1_CRC_OK))
		return;
	s->accepted = true;
	emit(s, t);
}

static bool begins_telegram(const uint8_t *plain, size_t size)
{
	return size > 1 && plain[0] == '/';
}

static void read_plain(struct stream *s, size_t size)
{
	struct p1_handler handler = {on_inner, NULL, s};
	struct p1_framer inner;

	s->accepted = false;
	p1_init(&inner, &handler);
	if (p1_feed(&inner, s->p1->plain, size))
		session_no_memory(&s->p1->session);
	p1_end(&inner);
	p1_free(&inner);
}

static bool is_letter(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Without keys: whether it is an encrypted telegram at all, by the maker's letters in its title. */
static bool count_unreadable(struct p1 *p1, const struct glo *apdu)
{
	if (!is_letter(apdu->title[0]) || !is_letter(apdu->title[1]) || !is_letter(apdu->title[2]))
		return false;
	if (p1->encrypted++ == 0)
		say_warning("encrypted telegrams: the key must be given with --key-file");
	return true;
}

static bool grow_plain(struct p1 *p1, size_t size)
{
	uint8_t *plain;

	if (size <= p1->plain_capacity)
		return true;
	plain = realloc(p1->plain, size);
	if (!plain)
		return false;
	p1->plain = plain;
	p1->plain_capacity = size;
	return true;
}

static bool refuse(struct p1 *p1, uint64_t *count, const char *why)
{
	if (p1->wrong_key + p1->auth_failed + p1->unsupported == 0)
		say_warning("encrypted telegram: %s", why);
	++*count;
	return false;
}

static bool on_sealed(void *context, const uint8_t *data, size_t size, uint64_t offset)
{
	struct stream *s = context;
	struct p1 *p1 = s->p1;
	enum glo_verdict verdict;
	struct glo apdu;

	(void)offset;
	if (glo_parse(&apdu, data, size))
		return false;
	if (!p1->ring.count)
		return count_unreadable(p1, &apdu);
	if (!grow_plain(p1, apdu.body_length + 1)) {
		session_no_memory(&p1->session);
		return false;
	}
	verdict = glo_open(&apdu, glo_keyring_find(&p1->ring, &apdu), begins_telegram, p1->plain,
	                   &s->authenticated);
	if (verdict == GLO_UNSUPPORTED)
		return refuse(p1, &p1->unsupported, "a ciphering that is not supported");
	if (verdict == GLO_AUTH_FAILED)
		return refuse(p1, &p1->auth_failed, "authentication failed");
	if (verdict != GLO_OK)
		return refuse(p1, &p1->wrong_key, "wrong key, or no key for this meter");
	s->seal = &apdu;
	read_plain(s, apdu.body_length);
	s->seal = NULL;
	if (!s->accepted)
		return refuse(p1, &p1->auth_failed, "neither its tag nor its CRC verifies");
	p1->good += size;
	return true;
}

void *p1_open_stream(void *context, const struct peer *peer)
{
	struct stream *s = calloc(1, sizeof *s);
	struct p1_handler handler = {on_telegram, on_sealed, s};

	if (!s)
		return NULL;
	s->p1 = context;
	s->printed = INSTANT_NONE;
	s->source = peer->name ? strdup(peer->name) : NULL;
	if (peer->name && !s->source) {
		free(s);
		return NULL;
	}
	p1_init(&s->framer, &handler);
	return s;
}

void p1_data(void *stream, const struct chunk *chunk)
{
	struct stream *s = stream;
	struct p1 *p1 = s->p1;

	s->time = chunk->time;
	p1->bytes += chunk->size;
	if (p1_feed(&s->framer, chunk->data, chunk->size))
		session_no_memory(&p1->session);
	if (p1->session.source)
		source_judge(p1->session.source, p1->good, p1->bytes - p1->good);
}

void p1_idle_event(void *stream, instant time)
{
	struct stream *s = stream;

	(void)time;
	p1_idle(&s->framer);
}

void p1_close_stream(void *stream, instant time)
{
	struct stream *s = stream;
	struct p1 *p1 = s->p1;

	if (time == INSTANT_NONE)
		p1_end(&s->framer);
	else
		p1_cut(&s->framer); /* a lost connection completes nothing */
	p1->telegrams += s->framer.counts.telegrams;
	p1->skipped += s->framer.counts.skipped;
	p1->truncated += s->framer.counts.truncated;
	p1_free(&s->framer);
	free(s->source);
	free(s);
}
