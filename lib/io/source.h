/*
 * Sources of bytes, chosen by the scheme of a URL. A source gives streams of chunks: a file is one
 * stream, a TCP listener has one per peer. The command passes a set of events; each stream carries
 * the decoder state that its `open` event returned.
 *
 * Chunks are borrowed for the call. All events are called from loop_run(), one at a time.
 */
#ifndef IO_SOURCE_H
#define IO_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/stamp.h"
#include "io/loop.h"

enum stream_kind {
	STREAM_BYTES,    /* one direction; the borders of chunks mean nothing */
	STREAM_DATAGRAM, /* each chunk is a datagram or a message */
	STREAM_FLOW      /* a captured TCP connection; chunk.direction says who speaks */
};

struct peer {
	const char *name; /* `ADDRESS:PORT` or a topic; NULL when there can be only one */
	enum stream_kind kind;
};

struct chunk {
	const uint8_t *data;
	size_t size;
	instant time;       /* INSTANT_NONE when the source has no clock */
	unsigned direction; /* STREAM_FLOW: 0 from the client, 1 from the server */
};

struct source_events {
	/* A stream begins. Returns the state of its decoder, or NULL to refuse the stream. */
	void *(*open)(void *context, const struct peer *peer);
	void (*data)(void *stream, const struct chunk *chunk);
	/*
	 * Nothing arrived for the idle time: the decoder may decide about bytes that it holds.
	 * Optional.
	 */
	void (*idle)(void *stream, instant time);
	/* The stream ends; the callee frees the state. `time` as in data. */
	void (*close)(void *stream, instant time);
	/* The loop is about to wait: outputs may be flushed. Optional. */
	void (*flush)(void *context);
	/*
	 * Waits at most `ms` until all records so far are stored; returns whether they are. Called
	 * from another thread by sources that acknowledge. Optional.
	 */
	bool (*kept)(void *context, int ms);
	/* News for stderr: a connection was lost, a port was reopened. Optional. */
	void (*report)(void *context, const char *message);
};

struct writer;

struct source_config {
	const char *url;
	const char *serial;       /* default line settings, `baud=9600&mode=8N1`; NULL: 9600 8N1 */
	const char *record;       /* the file for a recording of the input, or NULL */
	struct writer *recording; /* records the input instead and stays the caller's; or NULL */
	double idle;              /* seconds of silence before the idle event; 0: 0.1 */
	double timeout;           /* seconds without data after which tcp:// reconnects; 0: never */
	bool fresh;               /* messages that a broker kept from before are no data */
	bool counts; /* the program ends after some records: acknowledge only what it took */
	const struct source_events *events;
	void *context;
};

enum source_nature {
	SOURCE_STORED, /* a file, capture, literal or standard input: it ends by itself */
	SOURCE_LIVE,   /* it never ends */
	SOURCE_SERIAL  /* it never ends, and is opened again after it was unplugged */
};

/* The nature of a URL, without opening it. */
enum source_nature source_nature(const char *url);

/* Scheme number `index` (from 0) of the URLs, as "tcp://", or NULL after the last. */
const char *source_scheme(size_t index);

struct source;

/*
 * Opens the source in the loop. After a failure it returns NULL and message[0..size) says what and
 * why: `192.168.1.40:99: address in use`; *usage is true when the URL itself is wrong.
 */
struct source *source_open(struct loop *loop, const struct source_config *config, char *message,
                           size_t size, bool *usage);

/*
 * The state of the source: 0, or EM_UNREACHABLE, EM_CLOSED, EM_SYSTEM (a file can't be read or
 * recorded), EM_NO_MEMORY, EM_SYNTAX (a recording). A source that goes on has no error.
 */
int source_status(const struct source *source);

/* That error for stderr: `bus.bin: Input/output error`. */
const char *source_problem(struct source *source);

/* The number of bytes and streams so far. */
uint64_t source_bytes(const struct source *source);

/*
 * For mode=auto on serial ports: the decoder says how many bytes were part of valid frames and how
 * many it skipped; the source tries other line settings until most bytes are good.
 */
void source_judge(struct source *source, uint64_t good, uint64_t skipped);

/*
 * Ends all streams (their close events are called now) and frees the source. Call it before
 * loop_free(). 0, or EM_SYSTEM when the recording was not written in full.
 */
int source_close(struct source *source);

#endif
