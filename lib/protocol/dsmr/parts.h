/*
 * Declarations shared by the parts of the P1 decoder. A cursor walks over the groups of a line; a
 * line keeps both its text (joined where the meter wrapped it) and the bytes it came from.
 */
#ifndef PROTOCOL_DSMR_PARTS_H
#define PROTOCOL_DSMR_PARTS_H

#include "protocol/dsmr/dsmr.h"
#include "protocol/dsmr/obis.h"
#include "record/quantity.h"

struct span {
	const uint8_t *data;
	size_t size;
};

struct dsmr_line {
	struct span code;   /* without suffix */
	struct span groups; /* all, with their parentheses */
	struct span whole;  /* as received, line ends inside where it was wrapped */
	size_t printed;     /* size of the code with its suffix */
};

enum row_kind {
	ROW_NUMBER, /* a value with a unit */
	ROW_COUNT,
	ROW_TEXT,
	ROW_VERSION,
	ROW_TIME,
	ROW_LIMIT, /* a number, 999 means not active */
	ROW_PEAK,  /* (time)(value) */
	ROW_LOG,
	ROW_HISTORY
};

struct dsmr_row {
	const struct quantity *quantity; /* NULL: no such row */
	enum row_kind kind;
	unsigned rank; /* 0; else used only if no better code is sent, the lowest first */
};

/* The value that a code names. */
struct dsmr_row row_find(uint64_t code);

/* A code and its groups, or a whole line. */
struct leftover {
	struct span code, groups;
	uint32_t next; /* the same code again, or one with the same hash: index + 1 */
	bool again;
};

struct leftovers {
	struct leftover *items;
	size_t count, capacity;
	uint32_t heads[256];
	bool used;
};

enum { CHANNELS = 9, SLOTS = 5, QUANTITIES = 256, FALLBACKS = 4, METERS = 128, MEMO_LINES = 64 };

enum slot { SLOT_TIME, SLOT_HEADER, SLOT_VERSION, SLOT_ID, SLOT_CRC };

enum channel_kind {
	KIND_UNKNOWN,
	KIND_ELECTRICITY,
	KIND_GAS,
	KIND_HEAT,
	KIND_HOT_WATER,
	KIND_WATER,
	KIND_COOLING
};

struct channel {
	bool used, has_kind, has_id, has_ean, has_reading, has_valve, has_value, has_time, is_gas;
	enum channel_kind kind;
	struct span id, ean, valve, obis;
	struct span id_text; /* the identifier decoded, where that is known already */
	struct stamp time;
	struct decimal value;
	const char *unit;
};

struct memo;

struct dsmr {
	struct record *record;
	int gas_channel;
	bool failed; /* memory is out */
	bool has_clock;
	uint64_t seen[QUANTITIES / 64];
	uint64_t signs; /* kinds of lines seen: enum sign */
	struct leftovers unknown, errors;
	struct {
		struct dsmr_line line;
		struct dsmr_row row;
	} fallback[FALLBACKS];
	size_t fallbacks;
	unsigned channels; /* a bit per channel in use */
	struct channel channel[CHANNELS];
	struct memo *memos[METERS], *latest; /* found by their headers */
	unsigned turn;
};

/* Lines that identify a country. */
enum sign {
	SIGN_VERSION = 1,
	SIGN_MANAGEMENT = 2,
	SIGN_TARIFF = 4,
	SIGN_TOTAL = 8,
	SIGN_REACTIVE = 16
};

/* Handles one line whose code and row are known. */
void dsmr_dispatch(struct dsmr *d, const struct dsmr_line *line, uint64_t code,
                   const struct dsmr_row *row);
/* At the end: codes with a rank become values if no better one was sent, or stay verbatim. */
void dsmr_settle(struct dsmr *d);
uint64_t dsmr_signs(uint64_t code);

/*
 * The size up to the next line feed; whether that contains text; the end of a line with its
 * continuation; the joined line.
 */
size_t line_size(const uint8_t *data, const uint8_t *end);
bool has_text(const uint8_t *data, size_t size);
const uint8_t *wrapped_end(const uint8_t *data, const uint8_t *end);
struct span join_lines(struct dsmr *d, const uint8_t *data, const uint8_t *end);

/* The next group, without its parentheses; false after the last. */
bool next_group(struct span *rest, struct span *group);
size_t count_groups(struct span groups);

/* A number with or without unit: base unit and value in it. `unit` is NULL when none is printed. */
struct dsmr_reading {
	struct decimal value;
	const char *unit;
	bool valid;
};

struct dsmr_reading read_number(struct span text);
bool read_unit(struct span text, const char **unit, int *shift);

/* YYMMDDhhmmss[SW], or a DLMS date and time of 24 hexadecimal digits; invalid if neither. */
struct stamp read_stamp(struct span text);
/* Whether this is the time that meters print for a device that was never read. */
bool never_read(struct span text);

/* Adds hexadecimal text, decoded if that gives printable ASCII; other bytes are Latin-1. */
void add_text(struct record *r, const char *name, struct span text);
/* The same into out[text.size / 2]; 0 when the text does not decode. */
size_t decode_text(uint8_t *out, struct span text);
/* The same into a value that exists already. */
void set_text(struct record *r, size_t index, struct span text, bool decode);

/* Profiles: power failures, quarter-hour peaks. */
void add_log(struct dsmr *d, const struct dsmr_line *line, const struct quantity *q);
void add_history(struct dsmr *d, const struct dsmr_line *line, const struct quantity *q);

/* M-Bus channels. False if the line does not belong to a channel. */
bool channel_line(struct dsmr *d, const struct dsmr_line *line, uint64_t code);
void add_channels(struct dsmr *d);
/* Adds the values of one line; false when the channel has some of them already. */
bool channel_merge(struct dsmr *d, unsigned number, const struct channel *part);

/* Damaged lines, and lines without a name. A line with a longer code counts as damaged. */
enum { CODE_LIMIT = 64 };
void dsmr_error(struct dsmr *d, struct span line);
void dsmr_unknown(struct dsmr *d, const struct dsmr_line *line);

void leftovers_clear(struct leftovers *list);
void add_leftovers(struct dsmr *d);

/*
 * The lines of a meter as they looked last time. memo_numbers() takes known lines with numbers, up
 * to the first other line. memo_read() takes one other known line and returns its size, 0 when it
 * looks different. memo_learn() remembers a line that was parsed.
 */
struct memo *memo_find(struct dsmr *d, struct span header);
const uint8_t *memo_numbers(struct dsmr *d, const struct memo *memo, size_t *index,
                            const uint8_t *p, const uint8_t *end);
size_t memo_read(struct dsmr *d, struct memo *memo, size_t index, const uint8_t *data, size_t left);
struct learned {
	uint64_t code, signs; /* code 0: the line has none */
	struct dsmr_row row;
	size_t before; /* values in the record before the line */
	bool clean;    /* nothing of the line is in `unknown` or `errors`, its value is new */
};
void memo_learn(struct dsmr *d, struct memo *memo, size_t index, const struct dsmr_line *line,
                const struct learned *learned);
void memo_free(struct memo *memo);

#endif
