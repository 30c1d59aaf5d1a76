/*
 * Reads a line of meter pushes from bytes to records: M-Bus, HDLC, bare APDUs, binary or as
 * hexadecimal text; keys, tags, frame counters and decoders as one object. The records do not
 * depend on how the stream is cut into pieces.
 *
 *     struct seals seals = {.keys = &ring};
 *     struct push_decoder *decoder = push_decoder_new(&seals);
 *     struct push_reader *reader = push_reader_new(decoder, &events);
 *     push_reader_feed(reader, time, data, size) ...
 *     push_reader_end(reader);
 *
 * Use one reader for each connection and one decoder for all (stream/push_decoder.h has the events
 * and the order of the checks). The decoder must outlive its readers. Time is when the bytes
 * arrived, INSTANT_NONE without a clock; it becomes the time of records.
 */
#ifndef STREAM_PUSH_READER_H
#define STREAM_PUSH_READER_H

#include "stream/push_decoder.h"

struct push_reader_counts {
	uint64_t bytes;
	uint64_t skipped; /* bytes outside of frames */
	uint64_t frames;
	uint64_t pushes; /* sound ones */
	uint64_t refused[REFUSALS];
};

struct push_reader;

/* `events` is copied. NULL when memory is out. */
struct push_reader *push_reader_new(struct push_decoder *decoder, const struct push_events *events);
void push_reader_free(struct push_reader *r);

/* Takes any number of bytes. This and the next two return 0 or EM_NO_MEMORY. */
int push_reader_feed(struct push_reader *r, instant time, const void *data, size_t size);

/* The line was silent for more than two seconds: incomplete messages are lost. */
int push_reader_idle(struct push_reader *r, instant time);

/* The stream ended, normally or not: incomplete messages are lost. */
int push_reader_end(struct push_reader *r, instant time);

/* The counts so far; valid until the reader is used again. */
const struct push_reader_counts *push_reader_counts(struct push_reader *r);

#endif
