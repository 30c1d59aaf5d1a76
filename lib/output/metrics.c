/* Values as Prometheus metrics: emtool_p1_voltage_l1_volts{meter_id="..."} 235.0 */
#include <stdlib.h>

#include "base/error.h"
#include "output/device.h"
#include "output/format.h"
#include "output/prometheus.h"
#include "record/quantity.h"

enum { SERIES_LIMIT = 100000, DEVICES_LIMIT = 5000, DEPTH_LIMIT = 8 };

struct family {
	struct text name;
	size_t bare;      /* length of the name without its unit */
	const char *help; /* of the vocabulary, or NULL */
	bool counter;
};

struct metric_series {
	size_t family;
	struct text index; /* position in lists: 1, 2.1, ... */
	struct text value; /* empty when not available */
};

struct metric_device {
	struct text key, labels;
	struct metric_series *series;
	size_t count, next; /* next: where the next value probably is */
	instant time;       /* of the values; INSTANT_NONE before the first */
	uint64_t records;
};

struct metrics {
	struct family *families;
	size_t family_count;
	struct metric_device *devices;
	size_t device_count, series_count, hint;
	struct text key, labels, name; /* of the present device and value */
};

static bool same(const struct text *a, const struct text *b)
{
	return a->length == b->length && (a->length == 0 || !memcmp(a->data, b->data, a->length));
}

/* Empty again, also after memory was out. */
static void restart(struct text *t)
{
	if (t->failed)
		text_free(t);
	t->length = 0;
}

/* Space for one more; capacities are the powers of two. */
static void *grow(void *items, size_t count, size_t size)
{
	if (count & (count - 1))
		return items;
	return realloc(items, (count ? count * 2 : 1) * size);
}

struct metrics *metrics_new(void)
{
	return calloc(1, sizeof(struct metrics));
}

void metrics_free(struct metrics *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->device_count; i++) {
		struct metric_device *d = &m->devices[i];

		for (size_t k = 0; k < d->count; k++) {
			text_free(&d->series[k].index);
			text_free(&d->series[k].value);
		}
		free(d->series);
		text_free(&d->key);
		text_free(&d->labels);
	}
	for (size_t i = 0; i < m->family_count; i++)
		text_free(&m->families[i].name);
	free(m->families);
	free(m->devices);
	text_free(&m->key);
	text_free(&m->labels);
	text_free(&m->name);
	free(m);
}

static void put_label_value(struct text *out, const char *data, size_t length)
{
	struct text clean = {0};

	text_printable(&clean, data, length);
	text_char(out, '"');
	for (size_t i = 0; i < clean.length; i++) {
		if (clean.data[i] == '"' || clean.data[i] == '\\')
			text_char(out, '\\');
		text_char(out, clean.data[i]);
	}
	text_char(out, '"');
	out->failed = out->failed || clean.failed;
	text_free(&clean);
}

static void put_label(struct text *out, const char *name, size_t name_length, const char *data,
                      size_t length)
{
	if (out->length)
		text_char(out, ',');
	text_add(out, name, name_length);
	text_char(out, '=');
	put_label_value(out, data, length);
}

/* What identifies the device; false when memory is out. */
static bool put_labels(struct text *out, const struct record *r)
{
	const char *colon = r->source ? strrchr(r->source, ':') : NULL;
	struct text shown = {0};

	restart(out);
	if (r->source) /* without the port, which changes with each connection */
		put_label(out, "source", 6, r->source,
		          colon ? (size_t)(colon - r->source) : strlen(r->source));
	for (const struct value *v = r->values; v < r->values + r->count; v = value_next(r, v)) {
		if (!device_tag(v))
			continue;
		shown.length = 0;
		if (v->kind == VALUE_TEXT)
			text_add(&shown, v->as.text.data, v->as.text.length);
		else
			text_value(&shown, r, v);
		put_label(out, v->name, v->name_length, shown.data, shown.length);
	}
	out->failed = out->failed || shown.failed;
	text_free(&shown);
	return !out->failed;
}

static struct metric_device *device_of(struct metrics *m, const struct record *r)
{
	struct metric_device *devices;

	restart(&m->key);
	device_key(&m->key, r);
	if (m->key.failed)
		return NULL;
	if (m->hint < m->device_count && same(&m->devices[m->hint].key, &m->key))
		return &m->devices[m->hint];
	for (m->hint = 0; m->hint < m->device_count; m->hint++)
		if (same(&m->devices[m->hint].key, &m->key))
			return &m->devices[m->hint];
	devices = m->device_count < DEVICES_LIMIT
	                  ? grow(m->devices, m->device_count, sizeof *devices)
	                  : NULL;
	if (!devices)
		return NULL;
	m->devices = devices;
	devices[m->device_count] = (struct metric_device){.time = INSTANT_NONE};
	text_add(&devices[m->device_count].key, m->key.data, m->key.length);
	if (devices[m->device_count].key.failed)
		return NULL;
	return &devices[m->device_count++];
}

static const char *unit_word(const char *unit)
{
	/* clang-format off */
	static const char *const words[][2] = {
		{"V", "volts"},   {"A", "amperes"},         {"W", "watts"},   {"Wh", "watt_hours"},
		{"var", "vars"},  {"varh", "var_hours"},    {"VA", "volt_amperes"},
		{"VAh", "volt_ampere_hours"},               {"Hz", "hertz"},  {"m3", "cubic_meters"},
		{"J", "joules"},  {"degC", "celsius"},      {"C", "celsius"}, {"s", "seconds"},
		{"%", "percent"}, {"Pct", "percent"},       {"Ah", "ampere_hours"}, {"ohm", "ohms"},
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (!strcmp(words[i][0], unit))
			return words[i][1];
	return unit;
}

/* Letters, digits and underscores; anything else is an underscore. */
static void put_name(struct text *out, const char *data, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		char c = data[i];
		bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		            (c >= '0' && c <= '9');

		text_char(out, good ? c : '_');
	}
}

static bool counts_up(const char *unit)
{
	static const char *const units[] = {"Wh", "varh", "VAh", "m3", "J"};

	for (size_t i = 0; unit && i < sizeof units / sizeof units[0]; i++)
		if (!strcmp(units[i], unit))
			return true;
	return false;
}

/* The index of the family, or SIZE_MAX when memory is out. */
static size_t family_of(struct metrics *m, size_t bare, const struct quantity *q, bool counter,
                        size_t guess)
{
	const struct text *name = &m->name;
	struct family *families;

	if (name->failed)
		return SIZE_MAX;
	if (guess < m->family_count && same(&m->families[guess].name, name))
		return guess;
	for (size_t i = 0; i < m->family_count; i++)
		if (same(&m->families[i].name, name))
			return i;
	families = m->series_count < SERIES_LIMIT
	                   ? grow(m->families, m->family_count, sizeof *families)
	                   : NULL;
	if (!families)
		return SIZE_MAX;
	m->families = families;
	families[m->family_count] = (struct family){
		.bare = bare, .help = q ? q->meaning : NULL, .counter = counter};
	text_add(&families[m->family_count].name, name->data, name->length);
	if (families[m->family_count].name.failed)
		return SIZE_MAX;
	return m->family_count++;
}

static struct metric_series *series_of(struct metrics *m, struct metric_device *d, size_t family,
                                       const struct text *index)
{
	struct metric_series *series;

	for (size_t i = 0; i < d->count; i++) {
		size_t k = (d->next + i) % d->count;

		if (d->series[k].family == family && same(&d->series[k].index, index)) {
			d->next = k + 1;
			return &d->series[k];
		}
	}
	if (m->series_count == SERIES_LIMIT)
		return NULL;
	series = grow(d->series, d->count, sizeof *series);
	if (!series)
		return NULL;
	d->series = series;
	series[d->count] = (struct metric_series){.family = family};
	text_add(&series[d->count].index, index->data, index->length);
	if (series[d->count].index.failed)
		return NULL;
	m->series_count++;
	d->next = d->count + 1;
	return &series[d->count++];
}

/* The path to a value: names joined with underscores, list positions joined with dots. */
struct metric_path {
	struct text name, index;
};

/* The metric's name without a unit, into m->name. */
static void name_metric(struct metrics *m, const struct record *r, const struct metric_path *path)
{
	restart(&m->name);
	text_puts(&m->name, "emtool_");
	put_name(&m->name, r->type, strlen(r->type));
	text_char(&m->name, '_');
	put_name(&m->name, path->name.data, path->name.length);
}

static int take_number(struct metrics *m, struct metric_device *d, const struct record *r,
                       const struct value *v, struct metric_path *path)
{
	const struct quantity *q = quantity_named(path->name.data, path->name.length);
	const char *unit = v->unit ? v->unit : q ? q->unit : NULL;
	size_t guess = d->count ? d->series[d->next % d->count].family : 0, family, bare;
	struct metric_series *series = NULL;
	double unused;

	name_metric(m, r, path);
	bare = m->name.length;
	if (unit) {
		text_char(&m->name, '_');
		put_name(&m->name, unit_word(unit), strlen(unit_word(unit)));
	}
	family = family_of(m, bare, q, counts_up(unit), guess);
	if (family != SIZE_MAX)
		series = series_of(m, d, family, &path->index);
	if (!series)
		return m->series_count == SERIES_LIMIT ? 0 : EM_NO_MEMORY;
	restart(&series->value);
	if (v->kind == VALUE_BOOL)
		text_char(&series->value, v->as.flag ? '1' : '0');
	else if (value_number(v, &unused))
		text_value(&series->value, r, v);
	if (!series->value.failed)
		return 0;
	series->value.length = 0; /* it may be a part of the number */
	return EM_NO_MEMORY;
}

/* Null means that a value is gone. A value that was never a number has no family. */
static void forget(struct metrics *m, struct metric_device *d, const struct record *r,
                   const struct metric_path *path)
{
	name_metric(m, r, path);
	for (size_t i = 0; i < d->count; i++) {
		const struct family *f = &m->families[d->series[i].family];

		if (f->bare == m->name.length && same(&d->series[i].index, &path->index) &&
		    !memcmp(f->name.data, m->name.data, f->bare))
			d->series[i].value.length = 0;
	}
}

static int take_values(struct metrics *m, struct metric_device *d, const struct record *r,
                       const struct value *list, struct metric_path *path, unsigned depth)
{
	const struct value *v = list ? list + 1 : r->values;
	const struct value *end = list ? value_next(r, list) - 1 : r->values + r->count;
	size_t name = path->name.length, index = path->index.length;
	unsigned position = 0;
	int error = 0;

	for (; v < end && !error; v = value_next(r, v)) {
		if (!list && (device_tag(v) || device_exchange(r, v)))
			continue;
		path->name.length = name;
		path->index.length = index;
		if (v->name && name)
			text_char(&path->name, '_');
		if (v->name)
			text_add(&path->name, v->name, v->name_length);
		else
			text_printf(&path->index, index ? ".%u" : "%u", ++position);
		if (path->name.failed || path->index.failed)
			error = EM_NO_MEMORY;
		else if (v->kind == VALUE_LIST || v->kind == VALUE_OBJECT)
			error = depth < DEPTH_LIMIT ? take_values(m, d, r, v, path, depth + 1) : 0;
		else if (v->kind == VALUE_NULL)
			forget(m, d, r, path);
		else if (v->kind != VALUE_TEXT && v->kind != VALUE_TIME)
			error = take_number(m, d, r, v, path);
	}
	path->name.length = name;
	path->index.length = index;
	return error;
}

/* False for a Modbus request without an answer or with an exception: it has no values. */
static bool has_news(const struct record *r)
{
	const struct value *status = strcmp(r->type, "modbus") ? NULL : record_find(r, "status");

	return !status || status->kind != VALUE_TEXT ||
	       (status->as.text.length == 2 && !memcmp(status->as.text.data, "ok", 2));
}

int metrics_take(struct metrics *m, const struct record *r, instant now)
{
	struct metric_device *d = put_labels(&m->labels, r) ? device_of(m, r) : NULL;
	struct metric_path path = {0};
	struct text labels;
	int error;

	if (m->labels.failed || m->key.failed)
		return EM_NO_MEMORY;
	if (!d)
		return m->device_count == DEVICES_LIMIT ? 0 : EM_NO_MEMORY;
	labels = d->labels;
	d->labels = m->labels;
	m->labels = labels;
	if (has_news(r))
		d->time = r->time == INSTANT_NONE ? now : r->time;
	d->records++;
	error = take_values(m, d, r, NULL, &path, 0);
	text_free(&path.name);
	text_free(&path.index);
	return error;
}

static void put_series(struct text *out, const struct family *f, const struct metric_device *d,
                       const struct metric_series *s)
{
	text_add(out, f->name.data, f->name.length);
	if (d->labels.length || s->index.length) {
		text_char(out, '{');
		text_add(out, d->labels.data, d->labels.length);
		if (s->index.length) {
			text_puts(out, d->labels.length ? ",index=\"" : "index=\"");
			text_add(out, s->index.data, s->index.length);
			text_char(out, '"');
		}
		text_char(out, '}');
	}
	text_char(out, ' ');
	text_add(out, s->value.data, s->value.length);
	text_char(out, '\n');
}

static void put_family(struct metrics *m, struct text *out, size_t number)
{
	const struct family *f = &m->families[number];
	size_t begin = out->length, head;

	text_puts(out, "# HELP ");
	text_add(out, f->name.data, f->name.length);
	text_char(out, ' ');
	text_puts(out, f->help ? f->help : "as the device names it");
	text_puts(out, "\n# TYPE ");
	text_add(out, f->name.data, f->name.length);
	text_puts(out, f->counter ? " counter\n" : " gauge\n");
	head = out->length;
	for (size_t i = 0; i < m->device_count; i++) {
		struct metric_device *d = &m->devices[i];

		for (size_t k = 0; k < d->count; k++)
			if (d->series[k].family == number && d->series[k].value.length)
				put_series(out, f, d, &d->series[k]);
	}
	if (out->length == head)
		out->length = begin; /* no value of the family is available now */
}

/* Metrics about the records: their number and the time of the newest one of each device. */
static void put_about(const struct metrics *m, struct text *out, bool time)
{
	text_puts(out,
	          time ? "# HELP emtool_last_record_timestamp_seconds when the newest values came\n"
	                 "# TYPE emtool_last_record_timestamp_seconds gauge\n"
	               : "# HELP emtool_records_total records since the start\n"
	                 "# TYPE emtool_records_total counter\n");
	for (const struct metric_device *d = m->devices; d < m->devices + m->device_count; d++) {
		if (time && d->time == INSTANT_NONE)
			continue;
		text_puts(out,
		          time ? "emtool_last_record_timestamp_seconds" : "emtool_records_total");
		text_puts(out, "{type=\"");
		text_add(out, d->key.data, strcspn(d->key.data, "\n"));
		text_puts(out, d->labels.length ? "\"," : "\"");
		text_add(out, d->labels.data, d->labels.length);
		text_puts(out, "} ");
		if (time)
			text_decimal(out, decimal_i64(d->time, -3));
		else
			text_printf(out, "%llu", (unsigned long long)d->records);
		text_char(out, '\n');
	}
}

void metrics_print(struct metrics *m, struct text *out)
{
	for (size_t i = 0; i < m->family_count; i++)
		put_family(m, out, i);
	if (m->device_count) {
		put_about(m, out, true);
		put_about(m, out, false);
	}
}
