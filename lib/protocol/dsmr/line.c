/* Puts the value that the code of a line names into the record. */
#include <string.h>

#include "protocol/dsmr/parts.h"

/* Whether the quantity was seen before in this telegram; marks it. */
static bool dsmr_seen(struct dsmr *d, const struct quantity *q)
{
	size_t index = (size_t)(q - quantities) % QUANTITIES;
	uint64_t bit = 1ull << index % 64;
	bool seen = d->seen[index / 64] & bit;

	d->seen[index / 64] |= bit;
	return seen;
}

static struct value *add_named(struct dsmr *d, const struct dsmr_line *line,
                               const struct quantity *q)
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

static void number_line(struct dsmr *d, const struct dsmr_line *line, const struct dsmr_row *row)
{
	bool dimensionless = !strcmp(row->quantity->unit, "1");
	size_t n = count_groups(line->groups);
	struct span rest = line->groups, group;
	struct dsmr_reading reading;
	struct value *v = add_named(d, line, row->quantity);

	/* Luxembourg prints the limits of import and export; the first one counts. */
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
	if (dimensionless ? !reading.unit
	                  : reading.unit && !strcmp(reading.unit, row->quantity->unit))
		set_decimal(v, reading.value, row->quantity->unit);
	else if (row->kind == ROW_LIMIT && reading.unit && !strcmp(reading.unit, "VA"))
		set_decimal(v, reading.value, reading.unit); /* Luxembourg limits apparent power */
	else if (n == 1)
		dsmr_unknown(d, line); /* the unit does not fit the code */
}

static void count_line(struct dsmr *d, const struct dsmr_line *line, const struct dsmr_row *row)
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

static void text_line(struct dsmr *d, const struct dsmr_line *line, const struct dsmr_row *row)
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

static void time_line(struct dsmr *d, const struct dsmr_line *line)
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

/* 230622200000W would also be valid as a number of watts. */
static bool time_like(struct span text)
{
	return text.size == 12 || text.size == 13 || text.size == 24;
}

/* (time)(value); Iskra prints (value)(time). */
static void peak_line(struct dsmr *d, const struct dsmr_line *line, const struct dsmr_row *row)
{
	struct span rest = line->groups, first, second = {0};
	struct dsmr_reading reading;
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

static void keep_fallback(struct dsmr *d, const struct dsmr_line *line, const struct dsmr_row *row)
{
	if (d->fallbacks == FALLBACKS) {
		dsmr_unknown(d, line);
		return;
	}
	d->fallback[d->fallbacks].line = *line;
	d->fallback[d->fallbacks++].row = *row;
}

/* A code of 1-0 replaces an earlier one of another channel, which stays verbatim. */
static bool displace(struct dsmr *d, const struct dsmr_line *line, const struct dsmr_row *row)
{
	const struct value *found;
	struct dsmr_line other = {0};
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

static void named_line(struct dsmr *d, const struct dsmr_line *line, const struct dsmr_row *row)
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

uint64_t dsmr_signs(uint64_t code)
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

void dsmr_dispatch(struct dsmr *d, const struct dsmr_line *line, uint64_t code,
                   const struct dsmr_row *row)
{
	d->signs |= dsmr_signs(code);
	if (row->quantity)
		named_line(d, line, row);
	else if (OBIS_A(code) || OBIS_B(code) < 1 || OBIS_B(code) > CHANNELS ||
	         (OBIS_C(code) != 24 && OBIS_C(code) != 96) || !channel_line(d, line, code))
		dsmr_unknown(d, line);
}

/*
 * Among codes that count only if no better one was sent, the best becomes the value; the others
 * stay verbatim.
 */
void dsmr_settle(struct dsmr *d)
{
	for (unsigned rank = 1; rank <= 2; rank++) {
		for (size_t i = 0; i < d->fallbacks; i++) {
			struct dsmr_row row = d->fallback[i].row;

			if (row.rank != rank)
				continue;
			row.rank = 0;
			named_line(d, &d->fallback[i].line, &row);
		}
	}
}
