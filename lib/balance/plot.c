#include "balance/plot.h"

#include <math.h>
#include <stdio.h>

#include "balance/draw.h"
#include "balance/figures.h"
#include "balance/picture.h"

enum { DAY = 86400, WIDTH = 1200, LEFT = 60, RIGHT = 24, HEADING = 52 };

bool plot_has_days(const struct series *s)
{
	return series_seconds(s) > 4 * DAY;
}

bool plot_has_course(const struct series *s)
{
	return series_seconds(s) <= 14 * DAY;
}

const char *plot_name(const struct plot_set *set)
{
	return set->name ? set->name : balance_algorithm_names[set->sim->settings.algorithm];
}

static void reach_bins(struct plot_scale *scale, const struct series *s)
{
	for (int i = 0; i < s->count; i++) {
		const struct series_bin *b = &s->bins[i];

		scale->low = fmin(scale->low, series_mean(b, b->total));
		scale->low = fmin(scale->low, series_mean(b, b->house));
		scale->high = fmax(scale->high, b->total_max / 1000.0);
	}
}

/*
 * kWh a day that the bars reach. One or two days far above all others, such as the first one with an
 * empty battery, must not flatten the rest: they are cut, and their value stands beside them.
 */
static double reach_energy(const struct series *s, bool closed)
{
	double highest[3] = {0};

	for (int i = 0; i < s->rows; i++) {
		const struct series_day *d = &s->days[i];
		double kwh = series_daily(s, d, closed ? d->car : d->import) * SERIES_KWH;

		for (int k = 0; k < 3; k++)
			if (kwh > highest[k]) {
				double lower = highest[k];

				highest[k] = kwh;
				kwh = lower;
			}
	}
	return s->rows > 14 && highest[2] > 0 && highest[0] > 2 * highest[2] ? highest[2] * 1.2
	                                                                     : highest[0];
}

static void reach_days(struct plot_scale *scale, const struct series *s, bool closed)
{
	scale->energy = fmax(scale->energy, reach_energy(s, closed));
	for (int i = 0; i < s->rows; i++) {
		const struct series_day *d = &s->days[i];

		scale->over = fmax(scale->over, series_daily(s, d, d->over));
		scale->highest = fmax(scale->highest, d->highest / 1000.0);
	}
}

/* Zero, the fuse with some air, and currents up to twice the fuse. */
struct plot_scale plot_scale(const struct plot_set *sets, size_t count)
{
	struct plot_scale scale = {.energy = 1, .over = 10};

	for (size_t i = 0; i < count; i++) {
		const struct simulation *sim = sets[i].sim;
		double fuse = sim->settings.fuse.rated / 1000.0;

		scale.high = fmax(scale.high, fuse * 1.15);
		scale.highest = fmax(scale.highest, fuse * 1.15);
		scale.car = fmax(scale.car,
		                 fmax(sim->settings.balance.max_current, 16000) / 1000.0);
		if (!sets[i].series)
			continue;
		reach_bins(&scale, sets[i].series);
		reach_days(&scale, sets[i].series, !sim->settings.open_loop);
		scale.high = fmin(scale.high, 2 * fuse);
		scale.highest = fmin(scale.highest, 2 * fuse);
		scale.low = fmax(scale.low, -fuse);
	}
	return scale;
}

double plot_picture(struct text *out, const struct plot_set *set, const struct plot_scale *scale)
{
	struct picture p = {out, set->sim, set->series, scale, 0};

	if (plot_has_days(set->series)) {
		picture_days(&p);
		p.y += PICTURE_GAP;
		picture_map(&p);
	}
	if (plot_has_course(set->series)) {
		p.y += p.y > 0 ? PICTURE_GAP : 0;
		picture_course(&p);
	}
	return p.y;
}

void plot_energy(struct text *out, const struct simulation *sim, int64_t millijoules)
{
	int64_t seconds = sim->totals.seconds;

	if (seconds < PLOT_DAILY) {
		figures_energy(out, FIGURES_PAGE, millijoules);
		text_puts(out, " in ");
		figures_span(out, FIGURES_PAGE, seconds);
	} else {
		figures_energy(out, FIGURES_PAGE,
		               (int64_t)((double)millijoules / (double)seconds * DAY));
		text_puts(out, " a day");
	}
}

void plot_words(struct text *out, const struct plot_set *set)
{
	const struct simulation *sim = set->sim;

	if (!sim->settings.open_loop) {
		text_puts(out, sim->settings.more_cars ? "The cars got " : "The car got ");
		plot_energy(out, sim, sim->car.energy);
	} else {
		text_puts(out, "The data hold ");
		figures_span(out, FIGURES_PAGE, sim->totals.seconds);
	}
	text_puts(out, ". The highest current was ");
	figures_unit(out, FIGURES_PAGE, sim->totals.max_current / 1000.0, 1, "A");
	if (sim->totals.seconds_over) {
		text_puts(out, "; it was above the fuse for ");
		figures_span(out, FIGURES_PAGE, sim->totals.seconds_over);
	}
	text_printf(
		out, ". The fuse %s.",
		(const char *const[]){"cannot trip", "may trip", "trips"}[simulation_verdict(sim)]);
	if (set->series && set->series->days_per_row > 1)
		text_printf(out, " Bars are means of %d days.", (int)set->series->days_per_row);
}

static void heading(struct text *out, const struct plot_set *set)
{
	struct text figures = {0};

	plot_words(&figures, set);
	text_puts(out, "<text class=\"title\" y=\"18\">");
	figures_name(out, plot_name(set));
	text_puts(out, "</text>\n");
	draw_text(out, simulation_verdict(set->sim) == FUSE_CANNOT_TRIP ? "soft" : "red", 0, 0, 38,
	          "start", text_string(&figures));
	out->failed = out->failed || figures.failed;
	text_free(&figures);
}

/* One set below the others, `top` px from the top; returns where the next one stands. */
static double place(struct text *out, const struct plot_set *set, const struct plot_scale *scale,
                    double top)
{
	struct text body = {0};
	double height = plot_picture(&body, set, scale);

	text_printf(out,
	            "<svg x=\"%d\" y=\"%.0f\" width=\"%d\" height=\"%d\" overflow=\"visible\">\n",
	            LEFT, top, WIDTH - LEFT - RIGHT, HEADING);
	heading(out, set);
	text_printf(out,
	            "</svg>\n<svg x=\"%d\" y=\"%.0f\" width=\"%d\" height=\"%.0f\" "
	            "overflow=\"visible\">\n",
	            LEFT, top + HEADING, WIDTH - LEFT - RIGHT, height);
	text_add(out, body.data, body.length);
	text_puts(out, "</svg>\n");
	out->failed = out->failed || body.failed;
	text_free(&body);
	return top + HEADING + height + LEFT / 2.0;
}

void plot_svg(struct text *out, const struct plot_set *sets, size_t count)
{
	const struct plot_scale scale = plot_scale(sets, count);
	struct text pictures = {0};
	double height = LEFT / 2.0;

	for (size_t i = 0; i < count; i++)
		if (sets[i].series)
			height = place(&pictures, &sets[i], &scale, height);
	text_printf(out,
	            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"p\" viewBox=\"0 0 %d %.0f\" "
	            "width=\"%d\" height=\"%.0f\" role=\"img\" aria-labelledby=\"t d\">\n"
	            "<title id=\"t\">Load balancing, simulated</title>\n<desc id=\"d\">",
	            WIDTH, height, WIDTH, height);
	for (size_t i = 0; i < count; i++) {
		if (!sets[i].series)
			continue;
		figures_name(out, plot_name(&sets[i]));
		text_puts(out, ": ");
		plot_words(out, &sets[i]);
		text_char(out, '\n');
	}
	text_printf(out, "</desc>\n<style>\n%s</style>\n", plot_style);
	text_printf(out, "<rect class=\"ground\" width=\"%d\" height=\"%.0f\"/>\n", WIDTH, height);
	text_add(out, pictures.data, pictures.length);
	text_puts(out, "</svg>\n");
	out->failed = out->failed || pictures.failed;
	text_free(&pictures);
}
