/*
 * Finds P1 telegrams in a stream of bytes that arrives in pieces of any size:
 *
 *     / header CR LF  CR LF  lines CR LF  ! CRC CR LF        DSMR 4 and later, most of Europe
 *     / header CR LF  CR LF  lines CR LF  !     CR LF        DSMR 2 and 3
 *     / header CR LF  CR LF  lines                           some DSMR 2 meters: no end at all
 *
 * A telegram that names its version always ends with `!`. Whether its CRC may be missing is for the
 * receiver to decide (stream/p1_decoder.h).
 *
 * A telegram begins with `/` at the start of a line and ends with `!` at the start of a line or
 * after `)`. CRC-16/ARC covers everything from `/` to `!`. Encrypted telegrams
 * (general-glo-ciphering APDUs) may come on the same line. The framer recognises a 7E1 line that
 * was opened as 8N1 by the parity bits and removes them. It skips and counts bytes that belong to
 * no telegram.
 *
 * The framer owns the bytes that it holds back, slightly more than P1_LIMIT at most. A telegram is
 * valid only during the call.
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
	uint64_t telegrams;      /* emitted, including those with a wrong CRC */
	uint64_t truncated;      /* cut off by the start of the next one, or longer than P1_LIMIT */
};

struct p1_handler {
	void (*telegram)(void *context, const struct p1_telegram *telegram);
	/*
	 * An encrypted telegram. Returns false if it is none: the framer then searches its bytes
	 * for others. NULL: the framer does not look for encrypted telegrams.
	 */
	bool (*sealed)(void *context, const uint8_t *apdu, size_t size, uint64_t offset);
	void *context;
	/* The framer dropped a telegram, and why. May be NULL. */
	void (*lost)(void *context, uint64_t offset, const char *why);
};

struct p1_framer {
	struct p1_handler handler;
	struct p1_counts counts;
	uint8_t *held;
	size_t held_size, capacity, searched;
	uint64_t offset; /* of the first byte that is not consumed */
	bool inside;     /* that byte is the `/` of a telegram */
	bool line_start; /* that byte is the first of a line */
	bool parity;     /* bytes carry a parity bit */
	bool toggle;
};

void p1_init(struct p1_framer *f, const struct p1_handler *handler);
void p1_free(struct p1_framer *f);

/* Takes any number of bytes; 0 or EM_NO_MEMORY. */
int p1_feed(struct p1_framer *f, const uint8_t *data, size_t size);

/* Nothing arrived for seconds: drops an incomplete encrypted telegram. A plain one still waits. */
void p1_idle(struct p1_framer *f);

/* The stream ended. The framer is ready for the next stream. */
void p1_end(struct p1_framer *f);

/* The stream broke off: drops an incomplete telegram. The framer is ready for the next stream. */
void p1_cut(struct p1_framer *f);

/*
 * A data line without its line end: `code(group)(group)...`, optionally with `!`. Sets the length
 * of the code, of its suffix .255 or *255, and of the groups; false if the line has another form.
 */
struct p1_line {
	size_t code, suffix, groups;
};

bool p1_line_split(struct p1_line *line, const uint8_t *data, size_t size);

/* Whether at least one line is a data line. A telegram without a CRC needs one. */
bool p1_has_line(const uint8_t *data, size_t size);

/* Whether the telegram names its version. Meters that do so always send `!`. */
bool p1_names_version(const uint8_t *data, size_t size);

/* Whether that version always sends a CRC: DSMR 4 and later, eMUCS, and unreadable versions. */
bool p1_demands_crc(const uint8_t *data, size_t size);

/*
 * Whether the last line is a data line or a value alone. Otherwise it may be a damaged `!` and CRC.
 */
bool p1_ends_with_line(const uint8_t *data, size_t size);

#endif
