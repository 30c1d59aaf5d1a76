/* The settings that count, a column per set. */
#include "balance/report.h"

#include "balance/figures.h"

static bool used(const struct simulation *s, const struct balance_setting *row)
{
	const struct balance_rules rules = {.users = (uint8_t)(1u << s->settings.algorithm)};

	return balance_setting_used(row, &rules);
}

static bool changed(const struct simulation *s, const struct balance_setting *row)
{
	struct balance_settings defaults = balance_defaults_behind(s->settings.fuse.rated);

	return used(s, row) && decimal_compare(balance_setting_value(&s->settings.balance, row),
	                                       balance_setting_value(&defaults, row)) != 0;
}

/* Whether any set uses it, or has changed it. */
static bool any(const struct report *r, const struct balance_setting *row,
                bool (*is)(const struct simulation *, const struct balance_setting *))
{
	for (size_t i = 0; i < r->count; i++)
		if (is(r->sets[i].sim, row))
			return true;
	return false;
}

static void value(struct text *out, const struct balance_settings *s,
                  const struct balance_setting *row)
{
	char text[DECIMAL_TEXT];

	balance_setting_text(text, s, row);
	if (*text < '0' || *text > '9') {
		text_puts(out, text);
		return;
	}
	text_printf(out, "%.6g", decimal_double(balance_setting_value(s, row)));
	if (row->unit)
		text_printf(out, "\xC2\xA0%s", row->unit);
}

static void setting(const struct report *r, const struct balance_setting *row)
{
	struct balance_settings defaults = balance_defaults_behind(
		r->sets[0].sim->settings.fuse.rated);
	const char *colon = strstr(row->meaning, ": "); /* behind the name of an algorithm */

	text_printf(r->out, "<tr role=\"row\"><th scope=\"row\" role=\"rowheader\">%s</th>",
	            row->name);
	for (size_t i = 0; i < r->count; i++) {
		const struct simulation *s = r->sets[i].sim;

		report_cell(r->out, r->count > 1 ? plot_name(&r->sets[i]) : "value", NULL);
		if (changed(s, row))
			text_puts(r->out, "<strong>");
		if (used(s, row))
			value(r->out, &s->settings.balance, row);
		else
			text_puts(r->out, "\xE2\x80\x93");
		text_puts(r->out, changed(s, row) ? "</strong></td>" : "</td>");
	}
	report_cell(r->out, "default", any(r, row, changed) ? NULL : "same");
	value(r->out, &defaults, row);
	text_puts(r->out, "</td>");
	report_cell(r->out, NULL, "l");
	text_printf(r->out, "%s</td></tr>\n", colon ? colon + 2 : row->meaning);
}

static void group(const struct report *r, const char *words, bool with_changed)
{
	bool begun = false;

	for (size_t k = 0; k < balance_setting_count; k++) {
		const struct balance_setting *row = &balance_setting_rows[k];

		if (!any(r, row, used) || any(r, row, changed) != with_changed)
			continue;
		if (!begun)
			text_printf(r->out,
			            "<tbody role=\"rowgroup\">\n<tr class=\"group\" role=\"row\">"
			            "<th colspan=\"%zu\" scope=\"rowgroup\" role=\"rowheader\">%s"
			            "</th></tr>\n",
			            r->count + 3, words);
		begun = true;
		setting(r, row);
	}
	if (begun)
		text_puts(r->out, "</tbody>\n");
}

void report_settings(const struct report *all)
{
	struct report r = *all;

	r.count = all->count < REPORT_COLUMNS ? all->count : REPORT_COLUMNS;
	text_puts(r.out, "<h2>Settings</h2>\n");
	if (r.count < all->count)
		text_printf(r.out, "<p class=\"soft\">Of the first %zu sets.</p>\n", r.count);
	text_printf(r.out,
	            "<div class=\"scroll\"><table role=\"table\"%s>\n<thead role=\"rowgroup\">"
	            "<tr role=\"row\"><th scope=\"col\" role=\"columnheader\">Setting</th>",
	            r.count == 1 ? " class=\"one\"" : "");
	for (size_t i = 0; i < r.count; i++) {
		text_puts(r.out, "<th scope=\"col\" role=\"columnheader\">");
		if (r.count > 1)
			report_name(r.out, &r.sets[i]);
		else
			text_puts(r.out, "Value");
		text_puts(r.out, "</th>");
	}
	text_puts(r.out, "<th scope=\"col\" role=\"columnheader\">Default</th><th scope=\"col\" "
	                 "role=\"columnheader\" class=\"l\">Meaning</th></tr></thead>\n");
	group(&r, "Changed", true);
	group(&r, "At their defaults", false);
	text_puts(r.out, "</table></div>\n");
}
