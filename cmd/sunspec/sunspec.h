/*
 * What the verbs of `emtool sunspec` share: their options, and a reader, which walks over the
 * models of a device or of a register image.
 */
#ifndef CMD_SUNSPEC_SUNSPEC_H
#define CMD_SUNSPEC_SUNSPEC_H

#include "cmd/session/polling.h"
#include "modbus/sunspec.h"

#define SUNSPEC_LIST 256 /* most models or points in the options */

struct sunspec_arguments {
	struct reading reading;
	long unit, base, retries, delay; /* -1: not given; delay: ms */
	struct option_list model, points, definitions;
	bool raw, flat, fast, all;
	const char *image, *dump;
};

struct definitions; /* of --models files */

struct sunspec_reader {
	const struct sunspec_arguments *options;
	struct session session;
	struct modbus_client *client;  /* or ... */
	struct sunspec_image *offline; /* ... a register image */
	struct sunspec_walk *walk;
	struct definitions *definitions;
	struct sunspec_options decoding;
	const char *name; /* of the device or file */
	int unit;
	unsigned rounds, requests;   /* walks begun, requests of all walks */
	uint64_t emitted;            /* records of the last walk */
	struct sunspec_found *found; /* models of the last walk */
	size_t count, capacity;
	enum sunspec_ending ending;
	unsigned address; /* end of the chain */
	atomic_bool stop;
	const char *points[SUNSPEC_LIST];
	uint16_t models[SUNSPEC_LIST];
	char *lists[2 * OPTION_LIST_LIMIT]; /* text of the points */
	size_t list_count;
};

/* Opens everything but the connection; 0 or an exit code. reader_end() follows in any case. */
int reader_begin(struct sunspec_reader *r, const struct sunspec_arguments *o, const char *target,
                 bool headers_only, format_function *text);
int reader_end(struct sunspec_reader *r);

/*
 * Does one walk; for polling_work(). 0, or the error that ended it early. `found` has the models up
 * to there, and the walk's image their registers.
 */
int reader_walk(void *reader);

/* Prints why the walk ended with `error`, and sets the exit code. */
void reader_report(struct sunspec_reader *r, int error);

/*
 * Loads the definitions of the files, followed by the built-in ones; NULL after an error line.
 * definitions_free() accepts NULL.
 */
struct definitions *definitions_read(const struct option_list *files, int *status);
const struct sunspec_set *definitions_set(const struct definitions *d);
void definitions_free(struct definitions *d);

int sunspec_scan(void *options, int count, char **arguments);
int sunspec_models(void *options, int count, char **arguments);

/* Text output; the second one also prints points that are not implemented. */
format_function sunspec_text, sunspec_text_all, sunspec_text_scan, sunspec_text_models;

#endif
