/*
 * What the verbs of `emtool sunspec` share: their options, and a reader, which is the device (or
 * the image of one) with the walk over its models.
 */
#ifndef CMD_SUNSPEC_SUNSPEC_H
#define CMD_SUNSPEC_SUNSPEC_H

#include "cmd/session/polling.h"
#include "modbus/sunspec.h"

#define SUNSPEC_LIST 256 /* models or points that can be named */

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
	struct sunspec_image *offline; /* ... the image that is read instead */
	struct sunspec_walk *walk;
	struct definitions *definitions;
	struct sunspec_options decoding;
	const char *name; /* of device or file */
	int unit;
	unsigned rounds, requests;   /* walks begun, requests of all of them */
	uint64_t emitted;            /* records of the last walk */
	struct sunspec_found *found; /* models of the last walk */
	size_t count, capacity;
	enum sunspec_ending ending;
	unsigned address; /* where the chain ends */
	atomic_bool stop;
	const char *points[SUNSPEC_LIST];
	uint16_t models[SUNSPEC_LIST];
	char *lists[2 * OPTION_LIST_LIMIT]; /* copies that the points stand in */
	size_t list_count;
};

/* Opens everything but the connection; 0 or an exit code. reader_end() follows in any case. */
int reader_begin(struct sunspec_reader *r, const struct sunspec_arguments *o, const char *target,
                 bool headers_only, format_function *text);
int reader_end(struct sunspec_reader *r);

/*
 * One walk, for polling_work(): 0, or the error that ended it early; what was found before it is
 * in `found`, its registers in the walk's image.
 */
int reader_walk(void *reader);

/* Says what is wrong with the walk that has ended with `error`, and notes the exit code. */
void reader_report(struct sunspec_reader *r, int error);

/*
 * The built-in definitions and those of the files before them; NULL after saying what is wrong.
 * definitions_free() takes NULL too.
 */
struct definitions *definitions_read(const struct option_list *files, int *status);
const struct sunspec_set *definitions_set(const struct definitions *d);
void definitions_free(struct definitions *d);

int sunspec_scan(void *options, int count, char **arguments);
int sunspec_models(void *options, int count, char **arguments);

/* Text for people; the second one with what is not implemented, too. */
format_function sunspec_text, sunspec_text_all, sunspec_text_scan, sunspec_text_models;

#endif
