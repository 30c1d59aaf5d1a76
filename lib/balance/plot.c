#include "balance/plot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH = 1200, LEFT = 62, RIGHT = 1172, HEIGHT = 520 };

/* Where the parts of a picture stand, from its top. */
enum {
	GRID_TOP = 74,
	GRID_BOTTOM = 300,
	CAR_TOP = 334,
	CAR_BOTTOM = 436,
	STATE_TOP = 456,
	STATE_BOTTOM = 474,
	AXIS = 492
};

const char plot_style[] =
	".p{--ink:#1f2a37;--soft:#66717f;--line:#dfe4ea;--ground:#fff;--house:#9fb3c8;--car:#"
	"2f9e8f;"
	"--limit:#d9730d;--over:#d11f3a;--normal:#c9d6cf;--lower:#7fc8b8;--upper:#f2b544;"
	"--alarm:#d11f3a;--fallback:#7b61c9;font:13px system-ui,'Segoe UI','DejaVu "
	"Sans',sans-serif;"
	"fill:var(--ink)}\n"
	"@media screen and "
	"(prefers-color-scheme:dark){.p{--ink:#e6ebf1;--soft:#9aa7b5;--line:#2d3743;"
	"--ground:#141a21;--house:#58708a;--car:#34b3a1;--limit:#ff9f43;--over:#ff5c72;"
	"--normal:#3d4f49;--lower:#2f8f80;--upper:#c98f24;--alarm:#ff5c72;--fallback:#9a86e8}}\n"
	".p .ground{fill:var(--ground)}.p .soft{fill:var(--soft)}.p .title{font-size:18px;"
	"font-weight:600}.p .strong{font-weight:600}.p .rule{stroke:var(--line)}.p .zero{stroke:"
	"var(--soft)}.p .house{fill:var(--house)}.p .car{fill:var(--car)}.p .faint{fill:var(--car);"
	"opacity:.35}.p .peak{fill:none;stroke:var(--ink);stroke-width:.6;opacity:.55}.p .limit{"
	"fill:none;stroke:var(--limit);stroke-width:1.6;stroke-linejoin:round}.p .fuse{stroke:"
	"var(--over);stroke-width:1.4;stroke-dasharray:7 4}.p .least{stroke:var(--soft);"
	"stroke-dasharray:2 4}.p .over{fill:var(--over)}.p .red{fill:var(--over)}.p .s0{fill:"
	"var(--normal)}.p .s1{fill:var(--lower)}.p .s2{fill:var(--upper)}.p .s3{fill:var(--alarm)}"
	".p .s4{fill:var(--fallback)}\n";

double plot_height(void)
{
	return HEIGHT;
}

void plot_escape(struct text *out, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '&': text_puts(out, "&amp;"); break;
		case '<': text_puts(out, "&lt;"); break;
		case '>': text_puts(out, "&gt;"); break;
		case '"': text_puts(out, "&quot;"); break;
		default:
			if ((unsigned char)*s >= 0x20)
				text_char(out, *s);
		}
	}
}

void plot_duration(struct text *out, int64_t seconds)
{
	if (seconds >= 172800)
		text_printf(out, "%.4g d", (double)seconds / 86400);
	else if (seconds >= 7200)
		text_printf(out, "%.4g h", (double)seconds / 3600);
	else if (seconds >= 120)
		text_printf(out, "%.4g min", (double)seconds / 60);
	else
		text_printf(out, "%d s", (int)seconds);
}

/* A panel: what stands where. */
struct panel {
	const struct series *series;
	double top, bottom, low, high; /* y of the ends, A at the ends */
	double shift;                  /* of the whole picture */
};

static double x_of(const struct series *s, double bin)
{
	return LEFT + (RIGHT - LEFT) * bin / (s->count ? s->count : 1);
}

static double y_of(const struct panel *p, double amps)
{
	double share = (amps - p->low) / (p->high - p->low);

	share = share < 0 ? 0 : share > 1 ? 1 : share;
	return p->shift + p->bottom - (p->bottom - p->top) * share;
}

/* What a path shows of a bin, in A. */
typedef double level(const struct series_bin *b, double fuse);

static double mean(int64_t sum, const struct series_bin *b)
{
	return (double)sum / 1000 / (b->seconds ? b->seconds : 1);
}

static double level_zero(const struct series_bin *b, double fuse)
{
	(void)b;
	(void)fuse;
	return 0;
}
static double level_fuse(const struct series_bin *b, double fuse)
{
	(void)b;
	return fuse;
}
static double level_house(const struct series_bin *b, double fuse)
{
	(void)fuse;
	return mean(b->house, b);
}
static double level_total(const struct series_bin *b, double fuse)
{
	(void)fuse;
	return mean(b->total, b);
}
static double level_car(const struct series_bin *b, double fuse)
{
	(void)fuse;
	return mean(b->car, b);
}
static double level_limit(const struct series_bin *b, double fuse)
{
	(void)fuse;
	return mean(b->limit, b);
}
static double level_peak(const struct series_bin *b, double fuse)
{
	(void)fuse;
	return b->total_max / 1000.0;
}

static double level_over(const struct series_bin *b, double fuse)
{
	return b->total_max / 1000.0 > fuse ? b->total_max / 1000.0 : fuse;
}

/* The outline of a level as steps, from left to right, or back; equal neighbours are one step. */
static void steps(struct text *out, const struct panel *p, level *of, bool back, bool begin)
{
	const struct series *s = p->series;
	double last = NAN, fuse = s->rated / 1000.0;

	for (int n = 0; n < s->count; n++) {
		int i = back ? s->count - 1 - n : n;
		double y = round(y_of(p, of(&s->bins[i], fuse)) * 10) / 10;

		if (y == last)
			continue;
		if (n == 0)
			text_printf(out, "%c%.1f %.1f", begin ? 'M' : 'L',
			            x_of(s, back ? i + 1 : i), y);
		else
			text_printf(out, "H%.1fV%.1f", x_of(s, back ? i + 1 : i), y);
		last = y;
	}
	text_printf(out, "H%.1f", x_of(s, back ? 0 : s->count));
}

static void area(struct text *out, const struct panel *p, const char *class, level *from, level *to)
{
	text_printf(out, "<path class=\"%s\" d=\"", class);
	steps(out, p, to, false, true);
	steps(out, p, from, true, false);
	text_puts(out, "Z\"/>\n");
}

static void line(struct text *out, const struct panel *p, const char *class, level *of)
{
	text_printf(out, "<path class=\"%s\" d=\"", class);
	steps(out, p, of, false, true);
	text_puts(out, "\"/>\n");
}

static void level_rule(struct text *out, const struct panel *p, const char *class, double amps)
{
	text_printf(out, "<line class=\"%s\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>\n",
	            class, LEFT, RIGHT, y_of(p, amps), y_of(p, amps));
}

static void label(struct text *out, double x, double y, const char *class, const char *anchor,
                  const char *words)
{
	text_printf(out, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", class, x,
	            y, anchor);
	plot_escape(out, words);
	text_puts(out, "</text>\n");
}

static void scale(struct text *out, const struct panel *p, double step)
{
	for (double amps = ceil(p->low / step) * step; amps <= p->high + 0.01; amps += step) {
		char words[24];

		level_rule(out, p, fabs(amps) < 0.01 ? "zero" : "rule", amps);
		snprintf(words, sizeof words, "%.0f A", amps);
		label(out, LEFT - 8, y_of(p, amps) + 4, "soft", "end", words);
	}
}

/* Times of the day up to two days, days beyond; the step is the first that leaves enough room. */
static void time_axis(struct text *out, const struct series *s, double shift)
{
	static const int64_t wide[] = {60,         300,        600,        900,       1800,
	                               3600,       7200,       10800,      14400,     21600,
	                               43200,      86400,      2 * 86400,  7 * 86400, 14 * 86400,
	                               30 * 86400, 90 * 86400, 365 * 86400};
	int64_t span = s->width * s->count, step = wide[0], first;

	for (size_t i = 0; i + 1 < sizeof wide / sizeof *wide && span / step > 12; i++)
		step = wide[i + 1];
	first = (s->begin + step - 1) / step * step;
	for (int64_t t = first; t <= s->begin + span; t += step) {
		double x = x_of(s, (double)(t - s->begin) / (double)s->width);
		char words[24];

		if (step >= 86400)
			snprintf(words, sizeof words, "day %d", (int)(t / 86400) + 1);
		else
			snprintf(words, sizeof words, "%d:%02d", (int)(t % 86400 / 3600),
			         (int)(t % 3600 / 60));
		text_printf(
			out,
			"<line class=\"rule\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>\n",
			x, x, shift + GRID_TOP, shift + STATE_BOTTOM);
		label(out, x, shift + AXIS, "soft", "middle", words);
	}
}

/* Each bin as a column in which every state has its share of the height. */
static void state_strip(struct text *out, const struct series *s, double shift)
{
	double height = STATE_BOTTOM - STATE_TOP;

	label(out, LEFT - 8, shift + STATE_BOTTOM - 5, "soft", "end", "state");
	for (int state = 0; state < STATES; state++) {
		text_printf(out, "<path class=\"s%d\" d=\"", state);
		for (int i = 0; i < s->count; i++) {
			const struct series_bin *b = &s->bins[i];
			int below = 0, run = i;
			double share = (double)b->states[state] / b->seconds, from;

			if (!b->states[state])
				continue;
			for (int k = 0; k < state; k++)
				below += b->states[k];
			while (share == 1 && run + 1 < s->count &&
			       s->bins[run + 1].states[state] == s->bins[run + 1].seconds)
				run++;
			from = shift + STATE_BOTTOM - height * below / b->seconds;
			text_printf(out, "M%.1f %.1fH%.1fV%.1fH%.1fZ", x_of(s, i), from,
			            x_of(s, run + 1), from - height * share, x_of(s, i));
			i = run;
		}
		text_puts(out, "\"/>\n");
	}
}

static void key(struct text *out, double *x, double y, const char *class, const char *words)
{
	text_printf(
		out,
		"<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"14\" height=\"10\" rx=\"2\"/>\n",
		class, *x, y - 9);
	label(out, *x + 19, y, "soft", "start", words);
	*x += 19 + 6.4 * (double)strlen(words) + 18;
}

static void keys(struct text *out, double shift, bool closed)
{
	double x = LEFT, y = shift + GRID_TOP - 14;

	key(out, &x, y, "house", closed ? "house" : "house and car, as recorded");
	if (closed)
		key(out, &x, y, "car", "car, on top of the house");
	key(out, &x, y, "over", "above the fuse");
	x = LEFT + 640;
	for (int i = 0; i < STATES; i++) {
		const char class[] = {'s', (char)('0' + i), '\0'};

		key(out, &x, y, class, balance_state_names[i]);
	}
}

static void heading(struct text *out, const struct plot_set *set, double y)
{
	const struct simulation *sim = set->sim;
	struct text figures = {0};
	enum fuse_verdict verdict = simulation_verdict(sim);
	static const char *const words[] = {"no fuse trips", "the fuse may trip", "the fuse trips"};

	label(out, LEFT, y, "title", "start",
	      set->name ? set->name : balance_algorithm_names[sim->settings.algorithm]);
	if (!sim->settings.open_loop)
		text_printf(&figures, "%.1f kWh  \xC2\xB7  %d pause%s  \xC2\xB7  ",
		            (double)sim->car.energy / 3.6e9, (int)sim->car.pauses,
		            sim->car.pauses == 1 ? "" : "s");
	text_printf(&figures, "%lld set-points  \xC2\xB7  %lld s above %.4g A  \xC2\xB7  %s",
	            (long long)sim->totals.setpoint_changes, (long long)sim->totals.seconds_over,
	            sim->settings.fuse.rated / 1000.0, words[verdict]);
	label(out, RIGHT, y, verdict == FUSE_CANNOT_TRIP ? "strong" : "strong red", "end",
	      text_string(&figures));
	out->failed = out->failed || figures.failed;
	text_free(&figures);
}

/* The span of the upper panel: zero, the fuse with some air, peaks up to twice the fuse. */
static void grid_span(struct panel *p)
{
	double fuse = p->series->rated / 1000.0, low = 0, high = fuse * 1.2;

	for (int i = 0; i < p->series->count; i++) {
		low = fmin(low, level_total(&p->series->bins[i], fuse));
		low = fmin(low, level_house(&p->series->bins[i], fuse));
		high = fmax(high, level_peak(&p->series->bins[i], fuse));
	}
	p->high = ceil(fmin(high, 2 * fuse) / 5) * 5;
	p->low = floor(fmax(low, -fuse) / 5) * 5;
}

static void grid_panel(struct text *out, struct panel *p, bool closed)
{
	double fuse = p->series->rated / 1000.0;
	char words[32];

	scale(out, p, p->high - p->low > 60 ? 20 : p->high - p->low > 40 ? 10 : 5);
	area(out, p, "house", level_zero, level_house);
	if (closed)
		area(out, p, "car", level_house, level_total);
	line(out, p, "peak", level_peak);
	area(out, p, "over", level_fuse, level_over);
	level_rule(out, p, "fuse", fuse);
	snprintf(words, sizeof words, "fuse %.4g A", fuse);
	label(out, RIGHT - 4, y_of(p, fuse) - 5, "red", "end", words);
}

static void car_panel(struct text *out, struct panel *p, const struct simulation *sim)
{
	scale(out, p, p->high > 20 ? 16 : 8);
	area(out, p, "faint", level_zero, level_car);
	level_rule(out, p, "least", sim->settings.car.least / 1000.0);
	line(out, p, "limit", level_limit);
	label(out, LEFT, p->shift + p->top - 8, "soft", "start",
	      sim->settings.open_loop
	              ? "limit (orange)"
	              : "limit (orange), what the car takes (green), its minimum (dots)");
}

void plot_picture(struct text *out, const struct plot_set *set, double top)
{
	const struct simulation *sim = set->sim;
	bool closed = !sim->settings.open_loop;
	struct panel grid = {set->series, GRID_TOP, GRID_BOTTOM, 0, 0, top};
	struct panel car = {set->series, CAR_TOP, CAR_BOTTOM, 0, 0, top};

	heading(out, set, top + 30);
	keys(out, top, closed);
	time_axis(out, set->series, top);
	grid_span(&grid);
	grid_panel(out, &grid, closed);
	car.high = fmax(sim->settings.balance.max_current, 16000) / 1000.0;
	car_panel(out, &car, sim);
	state_strip(out, set->series, top);
}

void plot_svg(struct text *out, const struct plot_set *sets, size_t count)
{
	double height = 0;

	for (size_t i = 0; i < count; i++)
		height += sets[i].series ? HEIGHT : 0;
	text_printf(out,
	            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"p\" viewBox=\"0 0 %d %.0f\" "
	            "width=\"%d\" height=\"%.0f\" role=\"img\">\n<title>emtool balance "
	            "simulate</title>\n<style>\n",
	            WIDTH, height, WIDTH, height);
	text_puts(out, plot_style);
	text_printf(out, "</style>\n<rect class=\"ground\" width=\"%d\" height=\"%.0f\"/>\n", WIDTH,
	            height);
	height = 0;
	for (size_t i = 0; i < count; i++) {
		if (!sets[i].series)
			continue;
		plot_picture(out, &sets[i], height);
		height += HEIGHT;
	}
	text_puts(out, "</svg>\n");
}
