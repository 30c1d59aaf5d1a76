/*
 * Pictures and reports of simulations, as text: an SVG that reads in print and on dark screens and
 * needs nothing else, and an HTML page that holds pictures, figures and settings in one file. Up to
 * four days are a course, longer runs are bars per day and a map of their hours; up to two weeks
 * are both.
 */
#ifndef BALANCE_PLOT_H
#define BALANCE_PLOT_H

#include "balance/series.h"
#include "base/text.h"

/* One parameter set; name may be NULL, series NULL when there is no picture of it. */
struct plot_set {
	const char *name;
	const struct simulation *sim;
	const struct series *series;
};

/* A complete SVG document; sets are drawn one below the other. */
void plot_svg(struct text *out, const struct plot_set *sets, size_t count);

/* A complete HTML document; `source` says where the house came from. */
void report_html(struct text *out, const struct plot_set *sets, size_t count, const char *source);

/* The ends of the scales, which all sets of a page share. */
struct plot_scale {
	double low, high; /* A of the grid */
	double car;       /* A */
	double energy;    /* kWh a day */
	double over;      /* s a day */
	double highest;   /* A, of a day */
};

struct plot_scale plot_scale(const struct plot_set *sets, size_t count);

/* Colours and lines as CSS rules, without the background of a page. */
extern const char plot_style[];

/* The picture of a set as children of an <svg> of any width; returns its height in px. */
double plot_picture(struct text *out, const struct plot_set *set, const struct plot_scale *scale);

/* mJ of a run: "38.2 kWh a day", or "12.3 kWh in 3 h 20 min" when it is shorter */
enum { PLOT_DAILY = 129600 /* s */ };
void plot_energy(struct text *out, const struct simulation *sim, int64_t millijoules);

/* What a picture shows, in words, for those who do not see it. */
void plot_words(struct text *out, const struct plot_set *set);

/* The name of a set, or of its algorithm; not escaped. */
const char *plot_name(const struct plot_set *set);

/* Whether the run is so long that its days are shown, and so short that its course is. */
bool plot_has_days(const struct series *s);
bool plot_has_course(const struct series *s);

#endif
