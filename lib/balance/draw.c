#include "balance/draw.h"

#include <math.h>
#include <stdio.h>

#include "balance/figures.h"

enum { TALL = 1000 /* units from the top to the bottom of a panel */, WITH_GAPS = 120, UNITS = 10 };

double draw_round(struct draw_panel *p, int most)
{
	static const double nice[] = {1, 2, 5, 10};
	double rough = (p->high - p->low) / most, ten, step = 0;

	ten = pow(10, floor(log10(rough > 0 ? rough : 1)));
	for (int i = 0; i < 4 && step < rough * 0.999; i++)
		step = nice[i] * ten;
	p->low = floor(p->low / step + 1e-9) * step;
	p->high = ceil(p->high / step - 1e-9) * step;
	return step;
}

static double share(const struct draw_panel *p, double value)
{
	double part = (p->high - value) / (p->high - p->low);

	return part > 0 ? part < 1 ? part : 1 : 0;
}

double draw_y(const struct draw_panel *p, double value)
{
	return p->top + p->height * share(p, value);
}

void draw_text(struct text *out, const char *class, double x, int dx, double y, const char *anchor,
               const char *words)
{
	text_printf(out, "<text class=\"%s\" x=\"%.6g%%\"", class, x);
	if (dx)
		text_printf(out, " dx=\"%d\"", dx);
	text_printf(out, " y=\"%.4g\"", y);
	if (strcmp(anchor, "start") != 0)
		text_printf(out, " text-anchor=\"%s\"", anchor);
	text_char(out, '>');
	figures_name(out, words);
	text_puts(out, "</text>\n");
}

void draw_rule(struct text *out, const struct draw_panel *p, const char *class, double value)
{
	double y = draw_y(p, value);

	text_printf(out, "<line class=\"%s\" x2=\"100%%\" y1=\"%.4g\" y2=\"%.4g\"/>\n", class, y,
	            y);
}

void draw_scale(struct text *out, const struct draw_panel *p, double step)
{
	for (int i = 0; p->low + i * step <= p->high + step / 2; i++) {
		double value = p->low + i * step;
		struct text number = {0};

		draw_rule(out, p, fabs(value) < step / 2 ? "zero" : "rule", value);
		figures_number(&number, FIGURES_PAGE, value, step < 1 ? 1 : 0);
		draw_text(out, "soft", 0, -8, draw_y(p, value) + 4, "end", text_string(&number));
		out->failed = out->failed || number.failed;
		text_free(&number);
	}
}

static int units(const struct draw_panel *p)
{
	return p->columns <= WITH_GAPS ? UNITS : 1;
}

void draw_begin(struct text *out, const struct draw_panel *p)
{
	text_printf(out,
	            "<svg y=\"%.4g\" width=\"100%%\" height=\"%.4g\" viewBox=\"0 0 %d %d\" "
	            "preserveAspectRatio=\"none\">\n",
	            p->top, p->height, p->columns * units(p), TALL);
}

void draw_end(struct text *out)
{
	text_puts(out, "</svg>\n");
}

static int tall(const struct draw_panel *p, const double *of, int i)
{
	return (int)lround(share(p, of ? of[i] : 0) * TALL);
}

/* The outline of a level as steps, from left to right, or back; equal neighbours are one step. */
static void steps(struct text *out, const struct draw_panel *p, const double *of, bool back)
{
	int last = -1, unit = units(p);

	for (int n = 0; n < p->columns; n++) {
		int i = back ? p->columns - 1 - n : n, y = tall(p, of, i);

		if (y == last)
			continue;
		if (n == 0)
			text_printf(out, "%c%d %d", back ? 'L' : 'M', (back ? i + 1 : i) * unit, y);
		else
			text_printf(out, "H%dV%d", (back ? i + 1 : i) * unit, y);
		last = y;
	}
	text_printf(out, "H%d", back ? 0 : p->columns * unit);
}

void draw_area(struct text *out, const struct draw_panel *p, const char *class, const double *from,
               const double *to)
{
	text_printf(out, "<path class=\"%s\" d=\"", class);
	steps(out, p, to, false);
	steps(out, p, from, true);
	text_puts(out, "Z\"/>\n");
}

void draw_bars(struct text *out, const struct draw_panel *p, const char *class, const double *from,
               const double *to)
{
	if (p->columns > WITH_GAPS) {
		draw_area(out, p, class, from, to);
		return;
	}
	text_printf(out, "<path class=\"%s\" d=\"M0 0", class);
	for (int i = 0; i < p->columns; i++) {
		int low = tall(p, from, i), high = tall(p, to, i);

		if (low != high)
			text_printf(out, "M%d %dV%dh%dV%d", i * UNITS + 1, low, high, UNITS - 2,
			            low);
	}
	text_puts(out, "\"/>\n");
}

void draw_line(struct text *out, const struct draw_panel *p, const char *class, const double *of)
{
	text_printf(out, "<path class=\"%s\" d=\"", class);
	steps(out, p, of, false);
	text_puts(out, "\"/>\n");
}

void draw_key(struct text *out, int *x, double y, const char *class, bool line, const char *words)
{
	if (line)
		text_printf(out,
		            "<line class=\"%s\" x1=\"%d\" x2=\"%d\" y1=\"%.4g\" y2=\"%.4g\"/>\n",
		            class, *x, *x + 16, y - 4, y - 4);
	else
		text_printf(out,
		            "<rect class=\"%s\" x=\"%d\" y=\"%.4g\" width=\"12\" height=\"12\" "
		            "rx=\"2\"/>\n",
		            class, *x, y - 10);
	draw_text(out, "soft", 0, *x + (line ? 21 : 17), y, "start", words);
	*x += (line ? 21 : 17) + 7 * (int)strlen(words) + 12;
}
