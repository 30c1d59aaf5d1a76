#include "balance/picture.h"

#include <stdio.h>

#include "balance/axis.h"
#include "balance/draw.h"

enum { HOUR = 7 /* px */, LEVELS = 8, NO_LEVEL = -1 };

/* Mean currents in % of the fuse, lowest first; the class is m0, m1, ... */
static const struct map_level {
	int below; /* % */
	const char *words;
} levels[LEVELS] = {
	{0, "export"}, {10, "0"},  {20, "10"},  {40, "20"},
	{60, "40"},    {80, "60"}, {100, "80"}, {INT32_MAX, "100\xC2\xA0%"},
};

static int level(const struct series *s, const struct series_hour *h)
{
	double percent;
	int n = 0;

	if (!h->seconds)
		return NO_LEVEL;
	percent = 100.0 * (double)h->total / (double)h->seconds / s->rated;
	while (n < LEVELS - 1 && percent >= levels[n].below)
		n++;
	return n;
}

/* The hours of one level: strokes from hour to hour, one column wide. */
static void one_level(struct text *out, const struct series *s, int n)
{
	text_printf(out, "<path class=\"m%d\" d=\"M0 0", n);
	for (int i = 0; i < s->rows; i++)
		for (int h = 0, run; h < SERIES_HOURS; h += run) {
			run = 1;
			if (level(s, &s->days[i].hours[h]) != n)
				continue;
			while (h + run < SERIES_HOURS && level(s, &s->days[i].hours[h + run]) == n)
				run++;
			text_printf(out, "M%d %dv%d", i, h, run);
		}
	text_puts(out, "\"/>\n");
}

static bool occurs(const struct series *s, int n)
{
	for (int i = 0; i < s->rows; i++)
		for (int h = 0; h < SERIES_HOURS; h++)
			if (level(s, &s->days[i].hours[h]) == n)
				return true;
	return false;
}

/* A row of colours with the numbers where each begins; rare ones only when they occur. */
static void legend(const struct picture *p)
{
	double y = p->y + PICTURE_KEYS;
	int x = 0;

	for (int n = 0; n < LEVELS; n++) {
		int wide = n == 0 ? 60 : 30;

		if ((n == 0 || n == LEVELS - 1) && !occurs(p->series, n))
			continue;
		text_printf(
			p->out,
			"<rect class=\"f%d\" x=\"%d\" y=\"%.4g\" width=\"%d\" height=\"10\"/>\n", n,
			x, y - 12, wide);
		draw_text(p->out, "soft", 0, x, y + 12, "start", levels[n].words);
		x += wide;
	}
	if (!occurs(p->series, LEVELS - 1))
		draw_text(p->out, "soft", 0, x - 10, y + 12, "start", levels[LEVELS - 1].words);
}

static void hours(struct text *out, double top)
{
	for (int h = 0; h <= SERIES_HOURS; h += 6) {
		char words[16];

		snprintf(words, sizeof words, "%d:00", h);
		draw_text(out, "soft", 0, -8, top + h * HOUR + 4, "end", words);
	}
}

void picture_map(struct picture *p)
{
	double top = p->y + PICTURE_PANEL + 12;
	int height = SERIES_HOURS * HOUR;

	draw_text(p->out, "strong", 0, 0, p->y + PICTURE_TITLE, "start",
	          "Mean current by hour, % of the fuse");
	legend(p);
	hours(p->out, top);
	text_printf(
		p->out,
		"<svg class=\"map\" y=\"%.4g\" width=\"100%%\" height=\"%d\" viewBox=\"-.5 0 %d "
		"%d\" preserveAspectRatio=\"none\">\n",
		top, height, p->series->rows, SERIES_HOURS);
	for (int n = 0; n < LEVELS; n++)
		if (occurs(p->series, n))
			one_level(p->out, p->series, n);
	text_puts(p->out, "</svg>\n");
	p->y = top + height;
	axis_of_days(p->out, p->series, (struct axis_place){p->y, p->y});
	p->y += PICTURE_AXIS;
}
