/* The bars of a picture as a table, for those who want figures or do not see pictures. */
#include "balance/report.h"

#include "balance/axis.h"
#include "balance/figures.h"

enum { FEW = 31 /* rows that are shown one by one */, FOUR_WEEKS = 28 };

struct month {
	char name[AXIS_WORDS];
	struct series_day sum;
	int64_t days;
};

static void add(struct month *m, const struct series_day *d)
{
	m->sum.car += d->car;
	m->sum.solar += d->solar;
	m->sum.import += d->import;
	m->sum.seconds += d->seconds;
	m->sum.over += d->over;
	m->sum.charging += d->charging;
	m->sum.highest = d->highest > m->sum.highest ? d->highest : m->sum.highest;
}

static void energy_cell(struct text *out, const char *label, int64_t milliampere_seconds)
{
	report_cell(out, label, NULL);
	figures_energy(out, FIGURES_PAGE, milliampere_seconds * CAR_VOLTAGE);
	text_puts(out, "</td>");
}

static void month_row(struct text *out, const struct month *m, const struct simulation *sim)
{
	text_printf(out, "<tr role=\"row\"><th scope=\"row\" role=\"rowheader\">%s</th>", m->name);
	if (!sim->settings.open_loop)
		energy_cell(out, "Energy to the car", m->sum.car);
	if (!sim->settings.open_loop && sim->totals.solar)
		energy_cell(out, "From the sun", m->sum.solar);
	energy_cell(out, "From the grid", m->sum.import);
	report_cell(out, "Highest current", NULL);
	figures_unit(out, FIGURES_PAGE, m->sum.highest / 1000.0, 1, "A");
	text_puts(out, "</td>");
	report_cell(out, "Above the fuse", NULL);
	figures_span(out, FIGURES_PAGE, m->sum.over);
	text_puts(out, "</td></tr>\n");
}

static void head(struct text *out, const struct simulation *sim)
{
	static const char column[] = "<th scope=\"col\" role=\"columnheader\">";

	text_printf(out,
	            "<details><summary>These bars as a table</summary>\n<div class=\"scroll\">"
	            "<table role=\"table\">\n<thead role=\"rowgroup\"><tr role=\"row\">%sFrom</th>",
	            column);
	if (!sim->settings.open_loop)
		text_printf(out, "%sEnergy to the car</th>", column);
	if (!sim->settings.open_loop && sim->totals.solar)
		text_printf(out, "%sFrom the sun</th>", column);
	text_printf(out,
	            "%sFrom the grid</th>%sHighest current</th>%sAbove the "
	            "fuse</th></tr></thead>\n<tbody role=\"rowgroup\">\n",
	            column, column, column);
}

/* Whether a row begins a new line of the table. */
static bool begins(const struct series *s, int row)
{
	char words[AXIS_WORDS];

	if (row == 0 || s->rows <= FEW)
		return true;
	if (s->days_per_row == 1 && s->clock.calendar != CALENDAR_NONE)
		return axis_month(s, axis_first_day(s, row), words);
	if (s->days_per_row >= FOUR_WEEKS)
		return row % (s->rows / FEW + 1) == 0;
	return row * s->days_per_row % FOUR_WEEKS == 0;
}

void report_days(struct text *out, const struct plot_set *set)
{
	const struct series *s = set->series;
	struct month m = {.days = 0};

	head(out, set->sim);
	for (int i = 0; i < s->rows; i++) {
		if (begins(s, i)) {
			if (i)
				month_row(out, &m, set->sim);
			m = (struct month){.days = 0};
			axis_day(m.name, s, axis_first_day(s, i));
		}
		add(&m, &s->days[i]);
	}
	month_row(out, &m, set->sim);
	text_puts(out, "</tbody></table></div></details>\n");
}
