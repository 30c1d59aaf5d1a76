/*
 * The live view: a table of the newest values of all devices, redrawn in place, with unit, history
 * graph, range and age. The table (the values) and the drawing (its look at a width and a time) are
 * separate from the terminal, so that tests need no terminal.
 */
#ifndef OUTPUT_LIVE_H
#define OUTPUT_LIVE_H

#include "io/loop.h"
#include "output/output.h"

struct live_config {
	int fd;            /* a terminal */
	bool owned;        /* closed at the end */
	const char *name;  /* for messages */
	const char *title; /* title: "emtool sniff" */
	struct style style;
	bool ascii; /* no block characters */
};

/* NULL when memory is out. Closing leaves the last table on the screen as lines. */
struct output *output_live(struct loop *loop, const struct live_config *config);

/* A message at the foot of the picture, until the next one. From any thread. */
void live_message(struct output *output, const char *line);

enum { LIVE_HISTORY = 120 }; /* columns of the graph that are kept */

/* A quantity of a device. Times are in ms of any clock that does not jump. */
struct live_row {
	struct text name, value;
	char unit[12];
	bool number, gone; /* gone: the value was there before and is null now */
	uint64_t updated, changed;
	double interval; /* ms between updates, smoothed; 0: not known yet */
	/* columns of the graph, the newest last: mean, least and greatest value */
	float history[LIVE_HISTORY], least[LIVE_HISTORY], most[LIVE_HISTORY];
	size_t count;     /* of the history */
	uint64_t column;  /* when the newest column of the history began */
	unsigned samples; /* number of values in the newest column */
};

struct live_device {
	struct text key, type, heading;
	struct live_row **rows;
	size_t count, next;
	uint64_t updated, records;
	double interval;
};

struct live_table {
	struct live_device *devices;
	size_t count, hint;
	uint64_t records;
	size_t name_width, whole_width, part_width,
		unit_width; /* widest so far, so that columns do not move */
	struct text key, scratch;
};

/* Takes the values of a record. 0 or EM_NO_MEMORY. Devices and rows above a limit are left out. */
int live_take(struct live_table *t, const struct record *r, uint64_t now);

void live_free(struct live_table *t);

struct live_look {
	const char *title;
	struct style style;
	bool ascii;
	size_t width;
};

/* Appends all lines of the table with line ends, none wider than look->width (at least 16). */
void live_draw(struct text *out, const struct live_table *t, const struct live_look *look,
               uint64_t now);

/* Appends text cut to so many columns, filled with spaces if `fill`; returns the columns taken. */
size_t live_put(struct text *out, const char *data, size_t length, size_t columns, bool fill,
                bool ascii);

#endif
