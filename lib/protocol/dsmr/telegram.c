/* One telegram, line by line. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "protocol/dsmr/parts.h"

enum { CODE_LIMIT = 64 };

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

void dsmr_error(struct dsmr *d, struct span line)
{
	leftovers_add(d, &d->errors, (struct span){0}, line);
}

void dsmr_unknown(struct dsmr *d, const struct line *line)
{
	if (line->code.size > CODE_LIMIT)
		dsmr_error(d, line->whole);
	else
		leftovers_add(d, &d->unknown, line->code, line->groups);
}

bool dsmr_seen(struct dsmr *d, const struct quantity *q)
{
	size_t index = (size_t)(q - quantities) % QUANTITIES;
	uint64_t bit = 1ull << index % 64;
	bool seen = d->seen[index / 64] & bit;

	d->seen[index / 64] |= bit;
	return seen;
}

static struct value *add_named(struct dsmr *d, const struct line *line, const struct quantity *q)
{
	struct value *v = record_add_n(d->record, q->name, q->length);

	v->obis = (const char *)line->code.data;
	v->obis_length = (uint8_t)line->printed;
	return v;
}

static void set_decimal(struct value *v, struct decimal value, const char *unit)
{
	v->kind = VALUE_DECIMAL;
	v->unit = unit;
	v->as.decimal = value;
}

/* 999 and 999.9 in any unit: the limiter is off. */
static bool not_active(struct decimal value)
{
	for (; value.digits && value.digits % 10 == 0; value.digits /= 10)
		value.exponent++;
	return (value.digits == 999 && (value.exponent == 0 || value.exponent == 3)) ||
	       (value.digits == 9999 && (value.exponent == -1 || value.exponent == 2));
}

static void number_line(struct dsmr *d, const struct line *line, const struct row *row)
{
	bool dimensionless = !strcmp(row->quantity->unit, "1");
	size_t n = count_groups(line->groups);
	struct span rest = line->groups, group;
	struct reading reading;
	struct value *v = add_named(d, line, row->quantity);

	/* Luxembourg prints the limits of import and export, the first is meant. */
	while (next_group(&rest, &group) && row->kind != ROW_LIMIT)
		;
	if (n > 1)
		dsmr_unknown(d, line);
	if (group.size == 0)
		return;
	reading = read_number(group);
	if (!reading.valid) {
		dsmr_error(d, line->whole);
		return;
	}
	if (row->kind == ROW_LIMIT && not_active(reading.value))
		return;
	if (dimensionless ? !reading.unit : reading.unit && !strcmp(reading.unit, row->quantity->unit))
		set_decimal(v, reading.value, row->quantity->unit);
	else if (row->kind == ROW_LIMIT && reading.unit && !strcmp(reading.unit, "VA"))
		set_decimal(v, reading.value, reading.unit); /* Luxembourg limits apparent power */
	else if (n == 1)
		dsmr_unknown(d, line); /* the unit does not fit the code */
}

static void count_line(struct dsmr *d, const struct line *line, const struct row *row)
{
	struct span rest = line->groups, group;
	struct value *v = add_named(d, line, row->quantity);
	struct decimal n;

	next_group(&rest, &group);
	if (rest.size)
		dsmr_unknown(d, line);
	if (group.size == 0)
		return;
	if (group.data[0] >= '0' && group.data[0] <= '9' &&
	    !decimal_parse(&n, (const char *)group.data, group.size) && n.exponent == 0)
		set_decimal(v, n, NULL);
	else
		dsmr_error(d, line->whole);
}

static void text_line(struct dsmr *d, const struct line *line, const struct row *row)
{
	struct span rest = line->groups, group;

	next_group(&rest, &group);
	if (rest.size)
		dsmr_unknown(d, line);
	if (!strcmp(row->quantity->name, "version")) {
		set_text(d->record, SLOT_VERSION, group, false);
	} else if (!strcmp(row->quantity->name, "meter_id")) {
		set_text(d->record, SLOT_ID, group, true);
	} else {
		add_text(d->record, row->quantity->name, group);
	}
}

static void time_line(struct dsmr *d, const struct line *line)
{
	struct value *v = &d->record->values[SLOT_TIME];
	struct span rest = line->groups, group;
	struct stamp s;

	next_group(&rest, &group);
	s = read_stamp(group);
	d->has_clock = true;
	if (stamp_valid(&s)) {
		v->kind = VALUE_TIME;
		v->as.time = s;
	} else {
		dsmr_error(d, line->whole);
	}
}

/* 230622200000W would do as a number of watts, too. */
static bool time_like(struct span text)
{
	return text.size == 12 || text.size == 13 || text.size == 24;
}

/* (time)(value); Iskra prints (value)(time). */
static void peak_line(struct dsmr *d, const struct line *line, const struct row *row)
{
	struct span rest = line->groups, first, second = {0};
	struct reading reading;
	struct stamp time;
	struct value *v;

	if (count_groups(line->groups) != 2) {
		number_line(d, line, row);
		return;
	}
	next_group(&rest, &first);
	next_group(&rest, &second);
	reading = read_number(second);
	time = read_stamp(first);
	if (!time_like(first) && read_number(first).unit) {
		reading = read_number(first);
		time = read_stamp(second);
		first = second;
	}
	v = add_named(d, line, row->quantity);
	if (reading.valid && reading.unit && !strcmp(reading.unit, "W"))
		set_decimal(v, reading.value, "W");
	else if (second.size)
		dsmr_error(d, line->whole);
	if (!stamp_valid(&time) && !never_read(first) && v->kind != VALUE_NULL)
		dsmr_error(d, line->whole);
	record_time(d->record, "peak_demand_import_time", &time);
}

static void keep_fallback(struct dsmr *d, const struct line *line, const struct row *row)
{
	if (d->fallbacks == FALLBACKS) {
		dsmr_unknown(d, line);
		return;
	}
	d->fallback[d->fallbacks].line = *line;
	d->fallback[d->fallbacks++].row = *row;
}

/* A code of 1-0 goes before one of another channel that came first, which stays verbatim. */
static bool displace(struct dsmr *d, const struct line *line, const struct row *row)
{
	const struct value *found;
	struct line other = {0};
	const uint8_t *end;
	size_t index;

	if (memcmp(line->code.data, "1-0", 3) || row->kind != ROW_NUMBER)
		return false;
	found = record_find(d->record, row->quantity->name);
	if (!found || !found->obis || !memcmp(found->obis, "1-0", 3))
		return false;
	other.code = (struct span){(const uint8_t *)found->obis, found->obis_length};
	other.groups.data = other.code.data + other.code.size;
	for (end = other.groups.data; end[-1] != ')' || *end == '('; end++)
		;
	other.groups.size = (size_t)(end - other.groups.data);
	dsmr_unknown(d, &other);
	index = (size_t)(found - d->record->values);
	number_line(d, line, row);
	d->record->values[index] = d->record->values[--d->record->count];
	return true;
}

static void named_line(struct dsmr *d, const struct line *line, const struct row *row)
{
	if (row->rank) {
		keep_fallback(d, line, row);
		return;
	}
	if (dsmr_seen(d, row->quantity)) {
		if (!displace(d, line, row))
			dsmr_unknown(d, line);
		return;
	}
	switch (row->kind) {
	case ROW_NUMBER:
	case ROW_LIMIT: number_line(d, line, row); return;
	case ROW_COUNT: count_line(d, line, row); return;
	case ROW_TEXT:
	case ROW_VERSION: text_line(d, line, row); return;
	case ROW_TIME: time_line(d, line); return;
	case ROW_PEAK: peak_line(d, line, row); return;
	case ROW_LOG: add_log(d, line, row->quantity); return;
	case ROW_HISTORY: add_history(d, line, row->quantity); return;
	}
}

static uint64_t signs_of(uint64_t code)
{
	uint32_t what = OBIS_REST(code);

	if (OBIS_C(code) == 96)
		return SIGN_MANAGEMENT;
	switch (what) {
	case OBIS_CDE(0, 2, 8): return SIGN_VERSION;
	case OBIS_CDE(1, 8, 1): return SIGN_TARIFF;
	case OBIS_CDE(1, 8, 0): return SIGN_TOTAL;
	case OBIS_CDE(3, 8, 0): return SIGN_REACTIVE;
	default: return 0;
	}
}

void dsmr_dispatch(struct dsmr *d, const struct line *line, uint64_t code, const struct row *row)
{
	d->signs |= signs_of(code);
	if (row->quantity)
		named_line(d, line, row);
	else if (OBIS_A(code) || OBIS_B(code) < 1 || OBIS_B(code) > CHANNELS ||
	         (OBIS_C(code) != 24 && OBIS_C(code) != 96) || !channel_line(d, line, code))
		dsmr_unknown(d, line);
}

/* A line in one piece; returns its code, 0 when it has none. */
static uint64_t plain_line(struct dsmr *d, struct line *line, struct span text, struct row *row)
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

/* The long way to read a line; returns the first byte after it. */
static const uint8_t *read_line(struct dsmr *d, struct memo *memo, size_t index, const uint8_t *data,
                                const uint8_t *end)
{
	size_t size = line_size(data, end), trimmed = size;
	struct line line = {0};
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
		learned.signs = signs_of(learned.code);
		learned.clean = leftovers == d->unknown.count + d->errors.count + d->fallbacks;
		memo_learn(d, memo, index, &line, &learned);
	} else {
		struct span text = join_lines(d, data, whole);

		if (text.data)
			plain_line(d, &line, text, &learned.row);
	}
	return whole + 1;
}

/* What is sent where nothing better is: the best becomes the value, the others stay verbatim. */
static void settle_fallbacks(struct dsmr *d)
{
	for (unsigned rank = 1; rank <= 2; rank++) {
		for (size_t i = 0; i < d->fallbacks; i++) {
			struct row row = d->fallback[i].row;

			if (row.rank != rank)
				continue;
			row.rank = 0;
			named_line(d, &d->fallback[i].line, &row);
		}
	}
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
	settle_fallbacks(d);
	add_channels(d);
	add_leftovers(d);
	drop_empty_slots(d);
	return r->failed || d->failed ? EM_NO_MEMORY : 0;
}
