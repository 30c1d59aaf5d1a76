/* What happens to the bytes of `emtool decrypt`: framer, decoder, record, words on losses. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hex.h"
#include "cmd/decrypt/decrypt.h"
#include "cmd/session/say.h"
#include "mqtt/payload.h"
#include "io/replace.h"
#include "io/whole.h"

enum { SAID = 3, SAVE_MS = 60000 };  /* lines per class before they are only counted */
enum { STATE_LIMIT = 1 << 28 };      /* bytes of a file of counters */
enum { MANY = 4, MANY_BYTES = 400 }; /* checksums and bytes that prove a wrong line setting */

struct stream {
	struct decrypt *decrypt;
	struct push_framer framer;
	struct text payload; /* bytes of a message that was text */
	char name[80];
	bool named, datagrams;
	uint64_t bytes, skipped, frames; /* as counted in the run already */
	instant time;
	struct push_sink sink;
};

static void say_refused(struct stream *s, enum push_verdict verdict, const char *what)
{
	struct decrypt *d = s->decrypt;
	const char *peer = s->named ? s->name : "";

	d->session.rejected++;
	if (++d->counts[verdict] <= SAID)
		say_warning("%s%s%s: %s", peer, *peer ? ": " : "", push_verdict_name(verdict),
		            what);
	else
		say_note("%s%s%s: %s", peer, *peer ? ": " : "", push_verdict_name(verdict), what);
}

static void on_fault(void *context, enum push_verdict verdict, const char *what)
{
	say_refused(context, verdict, what);
}

static void say_about_meter(struct stream *s, enum push_verdict verdict,
                            const struct dlms_note *note)
{
	char title[2 * GLO_TITLE], what[200];

	if (!note->ciphered) {
		say_refused(s, verdict, note->reason);
		return;
	}
	hex_write(title, note->title, GLO_TITLE);
	snprintf(what, sizeof what, "meter %.*s, counter %lu: %s", 2 * GLO_TITLE, title,
	         (unsigned long)note->counter, note->reason);
	say_refused(s, verdict, what);
}

static void warn(struct decrypt *d, const struct dlms_note *note)
{
	if (note->tagged && !note->authenticated) {
		d->unauthenticated++;
		if (!d->warned)
			say_warning(
				"pushes carry a tag that is not verified: give the authentication key with "
				"--auth-key-file");
		d->warned = true;
	}
	if (note->broadcast)
		say_note("push under the broadcast key");
	if (note->restarted)
		say_warning("frame counter fell to 0: the meter or its key was changed");
}

static void emit(struct stream *s, struct record *r)
{
	struct decrypt *d = s->decrypt;

	d->counts[PUSH_OK]++;
	r->time = s->time == INSTANT_NONE && d->compat ? loop_clock() : s->time;
	r->source = s->named ? s->name : NULL;
	session_emit(&d->session, r);
}

static bool on_apdu(void *context, const struct push_apdu *apdu)
{
	struct stream *s = context;
	struct decrypt *d = s->decrypt;
	struct record *r = &d->session.record;
	enum push_verdict verdict;
	struct dlms_note note;

	if (d->session.stopping)
		return true;
	record_begin(r, "dlms");
	verdict = dlms_decode(&d->dlms, apdu, r, &note);
	if (verdict == PUSH_OK && note.telegram)
		verdict = decrypt_telegram(d, &note);
	if (note.no_memory) {
		session_no_memory(&d->session);
		return true;
	}
	d->no_key |= note.ciphered && !note.key_known;
	if (verdict != PUSH_OK) {
		say_about_meter(s, verdict, &note);
		return false;
	}
	warn(d, &note);
	emit(s, r);
	return true;
}

void *decrypt_open(void *context, const struct peer *peer)
{
	struct stream *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->decrypt = context;
	s->datagrams = peer->kind == STREAM_DATAGRAM;
	s->named = peer->name != NULL;
	if (peer->name)
		snprintf(s->name, sizeof s->name, "%s", peer->name);
	s->sink = (struct push_sink){on_apdu, on_fault, notification_measure, s};
	return s;
}

/* Brings the run's counters up to date with the stream's. */
static void count(struct stream *s)
{
	struct decrypt *d = s->decrypt;

	d->bytes += s->framer.bytes - s->bytes;
	d->skipped += s->framer.skipped - s->skipped;
	d->frames += s->framer.frames - s->frames;
	s->bytes = s->framer.bytes;
	s->skipped = s->framer.skipped;
	s->frames = s->framer.frames;
	if (d->session.source)
		source_judge(d->session.source, d->bytes - d->skipped, d->skipped);
	decrypt_hints(d);
}

static void check_memory(struct stream *s, int error)
{
	if (error)
		session_no_memory(&s->decrypt->session);
}

/* One hint; `bit` keeps it from being repeated. */
static void hint(struct decrypt *d, unsigned bit, const char *text)
{
	if (!(d->hinted & bit))
		say_warning("hint: %s", text);
	d->hinted |= bit;
}

/* `/ISK5...`: a P1 telegram that is not encrypted. */
static bool is_telegram(const struct chunk *chunk)
{
	if (chunk->size < 5 || chunk->data[0] != '/')
		return false;
	for (size_t i = 1; i < 4; i++)
		if ((chunk->data[i] | 0x20) < 'a' || (chunk->data[i] | 0x20) > 'z')
			return false;
	return true;
}

/* A message or datagram may be binary, hexadecimal text or base64, each one as it likes. */
static int feed_message(struct stream *s, const struct chunk *chunk)
{
	size_t size;

	s->payload.length = 0;
	text_add(&s->payload, (const char *)chunk->data, chunk->size);
	if (s->payload.failed)
		return EM_NO_MEMORY;
	size = payload_decode((uint8_t *)s->payload.data, s->payload.length);
	return push_feed(&s->framer, &s->sink, s->payload.data, size);
}

void decrypt_data(void *stream, const struct chunk *chunk)
{
	struct stream *s = stream;
	struct decrypt *d = s->decrypt;

	if (!d->counts[PUSH_OK] && is_telegram(chunk))
		hint(d, 32, "this looks like a P1 telegram without encryption: that is emtool p1");
	s->time = chunk->time;
	if (s->datagrams)
		check_memory(s, feed_message(s, chunk));
	else
		check_memory(s, push_feed(&s->framer, &s->sink, chunk->data, chunk->size));
	count(s);
	if (d->state && chunk->time != INSTANT_NONE && chunk->time - d->saved >= SAVE_MS) {
		d->saved = chunk->time;
		decrypt_state_save(d);
	}
}

void decrypt_idle(void *stream, instant time)
{
	struct stream *s = stream;

	s->time = time;
	if (push_pending(&s->framer))
		check_memory(s, push_end(&s->framer, &s->sink));
	count(s);
}

void decrypt_close(void *stream, instant time)
{
	struct stream *s = stream;

	s->time = time;
	check_memory(s, push_end(&s->framer, &s->sink));
	count(s);
	push_free(&s->framer);
	text_free(&s->payload);
	free(s);
}

void decrypt_hints(struct decrypt *d)
{
	if (d->counts[PUSH_OK])
		return;
	if (d->counts[PUSH_CHECKSUM] >= MANY || (d->skipped > MANY_BYTES && !d->frames))
		hint(d, 1,
		     "many damaged bytes; most meters send 2400 8E1, some 2400 8N1, 115200 8N1: try "
		     "serial://DEVICE?baud=2400&mode=8N1 or mode=auto");
	if (d->counts[PUSH_WRONG_KEY] && !d->ring.count)
		hint(d, 2, "these pushes are encrypted; give your utility's key with --key-file");
	else if (d->counts[PUSH_WRONG_KEY] && d->titled && d->no_key)
		hint(d, 4, "the key file has lines for other system titles only");
	if (d->counts[PUSH_AUTH_FAILED] && !d->dlms.require_authentication)
		hint(d, 8,
		     "this meter has two keys, encryption (GUEK) and authentication (GAK); are they "
		     "swapped?");
	if (d->counts[PUSH_REPLAY])
		hint(d, 16, "recordings and restarted meters repeat counters; see --accept-replay");
}

void decrypt_summary(const struct decrypt *d)
{
	for (int v = PUSH_OK + 1; v < PUSH_VERDICTS; v++)
		if (d->counts[v] > SAID)
			say_warning("%s: %llu in all", push_verdict_name((enum push_verdict)v),
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
		error = counters_read(&d->dlms.counters, all.data, all.length);
	if (error == EM_SYNTAX) {
		say_error("%s: not a file of frame counters", d->state);
		status = EXIT_USAGE;
	} else if (error && !(error == EM_SYSTEM && errno == ENOENT)) {
		status = say_failure(d->state, error);
	}
	text_free(&all);
	return status;
}

/* A crash leaves the old file or the new one whole. */
int decrypt_state_save(struct decrypt *d)
{
	struct text all = {0};
	int error = EM_NO_MEMORY;

	if (!d->dlms.counters.changed)
		return EXIT_OK;
	counters_write(&d->dlms.counters, &all);
	if (!all.failed)
		error = file_replace(d->state, all.data, all.length, REPLACE_PRIVATE);
	text_free(&all);
	return error ? say_failure(d->state, error) : EXIT_OK;
}

void decrypt_free(struct decrypt *d)
{
	glo_keyring_free(&d->ring);
	dlms_free(&d->dlms);
	dsmr_free(d->dsmr);
	p1_free(&d->telegram);
}
