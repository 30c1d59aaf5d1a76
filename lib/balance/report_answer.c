/* The sentence at the top: how much the car got, and whether the fuse holds. */
#include "balance/report.h"

#include "balance/figures.h"

static void fuse_words(struct text *out, const struct simulation *s)
{
	static const char *const words[] = {"The fuse cannot trip.",
	                                    "The fuse may trip: a fast one of its kind does.",
	                                    "The fuse trips."};
	enum fuse_verdict verdict = simulation_verdict(s);

	text_printf(out, "<span class=\"%s\">%s</span>",
	            verdict == FUSE_CANNOT_TRIP ? "good" : "bad", words[verdict]);
}

static void begin(struct text *out, const struct simulation *s)
{
	text_puts(out, "With a main fuse of ");
	text_printf(out, "%.4g\xC2\xA0%s ", s->settings.fuse.rated / 1000.0, "A");
}

static const char *cars(const struct simulation *s)
{
	return s->settings.more_cars ? "the cars get " : "the car gets ";
}

static void one(struct text *out, const struct simulation *s)
{
	begin(out, s);
	if (s->settings.open_loop) {
		text_puts(out, "the house and its car draw up to ");
		figures_unit(out, FIGURES_PAGE, s->totals.max_current / 1000.0, 1, "A");
	} else {
		text_puts(out, cars(s));
		plot_energy(out, s, s->car.energy);
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
	begin(out, best->sim);
	text_puts(out, cars(best->sim));
	plot_energy(out, best->sim, best->sim->car.energy);
	text_puts(out, " with ");
	report_name(out, best);
	more = best->sim->car.energy - least->sim->car.energy;
	if (more > 0 && least->sim->car.energy > 0) {
		text_puts(out, ", ");
		figures_unit(out, FIGURES_PAGE,
		             100.0 * (double)more / (double)least->sim->car.energy, 1,
		             "% more than with ");
		report_name(out, least);
	}
	text_puts(out, ". ");
	if (safe == r->count) {
		text_puts(out,
		          "<span class=\"good\">The fuse cannot trip with any of them.</span>");
		return;
	}
	fuse_words(out, best->sim);
	if (safe)
		text_printf(out, " <span class=\"bad\">With %zu of the %zu sets it can.</span>",
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
