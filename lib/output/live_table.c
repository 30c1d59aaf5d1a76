/* The table of the live view: the newest values of all devices and their history. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "output/device.h"
#include "output/format.h"
#include "output/live.h"

#define GRAPH_LIMIT 1e30 /* larger than any measured value, and still exact enough for sums */

enum {
	DEVICES_LIMIT = 500,
	ROWS_LIMIT = 2000, /* per device */
	COLUMN = 1000,     /* least ms of a column of the graph */
	WHOLE_LIMIT = 16,
	PART_LIMIT = 6,
	NAME_LIMIT = 28,
	NESTING_LIMIT = 6
};

static bool same(const struct text *a, const char *data, size_t length)
{
	return a->length == length && (length == 0 || !memcmp(a->data, data, length));
}

static void widen(size_t *width, size_t now, size_t limit)
{
	now = now < limit ? now : limit;
	*width = *width > now ? *width : now;
}

static void smooth(double *interval, uint64_t now, uint64_t before)
{
	double passed = (double)(now - before);

	*interval = *interval > 0 ? *interval * 0.8 + passed * 0.2 : passed;
}

static struct live_device *device_of(struct live_table *t, const struct record *r)
{
	struct live_device *devices;

	t->key.length = 0;
	device_key(&t->key, r);
	if (t->hint < t->count && same(&t->devices[t->hint].key, t->key.data, t->key.length))
		return &t->devices[t->hint];
	for (t->hint = 0; t->hint < t->count; t->hint++)
		if (same(&t->devices[t->hint].key, t->key.data, t->key.length))
			return &t->devices[t->hint];
	if (t->count == DEVICES_LIMIT || t->key.failed)
		return NULL;
	devices = realloc(t->devices, (t->count + 1) * sizeof *devices);
	if (!devices)
		return NULL;
	t->devices = devices;
	devices[t->count] = (struct live_device){0};
	text_add(&devices[t->count].key, t->key.data, t->key.length);
	return &devices[t->count++];
}

static bool is_first_instance(const struct value *v)
{
	return v->kind == VALUE_DECIMAL && v->as.decimal.digits == 1 && v->name_length == 8 &&
	       !memcmp(v->name, "instance", 8);
}

/* `127.0.0.1:502  unit 1  inepro_n1_ct`: numbers have their name before them, texts have not. */
static void set_heading(struct live_device *d, const struct record *r)
{
	const struct value *end = r->values + r->count;
	struct text *out = &d->heading;

	d->type.length = out->length = 0;
	text_puts(&d->type, r->type);
	if (r->source)
		text_printable(out, r->source, strlen(r->source));
	for (const struct value *v = r->values; v < end; v = value_next(r, v)) {
		if (!device_tag(v) || is_first_instance(v))
			continue;
		if (out->length)
			text_puts(out, "  ");
		if (v->kind != VALUE_TEXT) {
			text_add(out, v->name, v->name_length);
			text_char(out, ' ');
		}
		text_value(out, r, v);
	}
}

static struct live_row *row_of(struct live_table *t, struct live_device *d, const char *name,
                               size_t length, bool make)
{
	struct live_row **rows, *row;

	for (size_t i = 0; i < d->count; i++) {
		size_t k = (d->next + i) % d->count;

		if (same(&d->rows[k]->name, name, length)) {
			d->next = k + 1;
			return d->rows[k];
		}
	}
	if (!make || d->count == ROWS_LIMIT)
		return NULL;
	rows = realloc(d->rows, (d->count + 1) * sizeof(struct live_row *));
	if (!rows)
		return NULL;
	d->rows = rows;
	row = rows[d->count] = calloc(1, sizeof *row);
	if (!row)
		return NULL;
	d->count++;
	text_add(&row->name, name, length);
	widen(&t->name_width, text_columns(name, length), NAME_LIMIT);
	d->next = d->count;
	return row;
}

static void shift(float *columns)
{
	memmove(columns, columns + 1, (LIVE_HISTORY - 1) * sizeof *columns);
}

static void remember(struct live_row *row, float number, uint64_t now)
{
	size_t last = row->count - 1;

	if (row->count && now - row->column < COLUMN) {
		row->samples++;
		row->history[last] += (number - row->history[last]) / (float)row->samples;
		row->least[last] = fminf(row->least[last], number);
		row->most[last] = fmaxf(row->most[last], number);
		return;
	}
	if (row->count == LIVE_HISTORY) {
		shift(row->history);
		shift(row->least);
		shift(row->most);
	} else {
		last = row->count++;
	}
	row->history[last] = row->least[last] = row->most[last] = number;
	row->column = now;
	row->samples = 1;
}

/* Rounds a float to three decimals, unless that would make it zero. */
static void show(struct text *out, const struct record *r, const struct value *v)
{
	double number;

	out->length = 0;
	if ((v->kind != VALUE_FLOAT32 && v->kind != VALUE_FLOAT64) || !value_number(v, &number) ||
	    fabs(number) > 1e12 || (number != 0 && fabs(number) < 0.0005)) {
		text_value(out, r, v);
		return;
	}
	text_printf(out, "%.3f", number);
	while (out->length > 1 && out->data[out->length - 1] == '0')
		out->length--;
	out->length -= out->data[out->length - 1] == '.';
}

static void measure(struct live_table *t, const struct live_row *row)
{
	const char *dot = row->value.length ? memchr(row->value.data, '.', row->value.length)
	                                    : NULL;
	size_t whole = dot ? (size_t)(dot - row->value.data) : row->value.length;

	widen(&t->unit_width, strlen(row->unit), sizeof row->unit);
	if (!row->number)
		return;
	widen(&t->whole_width, whole, WHOLE_LIMIT);
	widen(&t->part_width, row->value.length - whole, PART_LIMIT + 1);
}

/* A value with a name; if `word` is given, it is shown instead of the value. */
static int set(struct live_table *t, struct live_device *d, const struct record *r,
               const struct value *v, const struct value *word, const struct text *name,
               uint64_t now)
{
	bool null = v->kind == VALUE_NULL;
	struct live_row *row = row_of(t, d, name->data, name->length, !null);
	const struct value *shown = word && word->kind == VALUE_TEXT ? word : v;
	double number = 0;

	if (!row)
		return null || d->count == ROWS_LIMIT ? 0 : EM_NO_MEMORY;
	show(&t->scratch, r, shown);
	if (!same(&row->value, t->scratch.data, t->scratch.length) || row->gone != null)
		row->changed = now;
	row->value.length = 0;
	text_add(&row->value, t->scratch.data, t->scratch.length);
	row->gone = null;
	if (!null)
		row->number = shown == v && value_number(v, &number);
	if (v->unit)
		snprintf(row->unit, sizeof row->unit, "%.11s", v->unit);
	if (row->number && !null && fabs(number) < GRAPH_LIMIT)
		remember(row, (float)number, now);
	if (row->updated)
		smooth(&row->interval, now, row->updated);
	row->updated = now;
	measure(t, row);
	return row->value.failed || t->scratch.failed ? EM_NO_MEMORY : 0;
}

/* Registers without a name in the map have their address as name. */
static int set_registers(struct live_table *t, struct live_device *d, const struct record *r,
                         const struct value *list, uint64_t now)
{
	const struct value *address = record_find(r, "address"), *end = value_next(r, list) - 1;
	struct text name = {0};
	uint64_t number;
	int error = 0;

	if (!address || address->kind != VALUE_DECIMAL)
		return 0;
	number = address->as.decimal.digits;
	for (const struct value *v = list + 1; v < end && !error; v = value_next(r, v), number++) {
		name.length = 0;
		text_printf(&name, "register %llu", (unsigned long long)number);
		error = name.failed ? EM_NO_MEMORY : set(t, d, r, v, NULL, &name, now);
	}
	text_free(&name);
	return error;
}

static bool is_named(const struct record *r)
{
	for (const struct value *v = r->values; v < r->values + r->count; v = value_next(r, v))
		if (v->unit)
			return true;
	return false;
}

static size_t entries(const struct record *r, const struct value *list)
{
	const struct value *end = value_next(r, list) - 1;
	size_t count = 0;

	for (const struct value *v = list + 1; v < end; v = value_next(r, v))
		count++;
	return count;
}

/* Shows the members of a list of plain values; of other lists and of objects only their number. */
static int set_list(struct live_table *t, struct live_device *d, const struct record *r,
                    const struct value *list, const struct text *name, uint64_t now)
{
	struct value counted = {.kind = VALUE_TEXT, .address = -1};
	size_t count = entries(r, list);
	bool plain = list->kind == VALUE_LIST && list[1].kind != VALUE_OBJECT;
	char text[32];

	if (list[1].kind == VALUE_END && !row_of(t, d, name->data, name->length, false))
		return 0;
	if (plain)
		return set(t, d, r, list, NULL, name, now);
	counted.as.text.length = (uint32_t)snprintf(text, sizeof text, "%zu %s", count,
	                                            count == 1 ? "entry" : "entries");
	counted.as.text.data = text;
	return set(t, d, r, &counted, NULL, name, now);
}

static const struct value *word_of(const struct record *r, const struct value *v,
                                   const struct value *end)
{
	const struct value *next = value_next(r, v);
	bool word = next < end && v->name && next->name &&
	            next->name_length == v->name_length + 5 &&
	            !memcmp(next->name, v->name, v->name_length) &&
	            !memcmp(next->name + v->name_length, "_name", 5);

	return word ? next : NULL;
}

static int take_values(struct live_table *t, struct live_device *d, const struct record *r,
                       const struct value *list, struct text *name, uint64_t now, unsigned depth)
{
	const struct value *v = list ? list + 1 : r->values, *word;
	const struct value *end = list ? value_next(r, list) - 1 : r->values + r->count;
	size_t length = name->length;
	unsigned position = 0;
	int error = 0;

	for (; v < end && !error; v = value_next(r, v)) {
		bool nested = v->kind == VALUE_LIST || v->kind == VALUE_OBJECT;

		name->length = length;
		if (!list && device_tag(v))
			continue;
		if (device_exchange(r, v)) {
			if (!list && nested && !is_named(r))
				error = set_registers(t, d, r, v, now);
			continue;
		}
		if (length)
			text_char(name, '.');
		if (v->name)
			text_add(name, v->name, v->name_length);
		else
			text_printf(name, "%u", ++position);
		word = word_of(r, v, end);
		if (name->failed)
			error = EM_NO_MEMORY;
		else if (nested && !strcmp(r->type, "sunspec") && depth < NESTING_LIMIT &&
		         (v->kind == VALUE_OBJECT || v[1].kind == VALUE_OBJECT))
			error = take_values(t, d, r, v, name, now, depth + 1);
		else if (nested)
			error = set_list(t, d, r, v, name, now);
		else
			error = set(t, d, r, v, word, name, now);
		v = word ? word : v;
	}
	name->length = length;
	return error;
}

int live_take(struct live_table *t, const struct record *r, uint64_t now)
{
	struct live_device *d = device_of(t, r);
	struct text name = {0};
	int error;

	t->records++;
	if (!d)
		return t->count == DEVICES_LIMIT ? 0 : EM_NO_MEMORY;
	set_heading(d, r);
	if (d->records++)
		smooth(&d->interval, now, d->updated);
	d->updated = now;
	error = take_values(t, d, r, NULL, &name, now, 0);
	text_free(&name);
	return error;
}

void live_free(struct live_table *t)
{
	for (size_t n = 0; n < t->count; n++) {
		struct live_device *d = &t->devices[n];

		for (size_t i = 0; i < d->count; i++) {
			text_free(&d->rows[i]->name);
			text_free(&d->rows[i]->value);
			free(d->rows[i]);
		}
		free(d->rows);
		text_free(&d->key);
		text_free(&d->type);
		text_free(&d->heading);
	}
	free(t->devices);
	text_free(&t->key);
	text_free(&t->scratch);
	*t = (struct live_table){0};
}
