/* Text output: a page for one result, a table for several, a line per second of a trace. */
#include "cmd/balance/balance.h"

#include <string.h>

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
		text_puts(out, "  pauses  set-points  s over  longest  highest A    wear "
		               " verdict      set\n");
		text_ink(out, style, INK_PLAIN);
	}
	text_printf(out, "%10.1f  %6.0f  %10.0f  %6.0f  %7.0f  %9.1f  %5.1f%%  ",
	            number(r, "energy") / 1000 / days, number(r, "pauses"),
	            number(r, "setpoint_changes"), number(r, "seconds_over_fuse"),
	            number(r, "longest_overload"), number(r, "max_current"),
	            number(r, "fuse_wear") * 100);
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
	text_printf(out, "%.1f kWh in %.1f h%s, %.1f kWh of it into the battery, %.1f kWh solar",
	            number(r, "energy") / kilo, number(r, "seconds_charging") / 3600 / days,
	            days > 1 ? " a day" : "", number(r, "energy_battery") / kilo,
	            number(r, "energy_solar") / kilo);
	if (days > 1)
		text_printf(out, "; %.0f kWh in %.4g days", number(r, "energy") / 1000, days);
	text_char(out, '\n');
	if (driven + missing <= 0)
		return;
	item(out, style, "driven");
	text_printf(out, "%.1f kWh%s", driven, days > 1 ? " a day" : "");
	if (missing > 0)
		text_printf(out, ", %.1f kWh more were missing", missing);
	text_char(out, '\n');
}

static void page(struct text *out, struct format_state *state, const struct record *r)
{
	const struct style *style = &state->style;
	double hours = number(r, "seconds") / 3600;

	heading(out, state, 'p');
	text_ink(out, style, INK_BOLD);
	text_printf(out, "%s", word(r, "algorithm"));
	text_ink(out, style, INK_PLAIN);
	if (hours < 1)
		text_printf(out, ", %.0f s", hours * 3600);
	else
		text_printf(out, ", %.6g h", hours);
	text_printf(out, ", fuse %.4g A\n", number(r, "fuse"));
	item(out, style, "fuse");
	text_ink(out, style, verdict_ink(r));
	text_printf(out, "%s trip",
	            strcmp(word(r, "verdict"), "cannot_trip") == 0 ? "cannot"
	            : strcmp(word(r, "verdict"), "may_trip") == 0  ? "may"
	                                                           : "must");
	text_ink(out, style, INK_PLAIN);
	text_printf(out, ", wear %.1f %% on L%.0f", number(r, "fuse_wear") * 100,
	            number(r, "worn_phase"));
	if (record_find(r, "trip_time"))
		text_printf(out, ", first at %.0f s on L%.0f", number(r, "trip_time"),
		            number(r, "trip_phase"));
	text_char(out, '\n');
	item(out, style, "above the fuse");
	text_printf(out, "%.0f s in %.0f overloads, longest %.0f s, mean %.1f s, %.1f As\n",
	            number(r, "seconds_over_fuse"), number(r, "overloads"),
	            number(r, "longest_overload"), number(r, "mean_overload"),
	            number(r, "ampere_seconds_over"));
	item(out, style, "highest current");
	text_printf(out, "%.1f A on L%.0f\n", number(r, "max_current"), number(r, "max_phase"));
	to_the_car(out, style, r);
	item(out, style, "pauses");
	text_printf(out, "%.0f\n", number(r, "pauses"));
	item(out, style, "set-point changes");
	text_printf(out, "%.0f\n", number(r, "setpoint_changes"));
	item(out, style, "highest quarter hour");
	text_printf(out, "%.2f kW\n", number(r, "quarter_hour_peak") / 1000);
	item(out, style, "mean unbalance");
	text_printf(out, "%.1f A\n", number(r, "mean_unbalance"));
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
