/*
 * Pictures and reports of simulations, as text: an SVG that reads in print and on dark screens and
 * needs nothing else, and an HTML page that holds pictures, figures and settings in one file.
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

/* The colours as CSS rules, and one picture as an <svg> element: for report_html. */
extern const char plot_style[];
void plot_picture(struct text *out, const struct plot_set *set, double top);
double plot_height(void);

/* Text with & < > and quotes escaped. */
void plot_escape(struct text *out, const char *s);

/* "3 d", "2.5 h", "10 min", "40 s" */
void plot_duration(struct text *out, int64_t seconds);

#endif
