#include "balance/report.h"

#include "balance/figures.h"

enum { DAY = 86400 };

static double wear_percent(const struct simulation *s)
{
	return (double)s->wear[simulation_worn_phase(s)].fast.peak / (double)FUSE_WEAR_ONE * 100;
}

/* Begins a card and its figure; `class` colours the figure. */
static void card(struct text *out, const char *words, const char *class)
{
	text_printf(out, "<div><dt>%s</dt><dd%s%s%s>", words, *class ? " class=\"" : "", class,
	            *class ? "\"" : "");
}

/* Ends the figure; a note comes in between unless it is NULL. */
static void note(struct text *out, const char *words)
{
	text_puts(out, words ? "</dd><dd>" : "</dd></div>\n");
	text_puts(out, words ? words : "");
}

static void end(struct text *out)
{
	text_puts(out, "</dd></div>\n");
}

/* An energy as the figure of a card: that of a day when the run is longer. */
static void energy_card(struct text *out, const struct simulation *s, const char *words,
                        int64_t millijoules, bool good)
{
	bool daily = s->totals.seconds >= PLOT_DAILY;
	double days = daily ? (double)s->totals.seconds / DAY : 1;

	text_printf(out, "<div><dt>%s%s</dt><dd%s>", words, daily ? " a day" : "",
	            good ? "" : " class=\"bad\"");
	figures_energy(out, FIGURES_PAGE, (int64_t)((double)millijoules / days));
	note(out, "");
	if (!daily)
		return;
	figures_energy(out, FIGURES_PAGE, millijoules);
	text_puts(out, " in all; ");
}

static void energy(struct text *out, const struct simulation *s)
{
	energy_card(out, s, "Energy to the car", s->car.energy, true);
	text_puts(out, "charging for ");
	figures_span(out, FIGURES_PAGE, s->totals.charging);
	end(out);
	if (!s->totals.solar)
		return;
	energy_card(out, s, "Of it from the sun", s->totals.solar, true);
	figures_unit(out, FIGURES_PAGE,
	             s->car.energy ? 100.0 * (double)s->totals.solar / (double)s->car.energy : 0, 0,
	             "% of the car\xE2\x80\x99s energy");
	end(out);
}

/* What a car drove, and what its battery did not have for it. */
static void driven(struct text *out, const struct simulation *s)
{
	energy_card(out, s, "Driven", s->garage.driven, s->garage.missed == 0);
	if (s->garage.missed) {
		text_puts(out, "missing: ");
		plot_energy(out, s, s->garage.missed);
	} else {
		text_puts(out, "nothing was missing");
	}
	end(out);
}

static void pauses(struct text *out, const struct simulation *s)
{
	card(out, "Pauses of the car", "");
	figures_number(out, FIGURES_PAGE, s->car.pauses, 0);
	note(out, "set-points sent: ");
	figures_number(out, FIGURES_PAGE, (double)s->totals.setpoint_changes, 0);
	end(out);
}

static void over(struct text *out, const struct simulation *s)
{
	const struct simulation_totals *t = &s->totals;

	card(out, "Time above the fuse", t->seconds_over ? "" : "good");
	figures_span(out, FIGURES_PAGE, t->seconds_over);
	if (!t->seconds_over) {
		note(out, NULL);
		return;
	}
	note(out, "");
	figures_number(out, FIGURES_PAGE, (double)t->overloads, 0);
	text_puts(out, t->overloads == 1 ? " time, longest " : " times, longest ");
	figures_span(out, FIGURES_PAGE, t->longest_overload);
	end(out);
}

static void highest(struct text *out, const struct simulation *s)
{
	card(out, "Highest current", "");
	figures_unit(out, FIGURES_PAGE, s->totals.max_current / 1000.0, 1, "A");
	note(out, "");
	text_printf(out, "on L%d, ", (int)s->totals.max_phase + 1);
	figures_unit(out, FIGURES_PAGE, 100.0 * s->totals.max_current / s->settings.fuse.rated, 0,
	             "% of the fuse");
	end(out);
	card(out, "Highest quarter hour", "");
	figures_unit(out, FIGURES_PAGE, (double)s->totals.quarter_peak / 9e8, 1, "kW");
	note(out, "mean power from the grid");
	end(out);
}

/* wide: it fills two columns */
static void fuse(struct text *out, const struct simulation *s, bool wide)
{
	static const char *const words[] = {"\xE2\x9C\x93 cannot trip", "! may trip",
	                                    "\xE2\x9C\x95 trips"};
	enum fuse_verdict verdict = simulation_verdict(s);

	text_printf(out, "<div%s><dt>Main fuse</dt><dd class=\"%s\">",
	            wide ? " class=\"wide\"" : "", verdict == FUSE_CANNOT_TRIP ? "good" : "bad");
	text_puts(out, words[verdict]);
	note(out, "wear at most ");
	figures_unit(out, FIGURES_PAGE, wear_percent(s), 1, "% of what trips it");
	end(out);
}

void report_figures(const struct report *r)
{
	const struct simulation *s = r->sets[0].sim;
	bool solar = !s->settings.open_loop && s->totals.solar;
	bool drives = s->garage.driven + s->garage.missed > 0;

	text_printf(r->out, "<h2>Figures</h2>\n<dl class=\"cards%s\">\n",
	            solar || drives || s->settings.open_loop ? " four" : "");
	if (!s->settings.open_loop) {
		energy(r->out, s);
		if (drives)
			driven(r->out, s);
		pauses(r->out, s);
	}
	over(r->out, s);
	highest(r->out, s);
	fuse(r->out, s, solar != drives);
	text_puts(r->out, "</dl>\n");
}
