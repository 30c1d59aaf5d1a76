/* `emtool p1`: decodes the telegrams of smart meters, relays them and answers queries. */
#include <stdlib.h>

#include "base/error.h"
#include "cmd/p1/p1.h"
#include "cmd/session/offers.h"
#include "cmd/session/say.h"
#include "service/service.h"

enum { IDLE_SECONDS = 2, HINT_SECONDS = 25 };

static void emit_stats(struct p1 *p1)
{
	const struct p1_reader_counts *n = &p1->total;
	struct record *r = &p1->record;

	record_begin(r, "stats");
	record_int(r, "telegrams", (int64_t)p1->session.records);
	record_int(r, "crc_errors", (int64_t)n->refused[REFUSED_CHECKSUM]);
	record_int(r, "truncated", (int64_t)n->refused[REFUSED_TRUNCATED]);
	record_int(r, "wrong_key", (int64_t)n->refused[REFUSED_WRONG_KEY]);
	record_int(r, "auth_failed", (int64_t)n->refused[REFUSED_AUTH_FAILED]);
	record_int(r, "replay", (int64_t)n->refused[REFUSED_REPLAY]);
	record_int(r, "unsupported",
	           (int64_t)(n->refused[REFUSED_UNSUPPORTED] + n->refused[REFUSED_MALFORMED]));
	record_int(r, "bytes", (int64_t)n->bytes);
	record_int(r, "bytes_skipped", (int64_t)n->skipped);
	session_emit(&p1->session, r);
}

static void finish(struct p1 *p1)
{
	const uint64_t *refused = p1->total.refused;
	struct session *s = &p1->session;

	for (int i = REFUSED_NOT + 1; i < REFUSALS; i++)
		s->rejected += refused[i];
	if (refused[REFUSED_CHECKSUM] > 1)
		say_warning("%llu telegrams rejected for their CRC",
		            (unsigned long long)refused[REFUSED_CHECKSUM]);
	if (refused[REFUSED_REPLAY] > 1)
		say_warning("%llu encrypted telegrams rejected as replays",
		            (unsigned long long)refused[REFUSED_REPLAY]);
	if (s->records == 0 && p1->total.bytes && !s->rejected)
		say_error("no telegram in %llu bytes; other line settings (mode=auto), or a push "
		          "(emtool decrypt)?",
		          (unsigned long long)p1->total.bytes);
	if (s->records == 0 && refused[REFUSED_WRONG_KEY] + refused[REFUSED_AUTH_FAILED])
		session_fail(s, EXIT_KEY);
	if (p1->options->reading.stats && !p1->options->raw)
		emit_stats(p1);
}

/* Prints the usual causes when nothing valid came for a while. */
static void on_hint(uv_timer_t *timer)
{
	struct p1 *p1 = timer->data;

	if (p1->total.good || p1->total.refused[REFUSED_WRONG_KEY] ||
	    p1->total.refused[REFUSED_AUTH_FAILED])
		return;
	if (p1->total.bytes)
		say_warning(
			"%llu bytes in %d s and no valid telegram: wrong speed (115200 8N1, DSMR 2 and 3: "
			"9600 7E1)? signal not inverted? serial ports take ?mode=auto",
			(unsigned long long)p1->total.bytes, HINT_SECONDS);
	else
		say_warning(
			"nothing received in %d s: is the cable's request line (pin 2) at 5 V, and the "
			"port released by the grid company?",
			HINT_SECONDS);
}

static void start_hint(struct p1 *p1, uv_timer_t *timer)
{
	uv_timer_init(loop_uv(p1->session.loop), timer);
	timer->data = p1;
	uv_timer_start(timer, on_hint, HINT_SECONDS * 1000, 0);
	uv_unref((uv_handle_t *)timer);
}

/* Prints why the service of an option cannot be opened; returns the exit code. */
static int no_service(const char *option, const char *value, int error, const char *problem)
{
	if (error == EM_SYNTAX)
		return say_usage("--%s: '%s' %s", option, value, problem);
	if (error == EM_UNKNOWN)
		return say_usage("--%s %s: %s", option, value, problem);
	say_error("--%s %s: %s", option, value, problem);
	return EXIT_LOCAL;
}

static int open_query(struct p1 *p1, const char *address)
{
	const struct query_settings settings = {
		.gas_channel = (int)p1->options->gas_channel,
		.inverter = p1->inverter ? inverter_last(p1->inverter) : NULL};
	char problem[SERVICE_PROBLEM];
	int error = query_open(&p1->query, p1->session.loop, address, &settings, problem,
	                       sizeof problem);

	return error ? no_service("query", address, error, problem) : EXIT_OK;
}

/* Opens the relay, inverter and query service that the options ask for; the exit code. */
static int open_services(struct p1 *p1)
{
	const struct p1_options *o = p1->options;
	struct loop *loop = p1->session.loop;
	char problem[SERVICE_PROBLEM];
	int error = 0;

	if (o->relay)
		error = relay_open(&p1->relay, loop, o->relay, problem, sizeof problem);
	if (error)
		return no_service("relay", o->relay, error, problem);
	if (o->sunspec)
		error = inverter_open(&p1->inverter, loop, o->sunspec, (int)o->sunspec_unit,
		                      problem, sizeof problem);
	if (error)
		return no_service("sunspec", o->sunspec, error, problem);
	return o->query ? open_query(p1, o->query) : EXIT_OK;
}

static void tell_relay(struct relay_counts n)
{
	say_note(
		"relay: %llu clients, %llu refused, %llu hung up, %llu telegrams lost by slow ones",
		(unsigned long long)n.clients, (unsigned long long)n.refused,
		(unsigned long long)n.hung_up, (unsigned long long)n.lost);
}

static void tell_query(struct query_counts n)
{
	say_note("query: %llu requests, %llu answered, %llu above the rate, %llu not sent",
	         (unsigned long long)n.requests, (unsigned long long)n.answered,
	         (unsigned long long)n.limited, (unsigned long long)n.unsent);
}

static void tell_inverter(struct inverter_counts n)
{
	say_note("inverter: %llu polls, %llu failed, %llu skipped", (unsigned long long)n.polls,
	         (unsigned long long)n.failed, (unsigned long long)n.skipped);
}

static void close_services(struct p1 *p1)
{
	if (p1->query) {
		tell_query(query_counts(p1->query));
		query_close(p1->query);
	}
	if (p1->inverter) {
		tell_inverter(inverter_counts(p1->inverter));
		inverter_close(p1->inverter);
	}
	if (p1->relay) {
		relay_flush(p1->relay);
		tell_relay(relay_counts(p1->relay));
		relay_close(p1->relay);
	}
}

static void serve(struct p1 *p1, const char *url)
{
	struct streaming streaming = {.url = url,
	                              .serial = "baud=115200&mode=8N1",
	                              .idle = IDLE_SECONDS,
	                              .open = p1_open_stream,
	                              .data = p1_data,
	                              .idle_event = p1_idle_event,
	                              .close = p1_close_stream,
	                              .context = p1};
	uv_timer_t *hint = malloc(sizeof *hint);
	int status = hint ? open_services(p1) : say_failure("p1", EM_NO_MEMORY);

	if (hint)
		start_hint(p1, hint);
	if (status)
		session_fail(&p1->session, status);
	else
		session_run(&p1->session, &streaming);
	close_services(p1);
	if (!p1->session.status)
		finish(p1);
	else if (p1->options->reading.stats && !status && !p1->options->raw)
		emit_stats(p1);
	status = session_end(&p1->session);
	p1->session.status = status;
	free(hint);
}

/* Loads the keys and makes the decoder; the exit code. */
static int prepare(struct p1 *p1, const struct p1_options *options)
{
	const struct p1_settings settings = {.seals = &p1->seals,
	                                     .gas_channel = (int)options->gas_channel,
	                                     .no_crc = options->no_crc,
	                                     .undecoded = options->raw &&
	                                                  options->reading.interval <= 0};
	int status = keys_load(&p1->ring, &options->keys);

	p1->seals.keys = &p1->ring;
	p1->seals.accept_replay = options->accept_replay;
	p1->decoder = p1_decoder_new(&settings);
	return status ? status : p1->decoder ? EXIT_OK : say_failure("p1", EM_NO_MEMORY);
}

static void release(struct p1 *p1)
{
	p1_decoder_free(p1->decoder);
	seals_free(&p1->seals);
	glo_keyring_free(&p1->ring);
	record_free(&p1->record);
	free(p1);
}

static int run(void *given, int count, char **arguments)
{
	struct p1_options *options = given;
	struct p1 *p1 = calloc(1, sizeof *p1);
	const char *url;
	char buffer[512];
	int status;

	if (!p1)
		return say_failure("p1", EM_NO_MEMORY);
	p1->options = options;
	if (options->once)
		options->reading.count = 1;
	if (options->raw)
		options->reading.format = "text";
	session_loudness(&options->reading);
	url = short_source_url(&options->source, count, arguments, buffer, sizeof buffer);
	status = url ? prepare(p1, options) : EXIT_USAGE;
	if (!status)
		session_confine(
			&options->reading, NULL,
			(const char *const[]){url, options->sunspec ? options->sunspec : "", NULL});
	if (!status &&
	    !session_begin(&p1->session, &options->reading, options->raw ? format_p1_raw : NULL)) {
		serve(p1, url);
		status = p1->session.status;
	} else if (!status) {
		status = session_end(&p1->session);
	}
	release(p1);
	return status;
}

#define FIELD(name) offsetof(struct p1_options, name)

/* clang-format off */
static const struct option_row rows[] = {
	{"raw", 0, OPTION_FLAG, FIELD(raw), NULL, "print telegrams as received"},
	{"once", 0, OPTION_FLAG, FIELD(once), NULL, "end after the first valid telegram"},
	{"interval", 'i', OPTION_REAL, FIELD(reading.interval), "S", "print one telegram every S seconds",
	 .min = 0.01, .max = 1e6},
	{"no-crc", 0, OPTION_FLAG, FIELD(no_crc), NULL, "accept telegrams with a wrong or missing CRC"},
	{"accept-replay", 0, OPTION_FLAG, FIELD(accept_replay), NULL,
	 "accept encrypted telegrams whose counter did not rise"},
	{"gas-channel", 0, OPTION_INT, FIELD(gas_channel), "N", "M-Bus channel of the gas meter",
	 .min = 1, .max = 9},
	{"relay", 0, OPTION_TEXT, FIELD(relay), "ADDR:PORT", "send telegrams to all clients that connect"},
	{"query", 0, OPTION_TEXT, FIELD(query), "ADDR:PORT", "answer requests for values over UDP"},
	{"sunspec", 0, OPTION_TEXT, FIELD(sunspec), "HOST[:PORT]",
	 "poll an inverter, whose values --query includes"},
	{"sunspec-unit", 0, OPTION_INT, FIELD(sunspec_unit), "N", "Modbus unit of the inverter (1)", .max = 255},
	KEY_OPTIONS(struct p1_options, keys),
	SHORT_SOURCE_ROWS(struct p1_options, source),
	{0}};
/* clang-format on */

static const struct option_row *const tables[] = {rows, stream_options, printing_options, NULL};

static const struct p1_options defaults = {.reading = READING_DEFAULTS, .sunspec_unit = 1};

const struct command p1_command = {
	.name = "p1",
	.summary = "decode, share and query the P1 telegrams of smart meters",
	.arguments = "[SOURCE]",
	.arguments_max = 1,
	.options = tables,
	.size = sizeof(struct p1_options),
	.defaults = &defaults,
	.run = run,
	.offer = offer_sources,
	.example = "emtool p1 /dev/ttyUSB0 --json",
};
