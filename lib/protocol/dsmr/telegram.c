/* One telegram, line by line. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "protocol/dsmr/parts.h"

struct dsmr *dsmr_new(int gas_channel)
{
	struct dsmr *d = calloc(1, sizeof *d);

	if (d)
		d->gas_channel = gas_channel;
	return d;
}

void dsmr_free(struct dsmr *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < METERS; i++)
		memo_free(d->memos[i]);
	free(d->unknown.items);
	free(d->errors.items);
	free(d);
}

/* A line in one piece; returns its code, 0 when it has none. */
static uint64_t plain_line(struct dsmr *d, struct dsmr_line *line, struct span text,
                           struct dsmr_row *row)
{
	struct p1_line split;
	uint64_t code;

	if (!p1_line_split(&split, text.data, text.size)) {
		dsmr_error(d, line->whole);
		return 0;
	}
	line->code = (struct span){text.data, split.code};
	line->printed = split.code + split.suffix;
	line->groups = (struct span){text.data + line->printed, split.groups};
	if (line->code.size > CODE_LIMIT || !obis_parse(&code, text.data, split.code)) {
		dsmr_unknown(d, line);
		return 0;
	}
	*row = row_find(code);
	dsmr_dispatch(d, line, code, row);
	return code;
}

/* Parses a line; returns the first byte after it. */
static const uint8_t *read_line(struct dsmr *d, struct memo *memo, size_t index,
                                const uint8_t *data, const uint8_t *end)
{
	size_t size = line_size(data, end), trimmed = size;
	struct dsmr_line line = {0};
	struct learned learned = {.before = d->record->count};
	size_t leftovers = d->unknown.count + d->errors.count + d->fallbacks;
	const uint8_t *whole;

	if (!has_text(data, size))
		return data + size + 1;
	whole = wrapped_end(data, end);
	while (trimmed && data[trimmed - 1] == '\r')
		trimmed--;
	line.whole = (struct span){data, (size_t)(whole - data)};
	if (line.whole.size == size && !memchr(data, '\r', trimmed)) {
		learned.code = plain_line(d, &line, (struct span){data, trimmed}, &learned.row);
		learned.signs = dsmr_signs(learned.code);
		learned.clean = leftovers == d->unknown.count + d->errors.count + d->fallbacks;
		memo_learn(d, memo, index, &line, &learned);
	} else {
		struct span text = join_lines(d, data, whole);

		if (text.data)
			plain_line(d, &line, text, &learned.row);
	}
	return whole + 1;
}

/* Sweden's clocks stay at +01:00 and its meters send nothing but the clock and measured values. */
static bool is_swedish(const struct dsmr *d)
{
	return d->signs == (SIGN_TOTAL | SIGN_REACTIVE);
}

static void drop_empty_slots(struct dsmr *d)
{
	struct record *r = d->record;
	size_t to = 0;

	if (r->values[SLOT_TIME].kind == VALUE_TIME && is_swedish(d)) {
		r->values[SLOT_TIME].as.time.has_offset = true;
		r->values[SLOT_TIME].as.time.offset = 60;
	}
	for (size_t i = 0; i < SLOTS; i++) {
		if (r->values[i].kind != VALUE_NULL || (i == SLOT_TIME && d->has_clock))
			r->values[to++] = r->values[i];
	}
	if (to < SLOTS) {
		memmove(r->values + to, r->values + SLOTS, (r->count - SLOTS) * sizeof *r->values);
		r->count -= SLOTS - to;
	}
}

static void begin(struct dsmr *d, const struct p1_telegram *t, struct record *r)
{
	static const struct {
		const char *name;
		size_t length;
	} names[] = {{"meter_time", 10}, {"header", 6}, {"version", 7}, {"meter_id", 8}};
	static const char *const words[] = {
		[P1_CRC_NONE] = "none", [P1_CRC_OK] = "ok", [P1_CRC_BAD] = "bad"};

	record_begin(r, "p1");
	for (size_t i = 0; i < SLOTS - 1; i++)
		record_add_n(r, names[i].name, names[i].length);
	record_word(r, "crc", words[t->crc]);
	if (t->restored)
		record_word(r, "line_ends", "restored");
	d->record = r;
	d->failed = d->has_clock = false;
	memset(d->seen, 0, sizeof d->seen);
	d->signs = d->channels = 0;
	d->fallbacks = 0;
	leftovers_clear(&d->unknown);
	leftovers_clear(&d->errors);
}

int dsmr_decode(struct dsmr *d, const struct p1_telegram *t, struct record *r)
{
	const uint8_t *p = t->data, *end = t->data + t->size;
	struct span header = {p + 1, line_size(p, end)};
	struct memo *memo;

	begin(d, t, r);
	if (r->failed)
		return EM_NO_MEMORY;
	p += header.size + 1;
	for (header.size--; header.size && header.data[header.size - 1] == '\r';)
		header.size--;
	for (; header.size && header.data[0] == '\r'; header.size--)
		header.data++;
	set_text(r, SLOT_HEADER, header, false);
	memo = memo_find(d, header);
	for (size_t index = 0; p < end; index++) {
		size_t n;

		if (memo)
			p = memo_numbers(d, memo, &index, p, end);
		if (*p == '!' && end - p == 1)
			break;
		n = memo_read(d, memo, index, p, (size_t)(end - p));
		if (!n && end - p > 2 && p[0] == '\r' && p[1] == '\n')
			n = 2;
		p = n ? p + n : read_line(d, memo, index, p, end);
	}
	dsmr_settle(d);
	add_channels(d);
	add_leftovers(d);
	drop_empty_slots(d);
	return r->failed || d->failed ? EM_NO_MEMORY : 0;
}
