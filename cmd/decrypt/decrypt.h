/*
 * What the two parts of `emtool decrypt` share. decrypt.c has the options and the end of a run,
 * stream.c the streams of the source, the messages about rejected pushes, and the file of frame
 * counters.
 */
#ifndef CMD_DECRYPT_DECRYPT_H
#define CMD_DECRYPT_DECRYPT_H

#include "cmd/session/keys.h"
#include "cmd/session/reading.h"
#include "cmd/session/short_source.h"
#include "stream/push_reader.h"

struct decrypt_options {
	struct reading reading; /* first */
	struct key_options keys;
	bool require_authentication, accept_replay;
	struct short_source source;
	const char *state, *compat;
};

/*
 * A run: the decoder that all streams share, its counters, and the session that gets the records.
 */
struct decrypt {
	struct session session;
	struct glo_keyring ring;
	struct seals seals;
	struct push_decoder *decoder; /* of all streams */
	const char *state;            /* file, or NULL */
	bool compat;
	bool warned;               /* the warning about unverified tags was printed */
	bool no_key;               /* there is no key for the system title of a push */
	bool titled;               /* the keys come from a file and may have titles */
	unsigned hinted;           /* bits of the hints already given */
	uint64_t counts[REFUSALS]; /* pushes and losses by result */
	uint64_t unauthenticated;
	uint64_t bytes, skipped, frames; /* of all streams */
	instant saved;                   /* time of the last write of the state */
};

void *decrypt_open(void *context, const struct peer *peer);
void decrypt_data(void *stream, const struct chunk *chunk);
void decrypt_idle(void *stream, instant time);
void decrypt_close(void *stream, instant time);

/* Prints the likely causes, each once, as long as no push was decoded. */
void decrypt_hints(struct decrypt *d);

/* Prints the total per reason that has more rejections than lines. */
void decrypt_summary(const struct decrypt *d);

/*
 * Loads the counters; a missing file counts as empty. Returns an exit code, after a line on stderr.
 */
int decrypt_state_load(struct decrypt *d);
int decrypt_state_save(struct decrypt *d);

void decrypt_free(struct decrypt *d);

#endif
