/* Lists inside a line: power failures, and the peaks of the months (Belgium). */
#include "protocol/dsmr/parts.h"

static bool all_digits(struct span text)
{
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
	return text.size > 0;
}

/* Reads seconds, with or without `*s`. */
static bool read_duration(struct span text, struct decimal *out)
{
	if (text.size > 2 && text.data[text.size - 2] == '*' && text.data[text.size - 1] == 's')
		text.size -= 2;
	return all_digits(text) && !decimal_parse(out, (const char *)text.data, text.size);
}

static void add_time(struct record *r, const char *name, struct span text)
{
	struct stamp s = read_stamp(text);

	if (never_read(text))
		s.month = 0;
	record_time(r, name, &s);
}

/* (n)(0-0:96.7.19) then n times (end of failure)(seconds) */
void add_log(struct dsmr *d, const struct dsmr_line *line, const struct quantity *q)
{
	struct span rest = line->groups, time, duration, body;
	struct decimal seconds;
	bool odd = false;

	next_group(&rest, &time);
	next_group(&rest, &time);
	body = rest;
	while (next_group(&rest, &time)) {
		odd = !next_group(&rest, &duration);
		if (!odd && !read_duration(duration, &seconds)) {
			dsmr_error(d, line->whole);
			record_add_n(d->record, q->name, q->length);
			return;
		}
	}
	if (odd)
		dsmr_error(d, line->whole);
	record_list(d->record, q->name);
	while (next_group(&body, &time) && next_group(&body, &duration)) {
		read_duration(duration, &seconds);
		record_object(d->record, NULL);
		add_time(d->record, "time", time);
		record_decimal(d->record, "duration", NULL, seconds);
		record_end(d->record);
	}
	record_end(d->record);
}

/* (n)(1-0:1.6.0)(1-0:1.6.0) then n times (end of month)(time of peak)(value) */
void add_history(struct dsmr *d, const struct dsmr_line *line, const struct quantity *q)
{
	struct span rest = line->groups, first, group, month, time;
	size_t n = count_groups(line->groups);
	struct dsmr_reading reading;

	next_group(&rest, &first);
	if (!all_digits(first) || first.size > 2 || n < 3) { /* another country's profile */
		dsmr_unknown(d, line);
		return;
	}
	if (n > 4 && n % 3)
		dsmr_error(d, line->whole);
	next_group(&rest, &group);
	next_group(&rest, &group);
	record_list(d->record, q->name);
	while (next_group(&rest, &month) && next_group(&rest, &time) && next_group(&rest, &group)) {
		record_object(d->record, NULL);
		add_time(d->record, "month_end", month);
		add_time(d->record, "time", time);
		reading = read_number(group);
		if (reading.valid)
			record_decimal(d->record, "value", reading.unit, reading.value);
		else
			record_null(d->record, "value");
		record_end(d->record);
	}
	record_end(d->record);
}
