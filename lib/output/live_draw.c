/*
 * Draws the live view for a width and a time:
 *
 *      modbus  127.0.0.1:43210  unit 1  inepro_n1_ct                         2.0/s
 *        current             1.261 A    ▁▂▃▄▅▆▇█▇▆▅▄▃▂▁   0.07 – 5.2         0.2 s
 *
 * The columns are name, number (with aligned points), unit, history, range of the history, and age.
 * The graph takes the remaining width. On narrow terminals first the range disappears, then the
 * graph, then the ends of names and numbers.
 */
#include <math.h>
#include <stdio.h>

#include "output/format.h"
#include "output/live.h"

enum { AGE = 7, RANGE = 17, GRAPH_LEAST = 6, GRAPH_MOST = 60, NAME_LEAST = 8, FRESH = 1000 };

struct columns {
	size_t name, whole, part, unit, graph, range;
};

size_t live_put(struct text *out, const char *data, size_t length, size_t columns, bool fill,
                bool ascii)
{
	size_t wide = text_columns(data, length), at = 0, done = 0;
	bool cut = wide > columns;

	for (; at < length && done < columns - (cut && columns); done++) {
		size_t n = utf8_length(data + at, length - at);

		at += n ? n : 1;
	}
	text_add(out, data, at);
	if (cut && columns) {
		text_puts(out, ascii ? "~" : "…");
		done++;
	}
	if (fill && done < columns) {
		text_fill(out, ' ', columns - done);
		done = columns;
	}
	return done;
}

/* Narrows a column by `over`, the surplus of the line, but not below `least`. */
static void narrow(size_t *column, size_t least, size_t *over)
{
	size_t n = *column > least ? *column - least : 0;

	n = n < *over ? n : *over;
	*column -= n;
	*over -= n;
}

static struct columns arrange(const struct live_table *t, size_t width)
{
	struct columns c = {.name = t->name_width,
	                    .whole = t->whole_width,
	                    .part = t->part_width,
	                    .unit = t->unit_width};
	/* indent, gaps of two, a blank before the unit, the age */
	size_t fixed = 2 + c.name + 2 + c.whole + c.part + 1 + c.unit + AGE;
	size_t left = width > fixed + 2 ? width - fixed - 2 : 0;
	size_t over = fixed > width ? fixed - width : 0;

	narrow(&c.name, NAME_LEAST, &over);
	narrow(&c.unit, 0, &over);
	narrow(&c.part, 0, &over);
	narrow(&c.name, 0, &over);
	narrow(&c.whole, 0, &over);
	if (left >= GRAPH_LEAST + RANGE + 4) {
		c.range = RANGE;
		left -= RANGE + 2;
	}
	c.graph = left < GRAPH_LEAST ? 0 : left < GRAPH_MOST ? left : GRAPH_MOST;
	return c;
}

static bool is_counter(const char *unit)
{
	size_t length = strlen(unit);

	return !strcmp(unit, "m3") || !strcmp(unit, "J") || (length && unit[length - 1] == 'h');
}

static bool from_zero(const char *unit)
{
	return !strcmp(unit, "W") || !strcmp(unit, "A") || !strcmp(unit, "VA") ||
	       !strcmp(unit, "var");
}

static enum ink ink_of(const struct live_row *row)
{
	if (!strcmp(row->unit, "A"))
		return INK_YELLOW;
	if (!strcmp(row->unit, "W") || !strcmp(row->unit, "VA") || !strcmp(row->unit, "var"))
		return INK_CYAN;
	return is_counter(row->unit) ? INK_GREEN : INK_PLAIN;
}

struct scale {
	double low, high;   /* range of the picture */
	double least, most; /* range of the values */
};

/*
 * The range begins at zero for powers and currents. Other values have their own range of at least 1
 * % of the value, so that the noise of a voltage does not fill the graph.
 */
static struct scale scale_of(const struct live_row *row, size_t count)
{
	size_t first = row->count - count;
	struct scale s = {(double)row->history[first], (double)row->history[first],
	                  (double)row->least[first], (double)row->most[first]};
	double margin;

	for (size_t i = first; i < row->count; i++) {
		s.low = fmin(s.low, (double)row->history[i]);
		s.high = fmax(s.high, (double)row->history[i]);
		s.least = fmin(s.least, (double)row->least[i]);
		s.most = fmax(s.most, (double)row->most[i]);
	}
	if (from_zero(row->unit)) {
		s.low = fmin(s.low, 0);
		s.high = fmax(s.high, 0);
	} else if (!is_counter(row->unit)) {
		margin = (fmax(fabs(s.low), fabs(s.high)) * 0.01 - (s.high - s.low)) / 2;
		if (margin > 0) {
			s.low -= margin;
			s.high += margin;
		}
	}
	return s;
}

static void put_graph(struct text *out, const struct live_row *row, const struct columns *c,
                      const struct live_look *look, const struct scale *s, size_t count)
{
	static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	static const char *const letters[] = {"_", ".", ":", "-", "=", "+", "*", "#"};
	const float *values = row->history + row->count - count;

	bool constant = !(s->most > s->least);

	text_fill(out, ' ', c->graph - count);
	for (size_t i = 0; i < count; i++) {
		double part = s->high > s->low ? ((double)values[i] - s->low) / (s->high - s->low)
		                               : 0;
		int level = (int)(part * 7 + 0.5);

		level = level < 0 ? 0 : level > 7 ? 7 : level;
		text_puts(out, constant ? look->ascii ? "-" : "─"
		                        : (look->ascii ? letters : blocks)[level]);
	}
}

/* Four digits and a prefix: 12.35k */
static void shorten(char *out, size_t size, double number)
{
	static const char *const prefixes[] = {"", "k", "M", "G", "T"};
	size_t i = 0;

	while (fabs(number) >= 99995 && i + 1 < sizeof prefixes / sizeof prefixes[0]) {
		number /= 1000;
		i++;
	}
	snprintf(out, size, "%.*f%s",
	         number == floor(number) ? 0
	         : fabs(number) >= 1000  ? 0
	         : fabs(number) >= 100   ? 1
	         : fabs(number) >= 10    ? 2
	                                 : 3,
	         number, prefixes[i]);
}

/* `4.448 – 6.048`; for a counter its increase: `+57`. */
static void put_range(struct text *out, const struct live_row *row, const struct scale *s,
                      const struct live_look *look)
{
	char low[32], high[32], text[80];
	int n;

	shorten(low, sizeof low, s->least);
	shorten(high, sizeof high, is_counter(row->unit) ? s->most - s->least : s->most);
	if (!(s->most > s->least))
		n = 0; /* the line shows it already */
	else if (is_counter(row->unit))
		n = snprintf(text, sizeof text, "+%s", high);
	else if (!strcmp(low, high))
		n = 0;
	else
		n = snprintf(text, sizeof text, "%s %s %s", low, look->ascii ? "-" : "–", high);
	live_put(out, text, (size_t)n, RANGE, true, look->ascii);
}

static void put_age(struct text *out, uint64_t ms)
{
	char text[32];
	double s = (double)ms / 1000;

	if (s < 9.95)
		snprintf(text, sizeof text, "%.1f s", s);
	else if (s < 120)
		snprintf(text, sizeof text, "%.0f s", s);
	else if (s < 7200)
		snprintf(text, sizeof text, "%.0f min", s / 60);
	else if (s < 172800)
		snprintf(text, sizeof text, "%.0f h", s / 3600);
	else
		snprintf(text, sizeof text, "%.0f d", s / 86400);
	text_fill(out, ' ', strlen(text) < AGE ? AGE - strlen(text) : 0);
	text_puts(out, text);
}

/* Whether the value is older than three of its usual intervals and probably out of date. */
static bool is_stale(const struct live_row *row, uint64_t now)
{
	double usual = row->interval > 0 ? row->interval : 5000;

	return row->gone || (double)(now - row->updated) > usual * 3 + 2000;
}

/* Cuts a number that is wider than its columns, and marks the cut. */
static void put_number(struct text *out, const struct live_row *row, const struct columns *c,
                       bool ascii)
{
	const char *dot = memchr(row->value.data, '.', row->value.length);
	size_t whole = dot ? (size_t)(dot - row->value.data) : row->value.length;
	size_t before = c->whole > whole ? c->whole - whole : 0;

	text_fill(out, ' ', before);
	live_put(out, row->value.data, row->value.length, c->whole + c->part - before, true, ascii);
}

static enum ink ink_of_word(const struct text *word)
{
	static const char *const bad[] = {"exception", "no_response", "fault", "FAULT",
	                                  "error",     "lost",        "away",  "refused"};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (strlen(bad[i]) == word->length && !memcmp(bad[i], word->data, word->length))
			return INK_RED;
	return word->length == 2 && !memcmp(word->data, "ok", 2) ? INK_GREEN : INK_PLAIN;
}

static void put_figures(struct text *out, const struct live_row *row, const struct columns *c,
                        const struct live_look *look, bool stale)
{
	struct scale s;
	size_t count = row->count < c->graph ? row->count : c->graph;

	put_number(out, row, c, look->ascii);
	text_ink(out, &look->style, INK_PLAIN);
	text_ink(out, &look->style, INK_DIM);
	text_char(out, ' ');
	live_put(out, row->unit, strlen(row->unit), c->unit, true, look->ascii);
	if (!c->graph)
		return;
	text_puts(out, "  ");
	s = scale_of(row, count);
	if (!stale && s.most > s.least) {
		text_ink(out, &look->style, INK_PLAIN);
		if (ink_of(row) != INK_PLAIN)
			text_ink(out, &look->style, ink_of(row));
	}
	put_graph(out, row, c, look, &s, count);
	if (c->range) {
		text_ink(out, &look->style, INK_PLAIN);
		text_ink(out, &look->style, INK_DIM);
		text_puts(out, "  ");
		put_range(out, row, &s, look);
	}
}

static void put_row(struct text *out, const struct live_row *row, const struct columns *c,
                    const struct live_look *look, uint64_t now)
{
	size_t words = c->whole + c->part + 1 + c->unit + (c->graph ? c->graph + 2 : 0) +
	               (c->range ? c->range + 2 : 0);
	bool stale = is_stale(row, now);
	struct text name = {0};

	text_printable(&name, row->name.data, row->name.length);
	text_puts(out, "  ");
	if (stale)
		text_ink(out, &look->style, INK_DIM);
	live_put(out, name.data, name.length, c->name, true, look->ascii);
	text_puts(out, "  ");
	if (!stale && row->number && now - row->changed < FRESH)
		text_ink(out, &look->style, INK_BOLD);
	if (row->number && row->count) {
		put_figures(out, row, c, look, stale);
	} else {
		if (!stale && ink_of_word(&row->value) != INK_PLAIN)
			text_ink(out, &look->style, ink_of_word(&row->value));
		live_put(out, row->value.data, row->value.length, words, true, look->ascii);
	}
	text_ink(out, &look->style, INK_PLAIN);
	text_ink(out, &look->style, INK_DIM);
	put_age(out, now - row->updated);
	text_ink(out, &look->style, INK_PLAIN);
	text_char(out, '\n');
	out->failed = out->failed || name.failed;
	text_free(&name);
}

static void put_rate(struct text *out, double interval)
{
	if (interval >= 2000)
		text_printf(out, "every %.0f s", interval / 1000);
	else if (interval > 0)
		text_printf(out, "%.*f/s", interval > 100 ? 1 : 0, 1000 / interval);
}

/* A line with a text on the left, one on the right, and spaces between them. */
static void put_heading(struct text *out, const struct live_device *d, const struct live_look *look)
{
	struct text rate = {0};
	size_t room, used;

	put_rate(&rate, d->interval);
	room = look->width > rate.length + 2 ? look->width - rate.length - 2 : 0;
	text_ink(out, &look->style, INK_BOLD);
	used = live_put(out, d->type.data, d->type.length, room, false, look->ascii);
	text_ink(out, &look->style, INK_PLAIN);
	if (d->heading.length && room > used + 2) {
		text_puts(out, "  ");
		used += 2 + live_put(out, d->heading.data, d->heading.length, room - used - 2,
		                     false, look->ascii);
	}
	if (used + rate.length < look->width)
		text_fill(out, ' ', look->width - used - rate.length);
	text_ink(out, &look->style, INK_DIM);
	text_add(out, rate.data, rate.length);
	text_ink(out, &look->style, INK_PLAIN);
	text_char(out, '\n');
	text_free(&rate);
}

void live_draw(struct text *out, const struct live_table *t, const struct live_look *look,
               uint64_t now)
{
	/* Limits the width, so that on wide terminals the age stays near the values. */
	struct columns c = arrange(t, look->width);
	struct live_look fitted = *look;
	size_t needed = 2 + c.name + 2 + c.whole + c.part + 1 + c.unit +
	                (c.graph ? c.graph + 2 : 0) + (c.range ? c.range + 2 : 0) + AGE;

	fitted.width = needed < look->width ? needed : look->width;
	for (size_t n = 0; n < t->count; n++) {
		const struct live_device *d = &t->devices[n];

		if (n)
			text_char(out, '\n');
		put_heading(out, d, &fitted);
		for (size_t i = 0; i < d->count; i++)
			put_row(out, d->rows[i], &c, look, now);
	}
}
