/*
 * Text output of SunSpec models: a heading per model, then name, value, unit and symbol of each
 * point in columns, with groups indented. Scale factors and points that are not implemented print
 * on request.
 */
#include <string.h>

#include "cmd/sunspec/sunspec.h"
#include "output/format.h"

enum { NUMBER = 12, WORD = 32, PER_ROW = 16, WIDEST = 24 };

struct page {
	struct text *out;
	const struct style *style;
	const struct record *record;
	bool all;
	size_t width; /* of the names */
};

static bool named(const struct value *v, const char *name)
{
	return v->name && strlen(name) == v->name_length && !memcmp(v->name, name, v->name_length);
}

static long whole(const struct record *r, const char *name)
{
	const struct value *v = record_find(r, name);

	return v && v->kind == VALUE_DECIMAL ? (long)v->as.decimal.digits : 0;
}

static bool is_scale(const struct value *v)
{
	const char *end = v->name + v->name_length;

	return (v->name_length > 3 && !memcmp(end - 3, "_SF", 3)) ||
	       (v->name_length > 7 && !memcmp(v->name, "sunssf_", 7));
}

/* Whether `v` has the symbols of the point before it. */
static bool is_symbol(const struct value *point, const struct value *v)
{
	size_t n = point->name_length;

	return v->name && point->name && v->name_length > n + 4 &&
	       !memcmp(v->name, point->name, n) && !memcmp(v->name + n, "_name", 5);
}

static void put_name(const struct page *p, const char *name, size_t length, size_t indent)
{
	text_fill(p->out, ' ', indent);
	text_ink(p->out, p->style, INK_DIM);
	text_printable(p->out, name, length);
	text_ink(p->out, p->style, INK_PLAIN);
	text_fill(p->out, ' ', p->width > length ? p->width - length + 2 : 2);
}

/* MPPT, or the names of several bits. */
static void put_symbols(const struct page *p, const struct value *v)
{
	const struct value *end = value_next(p->record, v);

	if (v->kind == VALUE_TEXT) {
		text_puts(p->out, "  ");
		text_value(p->out, p->record, v);
	}
	for (const struct value *m = v + 1; v->kind == VALUE_LIST && m < end - 1; m++) {
		text_puts(p->out, m == v + 1 ? "  " : ", ");
		text_value(p->out, p->record, m);
	}
}

static void put_point(const struct page *p, const struct value *v, const struct value *symbols,
                      size_t indent)
{
	struct value shown = *v;
	struct text text = {0};

	if (!p->all && (v->kind == VALUE_NULL || is_scale(v)))
		return;
	if (v->kind == VALUE_TEXT) /* devices pad with spaces */
		while (shown.as.text.length && shown.as.text.data[shown.as.text.length - 1] == ' ')
			shown.as.text.length--;
	put_name(p, v->name, v->name_length, indent);
	text_value(&text, p->record, &shown);
	if (v->kind != VALUE_TEXT && text.length < NUMBER)
		text_fill(p->out, ' ', NUMBER - text.length);
	text_ink(p->out, p->style, v->kind == VALUE_NULL ? INK_DIM : INK_BOLD);
	text_add(p->out, text.data, text.length);
	text_ink(p->out, p->style, INK_PLAIN);
	if (v->unit && v->kind != VALUE_NULL)
		text_printf(p->out, " %s", v->unit);
	if (symbols)
		put_symbols(p, symbols);
	text_char(p->out, '\n');
	p->out->failed = p->out->failed || text.failed;
	text_free(&text);
}

/* Prints registers without a definition in hex. */
static void put_registers(const struct page *p, const struct value *list, size_t indent)
{
	const struct value *end = value_next(p->record, list) - 1;
	unsigned n = 0;

	for (const struct value *v = list + 1; v < end; v++, n++) {
		if (n % PER_ROW == 0) {
			if (n)
				text_char(p->out, '\n');
			put_name(p, list->name, n ? 0 : list->name_length, indent);
			if (n)
				text_fill(p->out, ' ', p->width > 0 ? 0 : list->name_length);
		}
		text_printf(p->out, n % PER_ROW ? " %04x" : "%04x", (unsigned)v->as.decimal.digits);
	}
	if (n)
		text_char(p->out, '\n');
}

static void put_trouble(const struct page *p, const struct value *v, size_t indent)
{
	const struct value *end = value_next(p->record, v) - 1;

	text_fill(p->out, ' ', indent);
	text_ink(p->out, p->style, INK_YELLOW);
	if (v->kind == VALUE_TEXT) {
		text_puts(p->out, "! ");
		text_value(p->out, p->record, v);
	} else {
		text_puts(p->out, "! without a valid scale factor:");
		for (const struct value *m = v + 1; m < end; m++) {
			text_char(p->out, ' ');
			text_value(p->out, p->record, m);
		}
	}
	text_ink(p->out, p->style, INK_PLAIN);
	text_char(p->out, '\n');
}

static void put_heading(const struct page *p, const struct value *group, unsigned index,
                        size_t indent)
{
	text_fill(p->out, ' ', indent);
	text_ink(p->out, p->style, INK_CYAN);
	text_printable(p->out, group->name, group->name_length);
	if (index)
		text_printf(p->out, " %u", index);
	text_ink(p->out, p->style, INK_PLAIN);
	text_char(p->out, '\n');
}

static void put_values(const struct page *p, const struct value *v, const struct value *end,
                       size_t indent);

/* The recursion is as deep as the nested groups of the definitions, a few levels. */
static void put_group(const struct page *p, const struct value *v, size_t indent)
{
	const struct value *end = value_next(p->record, v) - 1;
	unsigned index = 0;

	if (v->kind == VALUE_OBJECT) {
		put_heading(p, v, 0, indent);
		put_values(p, v + 1, end, indent + 2);
		return;
	}
	for (const struct value *m = v + 1; m < end; m = value_next(p->record, m)) {
		put_heading(p, v, ++index, indent);
		put_values(p, m + 1, value_next(p->record, m) - 1, indent + 2);
	}
}

static void put_values(const struct page *p, const struct value *v, const struct value *end,
                       size_t indent)
{
	while (v < end) {
		const struct value *next = value_next(p->record, v), *symbols = NULL;

		if (next < end && v->kind != VALUE_LIST && is_symbol(v, next))
			symbols = next;
		if (named(v, "bad_scale") || named(v, "warning"))
			put_trouble(p, v, indent);
		else if (named(v, "registers") || named(v, "extra"))
			put_registers(p, v, indent);
		else if (v->kind == VALUE_LIST || v->kind == VALUE_OBJECT)
			put_group(p, v, indent);
		else
			put_point(p, v, symbols, indent);
		v = symbols ? value_next(p->record, symbols) : next;
	}
}

static bool is_nested(const struct value *v)
{
	return v->kind == VALUE_LIST || v->kind == VALUE_OBJECT;
}

static bool is_envelope(const struct value *v)
{
	return named(v, "unit") || named(v, "model") || named(v, "name") || named(v, "instance") ||
	       named(v, "address") || named(v, "length");
}

static void put_title(const struct page *p)
{
	const struct record *r = p->record;
	const struct value *name = record_find(r, "name");

	text_clock(p->out, p->style, r);
	text_ink(p->out, p->style, INK_BOLD);
	if (name && name->kind == VALUE_TEXT)
		text_value(p->out, r, name);
	else
		text_puts(p->out, "unknown model");
	text_ink(p->out, p->style, INK_PLAIN);
	text_printf(p->out, " (%ld", whole(r, "model"));
	if (whole(r, "instance") > 1)
		text_printf(p->out, "#%ld", whole(r, "instance"));
	text_printf(p->out, ") unit %ld at %ld, length %ld\n", whole(r, "unit"),
	            whole(r, "address"), whole(r, "length"));
}

static void format(struct text *out, struct format_state *state, const struct record *r, bool all)
{
	struct page p = {out, &state->style, r, all, 0};
	const struct value *v = r->values, *end = r->values + r->count;

	if (strcmp(r->type, "sunspec") != 0) {
		format_text(out, state, r);
		return;
	}
	if (state->printed)
		text_char(out, '\n');
	while (v < end && is_envelope(v))
		v++;
	for (const struct value *m = v; m < end; m++)
		if (m->name && m->name_length > p.width && m->name_length <= WIDEST &&
		    (all || m->kind != VALUE_NULL) && !is_nested(m))
			p.width = m->name_length;
	put_title(&p);
	put_values(&p, v, end, 2);
}

void sunspec_text(struct text *out, struct format_state *state, const struct record *r)
{
	format(out, state, r, false);
}

void sunspec_text_all(struct text *out, struct format_state *state, const struct record *r)
{
	format(out, state, r, true);
}

/* `103   40069  50  inverter_three_phase`, a line per model. */
void sunspec_text_scan(struct text *out, struct format_state *state, const struct record *r)
{
	const struct value *name = record_find(r, "name");

	if (!state->printed)
		text_puts(out, "unit  model  no  address  length  name\n");
	text_printf(out, "%4ld  %5ld  %2ld  %7ld  %6ld  ", whole(r, "unit"), whole(r, "model"),
	            whole(r, "instance"), whole(r, "address"), whole(r, "length"));
	if (name)
		text_value(out, r, name);
	text_char(out, '\n');
}

static void put_definition(struct text *out, const struct record *r, const struct value *v,
                           const struct value *end, size_t indent)
{
	for (; v < end; v = value_next(r, v)) {
		const struct value *last = value_next(r, v) - 1, *m = v + 1;

		if (named(v, "points") || named(v, "groups")) {
			for (; m < last; m = value_next(r, m)) {
				text_fill(out, ' ', indent);
				put_definition(out, r, m + 1, value_next(r, m) - 1, indent + 2);
				if (named(v, "points"))
					text_char(out, '\n');
			}
		} else if (v->kind == VALUE_LIST) {
			continue;
		} else if (v->kind != VALUE_NULL && v->kind != VALUE_BOOL) {
			text_value(out, r, v);
			text_char(out, named(v, "count") ? '\n' : ' ');
		}
	}
}

/* `103  length 50  inverter_three_phase`, and the points when they are there. */
void sunspec_text_models(struct text *out, struct format_state *state, const struct record *r)
{
	const struct value *name = record_find(r, "name"), *more = record_find(r, "repeating");

	(void)state;
	text_printf(out, "%-5ld%4ld%s  ", whole(r, "model"), whole(r, "length"),
	            more && more->as.flag ? "+" : " ");
	if (name)
		text_value(out, r, name);
	text_char(out, '\n');
	if (more && more + 1 < r->values + r->count)
		put_definition(out, r, more + 1, r->values + r->count, 9);
}
