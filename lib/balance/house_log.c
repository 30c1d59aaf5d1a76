#include "balance/house_log.h"

#include <string.h>

#include "base/csv.h"
#include "base/error.h"
#include "base/stamp.h"

#define POWER_MOST INT64_C(1000000000000) /* mW: 128 columns of it still add up */

enum house_column {
	NOTHING,
	SECOND,
	TIME,
	L1,
	L2,
	L3,
	IMPORT1,
	IMPORT2,
	IMPORT3,
	EXPORT1,
	EXPORT2,
	EXPORT3,
	OVERRIDE
};

static const struct {
	const char *name;
	enum house_column column;
} names[] = {
	{"t", SECOND},
	{"t_s", SECOND},
	{"time", TIME},
	{"meter_time", TIME},
	{"current_l1", L1},
	{"current_l2", L2},
	{"current_l3", L3},
	{"l1_A", L1},
	{"l2_A", L2},
	{"l3_A", L3},
	{"power_import_l1", IMPORT1},
	{"power_import_l2", IMPORT2},
	{"power_import_l3", IMPORT3},
	{"power_export_l1", EXPORT1},
	{"power_export_l2", EXPORT2},
	{"power_export_l3", EXPORT3},
	{"override", OVERRIDE},
};

static bool same_run(const struct simulation_run *r, const int32_t *currents)
{
	return r->telegram && r->currents[0] == currents[0] && r->currents[1] == currents[1] &&
	       r->currents[2] == currents[2];
}

/* Begins with second t. */
static void begin_run(struct house_feed *f, int64_t t, const int32_t *currents,
                      int32_t override_limit)
{
	static const int32_t unknown[BALANCE_PHASES] = {CURRENT_NONE, CURRENT_NONE, CURRENT_NONE};

	house_feed_end(f);
	f->pending.override_limit = override_limit;
	f->pending.telegram = currents != NULL;
	f->pending.seconds = 1;
	f->pending.clock = f->clocked ? (f->epoch + t) * 1000 : 0;
	f->pending.zone = f->zone;
	memcpy(f->pending.currents, currents ? currents : unknown, sizeof f->pending.currents);
}

int house_feed_add(struct house_feed *f, int64_t t, const int32_t *currents, int32_t override_limit)
{
	if (!f->begun) {
		f->begun = true;
		f->next = t;
	}
	if (t < f->next || t - f->next > INT64_C(86400) * 3653)
		return EM_RANGE;
	if (t > f->next) {
		begin_run(f, f->next, NULL, CURRENT_NONE);
		f->pending.seconds = t - f->next;
	}
	f->next = t + 1;
	if (currents && override_limit == CURRENT_NONE && f->pending.seconds &&
	    same_run(&f->pending, currents))
		f->pending.seconds++;
	else
		begin_run(f, t, currents, override_limit);
	return 0;
}

void house_feed_end(struct house_feed *f)
{
	if (f->pending.seconds)
		f->emit(f->context, &f->pending);
	f->pending.seconds = 0;
}

void house_csv_start(struct house_csv *c, struct house_feed *feed)
{
	memset(c, 0, sizeof *c);
	c->feed = feed;
}

/* Thousandths of a plain decimal number, further digits cut; false for anything else. */
static bool thousandths(const char *p, const char *end, int64_t *out)
{
	bool negative = p < end && *p == '-';
	int64_t n = 0;
	int digits = 0, decimals = -1;

	p += p < end && (*p == '-' || *p == '+');
	for (; p < end; p++) {
		if (*p == '.' && decimals < 0) {
			decimals = 0;
			continue;
		}
		if (*p < '0' || *p > '9' || digits++ > 14)
			return false;
		if (decimals < 3)
			n = n * 10 + (*p - '0');
		decimals += decimals >= 0;
	}
	for (decimals = decimals < 0 ? 0 : decimals; decimals < 3; decimals++)
		n *= 10;
	*out = negative ? -n : n;
	return digits > 0;
}

static bool digits_at(const char *p, int count, int *out)
{
	*out = 0;
	for (int i = 0; i < count; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		*out = *out * 10 + (p[i] - '0');
	}
	return true;
}

/* `2021-02-04T16:36:28[.123][Z|+01:00]` as seconds since the epoch */
static bool clock_time(const char *p, const char *end, int64_t *out, int32_t *zone)
{
	int year, month, day, hour, minute, second, zone_hour, zone_minute;
	struct stamp s = {0};

	if (end - p < 19 || !digits_at(p, 4, &year) || !digits_at(p + 5, 2, &month) ||
	    !digits_at(p + 8, 2, &day) || !digits_at(p + 11, 2, &hour) ||
	    !digits_at(p + 14, 2, &minute) || !digits_at(p + 17, 2, &second))
		return false;
	s.year = (int16_t)year;
	s.month = (uint8_t)month;
	s.day = (uint8_t)day;
	s.hour = (uint8_t)hour;
	s.minute = (uint8_t)minute;
	s.second = (uint8_t)second;
	if (end - p >= 25 && (end[-6] == '+' || end[-6] == '-') &&
	    digits_at(end - 5, 2, &zone_hour) && digits_at(end - 2, 2, &zone_minute)) {
		s.has_offset = true;
		s.offset = (int16_t)((zone_hour * 60 + zone_minute) * (end[-6] == '-' ? -1 : 1));
	}
	if (!stamp_valid(&s))
		return false;
	*out = stamp_instant(&s) / 1000;
	*zone = s.offset;
	return true;
}

struct house_row {
	int64_t time;
	int64_t power[BALANCE_PHASES]; /* mW, import less export */
	int32_t currents[BALANCE_PHASES];
	int32_t override_limit;
	bool timed, bad;
};

static void current(struct house_row *r, int phase, const char *p, const char *end)
{
	int64_t n;

	if (!thousandths(p, end, &n) || n > 1000000000 || n < -1000000000)
		r->bad = true;
	else
		r->currents[phase] = (int32_t)n;
}

static void power(struct house_row *r, int phase, const char *p, const char *end, int sign)
{
	int64_t n;

	if (thousandths(p, end, &n) && n <= POWER_MOST && n >= -POWER_MOST)
		r->power[phase] += sign * n;
}

static void take_time(struct house_row *r, const struct house_csv *c, const char *p,
                      const char *end)
{
	if (r->timed)
		return;
	if (!clock_time(p, end, &r->time, &c->feed->zone))
		r->bad = true;
	r->time -= c->feed->origin;
	c->feed->epoch = c->feed->origin;
	c->feed->clocked = true;
	r->timed = true;
}

static void field(const struct house_csv *c, struct house_row *r, enum house_column column,
                  const char *p, const char *end)
{
	int64_t n;

	switch (column) {
	case SECOND:
		r->bad = r->bad || !thousandths(p, end, &n);
		r->time = r->bad ? 0 : n / 1000;
		r->timed = true;
		break;
	case TIME: take_time(r, c, p, end); break;
	case L1:
	case L2:
	case L3: current(r, (int)column - L1, p, end); break;
	case IMPORT1:
	case IMPORT2:
	case IMPORT3: power(r, (int)column - IMPORT1, p, end, 1); break;
	case EXPORT1:
	case EXPORT2:
	case EXPORT3: power(r, (int)column - EXPORT1, p, end, -1); break;
	case OVERRIDE:
		if (!thousandths(p, end, &n) || n < 0 || n > 65535)
			r->bad = true;
		else
			r->override_limit = (int32_t)n;
		break;
	default: break;
	}
}

static int read_header(struct house_csv *c, struct csv_text line)
{
	struct csv_cells cells;
	struct csv_text cell;
	bool any = false;

	c->separator = csv_separator(line);
	cells = csv_cells(line, c->separator);
	while (c->columns < HOUSE_COLUMNS && csv_cell(&cells, &cell)) {
		for (size_t i = 0; i < sizeof names / sizeof *names; i++)
			if (csv_is(cell, names[i].name))
				c->column[c->columns] = (uint8_t)names[i].column;
		any = any || (c->column[c->columns] >= L1 && c->column[c->columns] <= L3);
		c->columns++;
	}
	c->header = true;
	return any ? 0 : EM_UNKNOWN;
}

static void read_row(struct house_csv *c, struct csv_text line)
{
	struct csv_cells cells = csv_cells(line, c->separator);
	struct csv_text cell;
	struct house_row r = {.currents = {CURRENT_NONE, CURRENT_NONE, CURRENT_NONE},
	                      .override_limit = CURRENT_NONE};
	bool told = false;

	for (int i = 0; i < c->columns && csv_cell(&cells, &cell); i++)
		if (c->column[i] != NOTHING && cell.length)
			field(c, &r, c->column[i], cell.data, cell.data + cell.length);
	for (int i = 0; i < BALANCE_PHASES; i++) {
		if (r.currents[i] == CURRENT_NONE)
			continue;
		told = true;
		if (r.power[i] < 0 && r.currents[i] > 0)
			r.currents[i] = -r.currents[i];
	}
	c->rows++;
	if (!r.timed)
		r.time = c->row;
	c->row++;
	if (r.bad || house_feed_add(c->feed, r.time, told ? r.currents : NULL, r.override_limit))
		c->refused++;
}

static int take_line(struct house_csv *c, const char *data, size_t length)
{
	struct csv_text line = {data, length};

	if (csv_says_nothing(line))
		return 0;
	if (!c->header)
		return read_header(c, line);
	read_row(c, line);
	return 0;
}

/* A line that did not fit is refused as a whole. */
static int end_line(struct house_csv *c)
{
	int error = 0;

	if (c->overlong) {
		c->rows++;
		c->refused++;
	} else {
		error = take_line(c, c->line, c->length);
	}
	c->length = 0;
	c->overlong = false;
	return error;
}

static void keep(struct house_csv *c, const char *data, size_t size)
{
	if (c->length + size > sizeof c->line) {
		c->overlong = true;
		return;
	}
	memcpy(c->line + c->length, data, size);
	c->length += size;
}

int house_csv_data(struct house_csv *c, const char *data, size_t size)
{
	int error = 0;

	while (size && !error) {
		const char *stop = memchr(data, '\n', size);
		size_t length = stop ? (size_t)(stop - data) : size;

		if (stop && c->length == 0 && !c->overlong && length <= sizeof c->line) {
			error = take_line(c, data, length);
		} else {
			keep(c, data, length);
			if (stop)
				error = end_line(c);
		}
		data += length + (stop != NULL);
		size -= length + (stop != NULL);
	}
	return error;
}

int house_csv_end(struct house_csv *c)
{
	int error = c->length || c->overlong ? end_line(c) : 0;

	house_feed_end(c->feed);
	return error;
}
