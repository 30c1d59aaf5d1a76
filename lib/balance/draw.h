/*
 * Parts of pictures as SVG. A picture has no fixed width: places along the time axis are per cent
 * of it, heights are pixels, and texts keep their size. A panel is stretched to the width: its paths
 * have one column for each value. Only the pictures of this room include this header.
 */
#ifndef BALANCE_DRAW_H
#define BALANCE_DRAW_H

#include "base/text.h"

/* A panel: where it stands (px from the top of the picture), and the values of its ends. */
struct draw_panel {
	double top, height;
	double low, high;
	int columns;
};

/* Makes low and high round for at most `most` steps; returns the step. */
double draw_round(struct draw_panel *p, int most);

/* px of a value */
double draw_y(const struct draw_panel *p, double value);

/* A text at x % of the width and dx px; anchor: "start", "middle", "end". Words are escaped. */
void draw_text(struct text *out, const char *class, double x, int dx, double y, const char *anchor,
               const char *words);

/* Horizontal lines with numbers, every `step`. */
void draw_scale(struct text *out, const struct draw_panel *p, double step);

/* A horizontal line at a value. */
void draw_rule(struct text *out, const struct draw_panel *p, const char *class, double value);

/* Between begin and end, paths of the panel: `columns` values each. */
void draw_begin(struct text *out, const struct draw_panel *p);
void draw_end(struct text *out);

/* The area between two levels, as steps; NULL: zero. */
void draw_area(struct text *out, const struct draw_panel *p, const char *class, const double *from,
               const double *to);

/* The same as bars with gaps, as long as there is room for gaps. */
void draw_bars(struct text *out, const struct draw_panel *p, const char *class, const double *from,
               const double *to);

void draw_line(struct text *out, const struct draw_panel *p, const char *class, const double *of);

/* A row of keys of a legend: *x is where the next one begins, px. line: a stroke, else an area. */
void draw_key(struct text *out, int *x, double y, const char *class, bool line, const char *words);

#endif
