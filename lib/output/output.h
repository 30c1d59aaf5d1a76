/*
 * Outputs write records. An output has a set of functions and a state; each record goes to all open
 * outputs in the order in which they were opened. Records are borrowed for the call.
 *
 * The printing formats (text, json, csv, influx) write into a file descriptor with a buffer. The
 * buffer is written when it is full, and by output_flush() whenever the program is about to wait
 * for input, so that no record waits in it.
 */
#ifndef OUTPUT_OUTPUT_H
#define OUTPUT_OUTPUT_H

#include <stdbool.h>

#include "base/text.h"
#include "record/record.h"

/* How text is shown to people. */
struct style {
	bool color;    /* ANSI colours may be used */
	bool units;    /* values carry their unit in machine formats: {"value":1.2,"unit":"A"} */
	bool clock;    /* text lines begin with the time of day */
	bool terminal; /* a person looks at it: escape all texts */
};

/*
 * A formatter appends one record to a text. `state` belongs to the format; it is zero-initialised
 * and lives as long as the output (csv keeps its columns there).
 */
struct format_state {
	struct style style;
	struct text columns; /* csv: names of the columns, each ended by NUL */
	struct text header;  /* csv: the first line of a file that has one already */
	uint64_t printed;    /* records so far */
};

typedef void format_function(struct text *out, struct format_state *state, const struct record *r);

format_function format_text, format_json, format_csv, format_influx;
format_function format_evn; /* evn.c: the format of another program */

struct output;

struct output_kind {
	int (*write)(struct output *output, const struct record *r); /* 0 or EM_*, errno set */
	int (*flush)(struct output *output);
	int (*close)(
		struct output *output); /* flushes and frees the state; 0 or the first failure */
	/*
	 * Waits at most `ms` until all records so far are stored; returns whether they are. Called
	 * from any thread. NULL: records are stored when they are flushed.
	 */
	bool (*kept)(struct output *output, int ms);
};

struct output {
	const struct output_kind *kind;
	const char *name; /* for messages: "standard output", a path, a URL */
	void *state;
	struct output *next; /* in the list of all outputs */
	char problem[200];   /* why it failed if the error code does not say it; else "" */
	/* For programs that go on when an output fails: */
	bool failing;     /* it is said that it does not take records */
	bool refused;     /* it did not take the last record */
	uint64_t dropped; /* records that it did not take */
	int64_t deadline; /* of closing it, see output_hurry(); 0: it takes the time that it needs */
};

/*
 * Opens a printing output to a file descriptor, which it closes if `owned`. NULL when memory is
 * out. The output borrows `name`; for an owned descriptor it is the path.
 */
struct output *output_print(int fd, bool owned, const char *name, format_function *format,
                            const struct style *style);

struct writer;

/*
 * The same by a writer (io/writer.h), which the output owns from now on: it never waits and never
 * fails. `path` is the file, NULL: standard output.
 */
struct output *output_queue(struct writer *writer, const char *path, format_function *format,
                            const struct style *style);

/* These work on the whole list and return the first failure; *failed is the output that failed. */
int output_write(struct output *list, const struct record *r, const struct output **failed);
int output_flush(struct output *list, const struct output **failed);
int output_close(struct output *list, const struct output **failed);

/* Whether all outputs have stored their records, see `settle`. From any thread. */
bool output_kept(struct output *list, int ms);

/*
 * As output_write() and output_flush() for programs that go on when an output fails: news tell once
 * when an output begins to fail and once when it takes records again.
 */
void output_offer(struct output *list, const struct record *r);
void output_nudge(struct output *list);

/*
 * The end of such a program. output_hurry() tells all outputs to store what they have, and to be
 * closed at `deadline`, a time of wait_clock(). output_end() then closes the first output and takes
 * it from the list; *ended keeps its name, its problem and its drops. 0, or why records are lost.
 */
void output_hurry(struct output *list, int64_t deadline);
int output_end(struct output **list, struct output *ended);

#endif
