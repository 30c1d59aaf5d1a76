/*
 * `emtool decrypt` in two halves: decrypt.c has the options and the end of a run, stream.c the
 * streams of the source, what is said about refusals, and the file of frame counters.
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

/* A run: the decoder that all streams share, what it counted, and where records go. */
struct decrypt {
	struct session session;
	struct glo_keyring ring;
	struct seals seals;
	struct push_decoder *decoder; /* of all streams */
	const char *state;            /* file, or NULL */
	bool compat;
	bool warned;               /* that tags cannot be verified */
	bool no_key;               /* a push came whose system title has no key */
	bool titled;               /* keys came from a file, perhaps with titles */
	unsigned hinted;           /* bits of the hints already given */
	uint64_t counts[REFUSALS]; /* of pushes and losses, by what became of them */
	uint64_t unauthenticated;
	uint64_t bytes, skipped, frames; /* of all streams */
	instant saved;                   /* when the state was written last */
};

void *decrypt_open(void *context, const struct peer *peer);
void decrypt_data(void *stream, const struct chunk *chunk);
void decrypt_idle(void *stream, instant time);
void decrypt_close(void *stream, instant time);

/* Names the commonest causes, each once, as long as nothing at all went well. */
void decrypt_hints(struct decrypt *d);

/* Says how many were refused without a line of their own. */
void decrypt_summary(const struct decrypt *d);

/* The counters' file; a missing one is empty. An exit code, after a line on stderr. */
int decrypt_state_load(struct decrypt *d);
int decrypt_state_save(struct decrypt *d);

void decrypt_free(struct decrypt *d);

#endif
