/*
 * What the kinds of sources share: the source with its messages, and its streams, which pass
 * arriving bytes to the events of the command. A kind is a set of functions with a scheme.
 */
#ifndef IO_STREAM_H
#define IO_STREAM_H

#include "io/flaps.h"
#include "io/source.h"

struct recorder;

struct source_kind {
	const char *scheme; /* "tcp://" */
	/* Opens; fills source->message on failure. 0 or EM_*; EM_SYNTAX: the URL is wrong. */
	int (*open)(struct source *source, const char *rest);
	void (*close)(struct source *source);
	void (*judge)(struct source *source, uint64_t good, uint64_t skipped); /* or NULL */
};

struct source {
	const struct source_kind *kind;
	struct source_config config;
	struct loop *loop;
	void *state; /* of the kind */
	char *message;
	size_t message_size;
	int status;
	char problem[256]; /* why it ended, "" when the status says it all */
	uint64_t bytes;
	struct recorder *recorder;
	uv_prepare_t flusher;
	struct source_stream *streams;
	/* the connection or port that may be lost, and the last news of it */
	struct flaps flaps;
	uv_timer_t late;
	char place[256], news[96];
	int handles; /* that are not closed */
};

/* An open stream: decoder state, name of the peer, timer for silence. The source owns it. */
struct source_stream {
	struct source *source;
	void *decoder;
	char name[72];
	uv_timer_t silence;
	bool timed; /* the source has a clock and idle events */
	struct source_stream *next;
};

/* Begins a stream; NULL when memory is out or the command refuses it. */
struct source_stream *stream_open(struct source *source, const char *name, enum stream_kind kind,
                                  bool timed);

void stream_data(struct source_stream *stream, const struct chunk *chunk);

/* Ends it: close event, then it is freed once the loop lets go of its timer. */
void stream_close(struct source_stream *stream, instant time);

/* printf into source->message (opening) */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void source_fail(struct source *source, const char *format, ...);

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void source_report(struct source *source, const char *format, ...);

/*
 * Reports that the connection or port at `place` is lost, or back, and what now: "closed by the peer,
 * trying again". What happens again and again is told together, see io/flaps.h.
 */
void source_lost(struct source *source, const char *place, const char *news);
void source_back(struct source *source, const char *news);
void source_flaps_begin(struct source *source);

/* The source can't go on: sets its status and prints what source_problem() returns. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
void source_broken(struct source *source, int status, const char *format, ...);

/* The value of `key=` in a query string `a=1&b=2`, copied; false when it is not there. */
bool query_value(const char *query, const char *key, char *out, size_t size);

#endif
