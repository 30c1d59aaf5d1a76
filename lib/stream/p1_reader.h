/*
 * Reads a P1 line from bytes to records: framer, keys, frame counters, CRC rule and decoder as one
 * object. The records do not depend on how the stream is cut into pieces.
 *
 *     struct p1_decoder *decoder = p1_decoder_new(&settings);
 *     struct p1_reader *reader = p1_reader_new(decoder, &events);
 *     p1_reader_feed(reader, time, data, size) ...
 *     p1_reader_end(reader);
 *
 * Use one reader for each connection and one decoder for all (stream/p1_decoder.h has the rules for
 * telegrams, the settings and the events). The decoder must outlive its readers. Time is when the
 * bytes arrived, INSTANT_NONE without a clock; it becomes the time of records.
 */
#ifndef STREAM_P1_READER_H
#define STREAM_P1_READER_H

#include "stream/p1_decoder.h"

struct p1_reader_counts {
	uint64_t bytes;
	uint64_t skipped;   /* bytes that belong to no telegram */
	uint64_t good;      /* bytes of sound telegrams */
	uint64_t telegrams; /* sound ones */
	uint64_t refused[REFUSALS];
};

struct p1_reader;

/* `events` is copied. NULL when memory is out. */
struct p1_reader *p1_reader_new(struct p1_decoder *decoder, const struct p1_events *events);
void p1_reader_free(struct p1_reader *r);

/* Takes any number of bytes. This and the next three return 0 or EM_NO_MEMORY. */
int p1_reader_feed(struct p1_reader *r, instant time, const uint8_t *data, size_t size);

/* Nothing arrived for seconds: drops an incomplete encrypted telegram. */
int p1_reader_idle(struct p1_reader *r);

/* The stream ended normally, as a file does: the last bytes may be a telegram. */
int p1_reader_end(struct p1_reader *r);

/* The stream broke off, as a connection does: an incomplete telegram is lost. */
int p1_reader_cut(struct p1_reader *r);

/* The counts so far; valid until the reader is used again. */
const struct p1_reader_counts *p1_reader_counts(struct p1_reader *r);

/* The number of refused telegrams, for any reason. */
uint64_t p1_reader_refused(const struct p1_reader *r);

#endif
