#include "balance/picture.h"

#include <math.h>
#include <stdio.h>

#include "balance/axis.h"
#include "balance/draw.h"

enum { GRID = 220, CAR = 84, STATE = 14 /* px */ };

struct levels {
	double house[SERIES_BINS], total[SERIES_BINS], highest[SERIES_BINS], car[SERIES_BINS];
	double limit[SERIES_BINS], fuse[SERIES_BINS], over[SERIES_BINS];
};

static void fill(struct levels *l, const struct series *s)
{
	double fuse = s->rated / 1000.0;

	for (int i = 0; i < s->count; i++) {
		const struct series_bin *b = &s->bins[i];

		l->house[i] = series_mean(b, b->house);
		l->total[i] = series_mean(b, b->total);
		l->car[i] = series_mean(b, b->car);
		l->limit[i] = series_mean(b, b->limit);
		l->highest[i] = b->total_max / 1000.0;
		l->fuse[i] = fuse;
		l->over[i] = fmax(l->highest[i], fuse);
	}
}

static void grid_keys(const struct picture *p, bool closed)
{
	int x = 0;
	double y = p->y + PICTURE_KEYS;

	draw_text(p->out, "strong", 0, 0, p->y + PICTURE_TITLE, "start",
	          "Current of the highest phase, A");
	draw_key(p->out, &x, y, "house", false, closed ? "house" : "house and car");
	if (closed)
		draw_key(p->out, &x, y, "car", false, "car");
	draw_key(p->out, &x, y, "peak", false, "peaks");
	draw_key(p->out, &x, y, "over", false, "above the fuse");
}

static void ruled(const struct picture *p, const struct draw_panel *panel, double step)
{
	draw_scale(p->out, panel, step);
	axis_of_course(p->out, p->series,
	               (struct axis_place){panel->top, panel->top + panel->height});
}

static void grid(struct picture *p, const struct levels *l, bool closed)
{
	struct draw_panel panel = {p->y + PICTURE_PANEL, GRID, p->scale->low, p->scale->high,
	                           p->series->count};
	double step = draw_round(&panel, 5), fuse = p->series->rated / 1000.0;
	char words[32];

	grid_keys(p, closed);
	ruled(p, &panel, step);
	draw_begin(p->out, &panel);
	draw_area(p->out, &panel, "peak", NULL, l->highest);
	draw_area(p->out, &panel, "house", NULL, l->house);
	if (closed)
		draw_area(p->out, &panel, "car", l->house, l->total);
	draw_area(p->out, &panel, "over", l->fuse, l->over);
	draw_end(p->out);
	draw_rule(p->out, &panel, "fuse", fuse);
	snprintf(words, sizeof words, "fuse %.4g A", fuse);
	draw_text(p->out, "red halo", 100, -4, draw_y(&panel, fuse) + 15, "end", words);
	p->y = panel.top + GRID + PICTURE_GAP;
}

static void car(struct picture *p, const struct levels *l, bool closed)
{
	struct draw_panel panel = {p->y + PICTURE_PANEL, CAR, 0, p->scale->car, p->series->count};
	double step = draw_round(&panel, 3);
	int x = 0;

	draw_text(p->out, "strong", 0, 0, p->y + PICTURE_TITLE, "start",
	          closed ? "Limit and current of the car, A" : "Limit of the charger, A");
	draw_key(p->out, &x, p->y + PICTURE_KEYS, "limit", true, "limit");
	if (closed)
		draw_key(p->out, &x, p->y + PICTURE_KEYS, "faint", false, "car");
	draw_key(p->out, &x, p->y + PICTURE_KEYS, "least", true, "least of a car");
	ruled(p, &panel, step);
	draw_begin(p->out, &panel);
	if (closed)
		draw_area(p->out, &panel, "faint", NULL, l->car);
	draw_line(p->out, &panel, "limit", l->limit);
	draw_end(p->out);
	draw_rule(p->out, &panel, "least", p->sim->settings.car.least / 1000.0);
	p->y = panel.top + CAR + PICTURE_GAP;
}

/* The columns of one state: in each bin it has its share of the height, above the states before. */
static void one_state(const struct picture *p, int state)
{
	const struct series *s = p->series;
	double from[SERIES_BINS], to[SERIES_BINS];
	const struct draw_panel panel = {p->y + PICTURE_KEYS - PICTURE_TITLE + 2, STATE, 0, 1,
	                                 s->count};
	const char class[] = {'s', (char)('0' + state), '\0'};

	for (int i = 0; i < s->count; i++) {
		const struct series_bin *b = &s->bins[i];
		int below = 0, seconds = b->seconds ? b->seconds : 1;

		for (int k = 0; k < state; k++)
			below += b->states[k];
		from[i] = (double)below / seconds;
		to[i] = (double)(below + b->states[state]) / seconds;
	}
	draw_begin(p->out, &panel);
	draw_area(p->out, &panel, class, from, to);
	draw_end(p->out);
}

static void states(struct picture *p)
{
	int x = 0;
	int64_t seconds[STATES] = {0};

	for (int i = 0; i < p->series->count; i++)
		for (int k = 0; k < STATES; k++)
			seconds[k] += p->series->bins[i].states[k];
	for (int k = 0; k < STATES; k++) {
		const char class[] = {'s', (char)('0' + k), '\0'};

		if (!seconds[k])
			continue;
		one_state(p, k);
		draw_key(p->out, &x, p->y + PICTURE_TITLE, class, false, balance_state_names[k]);
	}
	p->y += PICTURE_KEYS - PICTURE_TITLE + 2 + STATE;
}

void picture_course(struct picture *p)
{
	struct levels levels;
	bool closed = !p->sim->settings.open_loop;

	fill(&levels, p->series);
	grid(p, &levels, closed);
	car(p, &levels, closed);
	states(p);
	axis_of_course(p->out, p->series, (struct axis_place){p->y, p->y});
	p->y += PICTURE_AXIS;
}
