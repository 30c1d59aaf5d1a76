/* The streams of `emtool decrypt`: feeds readers, emits records, reports rejected pushes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "cmd/decrypt/decrypt.h"
#include "cmd/session/say.h"
#include "mqtt/payload.h"
#include "io/replace.h"
#include "io/whole.h"

enum { SAID = 3, SAVE_MS = 60000 };  /* lines per reason; further ones are only counted */
enum { STATE_LIMIT = 1 << 28 };      /* bytes of a file of counters */
enum { MANY = 4, MANY_BYTES = 400 }; /* checksums and bytes that prove a wrong line setting */

struct push_peer {
	struct decrypt *decrypt;
	struct push_reader *reader;
	struct push_reader_counts counted; /* already added to the run's counts */
	struct text payload;               /* the decoded bytes of a text message */
	char name[80];
	bool named, datagrams;
};

static void warn(struct decrypt *d, const struct seal *seal)
{
	if (seal->tagged && !seal->authenticated) {
		d->unauthenticated++;
		if (!d->warned)
			say_warning(
				"the pushes have tags that are not verified: give the authentication key with "
				"--auth-key-file");
		d->warned = true;
	}
	if (seal->broadcast)
		say_note("push under the broadcast key");
	if (seal->restarted)
		say_warning("frame counter fell to 0: the meter or its key was changed");
}

static void on_record(void *context, struct record *r, const struct seal *seal)
{
	struct push_peer *s = context;
	struct decrypt *d = s->decrypt;

	d->counts[REFUSED_NOT]++;
	if (seal) {
		d->no_key |= !seal->key_known;
		warn(d, seal);
	}
	if (r->time == INSTANT_NONE && d->compat)
		r->time = loop_clock();
	r->source = s->named ? s->name : NULL;
	session_emit(&d->session, r);
	if (d->session.stopping)
		push_decoder_stop(d->decoder);
}

static void on_refused(void *context, enum refusal refusal, const char *text,
                       const struct seal *seal)
{
	struct push_peer *s = context;
	struct decrypt *d = s->decrypt;
	const char *peer = s->named ? s->name : "", *gap = s->named ? ": " : "";

	d->no_key |= seal && !seal->key_known;
	d->session.rejected++;
	if (++d->counts[refusal] <= SAID)
		say_warning("%s%s%s: %s", peer, gap, refusal_name(refusal), text);
	else
		say_note("%s%s%s: %s", peer, gap, refusal_name(refusal), text);
}

void *decrypt_open(void *context, const struct peer *peer)
{
	struct push_peer *s = calloc(1, sizeof *s);
	const struct push_events events = {on_record, on_refused, s};

	if (!s)
		return NULL;
	s->decrypt = context;
	s->datagrams = peer->kind == STREAM_DATAGRAM;
	s->named = peer->name != NULL;
	if (peer->name)
		snprintf(s->name, sizeof s->name, "%s", peer->name);
	s->reader = push_reader_new(s->decrypt->decoder, &events);
	if (s->reader)
		return s;
	free(s);
	return NULL;
}

/* Adds the stream's new counts to the run's. */
static void count(struct push_peer *s)
{
	const struct push_reader_counts *n = push_reader_counts(s->reader);
	struct decrypt *d = s->decrypt;

	d->bytes += n->bytes - s->counted.bytes;
	d->skipped += n->skipped - s->counted.skipped;
	d->frames += n->frames - s->counted.frames;
	s->counted = *n;
	if (d->session.source)
		source_judge(d->session.source, d->bytes - d->skipped, d->skipped);
	decrypt_hints(d);
}

static void check_memory(struct push_peer *s, int error)
{
	if (error)
		session_no_memory(&s->decrypt->session);
}

enum { PLAIN_P1 = 32 }; /* a bit of `hinted` */

/* Prints a hint once; `bit` identifies it. */
static void hint(struct decrypt *d, unsigned bit, const char *text)
{
	if (!(d->hinted & bit))
		say_warning("hint: %s", text);
	d->hinted |= bit;
}

/* Whether the data look like a P1 telegram that is not encrypted: `/ISK5...`. */
static bool is_telegram(const struct chunk *chunk)
{
	if (chunk->size < 5 || chunk->data[0] != '/')
		return false;
	for (size_t i = 1; i < 4; i++)
		if ((chunk->data[i] | 0x20) < 'a' || (chunk->data[i] | 0x20) > 'z')
			return false;
	return true;
}

/* Each message or datagram may be binary, hexadecimal text or base64. */
static int feed_message(struct push_peer *s, const struct chunk *chunk)
{
	size_t size;

	s->payload.length = 0;
	text_add(&s->payload, (const char *)chunk->data, chunk->size);
	if (s->payload.failed)
		return EM_NO_MEMORY;
	size = payload_decode((uint8_t *)s->payload.data, s->payload.length);
	return push_reader_feed(s->reader, chunk->time, s->payload.data, size);
}

void decrypt_data(void *stream, const struct chunk *chunk)
{
	struct push_peer *s = stream;
	struct decrypt *d = s->decrypt;

	if (!d->counts[REFUSED_NOT] && is_telegram(chunk))
		hint(d, PLAIN_P1,
		     "this looks like a P1 telegram without encryption: that is emtool p1");
	if (s->datagrams)
		check_memory(s, feed_message(s, chunk));
	else
		check_memory(s, push_reader_feed(s->reader, chunk->time, chunk->data, chunk->size));
	count(s);
	if (d->state && chunk->time != INSTANT_NONE && chunk->time - d->saved >= SAVE_MS) {
		d->saved = chunk->time;
		decrypt_state_save(d);
	}
}

void decrypt_idle(void *stream, instant time)
{
	struct push_peer *s = stream;

	check_memory(s, push_reader_idle(s->reader, time));
	count(s);
}

void decrypt_close(void *stream, instant time)
{
	struct push_peer *s = stream;

	check_memory(s, push_reader_end(s->reader, time));
	count(s);
	push_reader_free(s->reader);
	text_free(&s->payload);
	free(s);
}

void decrypt_hints(struct decrypt *d)
{
	if (d->counts[REFUSED_NOT])
		return;
	if (!(d->hinted & PLAIN_P1) && /* otherwise the line is right */
	    (d->counts[REFUSED_CHECKSUM] >= MANY || (d->skipped > MANY_BYTES && !d->frames)))
		hint(d, 1,
		     "many damaged bytes; most meters send 2400 8E1, some 2400 8N1, 115200 8N1: try "
		     "serial://DEVICE?baud=2400&mode=8N1 or mode=auto");
	if (d->counts[REFUSED_WRONG_KEY] && !d->ring.count)
		hint(d, 2, "these pushes are encrypted; give your utility's key with --key-file");
	else if (d->counts[REFUSED_WRONG_KEY] && d->titled && d->no_key)
		hint(d, 4, "the key file has lines for other system titles only");
	if (d->counts[REFUSED_AUTH_FAILED] && !d->seals.require_authentication)
		hint(d, 8,
		     "this meter has two keys, encryption (GUEK) and authentication (GAK); are they "
		     "swapped?");
	if (d->counts[REFUSED_REPLAY])
		hint(d, 16, "recordings and restarted meters repeat counters: try --accept-replay");
}

void decrypt_summary(const struct decrypt *d)
{
	for (int v = REFUSED_NOT + 1; v < REFUSALS; v++)
		if (d->counts[v] > SAID)
			say_warning("%s: %llu in all", refusal_name((enum refusal)v),
			            (unsigned long long)d->counts[v]);
}

int decrypt_state_load(struct decrypt *d)
{
	struct text all = {0};
	int status = EXIT_OK, error;

	if (!d->state)
		return EXIT_OK;
	error = file_load(d->state, &all, STATE_LIMIT);
	if (!error)
		error = counters_read(&d->seals.counters, all.data, all.length);
	if (error == EM_SYNTAX) {
		say_error("%s: not a file of frame counters", d->state);
		status = EXIT_USAGE;
	} else if (error && !(error == EM_SYSTEM && errno == ENOENT)) {
		status = say_failure(d->state, error);
	}
	text_free(&all);
	return status;
}

/* Writes a new file and renames it, so that a crash leaves one complete file. */
int decrypt_state_save(struct decrypt *d)
{
	struct text all = {0};
	int error = EM_NO_MEMORY;

	if (!d->seals.counters.changed)
		return EXIT_OK;
	counters_write(&d->seals.counters, &all);
	if (!all.failed)
		error = file_replace(d->state, all.data, all.length, REPLACE_PRIVATE);
	text_free(&all);
	return error ? say_failure(d->state, error) : EXIT_OK;
}

void decrypt_free(struct decrypt *d)
{
	glo_keyring_free(&d->ring);
	push_decoder_free(d->decoder);
	seals_free(&d->seals);
}
