#include "balance/report.h"

#include "balance/figures.h"

static void head(struct text *out)
{
	text_puts(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n"
	               "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"/>\n"
	               "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
	               "<title>Load balancing report</title>\n<style>\n");
	text_puts(out, plot_style);
	text_puts(out, report_style);
	text_puts(out, report_narrow_style);
	text_puts(out, "</style></head><body>\n");
}

/* What was simulated: house, length, fuse, rule. */
static void facts(const struct report *r, const char *source)
{
	static const char *const kinds[] = {"", "gG\xC2\xA0", "B\xC2\xA0", "C\xC2\xA0",
	                                    "D\xC2\xA0"};
	const struct simulation *first = r->sets[0].sim;
	const struct fuse *fuse = &first->settings.fuse;

	text_puts(r->out, "<dl class=\"facts\"><div><dt>House</dt><dd><code>");
	figures_name(r->out, source);
	text_puts(r->out, "</code></dd></div><div><dt>Length</dt><dd>");
	figures_span(r->out, FIGURES_PAGE, first->totals.seconds);
	text_printf(r->out,
	            "</dd></div><div><dt>Main fuse</dt><dd>%s%.4g\xC2\xA0"
	            "A</dd></div>",
	            kinds[fuse->kind], fuse->rated / 1000.0);
	if (r->count == 1)
		text_printf(r->out, "<div><dt>Rule</dt><dd>%s</dd></div>",
		            balance_algorithm_names[first->settings.algorithm]);
	else
		text_printf(r->out, "<div><dt>Sets</dt><dd>%zu</dd></div>", r->count);
	text_puts(r->out, "</dl>\n");
}

static void picture(const struct report *r, size_t i, const struct plot_scale *scale)
{
	const struct plot_set *set = &r->sets[i];
	struct text body = {0};
	double height = plot_picture(&body, set, scale);

	text_puts(r->out, "<figure class=\"box\"><figcaption><h3>");
	figures_name(r->out, plot_name(set));
	text_puts(r->out, "</h3><p>");
	plot_words(r->out, set);
	text_printf(r->out,
	            "</p></figcaption>\n<svg class=\"p\" height=\"%.0f\" role=\"img\" "
	            "aria-labelledby=\"t%zu d%zu\">\n<title id=\"t%zu\">Picture of ",
	            height, i, i, i);
	figures_name(r->out, plot_name(set));
	text_printf(r->out, "</title>\n<desc id=\"d%zu\">", i);
	plot_words(r->out, set);
	text_puts(r->out, "</desc>\n");
	text_add(r->out, body.data, body.length);
	text_puts(r->out, "</svg></figure>\n");
	if (plot_has_days(set->series))
		report_days(r->out, set);
	r->out->failed = r->out->failed || body.failed;
	text_free(&body);
}

static void pictures(const struct report *r)
{
	const struct plot_scale scale = plot_scale(r->sets, r->count);
	bool begun = false;

	for (size_t i = 0; i < r->count; i++) {
		if (!r->sets[i].series)
			continue;
		if (!begun)
			text_puts(r->out, plot_has_days(r->sets[i].series) ? "<h2>Days</h2>\n"
			                                                   : "<h2>Course</h2>\n");
		begun = true;
		picture(r, i, &scale);
	}
}

static void foot(struct text *out)
{
	text_puts(
		out,
		"</main>\n<footer><p class=\"soft\">Wear is the share of the time to trip that the "
		"fastest device permitted by IEC 60898-1 and IEC 60269-1 has used up, at its "
		"highest. Below 100\xC2\xA0% no fuse of this rating trips. Currents are those of "
		"the phase that is highest in its second; powers assume 230\xC2\xA0V. Made by "
		"emtool.</p></footer>\n</body></html>\n");
}

void report_html(struct text *out, const struct plot_set *sets, size_t count, const char *source)
{
	const struct report r = {out, sets, count};

	head(out);
	text_puts(out, "<header><h1>Load balancing report</h1>\n");
	report_answer(&r);
	facts(&r, source);
	text_puts(out, "</header>\n<main>\n");
	if (count == 1)
		report_figures(&r);
	else
		report_comparison(&r);
	pictures(&r);
	report_settings(&r);
	report_car(&r);
	foot(out);
}
