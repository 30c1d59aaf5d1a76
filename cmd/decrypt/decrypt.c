/* `emtool decrypt`: decodes the pushes of smart meters, encrypted or not. */
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "cmd/decrypt/decrypt.h"
#include "cmd/session/offers.h"
#include "cmd/session/say.h"

#define FIELD(name) offsetof(struct decrypt_options, name)

static const struct option_row decrypt_options[] = {
	KEY_OPTIONS(struct decrypt_options, keys),
	{"require-auth", 0, OPTION_FLAG, FIELD(require_authentication), NULL,
         "reject pushes that are not authenticated"},
	{"accept-replay", 0, OPTION_FLAG, FIELD(accept_replay), NULL,
         "accept pushes whose counter did not rise"},
	{"state", 0, OPTION_TEXT, FIELD(state), "FILE", "keep the frame counters between runs"},
	{"compat", 0, OPTION_WORD, FIELD(compat), NULL, "print in the format of another program",
         .words = "evn"},
	SHORT_SOURCE_ROWS(struct decrypt_options, source),
	{0}};

static const struct option_row *const tables[] = {decrypt_options, printing_options, stream_options,
                                                  NULL};

static void stats(struct decrypt *d)
{
	struct record *r = &d->session.record;

	record_begin(r, "stats");
	record_int(r, "bytes", (int64_t)d->bytes);
	record_int(r, "bytes_skipped", (int64_t)d->skipped);
	record_int(r, "frames", (int64_t)d->frames);
	record_int(r, "pushes", (int64_t)d->counts[REFUSED_NOT]);
	record_int(r, "unauthenticated", (int64_t)d->unauthenticated);
	for (int v = REFUSED_NOT + 1; v < REFUSALS; v++)
		record_int(r, refusal_name((enum refusal)v), (int64_t)d->counts[v]);
	d->session.stopping = false;
	session_emit(&d->session, r);
}

static void finish(struct decrypt *d, const struct decrypt_options *options)
{
	uint64_t secret = d->counts[REFUSED_WRONG_KEY] + d->counts[REFUSED_AUTH_FAILED];

	/* Saves no counters after a failed write, so that reading the pushes again is no replay. */
	if (d->session.status == EXIT_LOCAL)
		return;
	if (options->state && decrypt_state_save(d))
		session_fail(&d->session, EXIT_LOCAL);
	if (d->session.status)
		return;
	decrypt_summary(d);
	decrypt_hints(d);
	if (options->reading.stats)
		stats(d);
	if (secret && !d->session.records)
		session_fail(&d->session, EXIT_KEY);
}

/* Loads keys, counters and settings; the exit code. */
static int prepare(struct decrypt *d, struct decrypt_options *options)
{
	int status;

	session_loudness(&options->reading);
	status = keys_load(&d->ring, &options->keys);
	d->compat = options->compat != NULL;
	d->state = options->state;
	d->titled = options->keys.key_file != NULL;
	d->seals.keys = &d->ring;
	d->seals.require_authentication = options->require_authentication;
	d->seals.accept_replay = options->accept_replay;
	d->decoder = push_decoder_new(&d->seals);
	if (!status && !d->decoder)
		status = say_failure("decrypt", EM_NO_MEMORY);
	if (d->compat)
		options->reading.format = "text";
	return status ? status : decrypt_state_load(d);
}

static int perform(struct decrypt *d, const struct decrypt_options *options, const char *url)
{
	const struct streaming streaming = {
		.url = url,
		.serial = "baud=2400&mode=8E1",
		.idle = 2,
		.open = decrypt_open,
		.data = decrypt_data,
		.idle_event = decrypt_idle,
		.close = decrypt_close,
		.context = d,
	};

	session_confine(&options->reading, options->state, (const char *const[]){url, NULL});
	if (!session_begin(&d->session, &options->reading, d->compat ? format_evn : NULL)) {
		session_run(&d->session, &streaming);
		finish(d, options);
	}
	return session_end(&d->session);
}

static int run(void *given, int count, char **arguments)
{
	struct decrypt *d = calloc(1, sizeof *d);
	struct decrypt_options *options = given;
	char buffer[300];
	const char *url = short_source_url(&options->source, count, arguments, buffer,
	                                   sizeof buffer);
	int status = !d    ? say_failure("decrypt", EM_NO_MEMORY)
	             : url ? prepare(d, options)
	                   : EXIT_USAGE;

	if (d && !status)
		status = perform(d, options, url);
	if (d)
		decrypt_free(d);
	free(d);
	return status;
}

static const struct decrypt_options defaults = {.reading = READING_DEFAULTS};

const struct command decrypt_command = {
	.name = "decrypt",
	.summary = "decrypt and decode M-Bus, HDLC and P1 pushes of smart meters",
	.arguments = "SOURCE",
	.arguments_max = 1,
	.options = tables,
	.size = sizeof(struct decrypt_options),
	.defaults = &defaults,
	.run = run,
	.offer = offer_sources,
	.example = "emtool decrypt --json --key-file key.txt /dev/ttyUSB0",
};
