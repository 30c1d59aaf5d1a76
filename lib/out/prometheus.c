/*
 * Text format 0.0.4 of Prometheus:
 *
 *     # HELP emtool_power_import_watts active power, import, never negative
 *     # TYPE emtool_power_import_watts gauge
 *     emtool_power_import_watts{type="p1",device="..."} 1193
 */
#include "out/prometheus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "out/device.h"
#include "record/quantity.h"

struct sample {
	char *labels;
	struct text value;
	struct sample *next;
};

struct metric {
	char *name;
	const char *help;
	bool counter;
	struct sample *samples;
	struct metric *next;
};

struct prometheus {
	struct metric *metrics;
	struct text labels, name, file;
	bool changed;
	time_t written;
};

static const char *unit_word(const char *unit)
{
	static const char *const words[][2] = {
		{"W", "_watts"}, {"Wh", "_watt_hours"}, {"V", "_volts"}, {"A", "_amperes"},
		{"var", "_vars"}, {"varh", "_var_hours"}, {"VA", "_volt_amperes"},
		{"VAh", "_volt_ampere_hours"}, {"Hz", "_hertz"}, {"m3", "_cubic_meters"},
		{"J", "_joules"}, {"degC", "_celsius"}, {"%", "_percent"}, {"deg", "_degrees"},
		{"1", "_ratio"}, {"s", "_seconds"}};

	for (size_t i = 0; unit && i < sizeof words / sizeof *words; i++)
		if (!strcmp(words[i][0], unit))
			return words[i][1];
	return "";
}

static void put_label(struct text *out, const char *name, const char *data, size_t length)
{
	text_printf(out, "%s%s=\"", out->length ? "," : "", name);
	for (size_t i = 0; i < length; i++) {
		size_t n = utf8_length(data + i, length - i);

		if (data[i] == '"' || data[i] == '\\')
			text_char(out, '\\');
		if (data[i] == '\n')
			text_puts(out, "\\n");
		else if (n)
			text_add(out, data + i, n);
		else
			text_char(out, '?');
		i += n ? n - 1 : 0;
	}
	text_char(out, '"');
}

static void make_labels(struct prometheus *p, const struct record *r)
{
	static const char *const keys[] = {"unit", "meter", "socket", "model", "instance"};
	struct text value = {0};

	p->labels.length = 0;
	put_label(&p->labels, "type", r->type, strlen(r->type));
	device_name(&value, r);
	if (value.length)
		put_label(&p->labels, "device", value.data, value.length);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const struct value *v = record_find(r, keys[i]);

		value.length = 0;
		if (v)
			value_plain(&value, v);
		if (value.length)
			put_label(&p->labels, keys[i], value.data, value.length);
	}
	text_free(&value);
}

static char *copy_text(struct text *t)
{
	const char *text = text_string(t);
	char *copy = malloc(strlen(text) + 1);

	if (copy)
		strcpy(copy, text);
	return copy;
}

static struct metric *find_metric(struct prometheus *p, const struct value *v,
                                  const struct quantity *q)
{
	const char *unit = v->unit ? v->unit : q ? q->unit : NULL;
	bool counter = unit && (unit[strlen(unit) - 1] == 'h' || !strcmp(unit, "m3") ||
	                        !strcmp(unit, "J"));
	struct metric **link = &p->metrics;

	p->name.length = 0;
	text_puts(&p->name, "emtool_");
	for (size_t i = 0; i < v->name_length; i++) {
		char c = v->name[i];

		text_char(&p->name, (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		                            (c >= '0' && c <= '9') ? c : '_');
	}
	text_printf(&p->name, "%s%s", unit_word(unit), counter ? "_total" : "");
	while (*link && strcmp((*link)->name, text_string(&p->name)))
		link = &(*link)->next;
	if (!*link) {
		*link = calloc(1, sizeof **link);
		if (!*link)
			return NULL;
		(*link)->name = copy_text(&p->name);
		(*link)->help = q ? q->meaning : NULL;
		(*link)->counter = counter;
	}
	return *link;
}

static int put_value(struct prometheus *p, const struct value *v)
{
	const struct quantity *q = quantity_named(v->name, v->name_length);
	struct metric *metric = find_metric(p, v, q);
	struct sample **link;
	double number;

	if (!metric || !metric->name)
		return EM_NO_MEMORY;
	link = &metric->samples;
	while (*link && strcmp((*link)->labels, text_string(&p->labels)))
		link = &(*link)->next;
	if (!*link) {
		*link = calloc(1, sizeof **link);
		if (!*link || !((*link)->labels = copy_text(&p->labels)))
			return EM_NO_MEMORY;
	}
	(*link)->value.length = 0;
	if (value_number(v, &number))
		value_plain(&(*link)->value, v);
	else
		text_puts(&(*link)->value, "NaN"); /* not available: Prometheus' own word for it */
	return (*link)->value.failed ? EM_NO_MEMORY : 0;
}

/* Envelope numbers are labels or say nothing; what has a unit or stands in the vocabulary is a metric. */
static bool is_metric(const struct value *v)
{
	const struct quantity *q = v->name ? quantity_named(v->name, v->name_length) : NULL;
	double number;

	if (!v->name || v->kind >= VALUE_LIST)
		return false;
	if (v->kind == VALUE_NULL)
		return v->unit || (q && q->unit);
	return value_number(v, &number) && (v->unit || q);
}

static int prometheus_write(struct output *output, const struct record *r)
{
	struct prometheus *p = output->state;
	const struct value *end = r->values + r->count;
	int error = 0;

	make_labels(p, r);
	for (const struct value *v = r->values; !error && v < end; v = value_next(r, v))
		if (is_metric(v))
			error = put_value(p, v);
	p->changed = true;
	return error ? error : p->labels.failed ? EM_NO_MEMORY : 0;
}

static void put_metrics(struct prometheus *p)
{
	p->file.length = 0;
	for (const struct metric *m = p->metrics; m; m = m->next) {
		if (m->help)
			text_printf(&p->file, "# HELP %s %s\n", m->name, m->help);
		text_printf(&p->file, "# TYPE %s %s\n", m->name, m->counter ? "counter" : "gauge");
		for (const struct sample *s = m->samples; s; s = s->next) {
			text_printf(&p->file, "%s{%s} ", m->name, s->labels);
			text_add(&p->file, s->value.data, s->value.length);
			text_char(&p->file, '\n');
		}
	}
}

/* The collector sees the old file or the new one, never a part. */
static int replace(struct prometheus *p, const char *path)
{
	char beside[4096];
	FILE *file;
	bool written;

	if (snprintf(beside, sizeof beside, "%s.%ld.tmp", path, (long)getpid()) >= (int)sizeof beside)
		return EM_RANGE;
	put_metrics(p);
	if (p->file.failed)
		return EM_NO_MEMORY;
	file = fopen(beside, "we");
	if (!file)
		return EM_SYSTEM;
	written = fwrite(p->file.data, 1, p->file.length, file) == p->file.length;
	written = !fclose(file) && written;
	if (written && !rename(beside, path))
		return 0;
	remove(beside);
	return EM_SYSTEM;
}

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static int prometheus_flush(struct output *output)
{
	struct prometheus *p = output->state;
	int error;

	if (!p->changed || seconds() == p->written)
		return 0;
	error = replace(p, output->name);
	p->changed = false;
	p->written = seconds();
	return error;
}

static void free_metric(struct metric *m)
{
	while (m->samples) {
		struct sample *next = m->samples->next;

		text_free(&m->samples->value);
		free(m->samples->labels);
		free(m->samples);
		m->samples = next;
	}
	free(m->name);
	free(m);
}

static int prometheus_close(struct output *output)
{
	struct prometheus *p = output->state;
	int error = p->changed ? replace(p, output->name) : 0;

	while (p->metrics) {
		struct metric *next = p->metrics->next;

		free_metric(p->metrics);
		p->metrics = next;
	}
	text_free(&p->labels);
	text_free(&p->name);
	text_free(&p->file);
	free(p);
	return error;
}

struct output *output_prometheus(const char *path)
{
	static const struct output_kind kind = {prometheus_write, prometheus_flush, prometheus_close};
	struct output *output = calloc(1, sizeof *output);
	struct prometheus *p = calloc(1, sizeof *p);

	if (!output || !p) {
		free(output);
		free(p);
		return NULL;
	}
	*output = (struct output){.kind = &kind, .name = path, .state = p};
	p->written = -1;
	return output;
}
