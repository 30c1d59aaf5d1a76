/* The cars that were simulated, and the faults. */
#include "balance/report.h"

#include "balance/figures.h"

static void clock_time(struct text *out, int32_t second)
{
	text_printf(out, "%d:%02d", (int)(second % HOURS_DAY / 3600), (int)(second % 3600 / 60));
}

static void battery(struct text *out, const struct car_settings *c)
{
	if (!c->battery) {
		text_puts(out, "; it is never full");
		return;
	}
	text_printf(out, "; its battery holds %.4g\xC2\xA0kWh and starts at %d\xC2\xA0%%",
	            c->battery / 1000.0, (int)c->charge);
}

/* "; it is at home from 18:00 to 7:00, and drives 12 kWh a day" */
static void life(struct text *out, const struct car_settings *c)
{
	for (int i = 0; i < c->home.count; i++) {
		const struct hours_window *w = &c->home.windows[i];

		text_puts(out, i ? " and from " : "; it is at home from ");
		clock_time(out, w->from);
		text_puts(out, " to ");
		clock_time(out, w->from + w->length);
	}
	if (c->daily)
		text_printf(out, "%s%.4g\xC2\xA0kWh a day",
		            c->home.count ? ", and drives " : "; it drives ", c->daily / 1000.0);
}

static void one_car(struct text *out, const struct car_settings *c)
{
	text_printf(out,
	            " takes %.4g to %.4g\xC2\xA0"
	            "A on %d phase%s, follows a new limit after %d\xC2\xA0s, starts ",
	            c->least / 1000.0, c->most / 1000.0, (int)c->phases, c->phases == 1 ? "" : "s",
	            (int)c->dead);
	figures_span(out, FIGURES_PAGE, c->restart);
	text_printf(out, " after a pause and loses %d\xC2\xA0W while it charges", (int)c->loss);
	battery(out, c);
	life(out, c);
	text_puts(out, ".</p>\n");
}

void report_car(const struct report *r)
{
	const struct simulation *s = r->sets[0].sim;
	struct text *out = r->out;

	text_puts(out, s->settings.more_cars ? "<h2>Cars</h2>\n" : "<h2>Car</h2>\n");
	if (s->settings.open_loop) {
		text_puts(out, "<p>The data already contain the car: no car was simulated.</p>\n");
		return;
	}
	for (int i = 0; i <= s->settings.more_cars; i++) {
		if (s->settings.more_cars)
			text_printf(out, "<p>Car %d", i + 1);
		else
			text_puts(out, "<p>The car");
		one_car(out, &s->settings.cars[i]);
	}
	if (s->faulty)
		text_puts(out, "<p>Meter or charger had the faults that <code>--fault</code> "
		               "named.</p>\n");
}
