#include "balance/report.h"

#include "balance/figures.h"

void report_cell(struct text *out, const char *label, const char *class)
{
	text_puts(out, "<td role=\"cell\"");
	if (class)
		text_printf(out, " class=\"%s\"", class);
	if (label) {
		text_puts(out, " data-l=\"");
		figures_name(out, label);
		text_char(out, '"');
	}
	text_char(out, '>');
}

void report_name(struct text *out, const struct plot_set *set)
{
	struct text name = {0};

	figures_name(&name, plot_name(set));
	for (const char *s = text_string(&name); *s; s++) {
		text_char(out, *s);
		if (*s == ',')
			text_puts(out, "<wbr/>");
	}
	out->failed = out->failed || name.failed;
	text_free(&name);
}

/* What a table of sets has columns for. */
enum column_kind { COLUMN_ENERGY, COLUMN_SPAN, COLUMN_NUMBER, COLUMN_TENTHS };

static double energy_of(const struct simulation *s)
{
	return (double)s->car.energy;
}
static double solar_of(const struct simulation *s)
{
	return (double)s->totals.solar;
}
static double pauses_of(const struct simulation *s)
{
	return s->car.pauses;
}
static double changes_of(const struct simulation *s)
{
	return (double)s->totals.setpoint_changes;
}
static double over_of(const struct simulation *s)
{
	return (double)s->totals.seconds_over;
}
static double longest_of(const struct simulation *s)
{
	return (double)s->totals.longest_overload;
}
static double highest_of(const struct simulation *s)
{
	return s->totals.max_current / 1000.0;
}
static double peak_of(const struct simulation *s)
{
	return (double)s->totals.quarter_peak / 9e8;
}
static double wear_of(const struct simulation *s)
{
	return (double)s->wear[simulation_worn_phase(s)].fast.peak / (double)FUSE_WEAR_ONE * 100;
}

static const struct report_column {
	const char *name, *unit;
	double (*of)(const struct simulation *s);
	enum column_kind kind;
	bool car;  /* only when a car is simulated */
	bool some; /* only when some set has it */
} columns[] = {
	{"Energy to the car", NULL, energy_of, COLUMN_ENERGY, true, false},
	{"From the sun", NULL, solar_of, COLUMN_ENERGY, true, true},
	{"Pauses", "", pauses_of, COLUMN_NUMBER, true, false},
	{"Set-points", "", changes_of, COLUMN_NUMBER, false, false},
	{"Above the fuse", NULL, over_of, COLUMN_SPAN, false, false},
	{"Longest", NULL, longest_of, COLUMN_SPAN, false, false},
	{"Highest current", "A", highest_of, COLUMN_TENTHS, false, false},
	{"Highest quarter hour", "kW", peak_of, COLUMN_TENTHS, false, false},
	{"Wear of the fuse", "%", wear_of, COLUMN_TENTHS, false, false},
};

enum { COLUMNS = sizeof columns / sizeof *columns };

static bool shown(const struct report *r, const struct report_column *c)
{
	if (c->car && r->sets[0].sim->settings.open_loop)
		return false;
	for (size_t i = 0; c->some && i < r->count; i++)
		if (c->of(r->sets[i].sim) > 0)
			return true;
	return !c->some;
}

static bool daily(const struct simulation *s)
{
	return s->totals.seconds >= PLOT_DAILY;
}

static void label(struct text *out, const struct report *r, const struct report_column *c)
{
	bool a_day = c->kind == COLUMN_ENERGY && daily(r->sets[0].sim);

	text_printf(out, "%s%s", c->name, a_day ? " a day" : "");
}

static void figure(struct text *out, const struct report_column *c, const struct simulation *s)
{
	double value = c->of(s);

	if (c->kind == COLUMN_ENERGY && daily(s))
		value /= (double)s->totals.seconds / 86400;
	switch (c->kind) {
	case COLUMN_ENERGY: figures_energy(out, FIGURES_PAGE, (int64_t)value); break;
	case COLUMN_SPAN: figures_span(out, FIGURES_PAGE, (int64_t)value); break;
	case COLUMN_NUMBER: figures_number(out, FIGURES_PAGE, value, 0); break;
	case COLUMN_TENTHS: figures_unit(out, FIGURES_PAGE, value, 1, c->unit); break;
	}
}

static void cell(const struct report *r, const struct report_column *c, const struct simulation *s)
{
	text_puts(r->out, "<td role=\"cell\" data-l=\"");
	label(r->out, r, c);
	text_puts(r->out, "\">");
	figure(r->out, c, s);
	text_puts(r->out, "</td>");
}

static const struct simulation *most_energy(const struct report *r)
{
	const struct simulation *best = NULL;

	for (size_t i = 0; i < r->count; i++) {
		const struct simulation *s = r->sets[i].sim;

		if (simulation_verdict(s) == FUSE_CANNOT_TRIP &&
		    (!best || s->car.energy > best->car.energy))
			best = s;
	}
	return best;
}

static void set_row(const struct report *r, const struct plot_set *set, bool best)
{
	static const char *const words[] = {"\xE2\x9C\x93 cannot trip", "! may trip",
	                                    "\xE2\x9C\x95 trips"};
	enum fuse_verdict verdict = simulation_verdict(set->sim);

	text_printf(r->out, "<tr role=\"row\"%s><th scope=\"row\" role=\"rowheader\">",
	            best ? " class=\"best\"" : "");
	report_name(r->out, set);
	text_puts(r->out, "</th>");
	for (int k = 0; k < COLUMNS; k++)
		if (shown(r, &columns[k]))
			cell(r, &columns[k], set->sim);
	report_cell(r->out, "Main fuse", verdict == FUSE_CANNOT_TRIP ? "good" : "bad");
	text_printf(r->out, "%s</td></tr>\n", words[verdict]);
}

void report_comparison(const struct report *r)
{
	const struct simulation *best = most_energy(r);

	text_puts(
		r->out,
		"<h2>Comparison</h2>\n<div class=\"scroll\"><table role=\"table\" class=\"sets\">\n"
		"<thead role=\"rowgroup\"><tr role=\"row\"><th scope=\"col\" "
		"role=\"columnheader\">Set</th>");
	for (int k = 0; k < COLUMNS; k++) {
		if (!shown(r, &columns[k]))
			continue;
		text_puts(r->out, "<th scope=\"col\" role=\"columnheader\">");
		label(r->out, r, &columns[k]);
		text_puts(r->out, "</th>");
	}
	text_puts(r->out, "<th scope=\"col\" role=\"columnheader\">Main fuse</th></tr></thead>\n"
	                  "<tbody role=\"rowgroup\">\n");
	for (size_t i = 0; i < r->count; i++)
		set_row(r, &r->sets[i], r->sets[i].sim == best);
	text_puts(r->out, "</tbody></table></div>\n");
	if (best && r->count > 1 && !best->settings.open_loop)
		text_puts(r->out, "<p class=\"soft\">The coloured row gives the most energy of "
		                  "those with which the fuse cannot trip.</p>\n");
}
