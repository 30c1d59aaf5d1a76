/* Text output: a page for one result, a table for several, a line per second of a trace. */
#include "cmd/balance/balance.h"

#include <string.h>

#include "balance/figures.h"
#include "output/format.h"

static double number(const struct record *r, const char *name)
{
	const struct value *v = record_find(r, name);
	double n;

	return v && value_number(v, &n) ? n : 0;
}

static const char *word(const struct record *r, const char *name)
{
	const struct value *v = record_find(r, name);

	return v && v->kind == VALUE_TEXT ? v->as.text.data : "";
}

static enum ink verdict_ink(const struct record *r)
{
	return strcmp(word(r, "verdict"), "cannot_trip") ? INK_RED : INK_GREEN;
}

/* A text at the right end of `width` columns, or as wide as it is. */
static void right(struct text *out, size_t width, const struct text *words)
{
	text_fill(out, ' ', words->length < width ? width - words->length : 0);
	text_add(out, words->data, words->length);
}

static void figure(struct text *out, size_t width, double value, int decimals)
{
	char data[64];
	struct text words = text_within(data, sizeof data);

	figures_number(&words, FIGURES_TERMINAL, value, decimals);
	right(out, width, &words);
}

static void span(struct text *out, size_t width, double seconds)
{
	char data[64];
	struct text words = text_within(data, sizeof data);

	figures_span(&words, FIGURES_TERMINAL, (int64_t)seconds);
	right(out, width, &words);
}

/* Days by which energies are divided: 1 up to a day. */
static double days_of(const struct record *r)
{
	return number(r, "days") > 1 ? number(r, "days") : 1;
}

/* Whether the heading of a table has to be printed: it is not the one that was begun last. */
static bool heading(struct text *out, struct format_state *state, char table)
{
	if (state->columns.length && state->columns.data[0] == table)
		return false;
	if (state->columns.length)
		text_char(out, '\n');
	state->columns.length = 0;
	text_char(&state->columns, table);
	return true;
}

static void table_row(struct text *out, struct format_state *state, const struct record *r)
{
	const struct style *style = &state->style;
	const char *name = word(r, "name");
	double days = days_of(r);

	if (heading(out, state, 't')) {
		text_ink(out, style, INK_DIM);
		text_puts(out, days > 1 ? " kWh a day" : "energy kWh");
		text_puts(out, "  pauses  set-points   above fuse      longest  highest A     wear"
		               "  verdict      set\n");
		text_ink(out, style, INK_PLAIN);
	}
	figure(out, 10, number(r, "energy") / 1000 / days, 1);
	figure(out, 8, number(r, "pauses"), 0);
	figure(out, 12, number(r, "setpoint_changes"), 0);
	span(out, 13, number(r, "seconds_over_fuse"));
	span(out, 13, number(r, "longest_overload"));
	figure(out, 11, number(r, "max_current"), 1);
	figure(out, 8, number(r, "fuse_wear") * 100, 1);
	text_puts(out, "%  ");
	text_ink(out, style, verdict_ink(r));
	text_printf(out, "%-11s", word(r, "verdict"));
	text_ink(out, style, INK_PLAIN);
	text_puts(out, record_find(r, "front") && record_find(r, "front")->as.flag ? "* " : "  ");
	text_printable(out, name, strlen(name));
	text_char(out, '\n');
}

static void item(struct text *out, const struct style *style, const char *name)
{
	text_puts(out, "  ");
	text_ink(out, style, INK_DIM);
	text_printf(out, "%-22s", name);
	text_ink(out, style, INK_PLAIN);
}

/* Above a day the figures are those of a day. */
static void to_the_car(struct text *out, const struct style *style, const struct record *r)
{
	double days = days_of(r), kilo = 1000 * days;
	double driven = number(r, "energy_driven") / kilo, missing = number(r, "missing") / kilo;

	item(out, style, "to the car");
	figure(out, 0, number(r, "energy") / kilo, 1);
	text_puts(out, " kWh in ");
	span(out, 0, number(r, "seconds_charging") / days);
	text_printf(out, "%s, %.1f kWh of it into the battery, %.1f kWh solar",
	            days > 1 ? " a day" : "", number(r, "energy_battery") / kilo,
	            number(r, "energy_solar") / kilo);
	if (days > 1) {
		text_puts(out, "; ");
		figure(out, 0, number(r, "energy") / 1000, 0);
		text_printf(out, " kWh in %.4g days", days);
	}
	text_char(out, '\n');
	if (driven + missing <= 0)
		return;
	item(out, style, "driven");
	text_printf(out, "%.1f kWh%s", driven, days > 1 ? " a day" : "");
	if (missing > 0)
		text_printf(out, ", %.1f kWh more were missing", missing);
	text_char(out, '\n');
}

static void fuse(struct text *out, const struct style *style, const struct record *r)
{
	const char *verdict = word(r, "verdict");

	item(out, style, "fuse");
	text_ink(out, style, verdict_ink(r));
	text_printf(out, "%s trip",
	            strcmp(verdict, "cannot_trip") == 0 ? "cannot"
	            : strcmp(verdict, "may_trip") == 0  ? "may"
	                                                : "must");
	text_ink(out, style, INK_PLAIN);
	text_puts(out, ", wear ");
	figure(out, 0, number(r, "fuse_wear") * 100, 1);
	text_printf(out, " %% on L%.0f", number(r, "worn_phase"));
	if (record_find(r, "trip_time")) {
		text_puts(out, ", first after ");
		span(out, 0, number(r, "trip_time"));
		text_printf(out, " on L%.0f", number(r, "trip_phase"));
	}
	text_char(out, '\n');
}

static void above_the_fuse(struct text *out, const struct style *style, const struct record *r)
{
	item(out, style, "above the fuse");
	span(out, 0, number(r, "seconds_over_fuse"));
	if (number(r, "overloads") > 0) {
		text_puts(out, " in ");
		figure(out, 0, number(r, "overloads"), 0);
		text_puts(out, number(r, "overloads") > 1 ? " overloads, longest "
		                                          : " overload, longest ");
		span(out, 0, number(r, "longest_overload"));
		text_printf(out, ", mean %.1f s, ", number(r, "mean_overload"));
		figure(out, 0, number(r, "ampere_seconds_over"), 1);
		text_puts(out, " As");
	}
	text_char(out, '\n');
}

/* A line with one number. */
static void line(struct text *out, const struct style *style, const char *name, double value,
                 int decimals, const char *unit)
{
	item(out, style, name);
	figure(out, 0, value, decimals);
	text_printf(out, "%s\n", unit);
}

static void cost(struct text *out, const struct style *style, const struct record *r)
{
	const char *currency = record_find(r, "cost")->unit;

	item(out, style, "cost");
	figure(out, 0, number(r, "cost"), 2);
	text_printf(out, "%s%s, %.4f per kWh\n", currency ? " " : "", currency ? currency : "",
	            number(r, "mean_price"));
}

static void page(struct text *out, struct format_state *state, const struct record *r)
{
	const struct style *style = &state->style;

	heading(out, state, 'p');
	text_ink(out, style, INK_BOLD);
	text_printf(out, "%s", word(r, "algorithm"));
	text_ink(out, style, INK_PLAIN);
	text_puts(out, ", ");
	span(out, 0, number(r, "seconds"));
	text_printf(out, ", fuse %.4g A\n", number(r, "fuse"));
	fuse(out, style, r);
	above_the_fuse(out, style, r);
	item(out, style, "highest current");
	text_printf(out, "%.1f A on L%.0f\n", number(r, "max_current"), number(r, "max_phase"));
	to_the_car(out, style, r);
	if (record_find(r, "cost"))
		cost(out, style, r);
	line(out, style, "pauses", number(r, "pauses"), 0, "");
	line(out, style, "set-point changes", number(r, "setpoint_changes"), 0, "");
	line(out, style, "highest quarter hour", number(r, "quarter_hour_peak") / 1000, 2, " kW");
	line(out, style, "mean unbalance", number(r, "mean_unbalance"), 1, " A");
}

static void day(struct text *out, struct format_state *state, const struct record *r)
{
	const struct style *style = &state->style;
	const char *name = word(r, "name"), *date = word(r, "date");

	if (heading(out, state, 'd')) {
		text_ink(out, style, INK_DIM);
		text_puts(out,
		          "       day  to the car kWh  solar  driven  missing  quarter peak kW  "
		          "s over  pauses\n");
		text_ink(out, style, INK_PLAIN);
	}
	if (*date)
		text_printf(out, "%.10s", date);
	else
		text_printf(out, "%10.0f", number(r, "day"));
	text_printf(out, "  %14.1f  %5.1f  %6.1f  ", number(r, "energy") / 1000,
	            number(r, "energy_solar") / 1000, number(r, "energy_driven") / 1000);
	text_ink(out, style, number(r, "missing") > 0 ? INK_RED : INK_PLAIN);
	text_printf(out, "%7.1f", number(r, "missing") / 1000);
	text_ink(out, style, INK_PLAIN);
	text_printf(out, "  %15.2f  %6.0f  %6.0f", number(r, "quarter_hour_peak") / 1000,
	            number(r, "seconds_over_fuse"), number(r, "pauses"));
	if (*name) {
		text_puts(out, "  ");
		text_printable(out, name, strlen(name));
	}
	text_char(out, '\n');
}

static void second(struct text *out, const struct style *style, const struct record *r)
{
	static const enum ink inks[] = {INK_PLAIN, INK_GREEN, INK_YELLOW, INK_RED, INK_CYAN};
	int state = (int)number(r, "state_code");
	const char *reason = word(r, "reason");

	text_clock(out, style, r);
	if (record_find(r, "t"))
		text_printf(out, "%8.0f  ", number(r, "t"));
	if (record_find(r, "used") && record_find(r, "used")->kind != VALUE_NULL)
		text_printf(out, "used %7.3f A  ", number(r, "used"));
	else
		text_puts(out, "used       -    ");
	text_printf(out, "limit %6.3f A  ", number(r, "limit"));
	text_ink(out, style, inks[state >= 0 && state < 5 ? state : 0]);
	text_printf(out, "%-8s", word(r, "state"));
	text_ink(out, style, INK_PLAIN);
	if (record_find(r, "car"))
		text_printf(out, "  car %6.3f A", number(r, "car"));
	if (*word(r, "charger") && strcmp(word(r, "charger"), "none"))
		text_printf(out, "  charger %-7s", word(r, "charger"));
	if (*reason)
		text_printf(out, "  %s", reason);
	text_char(out, '\n');
}

void balance_text(struct text *out, struct format_state *state, const struct record *r)
{
	if (!strcmp(r->type, "balance"))
		second(out, &state->style, r);
	else if (!strcmp(r->type, "balance_day"))
		day(out, state, r);
	else if (strcmp(r->type, "balance_summary"))
		format_text(out, state, r);
	else if (record_find(r, "name"))
		table_row(out, state, r);
	else
		page(out, state, r);
}
