#include "balance/plot.h"

static const char style[] =
	"body{margin:0 auto;max-width:1240px;padding:24px 20px "
	"48px;background:#f4f6f8;color:#1f2a37;"
	"font:15px/1.5 system-ui,'Segoe UI','DejaVu Sans',sans-serif}"
	"h1{font-size:26px;margin:8px 0 2px}h2{font-size:18px;margin:32px 0 10px}p{margin:12px 0 "
	"16px}"
	".soft{color:#66717f}.box{background:#fff;border-radius:10px;padding:6px;margin:0 0 16px;"
	"box-shadow:0 1px 3px #0002}"
	".cards{display:flex;flex-wrap:wrap;gap:12px;margin:16px 0}.card{background:#fff;"
	"border-radius:10px;padding:12px 18px;box-shadow:0 1px 3px #0002;flex:1 1 130px}"
	".card "
	"b{display:block;font-size:24px;font-weight:600;white-space:nowrap}.bad{color:#d11f3a}"
	".good{color:#1c7a4f}table{border-collapse:collapse;width:100%;background:#fff;"
	"border-radius:10px;box-shadow:0 1px 3px #0002}th,td{padding:7px 14px;text-align:right;"
	"border-top:1px solid #dfe4ea;font-variant-numeric:tabular-nums}th{font-weight:600}"
	"th:first-child,td:first-child,td.l{text-align:left}tr:first-child>*{border-top:0}"
	".scroll{overflow-x:auto}svg.p{width:100%;height:auto;display:block}\n"
	"@media screen and (prefers-color-scheme:dark){body{background:#0d1217;color:#e6ebf1}"
	".soft{color:#9aa7b5}.box,.card,table{background:#141a21;box-shadow:none}"
	"th,td{border-color:#2d3743}.bad{color:#ff5c72}.good{color:#4fd19a}}\n"
	"@media print{body{background:#fff;padding:0}.box,.card,table{box-shadow:none;border:1px "
	"solid #ccc}}\n";

static const char *const verdicts[] = {"cannot trip", "may trip", "must trip"};

static void card(struct text *out, const char *class, const char *words, const char *format,
                 double value)
{
	text_printf(out, "<div class=\"card\"><b class=\"%s\">", class);
	text_printf(out, format, value);
	text_printf(out, "</b><span class=\"soft\">%s</span></div>\n", words);
}

static void cards(struct text *out, const struct simulation *s)
{
	enum fuse_verdict verdict = simulation_verdict(s);
	double wear = (double)s->wear[simulation_worn_phase(s)].fast.peak / (double)FUSE_WEAR_ONE;

	text_puts(out, "<div class=\"cards\">\n");
	if (!s->settings.open_loop) {
		card(out, "", "to the car", "%.1f kWh", (double)s->car.energy / 3.6e9);
		card(out, s->car.pauses ? "" : "good", "pauses of the car", "%.0f", s->car.pauses);
	}
	card(out, "", "set-points", "%.0f", (double)s->totals.setpoint_changes);
	card(out, "", "above the fuse", "%.0f s", (double)s->totals.seconds_over);
	card(out, "", "highest current", "%.1f A", s->totals.max_current / 1000.0);
	card(out, "", "highest quarter of an hour", "%.1f kW",
	     (double)s->totals.quarter_peak / 9e8);
	text_printf(out,
	            "<div class=\"card\"><b class=\"%s\">%s</b><span class=\"soft\">the fuse, wear "
	            "%.1f %%"
	            "</span></div>\n</div>\n",
	            verdict == FUSE_CANNOT_TRIP ? "good" : "bad", verdicts[verdict], wear * 100);
}

static void table(struct text *out, const struct plot_set *sets, size_t count)
{
	text_puts(out, "<h2>Parameter sets</h2>\n<div "
	               "class=\"scroll\"><table>\n<tr><th>set</th><th>energy</th>"
	               "<th>pauses</th><th>set-points</th><th>above "
	               "fuse</th><th>longest</th><th>highest</th>"
	               "<th>wear</th><th>quarter peak</th><th>verdict</th></tr>\n");
	for (size_t i = 0; i < count; i++) {
		const struct simulation *s = sets[i].sim;
		enum fuse_verdict verdict = simulation_verdict(s);

		text_puts(out, "<tr><td>");
		plot_escape(out, sets[i].name ? sets[i].name
		                              : balance_algorithm_names[s->settings.algorithm]);
		text_printf(out,
		            "</td><td>%.1f kWh</td><td>%d</td><td>%lld</td><td>%lld s</td><td>%lld "
		            "s</td>"
		            "<td>%.1f A</td><td>%.1f %%</td><td>%.1f kW</td><td "
		            "class=\"%s\">%s</td></tr>\n",
		            (double)s->car.energy / 3.6e9, (int)s->car.pauses,
		            (long long)s->totals.setpoint_changes,
		            (long long)s->totals.seconds_over,
		            (long long)s->totals.longest_overload, s->totals.max_current / 1000.0,
		            (double)s->wear[simulation_worn_phase(s)].fast.peak /
		                    (double)FUSE_WEAR_ONE * 100,
		            (double)s->totals.quarter_peak / 9e8,
		            verdict == FUSE_CANNOT_TRIP ? "good" : "bad", verdicts[verdict]);
	}
	text_puts(out, "</table></div>\n");
}

/* The settings, a column per set. */
static void settings_table(struct text *out, const struct plot_set *sets, size_t count)
{
	text_puts(out, "<h2>Settings</h2>\n<div class=\"scroll\"><table>\n<tr><th>setting</th>");
	for (size_t i = 0; i < count; i++) {
		text_puts(out, "<th>");
		plot_escape(out,
		            sets[i].name
		                    ? sets[i].name
		                    : balance_algorithm_names[sets[i].sim->settings.algorithm]);
		text_puts(out, "</th>");
	}
	text_puts(out, "<th style=\"text-align:left\">meaning</th></tr>\n");
	for (size_t k = 0; k < balance_setting_count; k++) {
		const struct balance_setting *row = &balance_setting_rows[k];

		text_printf(out, "<tr><td>%s", row->name);
		if (row->reg)
			text_printf(out, " <span class=\"soft\">%u</span>", row->reg);
		text_puts(out, "</td>");
		for (size_t i = 0; i < count; i++) {
			text_puts(out, "<td>");
			text_decimal(out,
			             balance_setting_value(&sets[i].sim->settings.balance, row));
			text_printf(out, "%s%s</td>", row->unit ? " " : "",
			            row->unit ? row->unit : "");
		}
		text_printf(out, "<td class=\"l soft\">%s</td></tr>\n", row->meaning);
	}
	text_puts(out, "</table></div>\n");
}

static void car_line(struct text *out, const struct simulation *s)
{
	const struct car_settings *c = &s->settings.car;

	if (s->settings.open_loop) {
		text_puts(out, "<p class=\"soft\">The data already contain the car: no car was "
		               "simulated.</p>\n");
		return;
	}
	text_printf(out,
	            "<p class=\"soft\">The car takes %.4g to %.4g A on %d phase%s, follows after "
	            "%d s, starts "
	            "%d s after a pause, and loses %d W while charging",
	            c->least / 1000.0, c->most / 1000.0, (int)c->phases, c->phases == 1 ? "" : "s",
	            (int)c->dead, (int)c->restart, (int)c->loss);
	if (c->battery)
		text_printf(out, "; its battery holds %.4g kWh and starts at %d %%",
		            c->battery / 1000.0, (int)c->charge);
	text_puts(out, ".</p>\n");
}

void report_html(struct text *out, const struct plot_set *sets, size_t count, const char *source)
{
	const struct simulation *first = sets[0].sim;

	text_puts(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	               "<meta name=\"viewport\" content=\"width=device-width\">\n"
	               "<meta name=\"color-scheme\" content=\"light dark\">\n"
	               "<title>Load balancing report</title>\n<style>");
	text_puts(out, style);
	text_puts(out, plot_style);
	text_puts(out, "</style></head><body>\n<h1>Load balancing report</h1>\n<p class=\"soft\">");
	plot_escape(out, source);
	text_puts(out, " \xC2\xB7 ");
	plot_duration(out, first->totals.seconds);
	text_printf(out, " \xC2\xB7 main fuse %.4g A</p>\n", first->settings.fuse.rated / 1000.0);
	if (count == 1)
		cards(out, first);
	for (size_t i = 0; i < count; i++) {
		if (!sets[i].series)
			continue;
		text_printf(out,
		            "<div class=\"box\"><svg class=\"p\" viewBox=\"0 0 1200 %.0f\" "
		            "role=\"img\">\n",
		            plot_height());
		plot_picture(out, &sets[i], 0);
		text_puts(out, "</svg></div>\n");
	}
	if (count > 1)
		table(out, sets, count);
	car_line(out, first);
	settings_table(out, sets, count < 6 ? count : 6);
	text_puts(
		out,
		"<p class=\"soft\" style=\"margin-top:24px\">Wear is the share of the time to trip "
		"that the "
		"fastest device permitted by IEC 60898-1 and IEC 60269-1 has used up, at its "
		"highest. "
		"Below 100 % no fuse of this rating trips. Made by emtool.</p>\n</body></html>\n");
}
