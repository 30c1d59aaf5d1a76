/*
 * What all reading commands share: their common options, and a session that joins a source, a decoder
 * and the outputs. A streaming command says how a stream's decoder is made, hands records over with
 * session_emit(), and gets its exit code from session_run(). A polling command uses session_begin(),
 * session_emit() and session_end() without a source.
 */
#ifndef CMD_SESSION_READING_H
#define CMD_SESSION_READING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "cmd/session/options.h"
#include "io/source.h"
#include "output/output.h"

/* First member of every reading command's option struct. */
struct reading {
	const char *format; /* text, json, csv, influx, ... */
	bool units;
	const char *output;
	const char *record;
	long count;
	double duration, interval, timeout; /* seconds, 0: none */
	bool strict, stats;
	int quiet, verbose;
	const char *color;
	const char *mqtt, *db, *exec;
	bool mqtt_discovery;
	double debounce, retain; /* seconds, days */
	double exec_timeout;     /* seconds */
	struct option_list alarms;
};

/* clang-format off */
#define READING_DEFAULTS {.format = "text", .color = "auto"}
/* clang-format on */

/*
 * --json --format --units --output --exec --alarm --count --stats --strict -q -v --color: every
 * command that prints
 */
extern const struct option_row printing_options[];
/* --record --duration --timeout: commands with a SOURCE */
extern const struct option_row stream_options[];
/* --interval --duration --timeout: commands that poll a device */
extern const struct option_row polling_options[];

/* Applies -q and -v before session_begin() does, for what comes first. */
void session_loudness(const struct reading *options);

struct session {
	const struct reading *options;
	struct loop *loop;
	struct notify *notify; /* the service manager that waits for our word, or NULL */
	struct source *source; /* NULL for polling commands and while it ends */
	struct output *outputs;
	struct record record; /* for the command's own use */
	uint64_t records;     /* emitted */
	uint64_t bytes;       /* that the source delivered, once it has ended */
	uint64_t
		rejected; /* counted by the command: frames, telegrams, pushes that failed a check */
	int status;       /* exit code of the first failure, EXIT_OK while there is none */
	atomic_bool lost; /* an output failed: what it was given may not be kept */
	bool stopping;    /* --count is reached, or an output failed: emit no more */
};

/*
 * For commands that may run for months: gives up what they do not need (host/sandbox.h), if one of the
 * sources in `urls` (ended by NULL, empty places are "") goes on for ever. `state` is a file that the
 * command keeps beside those of the shared options, or NULL. To be called before session_begin().
 */
void session_confine(const struct reading *options, const char *state, const char *const urls[]);

/* The second step, when everything is open; says what is in force. session_run() does it itself. */
void session_confined(void);

/* Opens loop and outputs; `text` is how the command prints for people, NULL: format_text. */
int session_begin(struct session *s, const struct reading *options, format_function *text);

/*
 * Prints a record. One with the type "stats" counts for nothing. Sets `stopping` and stops the loop
 * when --count is reached or an output fails.
 */
void session_emit(struct session *s, const struct record *r);

/* Notes the first failure of the command; it becomes the exit code. */
void session_fail(struct session *s, int status);

/* Memory is out for what is no record: says so, once, and stops. */
void session_no_memory(struct session *s);

/* Writes out what outputs hold back; for polling commands before they sleep. */
void session_flush(struct session *s);

/* What a streaming command brings. */
struct streaming {
	const char *url;
	const char *serial; /* default line settings of the field: "baud=9600&mode=8N1" */
	double idle;        /* seconds, 0: 0.1 */
	/* A decoder for a stream: its state begins with nothing in common; `context` is below. */
	void *(*open)(void *context, const struct peer *peer);
	void (*data)(void *stream, const struct chunk *chunk);
	void (*idle_event)(void *stream, instant time); /* or NULL */
	void (*close)(void *stream, instant time);
	void *context;
};

/* Opens the source and runs the loop; then the source is closed and all streams have ended. */
void session_run(struct session *s, const struct streaming *streaming);

/* Closes outputs and loop; the exit code: of a signal, of the first failure, or by what came. */
int session_end(struct session *s);

#endif
