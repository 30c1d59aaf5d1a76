#include "protocol/sunspec/decode.h"

#include <stdio.h>

#include "protocol/sunspec/shape.h"
#include "protocol/sunspec/value.h"

enum { HEADER = 2, BAD = 256, PREFIX = 256, POWER = 10 };

struct decoder {
	struct record *record;
	const struct sunspec_found *found;
	const struct sunspec_options *options;
	const uint16_t *words;
	struct shape shape;
	unsigned at;         /* next register; beyond the end when the definition has more */
	unsigned missing;    /* points of the definition beyond the length */
	bool strange;        /* counts and length disagree */
	bool any;            /* a requested point was found */
	char prefix[PREFIX]; /* --flat: the prefix of names */
	size_t prefix_length;
};

static const char *text_of(const struct decoder *d, uint16_t name)
{
	return d->found->set->text + name;
}

/* Whether to decode this point: all are requested, or this one, or its group (`all`). */
static bool wanted(const struct decoder *d, const char *name, bool all)
{
	if (all || !d->options->point_count)
		return true;
	for (size_t i = 0; i < d->options->point_count; i++)
		if (!strcmp(d->options->points[i], name))
			return true;
	return false;
}

/* A name as printed: with the prefix of a flat group and an ending. */
static const char *full_name(struct decoder *d, const char *name, const char *ending)
{
	char text[PREFIX + SUNSPEC_NAME + 8];
	int n;

	if (!d->prefix_length && !*ending)
		return name;
	n = snprintf(text, sizeof text, "%.*s%s%s", (int)d->prefix_length, d->prefix, name, ending);
	if (n > UINT8_MAX)
		n = UINT8_MAX;
	name = record_copy(d->record, text, (size_t)n);
	return name ? name : "";
}

static void put_symbols(struct decoder *d, const struct sunspec_point *p, const char *name,
                        bool valid, uint64_t bits)
{
	struct record *r = d->record;
	const char *symbol;

	if (sunspec_is_enum(p)) {
		symbol = valid ? sunspec_symbol(d->found->set, p, (uint32_t)bits) : NULL;
		record_word(r, full_name(d, name, "_name"), symbol);
		return;
	}
	if (!valid) {
		record_null(r, full_name(d, name, "_names"));
		return;
	}
	record_list(r, full_name(d, name, "_names"));
	for (unsigned bit = 0; bit < 64; bit++) {
		if (!(bits >> bit & 1))
			continue;
		symbol = sunspec_symbol(d->found->set, p, bit);
		if (symbol)
			record_word(r, NULL, symbol);
		else
			record_printf(r, NULL, "bit%u", bit);
	}
	record_end(r);
}

/* The power of ten of a point, 0 when it has none; false when it has one that is not valid. */
static bool power_of(const struct decoder *d, const struct sunspec_group *group, unsigned begin,
                     const struct sunspec_point *p, int *power)
{
	const struct sunspec_point *scale;
	struct decimal factor;
	unsigned at;

	*power = 0;
	if (!p->scale)
		return true;
	if (sunspec_is_power(p->scale)) {
		*power = sunspec_power(p->scale);
		return true;
	}
	at = shape_scale(&d->shape, group, begin, p, &scale);
	if (!at || at + scale->size > d->shape.total ||
	    !point_integer(scale, d->words + at, &factor) || factor.digits > POWER)
		return false;
	*power = factor.negative ? -(int)factor.digits : (int)factor.digits;
	return true;
}

/* One point; true when its scale factor makes it null. */
static bool put_point(struct decoder *d, const struct sunspec_group *group, unsigned begin,
                      const struct sunspec_point *p, bool present)
{
	const char *name = text_of(d, p->name);
	struct value *v = record_null(d->record, full_name(d, name, ""));
	struct decimal n = {0};
	bool valid = present && point_integer(p, d->words + d->at, &n), bad = false;
	int power = 0;

	if (p->unit)
		v->unit = text_of(d, p->unit);
	v->address = (int32_t)(d->found->address + d->at);
	if (valid && !d->options->raw)
		bad = !power_of(d, group, begin, p, &power);
	if (valid && !bad) {
		v->kind = VALUE_DECIMAL;
		v->as.decimal = decimal_shift(n, power);
	} else if (present && !valid) {
		point_other(d->record, v, p, d->words + d->at);
	}
	if (p->symbols)
		put_symbols(d, p, name, valid, n.digits);
	return bad;
}

static void put_group(struct decoder *d, const struct sunspec_group *group, bool all);

static void put_points(struct decoder *d, const struct sunspec_group *group, bool all)
{
	unsigned begin = d->at, bad_count = 0;
	uint16_t bad[BAD];

	for (unsigned i = 0; i < group->points; i++) {
		const struct sunspec_point *p = &d->found->set->points[group->point + i];
		unsigned end = d->at + p->size, total = d->shape.total;

		if (p->type == SUNSPEC_PAD) { /* may be missing: a common model of 65 registers */
			if (end > total)
				end = d->at > total ? d->at : total;
			d->at = end;
			continue;
		}
		d->missing += end > total;
		if (wanted(d, text_of(d, p->name), all)) {
			d->any = true;
			if (put_point(d, group, begin, p, end <= total) && bad_count < BAD)
				bad[bad_count++] = p->name;
		}
		d->at = end;
	}
	if (!bad_count)
		return;
	record_list(d->record, full_name(d, "bad_scale", ""));
	for (unsigned i = 0; i < bad_count; i++)
		record_word(d->record, NULL, text_of(d, bad[i]));
	record_end(d->record);
}

/* One instance: an object, or names with a prefix. Instance 0 is a group that occurs once. */
static void put_instance(struct decoder *d, const struct sunspec_group *group, unsigned instance,
                         bool all)
{
	const char *name = text_of(d, group->name);
	size_t length = d->prefix_length;
	int n;

	if (!d->options->flat) {
		record_object(d->record, instance ? NULL : name);
		put_group(d, group, all);
		record_end(d->record);
		return;
	}
	n = instance ? snprintf(d->prefix + length, PREFIX - length, "%s_%u_", name, instance)
	             : snprintf(d->prefix + length, PREFIX - length, "%s_", name);
	d->prefix_length = length + (size_t)n < PREFIX ? length + (size_t)n : PREFIX - 1;
	put_group(d, group, all);
	d->prefix_length = length;
}

/* Adds a group with all its instances; removes it again if it contains no requested point. */
static void put_groups(struct decoder *d, const struct sunspec_group *group, bool all)
{
	const char *name = text_of(d, group->name);
	size_t before = d->record->count;
	bool any = d->any;

	d->any = all = wanted(d, name, all);
	if (!group->count) {
		put_instance(d, group, 0, all);
	} else {
		unsigned times = shape_instances(&d->shape, group, d->at, &d->strange);

		if (!d->options->flat)
			record_list(d->record, name);
		for (unsigned i = 1; i <= times; i++)
			put_instance(d, group, i, all);
		if (!d->options->flat)
			record_end(d->record);
	}
	if (!d->any && !d->record->failed)
		d->record->count = before;
	d->any = d->any || any;
}

static void put_group(struct decoder *d, const struct sunspec_group *group, bool all)
{
	put_points(d, group, all);
	for (unsigned i = 0; i < group->groups; i++)
		put_groups(d, &d->found->set->groups[group->group + i], all);
}

static void put_registers(struct decoder *d, const char *name, unsigned from)
{
	record_list(d->record, name);
	for (unsigned i = from; i < d->shape.total; i++)
		record_int(d->record, NULL, d->words[i]);
	record_end(d->record);
}

static void put_warning(struct decoder *d)
{
	const struct sunspec_found *f = d->found;
	unsigned total = HEADER + f->readable;

	if (f->readable < f->length)
		record_printf(d->record, "warning", "length %u, only %u registers could be read",
		              f->length, f->readable);
	else if (d->missing)
		record_printf(d->record, "warning",
		              "length %u ends before the definition: "
		              "%u points have no registers",
		              f->length, d->missing);
	else if (d->at < total)
		record_printf(d->record, "warning",
		              "length %u has %u registers more than the "
		              "definition",
		              f->length, total - d->at);
	else if (d->strange)
		record_printf(d->record, "warning", "length %u and the counts disagree", f->length);
}

static void put_envelope(struct decoder *d, int unit)
{
	const struct sunspec_found *f = d->found;

	record_begin(d->record, "sunspec");
	record_int(d->record, "unit", unit);
	record_int(d->record, "model", f->id);
	if (f->model)
		record_word(d->record, "name", text_of(d, f->model->name));
	record_int(d->record, "instance", f->instance);
	record_int(d->record, "address", f->address);
	record_int(d->record, "length", f->length);
}

bool sunspec_decode(struct record *r, const struct sunspec_found *found, int unit,
                    const uint16_t *words, const struct sunspec_options *options)
{
	struct decoder d = {.record = r, .found = found, .options = options, .words = words};

	d.shape.total = HEADER + found->readable;
	put_envelope(&d, unit);
	if (found->model) {
		shape_make(&d.shape, found->set, found->model, words, HEADER + found->readable,
		           HEADER + found->readable);
		d.at = HEADER;
		put_group(&d, d.shape.root, false);
		if (d.at < d.shape.total && !options->point_count)
			put_registers(&d, "extra", d.at);
	} else if (!options->point_count) {
		put_registers(&d, "registers", HEADER);
		d.at = d.shape.total;
		d.any = true;
	}
	put_warning(&d);
	return d.any;
}
