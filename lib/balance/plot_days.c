#include "balance/picture.h"

#include <math.h>
#include <stdio.h>

#include "balance/axis.h"
#include "balance/draw.h"
#include "balance/figures.h"

enum { ENERGY = 140, HIGHEST = 90, OVER = 56 /* px */ };

struct day_levels {
	double energy[SERIES_DAYS], grid[SERIES_DAYS], highest[SERIES_DAYS], over[SERIES_DAYS];
	bool solar, overloaded;
};

static void fill(struct day_levels *l, const struct picture *p)
{
	const struct series *s = p->series;
	bool closed = !p->sim->settings.open_loop;

	for (int i = 0; i < s->rows; i++) {
		const struct series_day *d = &s->days[i];

		l->energy[i] = series_daily(s, d, closed ? d->car : d->import) * SERIES_KWH;
		l->grid[i] = closed ? series_daily(s, d, d->car - d->solar) * SERIES_KWH
		                    : l->energy[i];
		l->highest[i] = d->highest / 1000.0;
		l->over[i] = series_daily(s, d, d->over);
		l->solar |= closed && d->solar > 0;
		l->overloaded |= d->over > 0;
	}
}

static void title(const struct picture *p, const char *words)
{
	draw_text(p->out, "strong", 0, 0, p->y + PICTURE_TITLE, "start", words);
}

static void ruled(const struct picture *p, const struct draw_panel *panel, double step)
{
	draw_scale(p->out, panel, step);
	axis_of_days(p->out, p->series,
	             (struct axis_place){panel->top, panel->top + panel->height});
}

/* The value of a bar that is higher than its panel, beside its top. */
static void cut(const struct picture *p, const struct draw_panel *panel, const double *of)
{
	for (int i = 0; i < panel->columns; i++) {
		bool left = i < panel->columns / 2;
		char words[32];

		if (of[i] <= panel->high)
			continue;
		snprintf(words, sizeof words, left ? "\xE2\x86\x91 %.0f" : "%.0f \xE2\x86\x91",
		         of[i]);
		draw_text(p->out, "strong halo", 100.0 * (left ? i + 1 : i) / panel->columns,
		          left ? 3 : -3, panel->top + 11, left ? "start" : "end", words);
	}
}

static void energy(struct picture *p, const struct day_levels *l)
{
	struct draw_panel panel = {p->y + (l->solar ? PICTURE_PANEL : PICTURE_PANEL - 22), ENERGY,
	                           0, p->scale->energy, p->series->rows};
	double step = draw_round(&panel, 4);
	int x = 0;

	title(p, p->sim->settings.open_loop ? "Energy from the grid, kWh a day"
	                                    : "Energy to the car, kWh a day");
	if (l->solar) {
		draw_key(p->out, &x, p->y + PICTURE_KEYS, "car", false, "from the grid");
		draw_key(p->out, &x, p->y + PICTURE_KEYS, "sun", false, "from the sun");
	}
	ruled(p, &panel, step);
	draw_begin(p->out, &panel);
	draw_bars(p->out, &panel, "car", NULL, l->grid);
	draw_bars(p->out, &panel, "sun", l->grid, l->energy);
	draw_end(p->out);
	cut(p, &panel, l->energy);
	p->y = panel.top + ENERGY + PICTURE_GAP;
}

static void highest(struct picture *p, const struct day_levels *l)
{
	struct draw_panel panel = {p->y + PICTURE_PANEL - 22, HIGHEST, 0, p->scale->highest,
	                           p->series->rows};
	double step = draw_round(&panel, 3), fuse = p->series->rated / 1000.0;
	char words[32];

	snprintf(words, sizeof words, "fuse %.4g A", fuse);
	title(p, "Highest current, A");
	ruled(p, &panel, step);
	draw_begin(p->out, &panel);
	draw_bars(p->out, &panel, "house", NULL, l->highest);
	draw_end(p->out);
	draw_rule(p->out, &panel, "fuse", fuse);
	draw_text(p->out, "red halo", 100, -4, draw_y(&panel, fuse) + 15, "end", words);
	p->y = panel.top + HIGHEST + PICTURE_GAP;
}

static void overloads(struct picture *p, const struct day_levels *l)
{
	struct draw_panel panel = {p->y + PICTURE_PANEL - 22, OVER, 0, p->scale->over,
	                           p->series->rows};
	double step;

	if (!l->overloaded) {
		title(p, "Never above the fuse");
		p->y += PICTURE_TITLE + 6;
		return;
	}
	step = draw_round(&panel, 2);
	title(p, "Time above the fuse, s a day");
	ruled(p, &panel, step);
	draw_begin(p->out, &panel);
	draw_bars(p->out, &panel, "over", NULL, l->over);
	draw_end(p->out);
	p->y = panel.top + OVER;
}

/* What a day was like, for a pointer that rests on it. */
static void hint(struct text *out, const struct picture *p, const struct day_levels *l, int i)
{
	const struct series *s = p->series;
	char words[AXIS_WORDS];

	axis_day(words, s, axis_first_day(s, i));
	text_printf(out, "<path d=\"M%d 0h1v1h-1z\"><title>%s%s: %.1f kWh", i,
	            s->days_per_row > 1 ? "from " : "", words, l->energy[i]);
	if (l->solar)
		text_printf(out, ", %.1f of it from the sun", l->energy[i] - l->grid[i]);
	text_printf(out, ", highest %.1f A", l->highest[i]);
	if (l->over[i] > 0)
		text_printf(out, ", %.0f s above the fuse", l->over[i]);
	text_puts(out, "</title></path>\n");
}

static void hints(const struct picture *p, const struct day_levels *l, double top)
{
	text_printf(p->out,
	            "<svg class=\"hint\" y=\"%.4g\" width=\"100%%\" height=\"%.4g\" viewBox=\"0 0 "
	            "%d 1\" preserveAspectRatio=\"none\">\n",
	            top, p->y - top, p->series->rows);
	for (int i = 0; i < p->series->rows; i++)
		hint(p->out, p, l, i);
	text_puts(p->out, "</svg>\n");
}

void picture_days(struct picture *p)
{
	struct day_levels levels = {0};
	double top;

	fill(&levels, p);
	top = p->y + PICTURE_PANEL - (levels.solar ? 0 : 22);
	energy(p, &levels);
	highest(p, &levels);
	overloads(p, &levels);
	hints(p, &levels, top);
	axis_of_days(p->out, p->series, (struct axis_place){p->y, p->y});
	p->y += PICTURE_AXIS;
}
