/*
 * What the kinds of sources share. A kind is a row of functions with a scheme; adding one touches its
 * own file and the table in source.c.
 */
#ifndef IO_SOURCE_PRIVATE_H
#define IO_SOURCE_PRIVATE_H

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
	void *state; /* the kind's own */
	char *message;
	size_t message_size;
	int status;
	uint64_t bytes;
	struct recorder *recorder;
	uv_prepare_t flusher;
	struct stream *streams;
};

/* A live stream: decoder state, its peer's name, a timer for silence. Owned by the source. */
struct stream {
	struct source *source;
	void *decoder;
	char name[72];
	uv_timer_t silence;
	bool timed; /* the source has a clock and idle events */
	bool ended;
	struct stream *next;
};

/* Begins a stream; NULL when memory is out or the command refuses it. */
struct stream *stream_open(struct source *source, const char *name, enum stream_kind kind, bool timed);

void stream_data(struct stream *stream, const struct chunk *chunk);

/* Ends it: close event, then it is freed once the loop lets go of its timer. */
void stream_close(struct stream *stream, instant time);

/* printf into source->message (opening) */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void source_fail(struct source *source, const char *format, ...);

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void source_report(struct source *source, const char *format, ...);

/* The value of `key=` in a query string `a=1&b=2`, copied; false when it is not there. */
bool query_value(const char *query, const char *key, char *out, size_t size);

extern const struct source_kind source_tcp, source_listen, source_udp, source_serial, source_file,
	source_pcap, source_hex, source_mqtt, source_mqtts;

/* Serial device nodes are opened as serial ports even when named as plain paths. */
bool serial_is_device(const char *path);

/* Recordings (recording.c): a text file, a line per chunk. */
struct recorder *recorder_open(const char *path);
void recorder_write(struct recorder *recorder, const char *peer, const struct chunk *chunk);
int recorder_close(struct recorder *recorder); /* 0 or EM_SYSTEM */
bool recording_recognise(const uint8_t *data, size_t size);
/* Plays a whole recording into the source's streams; EM_SYNTAX with a message at a bad line. */
int recording_play(struct source *source, const char *data, size_t size);

/* Captures (pcap.c) */
bool pcap_recognise(const uint8_t *data, size_t size);
int pcap_play(struct source *source, const uint8_t *data, size_t size);

#endif
