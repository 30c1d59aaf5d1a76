/*
 * What all reading commands share: their common options, and a session that connects a source, a
 * decoder and the outputs. A streaming command makes a decoder per stream, emits records with
 * session_emit(), and gets its exit code from session_run(). A polling command uses
 * session_begin(), session_emit() and session_end() without a source.
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
	/*
	 * No option: the command controls something. Outputs never delay or end it: what they do
	 * not take is dropped, counted and reported, and its end takes at most 2 s.
	 */
	bool live;
	/* No option: the command itself announces something with --mqtt-discovery. */
	bool announces;
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

/* Applies -q and -v before session_begin() does, for earlier messages. */
void session_loudness(const struct reading *options);

struct session {
	const struct reading *options;
	struct loop *loop;
	struct notify *notify; /* the service manager that waits for a notification, or NULL */
	struct source *source; /* NULL for polling commands and while the source closes */
	struct output *outputs;
	struct writer *recording; /* of a live command, or NULL */
	struct record record;     /* for the command's own use */
	uint64_t records;         /* emitted */
	uint64_t bytes;           /* received from the source, set when it has ended */
	uint64_t
		rejected; /* counted by the command: frames, telegrams, pushes that failed a check */
	int status;       /* exit code of the first failure, or EXIT_OK */
	atomic_bool lost; /* an output failed: its records may be lost */
	bool stopping;    /* --count is reached, or an output failed: emit no more */
};

/*
 * For commands that may run for months: drops privileges (host/sandbox.h) if one of the sources in
 * `urls` (ended by NULL; "" is an unused place) never ends. `state` is a file that the command
 * writes beside those of the shared options, or NULL. Call it before session_begin().
 */
void session_confine(const struct reading *options, const char *state, const char *const urls[]);

/*
 * The second step, when everything is open; prints what is in force. session_run() calls it itself.
 */
void session_confined(void);

/* Opens loop and outputs; `text` formats records for people, NULL: format_text. */
int session_begin(struct session *s, const struct reading *options, format_function *text);

/*
 * Emits a record to all outputs. Records of type "stats" are not counted. Sets `stopping` and stops
 * the loop when --count is reached or an output fails.
 */
void session_emit(struct session *s, const struct record *r);

/* Sets the exit code, unless an earlier failure has set it. */
void session_fail(struct session *s, int status);

/* Memory ran out outside of a record: prints the error once and stops. */
void session_no_memory(struct session *s);

/* Flushes the outputs; polling commands call it before they sleep. */
void session_flush(struct session *s);

/* The callbacks and settings of a streaming command. */
struct streaming {
	const char *url;    /* NULL: no source, the command gets its data otherwise */
	const char *serial; /* default line settings: "baud=9600&mode=8N1" */
	bool fresh;         /* messages that a broker kept from before are no data */
	double idle;        /* seconds, 0: 0.1 */
	/* Makes a decoder for a new stream, with a state of its own; `context` is below. */
	void *(*open)(void *context, const struct peer *peer);
	void (*data)(void *stream, const struct chunk *chunk);
	void (*idle_event)(void *stream, instant time); /* or NULL */
	void (*close)(void *stream, instant time);
	void *context;
};

/* Opens the source, runs the loop, ends all streams and closes the source. */
void session_run(struct session *s, const struct streaming *streaming);

/* Closes outputs and loop; the exit code comes from a signal, the first failure, or the records. */
int session_end(struct session *s);

#endif
