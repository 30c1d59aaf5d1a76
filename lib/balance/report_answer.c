/* The sentence at the top: how much the car got, and whether the fuse holds. */
#include "balance/report.h"

#include "balance/figures.h"

enum { DAY = 86400 };

static void fuse_words(struct text *out, const struct simulation *s)
{
	static const char *const words[] = {"The fuse cannot trip.",
	                                    "The fuse may trip: a fast one of its kind does.",
	                                    "The fuse trips."};
	enum fuse_verdict verdict = simulation_verdict(s);

	text_printf(out, "<span class=\"%s\">%s</span>",
	            verdict == FUSE_CANNOT_TRIP ? "good" : "bad", words[verdict]);
}

/* "38.2 kWh a day", or "12.3 kWh in 3 h 20 min" */
static void energy(struct text *out, const struct simulation *s, int64_t energy)
{
	double days = (double)s->totals.seconds / DAY;

	if (days >= 1.5) {
		figures_energy(out, FIGURES_PAGE, (int64_t)((double)energy / days));
		text_puts(out, " a day");
	} else {
		figures_energy(out, FIGURES_PAGE, energy);
		text_puts(out, " in ");
		figures_span(out, FIGURES_PAGE, s->totals.seconds);
	}
}

static void one(struct text *out, const struct simulation *s)
{
	text_printf(out,
	            "With a main fuse of %.4g\xC2\xA0"
	            "A ",
	            s->settings.fuse.rated / 1000.0);
	if (s->settings.open_loop) {
		text_puts(out, "the house and its car draw up to ");
		figures_unit(out, FIGURES_PAGE, s->totals.max_current / 1000.0, 1, "A");
	} else {
		text_puts(out, "the car gets ");
		energy(out, s, s->car.energy);
		if (s->totals.solar > s->car.energy / 200) {
			text_puts(out, ", ");
			figures_unit(out, FIGURES_PAGE,
			             100.0 * (double)s->totals.solar / (double)s->car.energy, 0,
			             "% of it from the sun");
		}
	}
	text_puts(out, ". ");
	fuse_words(out, s);
}

static bool better(const struct simulation *a, const struct simulation *b)
{
	if (simulation_verdict(a) != simulation_verdict(b))
		return simulation_verdict(a) < simulation_verdict(b);
	return a->car.energy > b->car.energy;
}

/* The best set, beside the one that gives least. */
static void several(struct text *out, const struct report *r)
{
	const struct plot_set *best = r->sets, *least = r->sets;
	size_t safe = 0;
	int64_t more;

	for (size_t i = 0; i < r->count; i++) {
		const struct simulation *s = r->sets[i].sim;

		best = better(s, best->sim) ? &r->sets[i] : best;
		least = s->car.energy < least->sim->car.energy ? &r->sets[i] : least;
		safe += simulation_verdict(s) == FUSE_CANNOT_TRIP;
	}
	text_printf(out,
	            "With a main fuse of %.4g\xC2\xA0"
	            "A the car gets ",
	            best->sim->settings.fuse.rated / 1000.0);
	energy(out, best->sim, best->sim->car.energy);
	text_puts(out, " with ");
	figures_name(out, plot_name(best));
	more = best->sim->car.energy - least->sim->car.energy;
	if (more > 0 && least->sim->car.energy > 0) {
		text_puts(out, ", ");
		figures_unit(out, FIGURES_PAGE,
		             100.0 * (double)more / (double)least->sim->car.energy, 1,
		             "% more than with ");
		figures_name(out, plot_name(least));
	}
	text_puts(out, ". ");
	if (safe == r->count)
		text_puts(out,
		          "<span class=\"good\">The fuse cannot trip with any of them.</span>");
	else
		text_printf(out, "<span class=\"bad\">The fuse can trip with %zu of %zu.</span>",
		            r->count - safe, r->count);
}

void report_answer(const struct report *r)
{
	text_puts(r->out, "<p class=\"answer\">");
	if (r->count == 1 || r->sets[0].sim->settings.open_loop)
		one(r->out, r->sets[0].sim);
	else
		several(r->out, r);
	text_puts(r->out, "</p>\n");
}
