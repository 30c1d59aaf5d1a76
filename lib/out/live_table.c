#include "out/live_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "out/device.h"
#include "record/quantity.h"

static struct live_row *find_row(struct live_table *t, const struct value *v, const char *unit)
{
	struct live_row **link = &t->rows, *row, **last_of_group = NULL;
	const char *group = text_string(&t->group);
	size_t group_size = strlen(group) + 1, unit_size = unit ? strlen(unit) + 1 : 1;

	for (; *link; link = &(*link)->next) {
		if (strcmp((*link)->group, group))
			continue;
		last_of_group = &(*link)->next;
		if (strlen((*link)->name) == v->name_length &&
		    !memcmp((*link)->name, v->name, v->name_length))
			return *link;
	}
	row = calloc(1, sizeof *row + group_size + unit_size + v->name_length + 1u);
	if (!row)
		return NULL;
	row->group = (char *)(row + 1);
	row->name = row->group + group_size;
	memcpy(row->group, group, group_size);
	memcpy(row->name, v->name, v->name_length);
	row->unit = row->name + v->name_length + 1;
	if (unit)
		memcpy(row->name + v->name_length + 1, unit, unit_size);
	link = last_of_group ? last_of_group : link;
	row->next = *link;
	*link = row;
	return row;
}

/* One sample a second: a graph of 24 shows the last half minute of a fast source. */
static void sample(struct live_row *row, double number, int64_t now)
{
	if (row->sample_count && now - row->sampled < 900) {
		row->samples[row->sample_count - 1] = number;
		return;
	}
	if (row->sample_count == LIVE_SAMPLES)
		memmove(row->samples, row->samples + 1, sizeof *row->samples * (LIVE_SAMPLES - 1));
	else
		row->sample_count++;
	row->samples[row->sample_count - 1] = number;
	row->sampled = now;
}

static void set_value(struct live_row *row, const struct value *v, int64_t now)
{
	struct text raw = {0}, text = {0};
	double number;

	value_plain(&raw, v);
	if (v->kind == VALUE_NULL || !raw.length)
		text_char(&text, '-');
	else
		text_printable(&text, raw.data, raw.length < 40 ? raw.length : 40);
	snprintf(row->value, sizeof row->value, "%s", text_string(&text));
	row->numeric = value_number(v, &number);
	if (row->numeric)
		sample(row, number, now);
	if (row->updated)
		row->interval = row->interval ? (row->interval * 3 + now - row->updated) / 4
		                              : now - row->updated;
	row->updated = now;
	text_free(&raw);
	text_free(&text);
}

bool live_update(struct live_table *t, const struct record *r, int64_t now)
{
	const struct value *end = r->values + r->count;
	struct text device = {0};

	t->group.length = 0;
	text_puts(&t->group, r->type);
	text_char(&t->group, ' ');
	device_name(&device, r);
	text_printable(&t->group, device.data, device.length);
	text_char(&t->group, ' ');
	device_part(&t->group, r);
	text_free(&device);
	t->records++;
	for (const struct value *v = r->values; v < end; v = value_next(r, v)) {
		const struct quantity *q = v->name ? quantity_named(v->name, v->name_length) : NULL;
		struct live_row *row;

		if (!v->name || v->kind >= VALUE_LIST || !(q || v->unit))
			continue;
		row = find_row(t, v, v->unit ? v->unit : q->unit);
		if (!row)
			return false;
		set_value(row, v, now);
	}
	return !t->group.failed;
}

static void put_graph(struct text *out, const struct live_row *row, bool utf8)
{
	static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	static const char ascii[] = "_.-~=+*#";
	double low = row->samples[0], high = low;

	for (int i = 1; i < row->sample_count; i++) {
		low = row->samples[i] < low ? row->samples[i] : low;
		high = row->samples[i] > high ? row->samples[i] : high;
	}
	for (int i = 0; i < row->sample_count; i++) {
		int level = high > low ? (int)((row->samples[i] - low) / (high - low) * 7.999) : 0;

		if (utf8)
			text_puts(out, blocks[level]);
		else
			text_char(out, ascii[level]);
	}
}

static void put_age(struct text *out, int64_t ms)
{
	long s = (long)(ms / 1000);

	if (s < 100)
		text_printf(out, "%4lds", s);
	else if (s < 6000)
		text_printf(out, "%4ldm", s / 60);
	else
		text_printf(out, "%4ldh", s / 3600);
}

/* Digits before and from the decimal point on; words count as before. */
static void widths(const struct live_row *row, size_t *before, size_t *after)
{
	size_t length = text_columns(row->value, strlen(row->value));
	const char *point = row->numeric ? strchr(row->value, '.') : NULL;
	size_t whole = point ? (size_t)(point - row->value) : length;

	if (!row->numeric)
		whole = whole > *after ? whole - *after : 0;
	*before = whole > *before ? whole : *before;
	if (point && length - whole > *after)
		*after = length - whole;
}

struct widths {
	size_t name, before, after;
};

static void put_row(struct text *out, const struct live_row *row, const struct widths *w, int64_t now,
                    int columns, bool color, bool utf8)
{
	int64_t age = now - row->updated, patience = row->interval * 3 > 10000 ? row->interval * 3 : 10000;
	size_t start = out->length, length = strlen(row->value);
	const char *point = row->numeric ? strchr(row->value, '.') : NULL;
	size_t tail = row->numeric ? w->after - (point ? length - (size_t)(point - row->value) : 0) : 0;
	size_t pad = w->before + w->after - tail, shown = text_columns(row->value, length);

	text_printf(out, "  %-*s  ", (int)w->name, row->name);
	text_fill(out, ' ', pad > shown ? pad - shown : 0);
	text_puts(out, row->value);
	text_fill(out, ' ', tail);
	text_printf(out, " %-5s", row->unit);
	put_age(out, age);
	text_puts(out, "  ");
	put_graph(out, row, utf8);
	/* Cut to the terminal: a line that wraps would spoil the count of lines. */
	for (size_t i = start, column = 0; i < out->length; i++) {
		column += ((unsigned char)out->data[i] & 0xC0) != 0x80;
		if ((int)column > columns - 1) {
			out->length = i;
			break;
		}
	}
	if (color && age > patience && text_room(out, 8)) {
		memmove(out->data + start + 4, out->data + start, out->length - start);
		memcpy(out->data + start, "\x1B[2m", 4);
		out->length += 4;
		text_puts(out, "\x1B[0m");
	}
	text_puts(out, "\x1B[K\n");
}

static void put_header(struct text *out, const char *group, int columns, bool color)
{
	text_puts(out, color ? "\x1B[1m" : "");
	text_printf(out, "%.*s", columns - 1, group);
	text_puts(out, color ? "\x1B[0m" : "");
	text_puts(out, "\x1B[K\n");
}

int live_layout(struct text *out, const struct live_table *t, int64_t now, int columns, int lines,
                bool color, bool utf8)
{
	const char *group = "";
	struct widths w = {0};
	int n = 0, hidden = 0;

	for (const struct live_row *row = t->rows; row; row = row->next) {
		w.name = strlen(row->name) > w.name ? strlen(row->name) : w.name;
		if (row->numeric)
			widths(row, &w.before, &w.after);
	}
	for (const struct live_row *row = t->rows; row; row = row->next)
		if (!row->numeric)
			widths(row, &w.before, &w.after);
	for (const struct live_row *row = t->rows; row; row = row->next) {
		bool header = strcmp(group, row->group) != 0;

		if (n + 1 + header > lines - 2) { /* a line for what is hidden, one for the cursor */
			hidden++;
			continue;
		}
		if (header) {
			put_header(out, row->group, columns, color);
			n++;
		}
		group = row->group;
		put_row(out, row, &w, now, columns, color, utf8);
		n++;
	}
	if (hidden) {
		text_printf(out, "  %d more values\x1B[K\n", hidden);
		n++;
	}
	return n;
}

void live_free(struct live_table *t)
{
	while (t->rows) {
		struct live_row *next = t->rows->next;

		free(t->rows);
		t->rows = next;
	}
	text_free(&t->group);
}
