/*
 * Outputs print records. An output is a row of functions over a state of its own; several may take
 * every record, in the order in which they were opened. Records are borrowed for the call.
 *
 * Printing formats (text, json, csv, influx) write into a sink: a file descriptor with a buffer that
 * is written out when full, and by output_flush() whenever the program is about to wait for input,
 * so that nobody waits for a record that is already known.
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
	bool terminal; /* somebody looks at it: what is verbatim elsewhere is escaped */
};

/*
 * A formatter appends one record to a text. `state` is the format's own, zero-initialised, kept for
 * the life of the output (csv keeps its columns there).
 */
struct format_state {
	struct style style;
	struct text columns; /* csv: names of the columns, each ended by NUL */
	struct text header;  /* csv: the first line of the file, when it has one already */
	uint64_t printed;    /* records so far */
};

typedef void format_function(struct text *out, struct format_state *state, const struct record *r);

format_function format_text, format_json, format_csv, format_influx;
format_function format_evn; /* evn.c: in the shape of another program */

struct output;

struct output_kind {
	int (*write)(struct output *output, const struct record *r); /* 0 or EM_*, errno set */
	int (*flush)(struct output *output);
	int (*close)(struct output *output); /* flushes, frees the state; 0 or the first failure */
	/*
	 * Waits at most `ms` until all records so far would survive the end of the program; whether
	 * they would. From any thread. NULL: they do once they are flushed.
	 */
	bool (*kept)(struct output *output, int ms);
};

struct output {
	const struct output_kind *kind;
	const char *name; /* for messages: "standard output", a path, a URL */
	void *state;
	struct output *next; /* list of all outputs */
	char problem[200];   /* why it failed, when the error code does not say it; else "" */
};

/*
 * Opens a printing output onto a file descriptor; `owned` descriptors are closed with it. NULL when
 * memory is out. `name` is borrowed for the life of the output; that of an owned one is its path.
 */
struct output *output_print(int fd, bool owned, const char *name, format_function *format,
                            const struct style *style);

/* Each of these works on the whole list and returns the first failure; *failed is the culprit. */
int output_write(struct output *list, const struct record *r, const struct output **failed);
int output_flush(struct output *list, const struct output **failed);
int output_close(struct output *list, const struct output **failed);

/* Whether each of the list keeps what was written. From any thread. */
bool output_kept(struct output *list, int ms);

#endif
