/*
 * The lines of a meter as they looked last time. A meter prints the same lines in the same order
 * with the same number of digits, so the decoder compares a line with its form as a whole: code,
 * unit and line end by a few words of eight bytes. It converts digits to a number eight at a time.
 * It compares lines that rarely change (identifiers, logs) byte by byte with the last ones and does
 * not parse them again. It parses any line that looks different, and remembers it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "protocol/dsmr/parts.h"

enum { HEAD_MIN = 8, HEAD_MAX = 16, WORD = 8, WIDTH_MAX = 16, COPY_MAX = 1024, STAMP_SIZE = 13 };
enum { WAYS = 4 }; /* slots that can remember a header */
enum form { FORM_NONE, FORM_NUMBER, FORM_STAMP, FORM_SAME };

#define ZEROS 0x3030303030303030ull

struct memo_line {
	uint64_t head_first, head_last; /* eight bytes each, they overlap */
	uint64_t tail, tail_mask;       /* the last eight bytes of the line */
	uint64_t low_keep, low_fill;    /* bytes of the digits' last word that are digits */
	uint64_t point, point_mask, point_fill, whole_mask, fraction_mask;
	uint64_t high_keep, high_fill, high_scale;
	uint64_t seen;       /* bit of the quantity */
	struct value number; /* except digits and code */
	uint8_t form, head, width, total, after, seen_word, signs;
	/* FORM_SAME: the line and its results */
	uint8_t *copy;
	uint32_t size, capacity;
	struct value *values;
	uint32_t value_count, value_capacity;
	uint8_t slot; /* the value that it sets, SLOTS: it adds values */
	bool replays; /* the line gives only values (or its channel) */
	struct channel channel;
	struct p1_line split;
	uint64_t code;
	struct dsmr_row row;
};

struct memo {
	uint64_t hash;
	uint8_t header[64];
	size_t header_size; /* SIZE_MAX: too long to be kept */
	struct memo_line lines[MEMO_LINES];
};

/* The first byte is the lowest of a word, for comparisons and for arithmetic. */
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
	        (word >> 16 & 0x000000FF000000FFull) * 0x0000271000000001ull) >>
	       32;
}

static inline bool number_value(const struct memo_line *m, const uint8_t *end, uint64_t *value)
{
	uint64_t low = (load(end - WORD) & m->low_keep) | m->low_fill, high;
	bool good = !((low ^ m->point) & m->point_mask);

	/* Moves the digits before the point next to those after it. */
	low = (low & m->fraction_mask) | (low & m->whole_mask) << 8 | m->point_fill;
	good &= all_digits(low);
	*value = eight_digits(low);
	if (m->width <= WORD)
		return good;
	high = (load(end - 2 * WORD) & m->high_keep) | m->high_fill;
	*value += eight_digits(high) * m->high_scale;
	return good & all_digits(high);
}

static inline bool same_frame(const struct memo_line *m, const uint8_t *p)
{
	return load(p) == m->head_first && load(p + m->head - WORD) == m->head_last &&
	       (load(p + m->total - WORD) & m->tail_mask) == m->tail &&
	       p[m->head + m->width] == m->after;
}

/* Whether a new line begins here, not the continuation of the last one. */
static inline bool begins_line(uint8_t c)
{
	return c == '!' || (c >= '0' && c <= '9');
}

const uint8_t *memo_numbers(struct dsmr *d, const struct memo *memo, size_t *index,
                            const uint8_t *p, const uint8_t *end)
{
	const struct memo_line *m, *last = memo->lines + MEMO_LINES;
	struct record *r = d->record;
	uint64_t digits;

	if (*index >= MEMO_LINES)
		return p;
	for (m = memo->lines + *index; m < last && m->form == FORM_NUMBER && end - p > m->total;
	     m++) {
		struct value *v;

		if (!same_frame(m, p) || !number_value(m, p + m->head + m->width, &digits) ||
		    (d->seen[m->seen_word] & m->seen) || !begins_line(p[m->total]) ||
		    (r->count == r->capacity && !record_grow(r)))
			break;
		d->seen[m->seen_word] |= m->seen;
		d->signs |= m->signs;
		v = &r->values[r->count++];
		*v = m->number;
		v->obis = (const char *)p;
		v->as.decimal.digits = digits;
		p += m->total;
	}
	*index = (size_t)(m - memo->lines);
	return p;
}

static struct dsmr_line line_at(const struct memo_line *m, const uint8_t *p, size_t groups)
{
	struct dsmr_line line = {.code = {p, m->split.code},
	                         .printed = m->split.code + m->split.suffix};

	line.groups = (struct span){p + line.printed, groups};
	line.whole = (struct span){p, line.printed + groups};
	return line;
}

static size_t read_stamp_line(struct dsmr *d, const struct memo_line *m, const uint8_t *p)
{
	struct dsmr_line line = line_at(m, p, m->split.groups);
	const uint8_t *stamp = p + m->head;

	if (!same_frame(m, p) || !all_digits(load(stamp)) || !all_digits(load(stamp + 4)) ||
	    (stamp[12] != 'S' && stamp[12] != 'W'))
		return 0;
	dsmr_dispatch(d, &line, m->code, &m->row);
	return m->total;
}

/* Adds the values that the same line gave last time. */
static bool replay(struct dsmr *d, const struct memo_line *m)
{
	struct record *r = d->record;

	if (!m->replays)
		return false;
	if (!m->row.quantity) {
		if (!channel_merge(d, OBIS_B(m->code), &m->channel))
			return false;
		d->signs |= m->signs;
		return true;
	}
	if (d->seen[m->seen_word] & m->seen)
		return false;
	if (m->slot < SLOTS) {
		r->values[m->slot] = m->values[0];
	} else {
		while (r->capacity - r->count < m->value_count)
			if (!record_grow(r))
				return true;
		memcpy(r->values + r->count, m->values, m->value_count * sizeof *m->values);
		r->count += m->value_count;
	}
	d->seen[m->seen_word] |= m->seen;
	d->signs |= m->signs;
	return true;
}

size_t memo_read(struct dsmr *d, struct memo *memo, size_t index, const uint8_t *data, size_t left)
{
	const struct memo_line *m;
	size_t size;

	if (!memo || index >= MEMO_LINES)
		return 0;
	m = &memo->lines[index];
	size = m->form == FORM_SAME ? m->size : m->total;
	if (m->form == FORM_NONE || m->form == FORM_NUMBER || left <= size ||
	    !begins_line(data[size]))
		return 0;
	if (m->form == FORM_STAMP)
		return read_stamp_line(d, m, data);
	if (memcmp(data, m->copy, size))
		return 0;
	if (!replay(d, m)) {
		struct dsmr_line line = line_at(m, data, m->split.groups);

		dsmr_dispatch(d, &line, m->code, &m->row);
	}
	return size;
}

static uint64_t keep_mask(size_t bytes)
{
	return bytes >= WORD ? ~0ull : bytes ? ~0ull << 8 * (WORD - bytes) : 0;
}

/* Learns head and tail of a line; `width` bytes after the parenthesis are variable. */
static bool learn_frame(struct memo_line *m, const struct dsmr_line *line, size_t width)
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

static bool learn_number(struct memo_line *m, const struct dsmr_line *line,
                         const struct dsmr_row *row)
{
	struct span group = {line->groups.data + 1, line->groups.size - 2};
	size_t width = 0, point = SIZE_MAX, fraction, low, at;
	struct dsmr_reading reading = read_number(group);
	size_t index = (size_t)(row->quantity - quantities) % QUANTITIES;
	const char *unit = row->quantity->unit;
	bool unitless = row->kind == ROW_COUNT || !strcmp(unit, "1");

	for (; width < group.size && group.data[width] != '*' && group.data[width] < 'A'; width++)
		if (group.data[width] == '.')
			point = width;
	fraction = point == SIZE_MAX ? 0 : width - point - 1;
	if (!reading.valid || group.data[0] == '-' || width > WIDTH_MAX || fraction >= WORD ||
	    (unitless ? reading.unit != NULL : !reading.unit || strcmp(reading.unit, unit) != 0) ||
	    (row->kind == ROW_COUNT && (fraction || width != group.size)) ||
	    !learn_frame(m, line, width))
		return false;
	low = width < WORD ? width : WORD;
	m->low_keep = keep_mask(low);
	m->low_fill = ~m->low_keep & ZEROS;
	at = fraction ? 8 * (WORD - 1 - fraction) : 0;
	m->point_mask = fraction ? 0xFFull << at : 0;
	m->point = (uint64_t)'.' << at;
	m->point_fill = fraction ? '0' : 0;
	m->whole_mask = fraction ? (1ull << at) - 1 : 0;
	m->fraction_mask = fraction ? keep_mask(fraction) : ~0ull;
	m->high_keep = keep_mask(width > WORD ? width - WORD : 0);
	m->high_fill = ~m->high_keep & ZEROS;
	m->high_scale = fraction ? 10000000 : 100000000;
	m->number = (struct value){.name = row->quantity->name,
	                           .name_length = row->quantity->length,
	                           .unit = unit,
	                           .address = -1,
	                           .kind = VALUE_DECIMAL,
	                           .obis_length = (uint8_t)(m->head - 1)};
	m->number.as.decimal.exponent = reading.value.exponent;
	m->seen_word = (uint8_t)(index / 64);
	m->seen = 1ull << index % 64;
	m->form = FORM_NUMBER;
	return true;
}

/*
 * Converts a pointer into the line or to another text to one into the copy, where texts follow the
 * line.
 */
static const uint8_t *keep(struct memo_line *m, const struct dsmr_line *line, const uint8_t *data,
                           size_t size, uint32_t *used)
{
	const uint8_t *from = line->whole.data;
	uint8_t *to = m->copy + *used;

	if (data >= from && data < from + line->whole.size)
		return m->copy + (data - from);
	if (m->capacity - *used < size)
		return NULL;
	if (size)
		memcpy(to, data, size);
	*used += (uint32_t)size;
	return to;
}

static bool keep_value(struct memo_line *m, const struct dsmr_line *line, struct value *v,
                       uint32_t *used)
{
	const uint8_t *text;

	if (v->obis)
		v->obis = (const char *)keep(m, line, (const uint8_t *)v->obis, v->obis_length,
		                             used);
	if (v->kind != VALUE_TEXT)
		return true;
	text = keep(m, line, (const uint8_t *)v->as.text.data, v->as.text.length, used);
	v->as.text.data = (const char *)text;
	return text != NULL;
}

static bool learn_values(struct memo_line *m, const struct dsmr_line *line,
                         const struct value *values, size_t count)
{
	uint32_t used = m->size;
	struct value *copy;

	if (count > m->value_capacity) {
		copy = realloc(m->values, count * sizeof *copy);
		if (!copy)
			return false;
		m->values = copy;
		m->value_capacity = (uint32_t)count;
	}
	memcpy(m->values, values, count * sizeof *values);
	m->value_count = (uint32_t)count;
	for (size_t i = 0; i < count; i++)
		if (!keep_value(m, line, &m->values[i], &used))
			return false;
	return true;
}

/* Learns what a line gives to an empty channel, with the identifier decoded. */
static bool learn_channel(struct memo_line *m, const struct dsmr_line *line)
{
	struct dsmr empty = {0};
	struct channel *c = &empty.channel[OBIS_B(m->code) - 1];
	uint32_t used = m->size;

	if (!channel_line(&empty, line, m->code) || empty.failed || empty.errors.count) {
		free(empty.errors.items);
		return false;
	}
	m->channel = *c;
	c = &m->channel;
	c->id.data = keep(m, line, c->id.data, 0, &used);
	c->ean.data = keep(m, line, c->ean.data, 0, &used);
	c->valve.data = keep(m, line, c->valve.data, 0, &used);
	c->obis.data = keep(m, line, c->obis.data, 0, &used);
	if (c->has_id)
		c->id_text.size = decode_text(m->copy + used, c->id);
	c->id_text.data = m->copy + used;
	return true;
}

static bool learn_copy(struct memo_line *m, const struct dsmr_line *line)
{
	size_t size = line->whole.size + 1, need = 2 * size;
	uint8_t *copy;

	if (size > COPY_MAX)
		return false;
	if (need > m->capacity) {
		copy = realloc(m->copy, need);
		if (!copy)
			return false;
		m->copy = copy;
		m->capacity = (uint32_t)need;
	}
	memcpy(m->copy, line->whole.data, size - 1);
	m->copy[size - 1] = '\n';
	m->size = (uint32_t)size;
	m->form = FORM_SAME;
	return true;
}

/* A line whose values are all in the record, or in a channel, need not be parsed again. */
static void learn_result(struct dsmr *d, struct memo_line *m, const struct dsmr_line *line,
                         size_t before)
{
	const struct record *r = d->record;
	size_t index = (size_t)(m->row.quantity - quantities) % QUANTITIES;

	m->slot = SLOTS;
	if (!m->row.quantity) {
		m->replays = OBIS_A(m->code) == 0 && OBIS_B(m->code) >= 1 &&
		             OBIS_B(m->code) <= CHANNELS &&
		             (OBIS_C(m->code) == 24 || OBIS_C(m->code) == 96) &&
		             learn_channel(m, line);
		return;
	}
	m->seen_word = (uint8_t)(index / 64);
	m->seen = 1ull << index % 64;
	if (m->row.rank)
		return;
	if (m->row.kind == ROW_VERSION)
		m->slot = SLOT_VERSION;
	else if (m->row.kind == ROW_TEXT && !strcmp(m->row.quantity->name, "meter_id"))
		m->slot = SLOT_ID;
	if (m->slot < SLOTS)
		m->replays = learn_values(m, line, r->values + m->slot, 1);
	else if (m->row.kind != ROW_TIME)
		m->replays = learn_values(m, line, r->values + before, r->count - before);
}

void memo_learn(struct dsmr *d, struct memo *memo, size_t index, const struct dsmr_line *line,
                const struct learned *learned)
{
	struct memo_line *m;
	size_t end = line->printed + line->groups.size;
	const struct dsmr_row *row = &learned->row;

	if (!memo || index >= MEMO_LINES)
		return;
	m = &memo->lines[index];
	m->form = FORM_NONE;
	m->replays = false;
	if (!learned->code || line->whole.size != end + 1 || line->whole.data[end] != '\r' ||
	    end < WORD)
		return;
	m->split = (struct p1_line){line->code.size, line->printed - line->code.size,
	                            line->groups.size};
	m->code = learned->code;
	m->row = *row;
	m->signs = (uint8_t)learned->signs;
	if (row->quantity && !row->rank && (row->kind == ROW_NUMBER || row->kind == ROW_COUNT) &&
	    learn_number(m, line, row))
		return;
	if (row->quantity && row->kind == ROW_TIME && line->groups.size == STAMP_SIZE + 2 &&
	    learn_frame(m, line, STAMP_SIZE))
		m->form = FORM_STAMP;
	else if (learn_copy(m, line) && learned->clean)
		learn_result(d, m, line, learned->before);
}

struct memo *memo_find(struct dsmr *d, struct span header)
{
	uint64_t hash;
	struct memo **set, **place = NULL;

	if (d->latest && d->latest->header_size == header.size &&
	    !memcmp(d->latest->header, header.data, header.size))
		return d->latest;
	hash = fnv64(FNV64_START, header.data, header.size);
	set = &d->memos[(hash ^ hash >> 29) % (METERS / WAYS) * WAYS];
	for (size_t i = 0; i < WAYS && !place; i++)
		if (!set[i] || set[i]->hash == hash)
			place = &set[i];
	if (!place)
		place = &set[d->turn++ % WAYS];
	if (!*place)
		*place = calloc(1, sizeof **place);
	if (*place && (*place)->hash != hash) {
		for (size_t i = 0; i < MEMO_LINES; i++)
			(*place)->lines[i].form = FORM_NONE;
		(*place)->hash = hash;
		(*place)->header_size = header.size;
		if (header.size <= sizeof(*place)->header)
			memcpy((*place)->header, header.data, header.size);
		else
			(*place)->header_size = SIZE_MAX;
	}
	d->latest = *place;
	return *place;
}

void memo_free(struct memo *memo)
{
	for (size_t i = 0; memo && i < MEMO_LINES; i++) {
		free(memo->lines[i].copy);
		free(memo->lines[i].values);
	}
	free(memo);
}
