/*
 * Reads JSON objects with a meter's values (protocol/json_reading.h) from bytes to records. In a
 * stream an object ends with its last brace and has no line end in it; in a message it may have.
 */
#ifndef STREAM_JSON_READER_H
#define STREAM_JSON_READER_H

#include "record/record.h"
#include "stream/refusal.h"

enum { JSON_LINE = 65536 /* bytes of the longest object */ };

struct json_events {
	/* A reading, valid only during the call. */
	void (*record)(void *context, struct record *r);
	/* What is none; `text` is the message for users. */
	void (*refused)(void *context, enum refusal refusal, const char *text);
	void *context;
};

struct json_reader;

/* `events` is copied. NULL when memory is out. */
struct json_reader *json_reader_new(const struct json_events *events);
void json_reader_free(struct json_reader *r);

/* Takes any number of bytes; `whole`: they are a message. 0 or EM_NO_MEMORY. */
int json_reader_feed(struct json_reader *r, const uint8_t *data, size_t size, bool whole);

/* The stream ended: an object without its end is refused. 0 or EM_NO_MEMORY. */
int json_reader_end(struct json_reader *r);

/* The stream broke off: an incomplete object is lost. */
void json_reader_cut(struct json_reader *r);

/* The number of refusals. */
uint64_t json_reader_refused(const struct json_reader *r);

#endif
