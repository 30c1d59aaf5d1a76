/*
 * P1 telegrams out of a stream of bytes, however they are cut:
 *
 *     / header CR LF  CR LF  lines CR LF  ! CRC CR LF        DSMR 4 and later, most of Europe
 *     / header CR LF  CR LF  lines CR LF  !     CR LF        DSMR 2 and 3
 *     / header CR LF  CR LF  lines                           some DSMR 2 meters: no end at all
 *
 * A telegram that names its version always ends with `!`. Whether its CRC may be missing is for the
 * receiver to decide (stream/p1_decoder.h).
 *
 * A telegram begins with `/` at the start of a line and ends with `!` at the start of a line or after
 * `)`. CRC-16/ARC covers everything from `/` to `!`. Encrypted telegrams (general-glo-ciphering APDUs)
 * may come on the same line. Bytes of a 7E1 line that was opened as 8N1 are recognised by their
 * parity bit and cleaned. What is no telegram is skipped and counted.
 *
 * The framer owns what it holds back, at most P1_LIMIT and a bit; telegrams are borrowed for the call.
 */
#ifndef FRAME_P1_H
#define FRAME_P1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { P1_LIMIT = 65536 };

enum p1_crc { P1_CRC_NONE, P1_CRC_OK, P1_CRC_BAD };

struct p1_telegram {
	const uint8_t *data;
	size_t size;     /* from `/` to `!`, or to the last byte where no `!` is sent */
	size_t whole;    /* with the digits of the CRC */
	uint64_t offset; /* of `/` in the stream */
	enum p1_crc crc;
	bool ended;                 /* with `!` */
	bool restored;              /* the CRC is right once CR is put back before each LF */
	uint16_t printed, computed; /* CRCs, where one is printed */
};

struct p1_counts {
	uint64_t bytes, skipped; /* skipped: outside of any telegram */
	uint64_t telegrams;      /* handed out, those with a wrong CRC too */
	uint64_t truncated;      /* cut off by the start of the next one, or longer than P1_LIMIT */
};

struct p1_handler {
	void (*telegram)(void *context, const struct p1_telegram *telegram);
	/* An encrypted telegram; false if it is none, its bytes are then searched for others.
	 * NULL: none are looked for. */
	bool (*sealed)(void *context, const uint8_t *apdu, size_t size, uint64_t offset);
	void *context;
	/* A telegram that was given up, and why; or NULL. */
	void (*lost)(void *context, uint64_t offset, const char *why);
};

struct p1_framer {
	struct p1_handler handler;
	struct p1_counts counts;
	uint8_t *held;
	size_t held_size, capacity, searched;
	uint64_t offset; /* of the first byte that is not consumed */
	bool inside;     /* that byte is the `/` of a telegram */
	bool line_start; /* that byte stands at the start of a line */
	bool parity;     /* bytes carry a parity bit */
	bool toggle;
};

void p1_init(struct p1_framer *f, const struct p1_handler *handler);
void p1_free(struct p1_framer *f);

/* Takes any number of bytes; 0 or EM_NO_MEMORY. */
int p1_feed(struct p1_framer *f, const uint8_t *data, size_t size);

/* Nothing came for seconds: an encrypted telegram that is not complete will not be. A plain one waits. */
void p1_idle(struct p1_framer *f);

/* The stream ended. The framer is ready for the next one. */
void p1_end(struct p1_framer *f);

/* The stream broke off: what is not complete will not be. The framer is ready for the next one. */
void p1_cut(struct p1_framer *f);

/*
 * A data line without its line end: `code(group)(group)...`, with `!` perhaps. Sets the length of the
 * code, of its suffix .255 or *255, and of the groups; false if the line has another form.
 */
struct p1_line {
	size_t code, suffix, groups;
};

bool p1_line_split(struct p1_line *line, const uint8_t *data, size_t size);

/* Whether one of the lines is one of data: without a CRC a telegram needs one. */
bool p1_has_line(const uint8_t *data, size_t size);

/* Whether the telegram names its version: then it belongs to a generation that always sends `!`. */
bool p1_names_version(const uint8_t *data, size_t size);

/* Whether that version always sends a CRC: DSMR 4 and later, eMUCS, and what cannot be read. */
bool p1_demands_crc(const uint8_t *data, size_t size);

/* Whether the last line is one of data, or a value alone; else it may have been `!` and a CRC. */
bool p1_ends_with_line(const uint8_t *data, size_t size);

#endif
