/*
 * Sources: where bytes come from, found by URL scheme. A source turns whatever it is into streams of
 * chunks: a file is one stream, a TCP listener has one per peer. The command gives a set of events;
 * each stream carries the decoder state that its `open` event returned.
 *
 * Chunks are borrowed for the call. All events come from within loop_run(), one at a time.
 */
#ifndef IO_SOURCE_H
#define IO_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/stamp.h"
#include "io/loop.h"

enum stream_kind {
	STREAM_BYTES,    /* one direction, chunk borders mean nothing */
	STREAM_DATAGRAM, /* chunks are datagrams or messages: their borders mean something */
	STREAM_FLOW      /* a captured TCP connection: chunk.direction tells who speaks */
};

struct peer {
	const char *name; /* `ADDRESS:PORT`, a topic; NULL when there can be only one */
	enum stream_kind kind;
};

struct chunk {
	const uint8_t *data;
	size_t size;
	instant time;       /* INSTANT_NONE when the source has no clock */
	unsigned direction; /* STREAM_FLOW: 0 from the client, 1 from the server */
};

struct source_events {
	/* A stream begins. Returns its decoder's state, NULL to refuse it. */
	void *(*open)(void *context, const struct peer *peer);
	void (*data)(void *stream, const struct chunk *chunk);
	/* Nothing came for the idle time: what is held back may be decided. Optional. */
	void (*idle)(void *stream, instant time);
	/* The stream ends; the state is the callee's to free. time as in data. */
	void (*close)(void *stream, instant time);
	/* The loop is about to wait: outputs may be flushed. Optional. */
	void (*flush)(void *context);
	/*
	 * Waits at most `ms` until all records so far would survive the end of the program; whether
	 * they would. From another thread, for sources that acknowledge. Optional.
	 */
	bool (*kept)(void *context, int ms);
	/* Something worth a line on stderr: a connection lost, a port reopened. Optional. */
	void (*report)(void *context, const char *message);
};

struct source_config {
	const char *url;
	const char *serial; /* default line settings, `baud=9600&mode=8N1`; NULL: 9600 8N1 */
	const char *record; /* file that takes a recording of the input, or NULL */
	double idle;        /* seconds of silence before the idle event; 0: 0.1 */
	double timeout;     /* seconds without data after which tcp:// reconnects; 0: never */
	bool counts; /* the program ends after some records: acknowledge no more than it took */
	const struct source_events *events;
	void *context;
};

enum source_nature {
	SOURCE_STORED, /* a file, capture, literal, standard input: it ends by itself */
	SOURCE_LIVE,   /* it goes on for ever */
	SOURCE_SERIAL  /* so does this, and it is opened again after it was unplugged */
};

/* By its URL, without opening it. */
enum source_nature source_nature(const char *url);

struct source;

/*
 * Opens the source in the loop. NULL on failure, and then `message` (of `size`) says what and why:
 * `192.168.1.40:99: address in use`; *usage tells whether the URL itself is wrong.
 */
struct source *source_open(struct loop *loop, const struct source_config *config, char *message,
                           size_t size, bool *usage);

/*
 * How it ended or stands: 0, or EM_UNREACHABLE, EM_CLOSED, EM_SYSTEM (a file could not be read on, or
 * not be recorded), EM_NO_MEMORY, EM_SYNTAX (a recording).
 * A source that can go on is never in error.
 */
int source_status(const struct source *source);

/* What that was, for a line on stderr: `bus.bin: Input/output error`. */
const char *source_problem(struct source *source);

/* Bytes and streams so far. */
uint64_t source_bytes(const struct source *source);

/*
 * For mode=auto on serial ports: the decoder says how many bytes stood in valid frames and how many
 * it skipped; the source tries other line settings until most bytes are good.
 */
void source_judge(struct source *source, uint64_t good, uint64_t skipped);

/*
 * Ends all streams (their close events come now) and frees the source. Call it before loop_free(). 0, or
 * EM_SYSTEM when the recording was not written in full.
 */
int source_close(struct source *source);

#endif
