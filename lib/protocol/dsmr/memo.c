/*
 * The lines of a meter as they looked last time. A meter prints the same lines in the same order with
 * the same number of digits, so a line is compared with its form as a whole: code, unit and line end
 * by a few words of eight bytes; digits are turned into a number eight at a time. Lines that rarely
 * change (identifiers, logs) are compared byte by byte with the last ones and need no parsing again.
 * Whatever looks different is read the long way, and remembered.
 */
#include <stdlib.h>
#include <string.h>

#include "protocol/dsmr/parts.h"

enum { HEAD_MIN = 8, HEAD_MAX = 16, WORD = 8, WIDTH_MAX = 16, COPY_MAX = 1024, STAMP_SIZE = 13 };
enum form { FORM_NONE, FORM_NUMBER, FORM_STAMP, FORM_SAME };

#define ZEROS 0x3030303030303030ull

struct memo_line {
	uint64_t head_first, head_last; /* eight bytes each, they overlap */
	uint64_t tail, tail_mask;       /* the last eight bytes of the line */
	uint64_t low_keep, low_fill;    /* bytes of the digits' last word that are digits */
	uint64_t whole_mask, fraction_mask;
	uint64_t high_keep, high_fill, high_scale;
	uint64_t seen;                  /* bit of the quantity */
	const struct quantity *quantity;
	const char *unit;
	uint8_t form, head, width, total, after, point; /* point: its byte, WORD: none */
	uint8_t seen_word, signs;
	int16_t exponent;
	/* FORM_SAME */
	uint8_t *copy;
	uint16_t size, capacity;
	struct p1_line split;
	uint64_t code;
	struct row row;
};

struct memo {
	uint64_t hash;
	struct memo_line lines[MEMO_LINES];
};

/* Words are compared and taken apart with the first byte lowest. */
static inline uint64_t load(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof word);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	return word;
}

static inline bool all_digits(uint64_t word)
{
	word ^= ZEROS;
	return !(((word + 0x0606060606060606ull) | word) & 0xF0F0F0F0F0F0F0F0ull);
}

/* Eight digits, the first one lowest in the word. */
static inline uint64_t eight_digits(uint64_t word)
{
	word -= ZEROS;
	word = word * 10 + (word >> 8);
	return ((word & 0x000000FF000000FFull) * 0x000F424000000064ull +
	        (word >> 16 & 0x000000FF000000FFull) * 0x0000271000000001ull) >> 32;
}

static inline bool number_value(const struct memo_line *m, const uint8_t *end, uint64_t *value)
{
	uint64_t low = (load(end - WORD) & m->low_keep) | m->low_fill, high;

	if (m->point < WORD) {
		if ((uint8_t)(low >> 8 * m->point) != '.')
			return false;
		low = (low & m->fraction_mask) | (low & m->whole_mask) << 8 | '0';
	}
	if (!all_digits(low))
		return false;
	*value = eight_digits(low);
	if (m->width <= WORD)
		return true;
	high = (load(end - 2 * WORD) & m->high_keep) | m->high_fill;
	*value += eight_digits(high) * m->high_scale;
	return all_digits(high);
}

static inline bool same_frame(const struct memo_line *m, const uint8_t *p)
{
	return load(p) == m->head_first && load(p + m->head - WORD) == m->head_last &&
	       (load(p + m->total - WORD) & m->tail_mask) == m->tail &&
	       p[m->head + m->width] == m->after;
}

static size_t read_number_line(struct dsmr *d, const struct memo_line *m, const uint8_t *p)
{
	struct record *r = d->record;
	struct value *v;
	uint64_t digits;

	if (!same_frame(m, p) || (d->seen[m->seen_word] & m->seen) ||
	    !number_value(m, p + m->head + m->width, &digits))
		return 0;
	d->seen[m->seen_word] |= m->seen;
	d->signs |= m->signs;
	v = record_add_n(r, m->quantity->name, m->quantity->length);
	v->unit = m->unit;
	v->obis = (const char *)p;
	v->obis_length = (uint8_t)(m->head - 1);
	v->kind = VALUE_DECIMAL;
	v->as.decimal.digits = digits;
	v->as.decimal.exponent = m->exponent;
	v->as.decimal.negative = false;
	return m->total;
}

static struct line line_at(const struct memo_line *m, const uint8_t *p, size_t groups)
{
	struct line line = {.code = {p, m->split.code}, .printed = m->split.code + m->split.suffix};

	line.groups = (struct span){p + line.printed, groups};
	line.whole = (struct span){p, line.printed + groups};
	return line;
}

static size_t read_stamp_line(struct dsmr *d, const struct memo_line *m, const uint8_t *p)
{
	struct line line = line_at(m, p, m->split.groups);

	if (!same_frame(m, p))
		return 0;
	dsmr_dispatch(d, &line, m->code, &m->row);
	return m->total;
}

size_t memo_read(struct dsmr *d, struct memo *memo, size_t index, const uint8_t *data, size_t left)
{
	const struct memo_line *m;
	uint8_t next;
	size_t size;

	if (!memo || index >= MEMO_LINES)
		return 0;
	m = &memo->lines[index];
	size = m->form == FORM_SAME ? m->size : m->total;
	if (m->form == FORM_NONE || left <= size)
		return 0;
	next = data[size]; /* another line, not the rest of this one */
	if (next != '!' && (next < '0' || next > '9'))
		return 0;
	if (m->form == FORM_NUMBER)
		return read_number_line(d, m, data);
	if (m->form == FORM_STAMP)
		return read_stamp_line(d, m, data);
	if (memcmp(data, m->copy, size))
		return 0;
	struct line line = line_at(m, data, m->split.groups);

	dsmr_dispatch(d, &line, m->code, &m->row);
	return size;
}

static uint64_t keep_mask(size_t bytes)
{
	return bytes >= WORD ? ~0ull : bytes ? ~0ull << 8 * (WORD - bytes) : 0;
}

/* Head and tail of a line whose changing part is `width` bytes from the parenthesis on. */
static bool learn_frame(struct memo_line *m, const struct line *line, size_t width)
{
	const uint8_t *p = line->whole.data;
	size_t head = line->printed + 1, total = line->whole.size + 1, tail = total - head - width;

	if (head < HEAD_MIN || head > HEAD_MAX || total > 255 || tail > WORD + 1)
		return false;
	m->head = (uint8_t)head;
	m->width = (uint8_t)width;
	m->total = (uint8_t)total;
	m->head_first = load(p);
	m->head_last = load(p + head - WORD);
	m->after = p[head + width];
	m->tail_mask = keep_mask(tail);
	m->tail = (load(p + total - 1 - WORD) >> 8 | (uint64_t)'\n' << 56) & m->tail_mask;
	return true;
}

static bool learn_number(struct memo_line *m, const struct line *line, const struct row *row)
{
	struct span group = {line->groups.data + 1, line->groups.size - 2};
	size_t width = 0, point = SIZE_MAX, fraction, low;
	struct reading reading = read_number(group);
	size_t index = (size_t)(row->quantity - quantities) % QUANTITIES;
	const char *unit = row->quantity->unit;
	bool unitless = row->kind == ROW_COUNT || !strcmp(unit, "1");

	for (; width < group.size && group.data[width] != '*' && group.data[width] < 'A'; width++)
		if (group.data[width] == '.')
			point = width;
	fraction = point == SIZE_MAX ? 0 : width - point - 1;
	if (!reading.valid || group.data[0] == '-' || width > WIDTH_MAX || fraction >= WORD ||
	    (unitless ? reading.unit != NULL : !reading.unit || strcmp(reading.unit, unit) != 0) ||
	    (row->kind == ROW_COUNT && fraction) || !learn_frame(m, line, width))
		return false;
	low = width < WORD ? width : WORD;
	m->low_keep = keep_mask(low);
	m->low_fill = ~m->low_keep & ZEROS;
	m->point = (uint8_t)(fraction ? WORD - 1 - fraction : WORD);
	m->fraction_mask = keep_mask(fraction);
	m->whole_mask = fraction ? (1ull << 8 * m->point) - 1 : 0;
	m->high_keep = keep_mask(width > WORD ? width - WORD : 0);
	m->high_fill = ~m->high_keep & ZEROS;
	m->high_scale = fraction ? 10000000 : 100000000;
	m->quantity = row->quantity;
	m->unit = unit;
	m->exponent = (int16_t)reading.value.exponent;
	m->seen_word = (uint8_t)(index / 64);
	m->seen = 1ull << index % 64;
	m->form = FORM_NUMBER;
	return true;
}

static void learn_copy(struct memo_line *m, const struct line *line)
{
	size_t size = line->whole.size + 1;
	uint8_t *copy;

	if (size > COPY_MAX)
		return;
	if (size > m->capacity) {
		copy = realloc(m->copy, size);
		if (!copy)
			return;
		m->copy = copy;
		m->capacity = (uint16_t)size;
	}
	memcpy(m->copy, line->whole.data, size - 1);
	m->copy[size - 1] = '\n';
	m->size = (uint16_t)size;
	m->form = FORM_SAME;
}

void memo_learn(struct memo *memo, size_t index, const struct line *line, uint64_t code,
                const struct row *row, uint64_t signs)
{
	struct memo_line *m;
	size_t end = line->printed + line->groups.size;

	if (!memo || index >= MEMO_LINES)
		return;
	m = &memo->lines[index];
	m->form = FORM_NONE;
	if (!line->code.size || !code || line->whole.size != end + 1 || line->whole.data[end] != '\r' ||
	    end < WORD)
		return;
	m->split = (struct p1_line){line->code.size, line->printed - line->code.size, line->groups.size};
	m->code = code;
	m->row = *row;
	m->signs = (uint8_t)signs;
	if (row->quantity && !row->rank && (row->kind == ROW_NUMBER || row->kind == ROW_COUNT) &&
	    learn_number(m, line, row))
		return;
	if (row->quantity && row->kind == ROW_TIME && line->groups.size == STAMP_SIZE + 2 &&
	    learn_frame(m, line, STAMP_SIZE))
		m->form = FORM_STAMP;
	else
		learn_copy(m, line);
}

struct memo *memo_find(struct dsmr *d, struct span header)
{
	uint64_t hash = header.size;
	struct memo **place;

	for (size_t i = 0; i < header.size; i++)
		hash = (hash ^ header.data[i]) * 0x100000001B3ull;
	place = &d->memos[(hash ^ hash >> 29) % METERS];
	if (!*place)
		*place = calloc(1, sizeof **place);
	if (*place && (*place)->hash != hash) {
		for (size_t i = 0; i < MEMO_LINES; i++)
			(*place)->lines[i].form = FORM_NONE;
		(*place)->hash = hash;
	}
	return *place;
}

void memo_free(struct memo *memo)
{
	for (size_t i = 0; memo && i < MEMO_LINES; i++)
		free(memo->lines[i].copy);
	free(memo);
}
