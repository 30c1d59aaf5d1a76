#include "cmd/session/reading.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "cmd/session/outputs.h"
#include "cmd/session/printer.h"
#include "cmd/session/say.h"
#include "host/notify.h"
#include "host/sandbox.h"
#include "io/wait.h"
#include "io/writer.h"
#include "output/database.h"

/* ms that the outputs of a live command have at its end, counted from the signal, and at least */
enum { LAST_WAIT = 1500, LEAST_WAIT = 300 };

#define FIELD(name) offsetof(struct reading, name)

const struct option_row printing_options[] = {
	{"json", 0, OPTION_EQUALS, FIELD(format), NULL, "one JSON object per line (--format json)",
         .words = "json"},
	{"format", 'f', OPTION_WORD, FIELD(format), NULL, "how records are printed",
         .words = "text|json|csv|influx|live|prometheus"},
	{"units", 0, OPTION_FLAG, FIELD(units), NULL, "JSON: add unit and code to each value"},
	{"output", 'o', OPTION_TEXT, FIELD(output), "FILE", "append to a file instead of printing"},
	{"count", 'n', OPTION_INT, FIELD(count), "N", "end after N records", .min = 1, .max = 1e15},
	{"strict", 0, OPTION_FLAG, FIELD(strict), NULL, "exit 3 when any input was rejected"},
	{"stats", 0, OPTION_FLAG, FIELD(stats), NULL,
         "print a last record of type stats with counters"},
	{"quiet", 'q', OPTION_COUNT, FIELD(quiet), NULL, "print only errors on stderr"},
	{"verbose", 'v', OPTION_COUNT, FIELD(verbose), NULL,
         "print more on stderr; twice for details"},
	{"color", 0, OPTION_WORD, FIELD(color), NULL, "colour in text (NO_COLOR is honoured)",
         .words = "auto|always|never"},
	{"mqtt", 0, OPTION_TEXT, FIELD(mqtt), "URL",
         "publish to mqtt[s]://[USER@]HOST[:PORT]/TOPIC", .words = "mqtt://|mqtts://"},
	{"mqtt-discovery", 0, OPTION_FLAG, FIELD(mqtt_discovery), NULL,
         "announce to Home Assistant"},
	{"db", 0, OPTION_TEXT, FIELD(db), "URL",
         "store in sqlite:PATH or mysql://USER@HOST/DATABASE", .words = "sqlite:|mysql://"},
	{"debounce", 0, OPTION_REAL, FIELD(debounce), "S",
         "seconds of a time slot of history_debounced (300)", .min = 1, .max = 1e8},
	{"retain", 0, OPTION_REAL, FIELD(retain), "DAYS", "delete older rows of history",
         .min = 0.001, .max = 1e5},
	{"exec", 0, OPTION_TEXT, FIELD(exec), "CMD", "run CMD for each record, JSON on its stdin"},
	{"alarm", 0, OPTION_LIST, FIELD(alarms), "COND",
         "run --exec only when the condition (current_l1>25) becomes true"},
	{"exec-timeout", 0, OPTION_REAL, FIELD(exec_timeout), "S", "end CMD after S seconds (30)",
         .min = 0.1, .max = 86400},
	{0}};

const struct option_row stream_options[] = {
	{"record", 0, OPTION_TEXT, FIELD(record), "FILE",
         "save the raw input; commands read FILE as a SOURCE"},
	{"duration", 'd', OPTION_REAL, FIELD(duration), "S", "end after S seconds", .min = 0.001,
         .max = 1e9},
	{"timeout", 't', OPTION_REAL, FIELD(timeout), "S",
         "reconnect, or exit with 5, when nothing comes for S seconds", .min = 0.001, .max = 1e6},
	{0}};

/* clang-format off */
const struct option_row polling_options[] = {
	{"interval", 'i', OPTION_REAL, FIELD(interval), "S", "poll again every S seconds", .min = 0.01,
	 .max = 1e6},
	{"duration", 'd', OPTION_REAL, FIELD(duration), "S", "end after S seconds", .min = 0.001,
	 .max = 1e9},
	{"timeout", 't', OPTION_REAL, FIELD(timeout), "S", "wait S seconds for a reply", .min = 0.001,
	 .max = 1e6},
	{0}};
/* clang-format on */

void session_loudness(const struct reading *options)
{
	say_level(options->quiet ? -options->quiet : options->verbose);
}

void session_confine(const struct reading *options, const char *state, const char *const urls[])
{
	struct sandbox s = {.files = {options->output, options->record, state}};
	bool live = false;

	for (; *urls; urls++) {
		enum source_nature nature = source_nature(*urls);

		live |= nature != SOURCE_STORED;
		s.devices |= nature == SOURCE_SERIAL || **urls == '/';
	}
	if (!live)
		return;
	if (options->exec) {
		sandbox_skip("--exec runs programs");
		return;
	}
	if (options->db) {
		s.files[3] = database_file(options->db);
		s.scratch = s.files[3] != NULL;
	}
	sandbox_files(&s);
}

void session_confined(void)
{
	static bool said;

	sandbox_calls();
	if (sandbox_text() && !said)
		say_note("%s", sandbox_text());
	said = true;
}

/* The recording of a live command; others open it with their source. */
static int open_recording(struct session *s)
{
	const char *path = s->options->record;
	int error = s->options->live && path ? writer_append(&s->recording, path) : 0;

	return error ? say_failure(path, error) : EXIT_OK;
}

int session_begin(struct session *s, const struct reading *options, format_function *text)
{
	*s = (struct session){.options = options};
	session_loudness(options);
	s->loop = loop_new();
	if (!s->loop)
		return s->status = say_failure("event loop", EM_SYSTEM);
	if (options->duration > 0)
		loop_limit(s->loop, options->duration);
	say_at_once(options->live);
	s->status = printer_open(s, text);
	if (!s->status)
		s->status = open_recording(s);
	if (!s->status)
		s->status = outputs_open(s, text == format_evn ? format_evn : format_json);
	return s->status;
}

void session_fail(struct session *s, int status)
{
	if (s->status == EXIT_OK)
		s->status = status;
}

static void stop(struct session *s)
{
	s->stopping = true;
	loop_stop(s->loop);
}

/* Prints no message for a closed pipe (`| head`). */
static void output_failed(struct session *s, const struct output *output, int error)
{
	int status = EXIT_LOCAL;

	s->lost = true;
	if (s->status != EXIT_LOCAL && !(error == EM_SYSTEM && errno == EPIPE && !*output->problem))
		status = outputs_failed(output, error);
	session_fail(s, status);
	stop(s);
}

void session_emit(struct session *s, const struct record *r)
{
	const struct output *failed = NULL;
	int error;

	/* Stats are the last record, even after --count is reached, but not after a local error. */
	if (s->status == EXIT_LOCAL || (s->stopping && (s->status || strcmp(r->type, "stats"))))
		return;
	if (s->options->live) {
		output_offer(s->outputs, r);
	} else {
		error = output_write(s->outputs, r, &failed);
		if (error) {
			output_failed(s, failed, error);
			return;
		}
	}
	if (*r->type == 's' && !strcmp(r->type, "stats"))
		return;
	s->records++;
	if (s->options->count && s->records >= (uint64_t)s->options->count)
		stop(s);
}

void session_no_memory(struct session *s)
{
	if (s->status != EXIT_LOCAL)
		session_fail(s, say_failure("input", EM_NO_MEMORY));
	stop(s);
}

void session_flush(struct session *s)
{
	const struct output *failed = NULL;
	int error = 0;

	if (s->options->live)
		output_nudge(s->outputs);
	else
		error = output_flush(s->outputs, &failed);
	if (error)
		output_failed(s, failed, error);
}

static void on_flush(void *context)
{
	session_flush(context);
}

static void on_report(void *context, const char *message)
{
	(void)context;
	say_warning("%s", message);
}

/* The command's callbacks get its own context; flush and report get the session. */
struct bridge {
	struct session *session;
	const struct streaming *streaming;
};

static void *on_open(void *context, const struct peer *peer)
{
	struct bridge *bridge = context;

	return bridge->streaming->open(bridge->streaming->context, peer);
}

static void bridge_flush(void *context)
{
	on_flush(((struct bridge *)context)->session);
}

static bool bridge_kept(void *context, int ms)
{
	struct session *s = ((struct bridge *)context)->session;

	return s->options->live || (!s->lost && output_kept(s->outputs, ms));
}

static void status_of_source(struct session *s)
{
	switch (source_status(s->source)) {
	case 0: return;
	case EM_UNREACHABLE:
	case EM_CLOSED:
		if (s->records == 0)
			session_fail(s, EXIT_DEVICE);
		return;
	default: say_error("%s", source_problem(s->source)); session_fail(s, EXIT_LOCAL);
	}
}

static bool open_source(struct session *s, const struct source_config *config)
{
	char message[512];
	bool usage;

	s->source = source_open(s->loop, config, message, sizeof message, &usage);
	if (!s->source)
		session_fail(s, usage ? say_usage("%s", message)
		                      : (say_error("%s", message), EXIT_LOCAL));
	return s->source != NULL;
}

static void close_source(struct session *s)
{
	status_of_source(s);
	s->bytes = source_bytes(s->source);
	if (source_close(s->source) && s->status != EXIT_LOCAL)
		session_fail(s, say_failure(s->options->record, EM_SYSTEM));
	s->source = NULL;
}

void session_run(struct session *s, const struct streaming *streaming)
{
	struct bridge bridge = {s, streaming};
	struct source_events events = {on_open,          streaming->data, streaming->idle_event,
	                               streaming->close, bridge_flush,    bridge_kept,
	                               on_report};
	struct source_config config = {.url = streaming->url,
	                               .serial = streaming->serial,
	                               .record = s->options->live ? NULL : s->options->record,
	                               .recording = s->recording,
	                               .idle = streaming->idle,
	                               .timeout = s->options->timeout,
	                               .fresh = streaming->fresh,
	                               .counts = s->options->count > 0,
	                               .events = &events,
	                               .context = &bridge};

	if (config.url && !open_source(s, &config))
		return;
	session_confined();
	s->notify = notify_ready(s->loop);
	loop_run(s->loop);
	notify_stopping(s->notify);
	if (s->source)
		close_source(s);
}

/* 0 when records came; else 3 when data came, 5 when none did. */
static int verdict(const struct session *s)
{
	if (s->options->strict && s->rejected)
		return EXIT_INVALID;
	if (s->records)
		return EXIT_OK;
	return loop_expired(s->loop) && !s->rejected && !s->bytes ? EXIT_TIMEOUT : EXIT_INVALID;
}

static void close_outputs(struct session *s)
{
	const struct output *failed = NULL;
	int error;

	say_unseen();
	error = output_close(s->outputs, &failed);
	say_release();
	if (error && s->status != EXIT_LOCAL)
		output_failed(s, failed, error);
}

/* The time until which a live command ends: 2 s with what comes before and after its outputs. */
static int64_t last_moment(const struct session *s)
{
	int64_t now = wait_clock(), ended = loop_ended(s->loop);

	ended = ended ? ended : now;
	return now - ended < LAST_WAIT - LEAST_WAIT ? ended + LAST_WAIT : now + LEAST_WAIT;
}

/* Prints what an output has lost; that is exit 4, or 1 when the broker was away. */
static void report_loss(struct session *s, const struct output *o, int error)
{
	const char *reason = *o->problem ? o->problem : error_text(error);
	int status = error == EM_UNREACHABLE ? EXIT_DEVICE
	             : error == EM_DENIED    ? EXIT_KEY
	                                     : EXIT_LOCAL;

	if (o->dropped)
		say_error("%s: %s; %llu records were dropped", o->name, reason,
		          (unsigned long long)o->dropped);
	else
		say_error("%s: %s", o->name, reason);
	if (status == EXIT_LOCAL)
		s->status = status;
	session_fail(s, status);
}

static void close_live(struct session *s)
{
	int64_t end = last_moment(s);
	struct output o = {.name = s->options->record};
	int error;

	say_unseen();
	output_hurry(s->outputs, end);
	error = writer_close(s->recording, end, o.problem, sizeof o.problem);
	if (error)
		report_loss(s, &o, error);
	while (s->outputs) {
		error = output_end(&s->outputs, &o);
		say_release();
		if (error)
			report_loss(s, &o, error);
	}
}

int session_end(struct session *s)
{
	int status;

	if (s->loop) {
		if (s->options->live)
			close_live(s);
		else
			close_outputs(s);
		notify_end(s->notify);
		status = s->status ? s->status : verdict(s);
		if (loop_signal(s->loop) && s->status == EXIT_OK)
			status = EXIT_SIGNAL + loop_signal(s->loop);
	} else {
		status = s->status;
	}
	loop_free(s->loop);
	record_free(&s->record);
	return status;
}
